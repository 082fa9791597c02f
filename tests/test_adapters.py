"""LoRA adapters: laws of the matrices, peft's own reading of the files, and a component that nothing else notices."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from functools import partial

import pytest
import spacy
import torch
from folders import edited, model_folder
from spacy.training import Example
from tiny import TEXT, gold_docs, word_encoder
from torch.nn.utils import parametrize

import turkic_nlp
from turkic_nlp import adapters, annotate
from turkic_nlp.adapters import (
    AdaptedWords,
    Adapter,
    attach,
    detached,
    new_config,
    read_adapter,
    write_adapter,
)
from turkic_nlp.errors import BadLora, CorruptModel, MissingExtra
from turkic_nlp.precision import with_precision

pytest.importorskip("peft", reason="the extra adapters is not installed")

TEXTS = [text for text, lang in TEXT if lang == "kk"] + ["", "\n", "Айгүл кітапты оқыды. Сен хатты жаздың!"]
RANK = 3


def some_adapter(words, seed=1):
    """An adapter that changes something: random where a fresh one is zero."""
    own = copy.deepcopy(words.encoder)
    attach(own, new_config(RANK))
    torch.manual_seed(seed)
    fresh = detached(own, new_config(RANK))
    return Adapter(fresh.config, {name: torch.randn_like(part) * 0.2 for name, part in fresh.weights.items()})


def vectors(words):
    sentences = [text.split() for text, _ in TEXT]
    with torch.inference_mode():
        return torch.cat(words(sentences, [lang for _, lang in TEXT], 100))


@pytest.fixture(scope="module")
def words():
    return word_encoder()


def test_a_fresh_adapter_changes_nothing_to_the_bit(words):
    own = copy.deepcopy(words)
    attach(own.encoder, new_config(RANK))
    assert torch.equal(vectors(own), vectors(words))


def test_an_adapter_changes_its_own_vectors_alone_and_shares_every_tensor(words):
    before = vectors(words)
    adapted = AdaptedWords(words, some_adapter(words))
    assert not torch.allclose(vectors(adapted.words), before, atol=1e-2)
    assert torch.equal(vectors(words), before)
    assert not parametrize.is_parametrized(words.encoder.layers.layers[0].linear1)
    shared = {tensor.data_ptr() for tensor in words.encoder.parameters()}
    more = [tensor for tensor in adapted.words.encoder.parameters() if tensor.data_ptr() not in shared]
    assert sum(map(torch.numel, more)) == sum(map(torch.numel, adapted.adapter.weights.values()))


def test_fast_and_plain_layers_agree(words):
    """The fused kernels of inference must see the adapter: with a gradient asked for they are not taken."""
    adapted = AdaptedWords(words, some_adapter(words)).words
    plain = torch.cat(adapted([text.split() for text, _ in TEXT], [lang for _, lang in TEXT], 100))
    assert plain.requires_grad
    assert torch.allclose(plain, vectors(adapted), atol=1e-5)


# peft asks transformers for a name that it is about to lose
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_peft_reads_the_files_onto_transformers_and_gives_the_same_vectors(words, tmp_path):
    from peft import PeftModel
    from transformers import XLMRobertaModel
    from transformers.utils import logging

    from turkic_nlp.pieces import collate

    logging.disable_progress_bar()
    plain = copy.deepcopy(words)
    torch.nn.init.zeros_(plain.encoder.affixes.weight)  # XLM-R has no affixes
    plain.to_disk(tmp_path / "encoder")
    adapted = AdaptedWords(plain, some_adapter(plain))
    write_adapter(adapted.adapter, tmp_path / "adapter")
    batch = collate([plain.pieces.sentence(TEXT[0][0].split(), "kk")], [(0, 6)])
    theirs = XLMRobertaModel.from_pretrained(
        tmp_path / "encoder", add_pooling_layer=False, dtype=torch.float32
    ).eval()
    theirs = PeftModel.from_pretrained(theirs, tmp_path / "adapter")
    with torch.inference_mode():
        mine = adapted.words.encoder(batch)
        found = theirs(input_ids=batch.ids, token_type_ids=batch.shapes.clamp(max=4)).last_hidden_state
        bare = plain.encoder(batch)
    assert torch.allclose(mine, found, atol=1e-5)
    assert not torch.allclose(mine, bare, atol=1e-2)


def test_files_give_the_adapter_back(words, tmp_path):
    adapter = some_adapter(words)
    write_adapter(adapter, tmp_path)
    again = read_adapter(tmp_path, words.encoder)
    assert again.config == adapter.config
    assert again.weights.keys() == adapter.weights.keys()
    assert all(torch.equal(again.weights[name], part) for name, part in adapter.weights.items())


def test_only_the_adapter_learns(words):
    own = copy.deepcopy(words)
    own.encoder.requires_grad_(False)
    attach(own.encoder, new_config(RANK))
    learning = [name for name, part in own.encoder.named_parameters() if part.requires_grad]
    assert len(learning) == 2 * 2 * 4
    assert all("parametrizations" in name for name in learning)
    torch.cat(own([["Мен"]], ["kk"], 100)).sum().backward()
    assert all(own.encoder.get_parameter(name).grad is not None for name in learning)


@pytest.mark.parametrize("rank", [0, -1, 32, 1000])
def test_a_rank_that_is_none_is_refused(words, rank):
    with pytest.raises(BadLora, match="T550"):
        attach(copy.deepcopy(words.encoder), {"r": rank, "lora_alpha": 1})


def test_reduced_layers_take_no_adapter(words):
    with pytest.raises(BadLora, match="T550"):
        attach(with_precision(words.encoder, "int8"), new_config(RANK))


def test_without_peft_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtra, match=r"spacy-turkic\[adapters\]"):
        new_config(4)


@pytest.fixture
def folder(tmp_path, words):
    """The tiny model, with an adapter for its entities, which are all the network's."""
    for name in ("plain", "adapted"):
        model_folder(tmp_path / name)
        edited(tmp_path / name / "ner" / "kept.json.gz", lambda kept: kept.update(clues={}))
    write_adapter(some_adapter(words), tmp_path / "adapted" / "ner" / adapters.FOLDER)
    return tmp_path


