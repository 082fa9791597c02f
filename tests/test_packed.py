"""Without padding: the same vectors, whatever else is in the pass."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.packed import Run, runs
from turkic_nlp.pieces import Batch, WordPieces, collate
from turkic_nlp.precision import with_precision

SENTENCES = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=8), min_size=1, max_size=6)


def encoder(affixes: int) -> Encoder:
    torch.manual_seed(5)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64}
    return Encoder(EncoderConfig(vocab_size=40, affixes=affixes, **sizes)).eval()


ENCODERS = {affixes: encoder(affixes) for affixes in (0, 9)}


def batch_of(sentences: list[list[int]], affixes: int) -> Batch:
    """Sentences whose words have so many pieces."""
    return collate(
        [
            [
                WordPieces(tuple(range(5 + n, 5 + n + size)), (n % affixes,) if affixes else (), n % 5)
                for n, size in enumerate(sentence)
            ]
            for sentence in sentences
        ]
    )


@given(SENTENCES, st.sampled_from(sorted(ENCODERS)))
def test_reading_gives_what_the_padded_layers_give(sentences, affixes):
    batch = batch_of(sentences, affixes)
    with torch.no_grad():
        padded = ENCODERS[affixes].words(batch)
    with torch.inference_mode():
        assert torch.allclose(ENCODERS[affixes].words(batch), padded, atol=1e-5)


def test_a_reading_encoder_never_meets_padding(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the padded layers were asked")

    monkeypatch.setattr(torch.nn.TransformerEncoder, "forward", refuse)
    batch = batch_of([[1, 2], [1]], 0)
    with torch.inference_mode():
        ENCODERS[0].words(batch)
    with pytest.raises(AssertionError, match="padded layers"), torch.no_grad():
        ENCODERS[0].words(batch)


def test_8_bit_layers_give_the_same_with_a_padded_table_and_without():
    reduced = with_precision(ENCODERS[9], "int8")
    batch = batch_of([[1, 2, 1], [2]], 9)
    with torch.no_grad():
        padded = reduced.words(batch)
    with torch.inference_mode():
        assert torch.allclose(reduced.words(batch), padded, atol=1e-5)


def test_half_precision_without_padding_multiplies_in_it_and_sums_in_full():
    reduced = with_precision(ENCODERS[9], "bf16")
    batch = batch_of([[1, 2, 1], [2]], 9)
    with torch.no_grad():
        padded, full = reduced.words(batch), ENCODERS[9].words(batch)
    with torch.inference_mode():
        found = reduced.words(batch)
    assert found.dtype == torch.float32
    assert torch.allclose(found, padded, atol=0.1)
    assert 0 < float((found - full).abs().max()) < float((padded - full).abs().max())


def test_equal_lengths_side_by_side_are_one_run():
    assert runs([5, 5, 3, 5]) == [Run(2, 5), Run(1, 3), Run(1, 5)]
