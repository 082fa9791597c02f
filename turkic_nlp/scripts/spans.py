"""Cuts a text into words of one script and what lies between, and finds what must be left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from turkic_nlp.scripts.script import LETTERS, Script
from turkic_nlp.scripts.table import TABLES, read_columns

_MARKS = {
    Script.CYRL: r"\u0300-\u036F\u00AD\u200B-\u200D\u2060",
    Script.LATN: r"\u0300-\u036F\u00AD\u200B-\u200D\u2060",
    Script.ARAB: r"\u0640\u064B-\u065F\u0670\u0674\u200C\u200D",
}
_TRIGGER = re.compile(
    r"[@#:w.ХІIVXLCDM](?:(?<=[@#])|(?<=:)//|(?<=w)ww\.|(?<=\.)(?=[a-z])|(?<=[ХІIVX])(?!\w)"
    r"|(?<=[ХІIVXLCDM])(?=[ХІIVXLCDM]))"
)
_REACH = 256
CAMEL = re.compile(
    r"[A-Z](?:(?<=^[a-z].)|(?<=[a-z].)(?<![SC]h.)(?<!Y[aeou].)(?<![SC](?=h))(?<!Y(?=[aeou]))[a-z])",
    re.MULTILINE,
)
_LATIN_ROMAN = str.maketrans("ХІ", "XI")


@cache
def word_pattern(script: Script, apostrophes: str, final: str, tail: str) -> re.Pattern[str]:
    """Words of one script, with their marks, soft hyphens and the apostrophes that belong to them.

    An apostrophe ends a word only where the expression ``final`` holds and no quotation mark of its kind
    opened the word; U+02BC, which is a letter, always belongs to it. A particle that matches ``tail`` does too.
    """
    letter, inner = LETTERS[script], f"[{LETTERS[script]}{_MARKS[script]}]"
    first = r"[ٴء]?" if script is Script.ARAB else ""
    if not apostrophes:
        return re.compile(f"({first}[{letter}]{inner}*)")
    rest = f"{inner}*(?:[{apostrophes}]{{1,2}}[{letter}]{inner}*)*"
    ends = f"(?:ʼ|[{apostrophes}](?:{final}))?" if final else "ʼ?"
    ends += f"(?:{tail}(?![-{apostrophes}{letter}]))?" if tail else ""
    alone = f"{inner}*(?![-{apostrophes}{letter}{_MARKS[script]}])"  # most words: no more to try
    return re.compile(f"([{letter}](?:{alone}|(?<=['‘’`].){rest}|{rest}{ends}))")


@cache
def _protected(script: Script) -> re.Pattern[str]:
    rows = read_columns(TABLES / "protected.tsv")
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows if row["source"] in ("-", script)))


def foreign_pattern(letters: str) -> re.Pattern[str] | None:
    """Words of another language in the source script, many at once in small letters, a line each."""
    return re.compile(letters, re.MULTILINE) if letters else None


def protected_spans(text: str, script: Script) -> Iterator[tuple[int, int]]:
    """Places of URLs, addresses, handles, hashtags, domains and Roman numerals, from left to right.

    Signs such as @ are found first and only their surroundings are searched: most text has none.
    """
    pattern, end, tried = _protected(script), 0, 0
    for sign in _TRIGGER.finditer(text):
        place = sign.start()
        if place < end:
            continue
        near = max(tried, place - _REACH)
        start = max(near, *(text.rfind(space, near, place) + 1 for space in " \n\t\u00a0"))
        matches = (pattern.match(text, first) for first in range(start, place + 1))
        tried = place
        if found := next((match for match in matches if match and match.end() > place), None):
            end = tried = found.end()
            yield found.span()


def open_text(text: str) -> str:
    """The text without what is left alone in every script: what its script is told by."""
    parts, end = [], 0
    for start, stop in protected_spans(text, Script.ZYYY):
        parts.append(text[end:start])
        end = stop
    return "".join([*parts, text[end:]])


def keep(text: str) -> str:
    """A protected span as it goes into the output: Roman numerals in Cyrillic letters get Latin ones."""
    return text.translate(_LATIN_ROMAN) if not text.strip("ХІIVX") else text
