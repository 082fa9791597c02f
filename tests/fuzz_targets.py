"""What must take any input: each target either succeeds, keeps its law, or raises a numbered error.

``TARGETS[name](data)`` is one trial; anything that comes out of it but a return is a bug. ``SEEDS[name]()`` are inputs
to mutate. The tests run a few hundred trials, ``benchmarks/fuzz.py`` as many as it is given time for.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import spacy
from folders import model_folder
from tiny import TEXT

import turkic_nlp
from turkic_nlp import conllu
from turkic_nlp.annotate import annotate
from turkic_nlp.annotate.tally import Tally
from turkic_nlp.corpora.catalog import parse_card
from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import TurkicError
from turkic_nlp.heads import HEADS
from turkic_nlp.soundness import components
from turkic_nlp.storage import read_head
from turkic_nlp.training.recipe import read_recipe
from turkic_nlp.weights import checked_json

LANGS = ("kk", "ky", "tk", "uz")
SENTENCE = "Мен кітап оқыдым. Oʻzbekiston poytaxti!"
MODEL_FILES = (
    "meta.json",
    "encoder/config.json",
    "encoder/affixes.txt",
    "encoder/model.safetensors",
    "encoder/pieces.model",
    *(f"{task}/settings.json" for task in HEADS),
    *(f"{task}/kept.json.gz" for task, kind in HEADS.items() if kind.kept),
    *(f"{task}/weights.safetensors" for task in HEADS),
)


@functools.cache
def place() -> Path:
    """A folder for the files of this process."""
    kept.append(tempfile.TemporaryDirectory(prefix="fuzz-"))
    return Path(kept[-1].name)


kept: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def model() -> Path:
    return model_folder(place() / "model")


@functools.cache
def pipeline(lang: str) -> spacy.Language:
    return turkic_nlp.load(lang, model=model())


def decoded(data: bytes) -> str:
    """Text of any kind: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def text(data: bytes) -> None:
    """A Doc of the text as written, and in every sentence a tree with one root."""
    given = decoded(data[1:])
    nlp = pipeline(LANGS[data[0] % 4] if data else "kk")
    try:
        doc = nlp(given)
    except TurkicError:
        return
    assert "".join(token.text_with_ws for token in doc) == given
    for sentence in doc.sents:
        assert [token.head == token for token in sentence].count(True) == 1
        assert all(sentence.start <= token.head.i < sentence.end for token in sentence)
    conllu.from_doc(doc)


def transliteration(data: bytes) -> None:
    """The same text with offsets and without; offsets rise from the beginning to the end."""
    given = decoded(data[3:])
    alphabets = ("Cyrl", "Latn", "Arab", "Latn-2018", "Latn-1995", "shared", "Grek")
    lang = (*LANGS, "tr", "xx")[data[0] % 6] if data else "kk"
    source, target = (alphabets[byte % 7] for byte in data[1:3].ljust(2, b"\0"))
    for start in (source, None):
        with suppress(TurkicError):
            plain = turkic_nlp.transliterate(given, lang=lang, source=start, target=target)
            traced, offsets = turkic_nlp.transliterate(
                given, lang=lang, source=start, target=target, offsets=True
            )
            assert traced == plain
            assert len(offsets) == len(traced)
            assert offsets == sorted(offsets)
            assert all(0 <= offset < len(given) for offset in offsets)
    turkic_nlp.detect_script(given)


def treebank(data: bytes) -> None:
    """What is read is written back byte for byte, and goes through a Doc."""
    path = place() / "fuzz.conllu"
    path.write_bytes(data)
    with suppress(TurkicError):
        sentences = list(conllu.read(path))
        assert "".join(sentence.to_text() for sentence in sentences).encode("utf-8") == data
        for sentence in sentences:
            for words in ("surface", "syntactic"):
                with suppress(TurkicError):
                    doc = conllu.to_doc(sentence, pipeline("kk").vocab, words=words)
                    conllu.from_doc(doc)
            with suppress(TurkicError):
                doc = conllu.to_doc(sentence, pipeline("kk").vocab, words="syntactic")
                conllu.fill(sentence, doc).to_text()


