"""Cards: one TOML file per corpus, the only place where facts about corpora stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from turkic_nlp.errors import BadCard, SplitUnclear, UnknownCorpus, UnknownSplit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ACCESS = ("included", "download", "derived", "fetch-elsewhere", "on-request")
QUALITY = ("gold", "silver", "mixed", "unstated")
PARTS = ("product-test", "product-dev", "product-train")
"""Of a divided treebank; a text that occurs in several is kept in the first of them."""
READERS = ("conllu", "iob2", "classes", "table", "files")
SHA256 = re.compile(r"[0-9a-f]{64}")
SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR) [A-Za-z0-9.+-]+)*")

Columns = dict[str, Any]  # name -> header name, or position where the file has no header


@dataclass(frozen=True)
class CardFile:
    """One file of a corpus. ``sha256``, ``bytes`` and ``counts`` are those of the original behind ``url``.

    A mirror may hold it compressed (``mirror`` is then its name there) or cut (then ``mirror_sha256``,
    ``mirror_counts`` and ``mirror_note`` say to what). Without ``url`` only a mirror has it: it was derived
    from the source; or, where the card's access is ``included``, it lies in ``<id>/`` beside the card.
    ``rename`` gives labels a name that says what they mean, in Docs. ``fault`` is the error code that reading it
    raises, where the original is broken. ``infinitive`` is the ending of its lemmas that those of treebanks, which are
    stems, do not have; Docs are without it. Where lemmas are verbal nouns of which no ending can be cut, ``stem_form``
    is the features of a form that is the stem and a past ending of two letters. ``look_alikes`` is set where Latin
    letters stand for Cyrillic ones; Docs have the latter.
    """

    split: str
    path: str
    lang: str = ""
    url: str = ""
    sha256: str = ""
    bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    mirror: str = ""
    mirror_sha256: str = ""
    mirror_counts: dict[str, int] = field(default_factory=dict)
    mirror_note: str = ""
    label: str = ""
    labels: tuple[str, ...] = ()
    rename: dict[str, str] = field(default_factory=dict)
    columns: Columns = field(default_factory=dict)
    quality: str = ""
    invalid_utf8: int = 0
    fault: str = ""
    infinitive: str = ""
    stem_form: str = ""
    look_alikes: bool = False


@dataclass(frozen=True)
class Card:
    """What is known of one corpus. ``trainable``: may the weights that ship learn from it.

    ``same_as`` turns entity labels of other corpora into those of this one, so that what learned from them can be
    scored here; a label that is neither a key nor a value of it is no entity here. ``manner`` names, by language, the
    treebank whose tags and trees it follows, for models that have no style of its own name. ``parts`` names a split
    that is also divided into ``product-train``, ``product-dev`` and ``product-test``; see
    :mod:`turkic_nlp.corpora.parts`.
    """

    id: str
    name: str
    languages: tuple[str, ...]
    scripts: tuple[str, ...]
    tasks: tuple[str, ...]
    licence: str
    quality: str
    trainable: bool
    access: str
    homepage: str
    citation: dict[str, Any]
    reader: str = "files"
    licence_note: str = ""
    notes: tuple[str, ...] = ()
    columns: Columns = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    same_as: dict[str, str] = field(default_factory=dict)
    manner: dict[str, str] = field(default_factory=dict)
    separator: str = ""
    parts: str = ""
    files: tuple[CardFile, ...] = ()

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits, in the order of the card."""
        return tuple(dict.fromkeys(file.split for file in self.files))

    def key(self, file: CardFile) -> str:
        """``split``, or ``lang/split`` where several languages share the name of a split."""
        shared = sum(other.split == file.split for other in self.files) > 1
        return f"{file.lang}/{file.split}" if shared else file.split

    def file(self, split: str, lang: str | None = None) -> CardFile:
        """The file of a split; ``lang`` is needed where several languages have it."""
        found = [file for file in self.files if file.split == split and lang in (None, file.lang or lang)]
        if not found:
            known = [*map(self.key, self.files), *(PARTS if self.parts else ())]
            raise UnknownSplit(self.id, f"{lang}/{split}" if lang else split, ", ".join(known) or "none")
        if len(found) > 1:
            raise SplitUnclear(self.id, split, ", ".join(file.lang for file in found))
        return found[0]


