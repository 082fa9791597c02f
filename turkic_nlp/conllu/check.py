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


def _follows(given: str, previous: str) -> bool:
    if given.isascii() and given.isdecimal():
        return int(given) == _before(previous) + 1 and given[0] != "0"
    if "-" in given:
        first, _, last = given.partition("-")
        due = _before(previous) + 1
        fits = first.isdecimal() and last.isdecimal() and int(first) == due < int(last)
        return fits and "-" not in previous
    major, _, minor = given.partition(".")
    if not (major.isdecimal() and minor.isdecimal()) or "-" in previous:
        return False
    last_major, _, last_minor = previous.partition(".")
    return int(major) == int(last_major) and int(minor) == int(last_minor or "0") + 1


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
        head = row.head
        if head == "_":
            continue
        if not (head.isascii() and head.isdecimal()) or int(head) > count or head == row.id:
            raise BadHead(name, number, row.id, head, count)


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
