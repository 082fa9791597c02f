"""Cuts a text into words of one script and what lies between, and finds what must be left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from turkic_nlp.scripts.script import LETTERS, Script
from turkic_nlp.scripts.table import TABLES, Table, read_columns

_MARKS = {
    Script.CYRL: r"\u0300-\u036F\u00AD\u200B-\u200D\u2060",
    Script.LATN: r"\u0300-\u036F\u00AD\u200B-\u200D\u2060",
    Script.ARAB: r"\u0640\u064B-\u065F\u0670\u0674\u200C\u200D",
}
_TRIGGER = re.compile(r"[@#]|://|www\.|\.[a-z]|[ХХIVX]")
_LATIN_ROMAN = str.maketrans("ХІ", "XI")


@cache
def word_pattern(script: Script, apostrophes: str, final: str) -> re.Pattern[str]:
    """Words of one script, with their marks, soft hyphens and the apostrophes that belong to them.

    An apostrophe ends a word only after a letter of ``final`` and when no quotation mark of its kind opened the
    word; U+02BC, which is a letter, always belongs to it.
    """
    letter, inner = LETTERS[script], f"[{LETTERS[script]}{_MARKS[script]}]"
    first = r"[ٴء]?" if script is Script.ARAB else ""
    if not apostrophes:
        return re.compile(f"({first}[{letter}]{inner}*)")
    word = f"[{letter}]{inner}*(?:[{apostrophes}]{{1,2}}[{letter}]{inner}*)*"
    ends = f"(?:ʼ|(?<=[{final}])[{apostrophes}])?" if final else "ʼ?"
    return re.compile(f"((?<!['‘’`]){word}{ends}|{word})")


@cache
def _protected(script: Script) -> re.Pattern[str]:
    rows = read_columns(TABLES / "protected.tsv")
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows if row["source"] in ("-", script)))


def foreign_pattern(table: Table) -> re.Pattern[str] | None:
    """Words in the source script that are in another language: letters it lacks, or capitals as in iPhone."""
    letters = table.facts.get("foreign")
    return re.compile(f"(?i:{letters})|^[a-z][A-Z]|[a-z](?!Sh|Ch|Y[aeou])[A-Z][a-z]") if letters else None


def protected_spans(text: str, script: Script) -> Iterator[tuple[int, int]]:
    """Places of URLs, addresses, handles, hashtags, domains and Roman numerals."""
    if _TRIGGER.search(text):
        yield from (match.span() for match in _protected(script).finditer(text) if match[0])


def open_text(text: str) -> str:
    """The text without what is left alone in every script: what its script is told by."""
    return _protected(Script.ZYYY).sub(" ", text) if _TRIGGER.search(text) else text


def keep(text: str) -> str:
    """A protected span as it goes into the output: Roman numerals typed with Cyrillic letters get Latin ones."""
    return text.translate(_LATIN_ROMAN) if not text.strip("ХІIVX") else text