def folder() -> Path:
    """Where the cards are: inside the installed package, or ``corpora/`` of the checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "data" / "corpora"
    return shipped if shipped.is_dir() else package.parent / "corpora"


@lru_cache(maxsize=1)
def _ids() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder().glob("*.toml")))


@lru_cache(maxsize=256)
def card(id: str) -> Card:
    """The card of a corpus; an unknown id is an error that names the nearest known ones."""
    if id not in _ids():
        near = get_close_matches(id.lower().replace("_", "-"), _ids(), n=3, cutoff=0.4)
        raise UnknownCorpus(id, ", ".join(near) or "see `turkic-nlp corpora list`")
    return parse_card(folder() / f"{id}.toml")


def named(name: str) -> tuple[Card, CardFile]:
    """The card and the file of ``corpus/split``, as recipes name a table; raises UnknownCorpus or UnknownSplit."""
    id_, _, split = name.partition("/")
    found = card(id_)
    return found, found.file(split)


def cards(lang: str | None = None, task: str | None = None) -> list[Card]:
    """All cards, or those of one language (``ky``) and one task (``ner``), by id."""
    return [
        found
        for found in map(card, _ids())
        if (lang is None or lang in found.languages) and (task is None or task in found.tasks)
    ]


def parse_card(path: Path) -> Card:
    """Read and check one card; anything missing, misspelt or out of range is T322 with the file's name."""
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadCard(str(path), str(error)) from error
    entries = facts.get("files", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadCard(str(path), "files must be tables")
    facts["files"] = tuple(_build(CardFile, entry, path) for entry in entries)
    made: Card = _build(Card, facts, path)
    for fault in _faults(made, path):
        raise BadCard(str(path), fault)
    return made


def _build(kind: type[Any], facts: dict[str, Any], path: Path) -> Any:
    known = {field.name: field for field in fields(kind)}
    unknown = sorted(set(facts) - set(known))
    missing = [
        name
        for name, field in known.items()
        if name not in facts and field.default is MISSING and field.default_factory is MISSING
    ]
    if unknown or missing:
        raise BadCard(str(path), f"unknown keys {unknown}, missing keys {missing}")
    for key, value in facts.items():
        if not _FITS.get(str(known[key].type), _is_any)(value):
            raise BadCard(str(path), f"{key} = {value!r} is not of the kind {known[key].type}")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()})


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_table_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(isinstance(cell, kind) for cell in value.values())


def _is_any(value: Any) -> bool:
    return True


_FITS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int,
    "tuple[str, ...]": _are_texts,
    "dict[str, int]": _is_table_of(int),
    "dict[str, str]": _is_table_of(str),
    "dict[str, Any]": _is_table_of(object),
    "Columns": _is_table_of((str, int)),  # type: ignore[arg-type]
}


def _leads_out(name: str) -> bool:
    """Whether the name of a file leads out of its corpus's folder."""
    return Path(name).is_absolute() or ".." in Path(name).parts or "\0" in name


def _faults(made: Card, path: Path) -> Iterator[str]:
    if made.id != path.stem:
        yield f"id {made.id!r} is not the name of the file"
    for name, value, known in (
        ("access", made.access, ACCESS),
        ("quality", made.quality, QUALITY),
        ("reader", made.reader, READERS),
    ):
        if value not in known:
            yield f"{name} {value!r} is none of {', '.join(known)}"
    if made.licence != "unstated" and not SPDX.fullmatch(made.licence):
        yield f"licence {made.licence!r} is no SPDX expression and not 'unstated'"
    if {"title", "year", "url"} - set(made.citation):
        yield "citation needs title, year and url"
    keys = [made.key(file) for file in made.files]
    if len(keys) != len(set(keys)):
        yield "two files have the same split and language"
    for file in made.files:
        if _leads_out(file.path) or _leads_out(file.mirror):
            yield f"{file.path!r} leads out of the folder of the corpus"
        if file.url and not (SHA256.fullmatch(file.sha256) and file.bytes):
            yield f"{file.path}: a url needs sha256 and bytes"
        if not file.url and made.access != "included" and not SHA256.fullmatch(file.mirror_sha256):
            yield f"{file.path}: without url it needs mirror_sha256, or to be included"
