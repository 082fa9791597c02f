"""Fewer bits: nearly the vectors of fp32, and never written to disk."""

from __future__ import annotations

import pytest
import torch

import turkic_nlp
from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.errors import BadPrecision, NotInFull
from turkic_nlp.pieces import WordPieces, collate
from turkic_nlp.precision import with_precision


def small_encoder() -> Encoder:
    torch.manual_seed(3)
    return Encoder(
        EncoderConfig(vocab_size=40, hidden_size=64, num_hidden_layers=2, intermediate_size=128)
    ).eval()


@pytest.mark.parametrize("precision", ["int8", "bf16"])
def test_vectors_are_near_those_of_fp32_with_and_without_padding(precision):
    encoder = small_encoder()
    reduced = with_precision(encoder, precision)
    sentences = [[WordPieces((5, 6), (), 0)] * 7, [WordPieces((9,), (), 1)] * 3]
    for part in (sentences, sentences[:1]):
        with torch.inference_mode():
            full, less = encoder.words(collate(part)), reduced.words(collate(part))
        assert torch.cosine_similarity(full, less, dim=-1).min() > 0.99
        assert not torch.equal(full, less)


@pytest.mark.parametrize("precision", ["int8", "bf16"])
def test_the_original_encoder_stays_as_it_was(precision):
    encoder = small_encoder()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    with_precision(encoder, precision)
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_an_unknown_precision_is_refused_by_number():
    with pytest.raises(BadPrecision, match="T406"):
        with_precision(small_encoder(), "int4")


@pytest.mark.model
def test_a_pipeline_in_int8_annotates_and_is_not_written(tmp_path):
    nlp = turkic_nlp.load("kk", precision="int8")
    doc = nlp("Мен Алматыда тұрамын.")
    assert doc[1].pos_ == "PROPN"
    with pytest.raises(NotInFull, match="T407"):
        nlp.to_disk(tmp_path / "out")