VALUES = (
    "3",
    "-1",
    "1e999",
    "nan",
    "true",
    '""',
    '"x"',
    "[]",
    "[3]",
    '["x"]',
    "[[1]]",
    "{}",
    '{"a": 1}',
    "{a = 1}",
)
VALUES = (*VALUES, "null", "2020-01-01", "9" * 30, '"../x"', "*", "$a.b", "${a:b}", "@x")


def respelt(seed: bytes, data: bytes) -> bytes:
    """After a ``#`` the data themselves, else the seed with lines that data choose lost or given other values."""
    if data[:1] == b"#":
        return data[1:]
    lines = seed.decode("utf-8").split("\n")
    for where, what in zip(data[::2], data[1::2], strict=False):
        key, equals, _ = lines[where % len(lines)].partition("=")
        lines[where % len(lines)] = f"{key}= {VALUES[what % len(VALUES)]}" if equals and what < 200 else ""
    return "\n".join(lines).encode()


def card(data: bytes) -> None:
    path = place() / "fuzz.toml"
    path.write_bytes(respelt(_CARD.encode(), data))
    with suppress(TurkicError):
        found = parse_card(path)
        assert all(found.file(each.split, each.lang or None) for each in found.files)


def recipe(data: bytes) -> None:
    path = place() / "fuzz.cfg"
    path.write_bytes(respelt(_RECIPE.encode(), data))
    with suppress(TurkicError):
        read_recipe(path)


def weights(data: bytes) -> None:
    """A byte chooses the file, two where its bytes change; the rest is written there (or cut off, for none)."""
    if len(data) < 4:
        return
    name = MODEL_FILES[data[0] % len(MODEL_FILES)]
    path = model() / name
    whole = _whole(path)
    at = int.from_bytes(data[1:4], "big") % (len(whole) + 1)
    path.write_bytes(whole[:at] + data[4:] + whole[at + len(data) - 4 :] if data[4:] else whole[:at])
    try:
        _use(name)
    except TurkicError:
        pass
    finally:
        path.write_bytes(whole)


@functools.cache
def _whole(path: Path) -> bytes:
    return path.read_bytes()


def _use(name: str) -> None:
    """Read the part of the model that a file belongs to, and annotate with it."""
    part, nlp = name.split("/")[0], pipeline("kk")
    if part == "meta.json":
        components(checked_json(model() / name), HEADS, model())
        return
    slot, read = (
        ("model", read_folder) if part == "encoder" else ("head", lambda path: read_head(part, path)[0])
    )
    pipe = nlp.get_pipe(part)
    sound = getattr(pipe, slot)
    setattr(pipe, slot, read(model() / part))
    try:
        conllu.from_doc(nlp(SENTENCE))
    finally:
        setattr(pipe, slot, sound)


def documents(data: bytes) -> None:
    """Any bytes as a file of any kind: what is bad is skipped, the rest is annotated."""
    kind = ("txt", "jsonl", "conllu")[data[0] % 3] if data else "txt"
    source, output = place() / f"in.{kind}", place() / "out.jsonl"
    source.write_bytes(data[1:])
    for lang in ("auto", "ky"):
        with suppress(TurkicError):
            annotate(
                [source],
                output,
                pipeline_for=_tokenizer,
                lang=lang,
                format="jsonl",
                on_error="skip",
                force=True,
            )
    assert not output.with_name("out.jsonl.partial").exists()


@functools.cache
def _tokenizer(lang: str) -> spacy.Language:
    return turkic_nlp.blank(lang)


@functools.cache
def _broken() -> tuple[bytes, bytes]:
    """Journal and data of a run that was stopped after the first of two documents."""
    (place() / "resumed.txt").write_text(f"{SENTENCE}\n{SENTENCE}\n", encoding="utf-8")

    def stop(tally: Tally) -> None:
        raise KeyboardInterrupt

    with suppress(TurkicError):
        _resume(progress=stop)
    partial = place() / "resumed.jsonl.partial"
    return (partial / "journal.json").read_bytes(), (partial / "data").read_bytes()