def read(nlp):
    return [doc.to_json() | {"tensor": doc.tensor.tolist()} for doc in nlp.pipe(TEXTS)]


def without_entities(found):
    """Rows of JSON without what tells of entities, at whatever depth."""
    if isinstance(found, dict):
        kept = {key: part for key, part in found.items() if key not in ("ents", "entity", "entities")}
        return {key: without_entities(part) for key, part in kept.items()}
    return [without_entities(part) for part in found] if isinstance(found, list) else found


def test_all_other_components_say_the_same_to_the_bit_and_reading_is_without_peft(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    plain = read(turkic_nlp.load("kk", model=folder / "plain"))
    adapted = read(turkic_nlp.load("kk", model=folder / "adapted"))
    assert without_entities(plain) == without_entities(adapted)
    assert [row.get("ents") for row in plain] != [row.get("ents") for row in adapted]


def test_an_adapter_is_swapped_without_reading_the_encoder_again(folder, words):
    nlp = turkic_nlp.load("kk", model=folder / "adapted")
    pipe, base = nlp.get_pipe("ner"), nlp.get_pipe("encoder").model
    first = read(nlp)
    pipe.reader = AdaptedWords(base, some_adapter(words, seed=2))
    other = read(nlp)
    pipe.reader = AdaptedWords(base, some_adapter(words, seed=1))
    assert first == read(nlp) != other
    assert without_entities(first) == without_entities(other)


def test_languages_share_an_adapter_and_its_encoder(folder):
    kk, ky = (turkic_nlp.load(lang, model=folder / "adapted") for lang in ("kk", "ky"))
    assert kk.get_pipe("ner").reader is ky.get_pipe("ner").reader
    assert kk.get_pipe("ner").reader.base.encoder is kk.get_pipe("encoder").model.encoder


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_an_adapter_works_in_reduced_precision(folder, precision):
    nlp = turkic_nlp.load("kk", model=folder / "adapted", precision=precision)
    whole = turkic_nlp.load("kk", model=folder / "adapted").get_pipe("ner").reader.words
    near, exact = vectors(nlp.get_pipe("ner").reader.words), vectors(whole)
    assert (near - exact).abs().mean() < 0.1 * exact.abs().mean()


def test_spacy_writes_reads_pickles_and_shares_out_a_component_with_an_adapter(folder):
    nlp = turkic_nlp.load("kk", model=folder / "adapted")
    whole = read(nlp)
    nlp.to_disk(folder / "disk")
    again = spacy.load(folder / "disk")
    assert read(again) == whole
    assert again.get_pipe("ner").reader.base is again.get_pipe("encoder").model
    pickled = pickle.loads(pickle.dumps(nlp.get_pipe("ner")))
    docs = list(nlp.pipe(TEXTS))
    pickled.annotate(docs)
    assert [doc.to_json().get("ents") for doc in docs] == [row.get("ents") for row in whole]


def test_annotate_takes_a_model_with_an_adapter(folder):
    (folder / "in.txt").write_text("\n".join(filter(str.strip, TEXTS)), encoding="utf-8")
    rows = []
    for model in ("plain", "adapted"):
        out = folder / f"{model}.jsonl"
        pipeline_for = partial(turkic_nlp.load, model=folder / model)
        annotate.annotate([folder / "in.txt"], out, pipeline_for=pipeline_for, lang="kk", format="jsonl")
        rows.append([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()])
    assert without_entities(rows[0]) == without_entities(rows[1])
    assert rows[0] != rows[1]


def test_update_learns_from_the_vectors_of_the_adapter(folder):
    nlp = turkic_nlp.load("kk", model=folder / "adapted")
    nlp.resume_training()
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in gold_docs()]
    with nlp.select_pipes(enable=["sentences", "ner"]):  # without the encoder no Doc has a tensor
        losses = [nlp.update(examples, losses={})["ner"] for _ in range(6)]
    assert losses[-1] < losses[0] * 0.9


def test_an_encoder_that_is_left_out_is_named(folder):
    turkic_nlp.load("kk", model=folder / "adapted").to_disk(folder / "disk")
    with pytest.raises(turkic_nlp.errors.NoWeights, match="encoder"):
        spacy.load(folder / "disk", exclude=["encoder"])


def test_an_adapter_of_another_encoder_is_refused(folder):
    large = word_encoder()
    config = new_config(RANK)
    path = folder / "adapted" / "ner" / adapters.FOLDER
    attach(large.encoder, config)
    found = detached(large.encoder, config)
    found.weights.popitem()
    write_adapter(found, path)
    with pytest.raises(CorruptModel, match="expected"):
        turkic_nlp.load("kk", model=folder / "adapted")
