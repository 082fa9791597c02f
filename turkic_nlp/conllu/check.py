"""What a line and a sentence must satisfy to be CoNLL-U, and whether the heads form a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turkic_nlp.errors import BadHead, BadWordId, EmptyColumn, MissingBlankLine, WrongColumns

if TYPE_CHECKING:
    from turkic_nlp.conllu.format import Word

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")


def check_line(content: str, previous: str, name: str, number: int) -> list[str]:
    """The ten columns of a line that follows the line with id ``previous`` ("0" before the first)."""
    columns = content.split("\t")
    if len(columns) != 10:
        raise WrongColumns(name, number, len(columns), content[:60])
    if "" in columns:
        raise EmptyColumn(name, number, COLUMNS[columns.index("")])
    if columns[0] == "1" and _before(previous) >= 1:
        raise MissingBlankLine(name, number, content[:60])
    if not _follows(columns[0], previous):
        raise BadWordId(name, number, columns[0], previous)
    return columns


def _before(previous: str) -> int:
    """The number of the last word written when ``previous`` was the last id."""
    first, _, last = previous.partition("-")
    return int(first) - 1 if last else int(previous.partition(".")[0])


def _number(text: str) -> int | None:
    """A word number as CoNLL-U writes it: ASCII digits, no leading zero, of a sane length."""
    plain = text.isascii() and text.isdecimal() and len(text) < 10 and (text[0] != "0" or text == "0")
    return int(text) if plain else None


def _follows(given: str, previous: str) -> bool:
    due = _before(previous) + 1
    number = _number(given)
    if number is not None:
        return number == due
    if "-" in previous:  # a range must be followed by its first word
        return False
    first, dash, last = given.partition("-")
    if dash:
        return _number(first) == due < (_number(last) or 0)
    major, _, minor = given.partition(".")
    return _number(major) == due - 1 and _number(minor) == int(previous.partition(".")[2] or "0") + 1


def check_sentence(rows: Sequence[Word], name: str, start: int) -> None:
    """Ranges lie inside the sentence and do not overlap; heads are word numbers.

    ``start`` is the line number of the first row.
    """
    count = sum(row.id.isdecimal() for row in rows)
    covered = 0
    for number, row in enumerate(rows, start):
        if row.is_range:
            first, last = row.span
            if first <= covered or last > count:
                raise BadWordId(name, number, row.id, f"{covered} in a sentence of {count} words")
            covered = last
        head = 0 if row.head == "_" else _number(row.head)
        if head is None or head > count or row.head == row.id:
            raise BadHead(name, number, row.id, row.head, count)


def cycle(heads: Sequence[int]) -> int | None:
    """A word that governs itself through others, or None; words count from 1, head 0 is the root."""
    seen = bytearray(len(heads) + 1)  # 1: leads to a root, 2: on the path being walked
    seen[0] = 1
    for word in range(1, len(heads) + 1):
        path = []
        at = word
        while not seen[at]:
            path.append(at)
            seen[at] = 2
            at = heads[at - 1]
        if seen[at] == 2:
            return at
        for step in path:
            seen[step] = 1
    return None