def _resume(**options: Any) -> None:
    source, output = place() / "resumed.txt", place() / "resumed.jsonl"
    annotate([source], output, pipeline_for=_tokenizer, lang="ky", format="jsonl", batch_size=1, **options)


def resumed(data: bytes) -> None:
    """Any bytes as the journal of a broken run."""
    written, partial = _broken()[1], place() / "resumed.jsonl.partial"
    (place() / "resumed.jsonl").unlink(missing_ok=True)
    partial.mkdir(exist_ok=True)
    (partial / "data").write_bytes(written)
    (partial / "journal.json").write_bytes(data)
    with suppress(TurkicError):
        _resume()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": text,
    "transliteration": transliteration,
    "treebank": treebank,
    "card": card,
    "recipe": recipe,
    "weights": weights,
    "documents": documents,
    "resumed": resumed,
}

_SIGNS = [
    "URL https://a.kz/ж?x=1, a@b.kz",
    "XIV ғ. iPhone",
    "İıIi\u0307 ẞ ﬁ",
    "\u202e\u200d\u0301",
    "1,5 % № 3-чи",
    "😀👩‍👩‍👧",
]
_TREEBANK = """# sent_id = 1
# text = барбы ол.
1-2\tбарбы\t_\t_\t_\t_\t_\t_\t_\t_
1\tбар\tбар\tVERB\tv\tMood=Ind|Person=3\t0\troot\t0:root\t_
2\tбы\tбы\tPART\tq\t_\t1\tdiscourse:q\t_\t_
2.1\tол\tол\tPRON\t_\t_\t_\t_\t1:nsubj\t_
3\tол\tол\tPRON\tprn\tCase=Nom\t1\tnsubj\t_\tSpaceAfter=No
4\t.\t.\tPUNCT\tsent\t_\t1\tpunct\t_\t_

"""
_CARD = """id = "fuzz"
name = "A corpus"
languages = ["kk"]
scripts = ["Cyrl"]
tasks = ["ner"]
licence = "CC-BY-4.0"
quality = "gold"
trainable = true
access = "included"
homepage = "https://a.kz"
reader = "iob2"
[citation]
title = "A"
year = 2020
url = "https://a.kz"
[[files]]
split = "test"
path = "test.txt"
counts = { sentences = 3 }
"""
_RECIPE = """[model]
name = "a"
version = "1"
description = "a"
license = "MIT"
encoder = "a"
[training]
steps = 10
clip = 1.0
bf16 = false
[held_out]
sets = ["a/test"]
[heads]
[heads.ner]
task = "ner"
[heads.ner.styles]
kk = "a"
[corpora]
[corpora.a]
id = "a"
lang = "kk"
splits = ["train"]
dev = 0.1
"""


def _texts() -> list[bytes]:
    return [line.encode() for line, _ in TEXT] + [sign.encode() for sign in _SIGNS]


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "text": lambda: [bytes([n]) + seed for n, seed in enumerate(_texts())],
    "transliteration": lambda: [bytes([n % 4, n // 4, 1]) + seed for n, seed in enumerate(_texts())],
    "treebank": lambda: [_TREEBANK.encode(), _TREEBANK.replace("\n", "\r\n").encode()],
    "card": lambda: [b"#" + _CARD.encode(), *(bytes([n, n]) for n in range(_CARD.count("\n")))],
    "recipe": lambda: [b"#" + _RECIPE.encode(), *(bytes([n, n]) for n in range(_RECIPE.count("\n")))],
    "weights": lambda: [bytes([n, 0, 0, 9 * n]) + b"}\xff\x00[" for n in range(len(MODEL_FILES))],
    "documents": lambda: [
        b"\x00" + SENTENCE.encode(),
        b'\x01{"id": 1, "text": "a"}\n{"text": "\\ud800"}\n',
        b"\x02" + _TREEBANK.encode(),
    ],
    "resumed": lambda: [_broken()[0]],
}
