"""The shared orthography: one lower-case Latin form in which cognates of the Turkic languages look alike.

It is what the encoder reads, never what the user sees. The letters follow the Common Turkic alphabet with the
mergers that bring cognates together (q/k, ğ/g, ñ/n, x/h, w/v, ä/e, j/c; Uzbek o -> a and oʻ -> o; word-initial
Kazakh and Kyrgyz ж -> y). The tables in ``tables/shared`` are frozen with the vocabulary of a trained model; a package
that adds a language brings its own, ``shared.CODE.tsv``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from turkic_nlp.errors import BadTables
from turkic_nlp.resources import added_tables

_TABLES = Path(__file__).parent / "tables" / "shared"
_DOTLESS = str.maketrans({"I": "ı", "İ": "i"})
_DOTTED = str.maketrans({"İ": "i"})


@dataclass(frozen=True)
class _Folding:
    """A compiled table: one pattern over all rows, longest source first, and a target per row."""

    pattern: re.Pattern[str]
    targets: tuple[str, ...]
    dotless: bool

    def __call__(self, word: str) -> str:
        word = unicodedata.normalize("NFC", word)
        word = word.translate(_DOTLESS if self.dotless else _DOTTED).lower()
        return self.pattern.sub(lambda match: self.targets[(match.lastindex or 1) - 1], word)


def languages() -> tuple[str, ...]:
    """Codes of the languages that have a table of shared orthography."""
    return tuple(sorted(path.stem for path in _TABLES.glob("*.tsv")))


def shared_form(word: str, lang: str) -> str:
    """One word in the shared orthography; letters that the language's table lacks are only lower-cased.

    A language without a table (English, say) is lower-cased. The form of a word is never empty: a word made of
    dropped signs alone, such as an apostrophe, stays as it is.
    """
    return _folding(lang)(word) or word


def table_of(lang: str) -> Path:
    """The file with the table of a language, which need not be there; that of an added language comes first."""
    added = added_tables(lang)
    return added / f"shared.{lang}.tsv" if added else _TABLES / f"{lang}.tsv"


@cache
def _folding(lang: str) -> _Folding:
    path = table_of(lang)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    classes = dict(re.findall(r"^# ([A-Z]): (\S+)$", "\n".join(lines), re.M))
    found = [
        (n, _row(line, n, path)) for n, line in enumerate(lines, 1) if line and not line.startswith("#")
    ][1:]
    _check_repeated(found, path)
    rows = [row for _, row in found]
    rows.sort(key=lambda row: (-len(row[0]), -len(row[2])))
    try:
        parts = [_part(source, context, classes) for source, _, context in rows] or [r"(?!)()"]
    except KeyError as error:
        raise BadTables(str(path), f"no letter class {error}", "a line such as # V: aeiou for it") from error
    dotless = "# dotless" in lines
    return _Folding(re.compile("|".join(parts)), tuple(row[1] for row in rows) or ("",), dotless)


def _row(line: str, number: int, path: Path) -> list[str]:
    cells = line.split("\t")
    if len(cells) != 3 or not cells[0]:
        expected = "source, target and context, parted by two tabs"
        raise BadTables(f"{path}:{number}", f"{line!r} is no row", expected)
    return cells


def _check_repeated(rows: list[tuple[int, list[str]]], path: Path) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, (source, _, context) in rows:
        first = seen.setdefault((source, context), number)
        if first != number:
            reason = f"{source!r} has a row already, line {first}"
            raise BadTables(
                f"{path}:{number}", reason, "one row for a source in a context; the first would win"
            )


def _part(source: str, context: str, classes: dict[str, str]) -> str:
    before, _, after = context.partition("_")
    left = {"": "", "#": r"\A"}.get(before) if before in ("", "#") else f"(?<=[{classes[before]}])"
    right = {"": "", "#": r"\Z"}.get(after) if after in ("", "#") else f"(?=[{classes[after]}])"
    return f"{left}({re.escape(source)}){right}"
