"""Alphabet tables: a .tsv file with its header becomes one compiled set of letter rules.

The header gives facts (``# standard: ...``) and letter classes (``# V: аеи``), a row is ``source  target
context  lossy``. Contexts are written as linguists do: ``#_`` at the start of a word, ``_#`` at its end,
``V_`` after a letter of class V, ``_!V`` not before one, ``_[ао]`` before one of these letters,
``_N*F`` before any number of N and then F (``*`` only on the right side). ``!`` negates its whole side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from turkic_nlp.errors import BrokenTable

TABLES = Path(__file__).parent / "tables"
_FACT = re.compile(r"# ([\w-]+): (.*)")
_ITEM = re.compile(r"(\[[^\]]+\]|.)(\*?)")
_COLUMNS = ["source", "target", "context", "lossy"]


@dataclass(frozen=True)
class Row:
    """One letter rule. An empty ``source`` inserts; a ``lossy`` row is not undone by the opposite table."""

    source: str
    target: str
    context: str = "_"
    lossy: bool = False


@dataclass(frozen=True)
class Table:
    """The letters of one language, from one alphabet to another."""

    path: Path
    facts: Mapping[str, str]
    rows: tuple[Row, ...]

    @cached_property
    def letters(self) -> dict[int, str]:
        """Single letters that have no context: what ``str.translate`` takes."""
        return {ord(row.source): row.target for row in self.rows if _is_plain(row)}

    @cached_property
    def rules(self) -> tuple[Row, ...]:
        """All other rows by first letter: longest source first, rows with a context before the one without."""
        rules = (row for row in self.rows if not _is_plain(row))
        return tuple(sorted(rules, key=_rank))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One alternative per rule, each in a group of its own: ``match.lastindex - 1`` is the rule's place.

        Words may also be given many at once, a line each: a line end is the edge of a word.
        """
        kinds = [self._kind(start, list(rows)) for start, rows in groupby(self.rules, key=_start)]
        return re.compile(f"{_one_of(map(_start, self.rules))}(?:{'|'.join(kinds) or '(?!)'})")

    def _kind(self, start: str, rows: list[Row]) -> str:
        second = _one_of(row.source[1:2] for row in rows)
        return f"{re.escape(start)}{second}(?:{'|'.join(f'({self._regex(row)})' for row in rows)})"

    @cached_property
    def disjoint(self) -> bool:
        """Whether no rule's target has a letter that the table would rewrite again."""
        return not any(ord(letter) in self.letters for row in self.rules for letter in row.target)

    def _regex(self, row: Row) -> str:
        before, gap, after = row.context.partition("_")
        if not gap or "*" in before:
            raise BrokenTable(str(self.path), f"context {row.context!r}")
        first, rest = re.escape(row.source[:1]), re.escape(row.source[1:])
        left = self._side(before, r"(?<![^\n])")
        right = self._side(after, r"(?![^\n])")
        return (f"(?<{left}{first})" if left else "") + rest + (f"(?{right})" if right else "")

    def _side(self, text: str, edge: str) -> str:
        """What has to stand on one side, as the inside of a look-around: behind ``(?`` or ``(?<``."""
        if not text:
            return ""
        sign, items = ("!", text[1:]) if text.startswith("!") else ("=", text)
        parts = (edge if item == "#" else self._letters(item) + star for item, star in _ITEM.findall(items))
        return sign + "".join(parts)

    def _letters(self, item: str) -> str:
        letters = item[1:-1] if item.startswith("[") else self.facts.get(item, item)
        return f"[{re.escape(letters)}]"


def read_table(path: Path) -> Table:
    """Read one alphabet table; raises BrokenTable with the line of a row that has not four columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    facts = {match[1]: match[2] for line in lines if (match := _FACT.match(line))}
    cells = [line.split("\t") for line in lines if line and not line.startswith("# ")]
    if cells[:1] != [_COLUMNS]:
        raise BrokenTable(str(path), f"columns {cells[:1]}")
    return Table(path, facts, tuple(_row(path, row) for row in cells[1:]))


def read_columns(path: Path) -> list[dict[str, str]]:
    """The rows of a .tsv whose first line that is no comment names the columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("# ")]
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=False)) for line in lines[1:]]


def _row(path: Path, cells: list[str]) -> Row:
    if len(cells) != len(_COLUMNS) or cells[3] not in ("", "lossy"):
        raise BrokenTable(str(path), f"row {cells}")
    return Row(cells[0], cells[1], cells[2] or "_", cells[3] == "lossy")


def _rank(row: Row) -> tuple[bool, str, int, bool]:
    return not row.source, row.source[:1], -len(row.source), row.context == "_"


def _start(row: Row) -> str:
    return row.source[:1]


def _one_of(letters: Iterable[str]) -> str:
    """A look-ahead at the next letter, which fails at once where no alternative can match."""
    found = set(letters)
    return "" if "" in found or not found else f"(?=[{re.escape(''.join(sorted(found)))}])"


def _is_plain(row: Row) -> bool:
    return len(row.source) == 1 and row.context == "_"
