"""Which alphabets a language has, and the way from one to another over the tables that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from turkic_nlp.errors import NoConversion, UnknownAlphabet, UnknownLanguage
from turkic_nlp.scripts.engine import Converter
from turkic_nlp.scripts.lexicon import Lexicon
from turkic_nlp.scripts.script import Script, detect_script
from turkic_nlp.scripts.spans import open_text
from turkic_nlp.scripts.table import TABLES, Table, read_columns, read_table

SHARED = "shared"
_NAME = re.compile(r"(?P<lang>[a-z]+)\.(?P<source>[A-Z][\w-]+)\.(?P<target>[A-Z][\w-]+)\.tsv")


@cache
def _ways() -> dict[str, dict[str, list[str]]]:
    ways: dict[str, dict[str, list[str]]] = {}
    for path in sorted(TABLES.glob("*.tsv"), key=lambda path: path.stem.split(".")):
        if match := _NAME.fullmatch(path.name):
            ways.setdefault(match["lang"], {}).setdefault(match["source"], []).append(match["target"])
    return ways


def languages() -> tuple[str, ...]:
    """Codes of the languages that can be transliterated."""
    return tuple(_ways())


def alphabets(lang: str) -> tuple[str, ...]:
    """Names of a language's alphabets; raises UnknownLanguage."""
    if lang not in _ways():
        raise UnknownLanguage(lang, ", ".join(languages()))
    return tuple(_ways()[lang])


def check_alphabet(lang: str, name: str) -> str:
    """The name itself when the language has such an alphabet; raises UnknownAlphabet."""
    name = str(name)
    if name not in alphabets(lang):
        raise UnknownAlphabet(lang, name, ", ".join((*alphabets(lang), SHARED)))
    return name


def script_of(alphabet: str) -> Script:
    """The script that an alphabet is a variant of: ``Latn-2018`` is ``Latn``."""
    return Script(alphabet.partition("-")[0])


@cache
def route(lang: str, source: str, target: str) -> tuple[str, ...]:
    """The shortest row of alphabets from source to target that tables connect; raises NoConversion."""
    paths: list[tuple[str, ...]] = [(source,)]
    for path in paths:
        if path[-1] == target:
            return path
        paths += [(*path, name) for name in _ways()[lang][path[-1]] if name not in path]
    raise NoConversion(lang, source, target, ", ".join(alphabets(lang)))


@cache
def table(lang: str, source: str, target: str) -> Table:
    """The table of one step of a route."""
    return read_table(TABLES / f"{lang}.{source}.{target}.tsv")


@cache
def converter(lang: str, source: str, target: str) -> Converter:
    """The converter of one step of a route, with its exceptions."""
    rules = table(lang, source, target)
    return Converter(rules, Lexicon.of(_entries(lang, rules, source, target)))


def _entries(lang: str, rules: Table, source: str, target: str) -> Iterator[tuple[str, str]]:
    if "exceptions" not in rules.facts:
        return
    fold, spell = Converter(rules).fold, Converter(table(lang, target, source))
    for row in read_columns(TABLES / rules.facts["exceptions"]):
        whole = "$" if row["match"] == "word" else ""
        stem, word = row.get(source, ""), row.get(target, "")
        if stem.isupper() and word:
            yield stem, word
        elif word and not word.isupper():
            yield fold(stem or spell(word).text) + whole, word


def detect_alphabet(text: str, lang: str) -> str | None:
    """The alphabet of a language in which a text is written, or None for a text without letters.

    Among alphabets of one script the one wins whose own letters occur most; the plain one wins a draw. Raises
    UnknownAlphabet when most letters are of a script that the language has no alphabet in.
    """
    text = open_text(text)
    script = detect_script(text)
    if script is Script.ZYYY:
        return None
    names = [name for name in alphabets(lang) if script_of(name) is script] or [check_alphabet(lang, script)]
    return max(names, key=lambda name: len(_own_letters(lang, name).findall(text)))


@cache
def _own_letters(lang: str, name: str) -> re.Pattern[str]:
    facts = table(lang, name, _ways()[lang][name][0]).facts
    return re.compile(facts.get("own", r"(?!)"))
