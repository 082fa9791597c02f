"""Which language a text is in: Kazakh, Uzbek, Kyrgyz, Turkmen, Turkish, or a neighbour of theirs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from turkic_nlp.scripts import Script, detect_script

UNDETERMINED = "und"
_TABLE = Path(__file__).with_name("langid.tsv")
_WORD = re.compile(r"[^\W\d_]+(?:['’‘ʻʼ`][^\W\d_]+)*")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʻʼ`", "'"))
_LONGEST = 5
_ENOUGH = 2000

Weights = dict[str, tuple[int, ...]]


def detect_language(text: str) -> str:
    """The ISO 639-1 code of the likeliest language; ``"und"`` without a Cyrillic, Latin or Arabic letter.

    Only the main script and the first 2,000 characters count. Besides kk, uz, ky, tk and tr the answer can be
    az, tt, ba, ug, en or ru, which nothing else in this package knows.
    """
    script = detect_script(text)
    if script == Script.ZYYY:
        return UNDETERMINED
    langs, weights = table()[str(script)]
    sums = list(weights[""])
    for part in ngrams(text[:_ENOUGH]):
        for index, weight in enumerate(weights.get(part, ())):
            sums[index] += weight
    return langs[sums.index(min(sums))]


def ngrams(text: str) -> list[str]:
    """Letters of the words in lower case, one to five in a row; ``_`` is the edge of a word."""
    found = []
    for word in _WORD.findall(text.lower().replace("i̇", "i").translate(_APOSTROPHES)):
        edged = f"_{word}_"
        for size in range(1, _LONGEST + 1):
            found += [edged[at : at + size] for at in range(len(edged) - size + 1)]
    return found


@cache
def table() -> dict[str, tuple[list[str], Weights]]:
    """By script: its languages, and what each letter sequence holds against them in tenths of a nat.

    The empty sequence holds what is held against a language beforehand.
    """
    tables: dict[str, tuple[list[str], Weights]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        first, *cells = line.split("\t")
        if first.startswith("# "):
            weights: Weights = {}
            tables[first[2:]] = (cells, weights)
        else:
            weights[first] = tuple(map(int, cells))
    return tables
