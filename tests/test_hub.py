"""Encoders of others: a checkpoint in Hugging Face's format gives what transformers gives, and is written and read."""

from __future__ import annotations

import json
import shutil

import pytest
import spacy
import torch
from folders import model_folder
from tiny import TEXT, huggingface_folder, other_folder, piece_model, word_encoder

import turkic_nlp
from turkic_nlp.adapters import attach
from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import BadLora, BadPrecision, CorruptModel, EncoderNotFound, WrongEncoder
from turkic_nlp.hub import language_head, read_encoder
from turkic_nlp.other_encoder import FAMILIES
from turkic_nlp.packaging import package
from turkic_nlp.precision import with_precision

SENTENCES = [text.split() for text, _ in TEXT]
LANGS = [lang for _, lang in TEXT]
# spaCy's packager leaves the files that it wrote for the garbage collector to close
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
KINDS = ["xlm-roberta", *FAMILIES]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A checkpoint of each kind, as its authors would publish it."""
    place = tmp_path_factory.mktemp("hub")
    found = {family: other_folder(place / family, family) for family in FAMILIES}
    return {"xlm-roberta": huggingface_folder(place / "xlm-roberta"), **found}


@pytest.fixture(scope="module")
def saved(folders, tmp_path_factory):
    """What we write of each of them."""
    place = tmp_path_factory.mktemp("saved")
    for kind, folder in folders.items():
        read_encoder(folder).to_disk(place / kind)
    return {kind: place / kind for kind in folders}


def vectors(words, sentences=SENTENCES, langs=LANGS, budget=4096):
    with torch.inference_mode():
        return words(sentences, langs, budget)


def same(left, right, **tolerance):
    assert len(left) == len(right)
    return all(torch.allclose(a, b, **tolerance) for a, b in zip(left, right, strict=True))


def by_transformers(folder, words):
    """First and last piece of each word, by transformers alone."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    read = tokenizer(" ".join(words), add_special_tokens=False)["input_ids"]
    whole = torch.tensor([[tokenizer.cls_token_id, *read, tokenizer.sep_token_id]])
    with torch.inference_mode():
        model = AutoModel.from_pretrained(folder, dtype="float32").eval()
        hidden = model(input_ids=whole).last_hidden_state[0]
    sizes = [len(tokenizer(word, add_special_tokens=False)["input_ids"]) for word in words]
    ends = torch.tensor(sizes).cumsum(0)
    return read, torch.cat([hidden[1 + ends - torch.tensor(sizes)], hidden[ends]], dim=1)


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_and_vectors_are_those_of_transformers(folders, kind):
    words = read_encoder(folders[kind])
    sentence = SENTENCES[1]
    ids, expected = by_transformers(folders[kind], sentence)
    shift = 0 if kind in ("xlm-roberta", "roberta") else 4
    assert [id_ - shift for word in sentence for id_ in words.vocabulary(word)] == ids
    assert torch.allclose(vectors(words, [sentence], ["kk"])[0], expected, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_from_the_hub_is_written_and_read_without_a_change(folders, saved, kind):
    before, after = read_encoder(folders[kind]), read_folder(saved[kind])
    assert same(vectors(before), vectors(after), atol=0, rtol=0)
    assert (before.pieces.orthography, before.pieces.limit) == (after.pieces.orthography, after.pieces.limit)
    assert before.vocabulary.mask == after.vocabulary.mask


@pytest.mark.parametrize("kind", KINDS)
def test_what_we_write_opens_in_transformers_with_its_tokenizer(folders, saved, kind):
    ids, expected = by_transformers(folders[kind], SENTENCES[0])
    again, found = by_transformers(saved[kind], SENTENCES[0])
    assert again == ids
    assert torch.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_one_equals_a_batch_of_many_for_every_kind(saved, kind):
    words = read_folder(saved[kind])
    alone = [vectors(words, [sentence], [lang])[0] for sentence, lang in zip(SENTENCES, LANGS, strict=True)]
    assert same(vectors(words), alone, atol=1e-5)


@pytest.mark.parametrize("kind", ["xlm-roberta", "modernbert"])
@pytest.mark.parametrize("word", ["<s>", "<pad>", "</s>", "a<mask>b", "[CLS]", "[PAD]", "[MASK]"])
def test_a_word_that_looks_like_a_special_token_is_text(saved, kind, word):
    vocabulary = read_folder(saved[kind]).vocabulary
    shift = 4 * (kind == "modernbert")
    signs = {0, 1, 2, *(vocabulary.ids[place] + shift for place in (0, 1, 2, 4))}
    assert not set(vocabulary(word)) & signs


def test_xlm_r_has_its_true_ids_of_special_pieces(saved):
    vocabulary = read_folder(saved["xlm-roberta"]).vocabulary
    assert vocabulary.ids == (0, 1, 2, 3, len(vocabulary) - 1)
    assert vocabulary("日")[-1] == 3
    assert vocabulary("Қала") == piece_model()("Қала")


@pytest.fixture(scope="module")
def model(saved, tmp_path_factory):
    """A whole model whose encoder came from the hub."""
    folder = model_folder(tmp_path_factory.mktemp("model") / "hub_tiny")
    shutil.rmtree(folder / "encoder")
    shutil.copytree(saved["xlm-roberta"], folder / "encoder")
    return folder


def said(doc):
    return [(t.pos_, str(t.morph), t.lemma_, t.head.i, t.dep_, t.ent_type_) for t in doc], doc.cats


def test_a_model_on_an_encoder_from_the_hub_is_packaged_and_says_the_same(model, tmp_path):
    text = "Мен кітап оқыдым. Сен хат жаздың."
    expected = said(turkic_nlp.load("kk", model=model)(text))
    folder = package("kk", str(model), tmp_path, name="hub_tiny")
    (config,) = folder.glob("*/*/encoder/tokenizer.json")
    assert said(spacy.load(config.parent.parent)(text)) == expected


def changed(**values):
    def change(folder):
        path = folder / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        for key, value in values.items():
            (config["turkic"] if key in config["turkic"] else config)[key] = value
        path.write_text(json.dumps(config), encoding="utf-8")

    return change


def content(name, data):
    return lambda folder: (folder / name).write_bytes(data)


def tokenizer(edit):
    def change(folder):
        path = folder / "tokenizer.json"
        found = json.loads(path.read_text(encoding="utf-8"))
        edit(found)
        path.write_text(json.dumps(found), encoding="utf-8")

    return change


def more_pieces(found):
    vocabulary = found["model"]["vocab"]
    if isinstance(vocabulary, list):
        vocabulary.append(["more", -1.0])
    else:
        vocabulary["more"] = len(vocabulary)


BROKEN = [
    lambda folder: (folder / "tokenizer.json").unlink(),
    lambda folder: (folder / "tokenizer_config.json").unlink(),
    content("tokenizer.json", b""),
    content("tokenizer.json", b"[]"),
    content("tokenizer.json", b'{"version": "1.0"}'),
    content("tokenizer_config.json", b"\xff"),
    tokenizer(more_pieces),
    tokenizer(lambda found: found.pop("model")),
    tokenizer(lambda found: found.update(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"})),
    tokenizer(
        lambda found: found.update(normalizer={"type": "Replace", "pattern": {"Regex": "("}, "content": ""})
    ),
    tokenizer(lambda found: found["model"].update(type="Magic")),
    *(
        changed(special=ids)
        for ids in (None, [], [0, 1, 2, 3], [0, 1, 2, 3, -1], [0, 1, 2, 3, 2**40], "01234")
    ),
    *(changed(window=size) for size in (0, 2**30, "128")),
    *(changed(hidden_size=size) for size in (0, -32, 33, 2**40, "32", None)),
    *(changed(num_hidden_layers=size) for size in (0, 3, 2**40, None)),
    *(changed(max_position_embeddings=size) for size in (1, 2**30 + 1, "256")),
    *(changed(vocab_size=size) for size in (0, -1, 2**40)),
]


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert"])
@pytest.mark.parametrize("change", BROKEN)
def test_a_broken_or_hostile_folder_is_refused(saved, kind, change, tmp_path):
    folder = shutil.copytree(saved[kind], tmp_path / "encoder")
    change(folder)
    with pytest.raises(CorruptModel, match=r"\[T402\]") as caught:
        read_folder(folder)
    assert len(str(caught.value)) < 1500


def test_a_checkpoint_of_an_unknown_kind_is_refused_by_name(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "t5"}), encoding="utf-8")
    with pytest.raises(WrongEncoder, match=r"T404.*t5.*xlm-roberta, bert"):
        read_encoder(tmp_path)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_checkpoint_without_its_files_is_a_numbered_error(folders, file, tmp_path):
    folder = shutil.copytree(folders["xlm-roberta"], tmp_path / "x")
    (folder / file).unlink()
    with pytest.raises(EncoderNotFound, match=r"T518.*folder"):
        read_encoder(folder)


def test_a_language_head_is_read_where_there_is_one(folders, tmp_path):
    from transformers import XLMRobertaForMaskedLM

    assert language_head(str(folders["xlm-roberta"])) == {}
    model = XLMRobertaForMaskedLM.from_pretrained(folders["xlm-roberta"])
    model.save_pretrained(tmp_path)
    found = language_head(str(tmp_path))
    assert set(found) == {"bias", "dense.weight", "dense.bias", "layer_norm.weight", "layer_norm.bias"}
    assert torch.equal(found["dense.weight"], model.lm_head.dense.weight)


def test_layers_of_transformers_stay_in_full_precision(folders):
    encoder = read_encoder(folders["modernbert"]).encoder
    assert with_precision(encoder, "fp32") is encoder
    with pytest.raises(BadPrecision, match="modernbert"):
        with_precision(encoder, "int8")


def test_an_adapter_is_for_layers_of_our_own(folders):
    with pytest.raises(BadLora, match=r"T550.*bert encoder"):
        attach(read_encoder(folders["bert"]).encoder, {"r": 2, "lora_alpha": 4})


def test_an_encoder_of_our_own_is_read_by_the_same_function(tmp_path):
    ours = word_encoder()
    ours.to_disk(tmp_path)
    assert same(vectors(ours), vectors(read_encoder(tmp_path)), atol=0, rtol=0)
