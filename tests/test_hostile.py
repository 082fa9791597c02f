"""Corrupt and hostile model folders: each is refused with a numbered error, before it costs memory or leads outside."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import resource
import shutil
import struct

import pytest
import torch
from folders import edited, model_folder
from safetensors.torch import load_file, save_file

import turkic_nlp
from turkic_nlp.adapters import attach, detached, write_adapter
from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import CorruptModel, TurkicError

WEIGHTS = "encoder/model.safetensors"
NER = "ner/weights.safetensors"
ADAPTER, ADAPTED = "tagger/adapter/adapter_config.json", "tagger/adapter/adapter_model.safetensors"
# what peft writes and we read
LORA = {
    "peft_type": "LORA",
    "r": 2,
    "lora_alpha": 4,
    "target_modules": ["query", "key", "value", "intermediate.dense", "output.dense"],
    "use_dora": False,
    "bias": "none",
    "rank_pattern": {},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = model_folder(tmp_path_factory.mktemp("whole"))
    words = read_folder(folder / "encoder")
    attach(words.encoder, LORA)
    write_adapter(detached(words.encoder, LORA), folder / "tagger" / "adapter")
    turkic_nlp.load("kk", model=folder)("Мен кітап оқыдым.")
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "model")


def replaced(*keys, value):
    """A JSON file with another value somewhere; the keys lead there."""

    def change(found):
        for key in keys[:-1]:
            found = found[key]
        found[keys[-1]] = value

    return lambda path: edited(path, change)


def without(key):
    return lambda path: edited(path, lambda found: found.pop(key))


def content(data):
    return lambda path: path.write_bytes(data)


def cut(size):
    return lambda path: path.write_bytes(path.read_bytes()[:size])


def tensors(edit):
    """A safetensors file whose tensors were edited; of all, or of the first."""

    def change(path):
        found = load_file(path)
        edit(found)
        save_file(found, path)

    return change


def first(make):
    def edit(found):
        name = next(name for name in sorted(found) if found[name].dim() == 2)
        found[name] = make(found[name])

    return tensors(edit)


def header(edit=lambda entries: None, *, length=None):
    """A safetensors file whose header lies."""

    def change(path):
        data = path.read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        entries = json.loads(data[8 : 8 + size])
        edit(entries)
        text = json.dumps(entries).encode()
        path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data[8 + size :])

    return change


def overlap(entries):
    one, other = (name for name in sorted(entries)[:2])
    entries[one]["data_offsets"] = entries[other]["data_offsets"]


def beyond(entries):
    entries[sorted(entries)[0]]["data_offsets"] = [0, 1 << 50]


def enormous(entries):
    entries[sorted(entries)[0]]["shape"] = [1 << 40, 1 << 40]


class Trap:
    def __reduce__(self):
        return os.mkdir, ("trapped",)


def link(target):
    def change(path):
        path.unlink() if path.is_file() else shutil.rmtree(path)
        path.symlink_to(target)

    return change


def outside(path):
    """A component whose folder is a link to a whole one elsewhere."""
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def filled(value):
    return first(lambda tensor: torch.full_like(tensor, value))


def lines(change):
    def edit(path):
        found = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(change(found)), encoding="utf-8")

    return edit


def missing(path):
    path.unlink()


NOT_JSON = [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"]
SIZES = [0, -1, -(2**40), 2**40, 2**31 - 1, 1.5, "32", None, True, [32], {}, float("nan"), 10**30]
CONFIG, NER_JSON, TAGS, LEMMAS = (
    "encoder/config.json",
    "ner/settings.json",
    "tagger/settings.json",
    "lemmatizer/settings.json",
)
PARSER = "parser/settings.json"
TAGS_KEPT, LEMMAS_KEPT = "tagger/kept.json.gz", "lemmatizer/kept.json.gz"
NAMES = [
    "../ner",
    "/etc",
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "ner\x00",
    "encoder",
    "sentences",
    "x" * 300,
    "\ud800",
]
HOSTILE = [
    *((name, content(data)) for name in ("meta.json", CONFIG, NER_JSON) for data in NOT_JSON),
    *((TAGS_KEPT, content(gzip.compress(data))) for data in NOT_JSON),
    *((TAGS_KEPT, content(data)) for data in (b"", b"{}", b"\x1f\x8b", gzip.compress(b"{}")[:-9])),
    (LEMMAS_KEPT, missing),
    *((CONFIG, replaced(key, value=size)) for key in ("hidden_size", "vocab_size") for size in SIZES),
    *((CONFIG, replaced("num_attention_heads", value=size)) for size in (0, -2, 3, 2**40, None)),
    *((CONFIG, replaced("num_hidden_layers", value=size)) for size in (0, -1, 3, 2**40, "two")),
    *((CONFIG, replaced("intermediate_size", value=size)) for size in (0, -64, 65, 2**30)),
    *((CONFIG, replaced("max_position_embeddings", value=size)) for size in (1, 65, 2**30)),
    *((CONFIG, replaced("type_vocab_size", value=size)) for size in (0, 4, 2**30)),
    *((CONFIG, replaced("affixes", value=size)) for size in (0, -1, 7, 2**30)),
    *((CONFIG, replaced("hidden_dropout_prob", value=p)) for p in (-1, 2, "no", float("inf"))),
    *((CONFIG, replaced("layer_norm_eps", value=eps)) for eps in (-1, "no", float("nan"))),
    *((CONFIG, replaced("turkic", value=value)) for value in ([], "shared", None)),
    *((CONFIG, replaced("turkic", "window", value=size)) for size in (0, 7, -5, 65, 2**40, "128", None)),
    *((CONFIG, replaced("turkic", "orthography", value=name)) for name in ("klingon", ["shared"], 3)),
    (CONFIG, without("vocab_size")),
    *((NER_JSON, replaced("width", value=size)) for size in SIZES),
    *((NER_JSON, replaced("word_width", value=size)) for size in SIZES),
    *((PARSER, replaced("arc_width", value=size)) for size in SIZES),
    *((PARSER, replaced("reach", value=size)) for size in (-1, 2**15, 2**40, "8", None, True, 3)),
    *(
        (TAGS_KEPT, replaced("seen", value=value))
        for value in ([], {"a": []}, {"a": {"x": 1}}, {"a": {"x": "9999:1"}})
    ),
    *((TAGS, replaced("kept", value=value)) for value in (["seen"], "seen", 1, [], {}, ["width"])),
    (TAGS_KEPT, without("seen")),
    (TAGS_KEPT, replaced("width", value=32)),
    *((PARSER, replaced("relation_width", value=size)) for size in (0, 2**15, 2**40)),
    *(
        (NER_JSON, replaced("types", value=value))
        for value in ({}, "PER", [1], [["PER"]], None, ["\ud800"], [])
    ),
    (NER_JSON, replaced("types", value=[f"T{n}" for n in range(200_000)])),
    *((NER_JSON, replaced("styles", value=value)) for value in ({}, "tiny", [None], ["a", "b"], 3)),
    *((NER_JSON, without(key)) for key in ("types", "styles", "width", "word_width")),
    *(
        (TAGS, replaced("fields", value=value))
        for value in ([], {}, {"UPOS": "NOUN"}, {"UPOS": ["NOUN"]}, None)
    ),
    *(
        (TAGS, replaced("bundles", value=value))
        for value in ([], {}, ["NOUN|Case"], ["XYZ"], ["NOUN|A=B"], [1])
    ),
    *((LEMMAS, replaced("scripts", value=value)) for value in ([], ["l;x;"], ["l;1"], ["l;-1;"], [None], {})),
    *((LEMMAS_KEPT, replaced("pairs", value=value)) for value in ([], {"kk": []}, {"kk": {"a": 1}})),
    *((LEMMAS_KEPT, replaced("by_tag", value=value)) for value in ([], {"kk": []}, {"kk": {"a NOUNS": "a"}})),
    *((LEMMAS_KEPT, replaced("words", value=value)) for value in ([], {"kk": ["a"]})),
    *(
        (LEMMAS_KEPT, replaced("agreed", value=value))
        for value in ([], {"kk": ["a"]}, {"kk": "a"}, {"xx": "a"})
    ),
    *((LEMMAS_KEPT, replaced("lemmas", value=value)) for value in ({}, [1], "a")),
    ("textcat/settings.json", replaced("exclusive", value="yes")),
    *(
        (name, missing)
        for name in (WEIGHTS, NER, CONFIG, NER_JSON, "encoder/pieces.model", "encoder/affixes.txt")
    ),
    *((name, cut(size)) for name in (WEIGHTS, NER) for size in (0, 4, 8, 100, -1)),
    *((name, content(pickle.dumps(Trap()))) for name in (WEIGHTS, NER, "encoder/pieces.model", CONFIG)),
    *((WEIGHTS, header(length=size)) for size in (0, 1, 2**40, 2**63, 2**64 - 1)),
    *((WEIGHTS, header(edit)) for edit in (overlap, beyond, enormous, dict.clear)),
    *((name, filled(value)) for name in (WEIGHTS, NER) for value in (float("nan"), float("inf"))),
    *((name, first(lambda t: t[:-1].clone())) for name in (WEIGHTS, NER)),
    *((name, first(lambda t: t.T.contiguous().reshape(-1))) for name in (WEIGHTS, NER)),
    (NER, first(lambda t: t.to(torch.complex64))),
    (NER, tensors(lambda found: found.update(more=torch.zeros(3)))),
    (WEIGHTS, tensors(lambda found: [found.update({k: torch.zeros(())}) for k in found if "query" in k])),
    (WEIGHTS, tensors(lambda found: found.pop("encoder.layer.1.output.dense.bias"))),
    *(
        ("encoder/pieces.model", change)
        for change in (content(b""), cut(-40), cut(20), content(b"\x00" * 999))
    ),
    ("encoder/affixes.txt", lines(lambda found: found[:-3])),
    ("encoder/affixes.txt", lines(lambda found: [*found, "-x\n"])),
    ("encoder/affixes.txt", content(b"\xff\n" * 100)),
    (WEIGHTS, link("/dev/zero")),
    (CONFIG, link("/dev/zero")),
    ("encoder/affixes.txt", link("/dev/zero")),
    (NER, link("/etc")),
    ("encoder", outside),
    ("ner", outside),
    *(("meta.json", replaced("components", name, value="ner")) for name in NAMES),
    *(
        ("meta.json", replaced("components", value=value))
        for value in ([], "ner", None, {"ner": ["ner"]}, {"x": "y"})
    ),
    *(("meta.json", replaced("styles", value=value)) for value in ([], {"ner": "tiny"}, {"ner": {"kk": 3}})),
    *(("meta.json", replaced("name", value=value)) for value in ([], 3)),
    ("meta.json", without("components")),
    *((ADAPTER, content(data)) for data in NOT_JSON),
    *((ADAPTER, replaced("r", value=size)) for size in [*SIZES, 3]),
    *(
        (ADAPTER, replaced("lora_alpha", value=size))
        for size in (0, -1, "4", None, True, float("nan"), 1e300)
    ),
    *(
        (ADAPTER, replaced("target_modules", value=value))
        for value in ("all-linear", None, [], ["query"], [["query"]], {"query": 1}, 3)
    ),
    *((ADAPTER, replaced("peft_type", value=value)) for value in ("IA3", None, ["LORA"], 1)),
    *((ADAPTER, replaced(key, value=True)) for key in ("use_dora", "use_rslora", "lora_bias")),
    (ADAPTER, replaced("bias", value="all")),
    (ADAPTER, replaced("rank_pattern", value={"query": 2**40})),
    *((ADAPTER, without(key)) for key in ("r", "lora_alpha", "target_modules", "peft_type")),
    *((name, missing) for name in (ADAPTER, ADAPTED)),
    *((ADAPTED, cut(size)) for size in (0, 8, 100, -1)),
    *((name, content(pickle.dumps(Trap()))) for name in (ADAPTER, ADAPTED)),
    *((ADAPTED, header(length=size)) for size in (2**40, 2**64 - 1)),
    *((ADAPTED, header(edit)) for edit in (overlap, beyond, enormous, dict.clear)),
    *((ADAPTED, filled(value)) for value in (float("nan"), float("inf"))),
    (ADAPTED, first(lambda t: t[:-1].clone())),
    (ADAPTED, tensors(lambda found: found.update(more=torch.zeros(3)))),
    (ADAPTED, tensors(dict.popitem)),
    *((name, link("/dev/zero")) for name in (ADAPTER, ADAPTED)),
    ("tagger/adapter", link("/etc")),
    ("tagger/adapter", outside),
]


@pytest.mark.parametrize(("name", "change"), HOSTILE)
def test_a_corrupt_or_hostile_folder_is_refused(name, change, folder, monkeypatch):
    monkeypatch.chdir(folder)
    change(folder / name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CorruptModel, match=r"\[T402\]") as caught:
        turkic_nlp.load("kk", model=folder)
    assert len(str(caught.value)) < 1500
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert not (folder / "trapped").exists()


def test_a_folder_as_transformers_writes_it_is_no_model_of_ours(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(TurkicError, match="T401"):
        turkic_nlp.load("kk", model=tmp_path)
