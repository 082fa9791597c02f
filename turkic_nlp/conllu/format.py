"""The file format: https://universaldependencies.org/format.html, with the bytes kept as they came.

Columns stay strings (``_`` included), so nothing is normalised: a sentence that was only read is written back
as it was, CRLF, a missing last newline and doubled blank lines included.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from turkic_nlp.conllu.check import check_line, check_sentence
from turkic_nlp.errors import (
    BlankLineHere,
    MissingBlankLine,
    MixedNewlines,
    NotUtf8,
    SentenceWithoutWords,
    UnreadableFile,
)

GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class Word:
    """One line of ten columns. ``id`` is ``3``, ``3-4`` (a range) or ``3.1`` (an empty node)."""

    id: str
    form: str
    lemma: str = "_"
    upos: str = "_"
    xpos: str = "_"
    feats: str = "_"
    head: str = "_"
    deprel: str = "_"
    deps: str = "_"
    misc: str = "_"

    @property
    def is_range(self) -> bool:
        """Whether this line is a multi-word token, written over several words."""
        return "-" in self.id

    @property
    def is_empty(self) -> bool:
        """Whether this line is an empty node of the enhanced graph."""
        return "." in self.id

    @property
    def span(self) -> tuple[int, int]:
        """First and last word number covered: (3, 4) for ``3-4``, (3, 3) for ``3``."""
        first, _, last = self.id.partition("-")
        return int(first), int(last or first)

    def misc_value(self, key: str) -> str | None:
        """The value of ``key=value`` in MISC; None where the key is absent."""
        if self.misc == "_":
            return None
        start = f"{key}="
        return next((item[len(start) :] for item in self.misc.split("|") if item.startswith(start)), None)

    def to_line(self) -> str:
        """The line without its newline."""
        return "\t".join([getattr(self, name) for name in self.__slots__])


@dataclass
class Sentence:
    """Comment lines and rows as they stood; ``end`` is what follows the last row, normally two newlines."""

    rows: list[Word]
    comments: list[str] = field(default_factory=list)
    newline: str = "\n"
    end: str | None = None

    @property
    def words(self) -> list[Word]:
        """The syntactic words: no ranges, no empty nodes. Word number n is ``words[n - 1]``."""
        return [row for row in self.rows if row.id.isdecimal()]

    @property
    def tokens(self) -> list[Word]:
        """The surface tokens: a range in place of the words that it covers."""
        found, covered = [], 0
        for row in self.rows:
            if row.is_empty or row.span[0] <= covered:
                continue
            found.append(row)
            covered = row.span[1]
        return found

    def comment(self, key: str) -> str | None:
        """The value of the first ``# key = value`` comment; None where there is none."""
        for line in self.comments:
            name, equals, value = line[1:].partition("=")
            if equals and name.strip() == key:
                return value.strip()
        return None

    @property
    def sent_id(self) -> str | None:
        """The ``# sent_id`` comment."""
        return self.comment("sent_id")

    @property
    def text(self) -> str | None:
        """The ``# text`` comment."""
        return self.comment("text")

    def to_text(self) -> str:
        """The sentence as it is written to a file, its final blank line included."""
        lines = [*self.comments, *(row.to_line() for row in self.rows)]
        return self.newline.join(lines) + (self.newline * 2 if self.end is None else self.end)


def read(path: Path | str) -> Iterator[Sentence]:
    """Sentences of a file, one at a time; a gzip file is recognised by its first bytes.

    Raises ConlluError (T301 to T312) with file and line at the first thing that is not CoNLL-U.
    """
    return parse(lines_of(Path(path)), name=str(path))


def lines_of(path: Path, *, errors: str = "strict") -> Iterator[str]:
    """Lines of a UTF-8 file with their newlines; only LF ends a line, and gzip is told by its first bytes."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            with gzip.open(raw) if packed else raw as file:
                yield from _decoded(file, str(path), errors)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(str(path), str(error)) from error


def _decoded(file: Iterable[bytes], name: str, errors: str) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        try:
            yield line.decode("utf-8", errors)
        except UnicodeDecodeError as error:
            raise NotUtf8(name, number, f"0x{error.object[error.start]:02x}") from error


def parse(lines: Iterable[str], *, name: str = "<lines>") -> Iterator[Sentence]:
    r"""Sentences of lines that still carry their newlines (one without, unless the last, gets ``\n``)."""
    block: list[str] = []
    finished: Sentence | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        if line.strip("\r\n"):
            if finished:
                yield finished
                finished = None
            block.append(line)
        elif block:
            finished = _sentence(block, line or "\n", name, number)
            block = []
        elif finished:
            finished.end = f"{finished.end}{line or finished.newline}"
        else:
            raise BlankLineHere(name, number)
    if block:
        finished = _sentence(block, "", name, number + 1)
    if finished:
        yield finished


def _sentence(block: list[str], blank: str, name: str, blank_at: int) -> Sentence:
    """A sentence of its lines; ``blank_at`` is the line number of the blank line after it."""
    start = blank_at - len(block)
    newline = "\r\n" if block[0].endswith("\r\n") else "\n"
    comments: list[str] = []
    rows: list[Word] = []
    for number, line in enumerate(block, start):
        content, end = _cut(line)
        if end and end != newline:
            raise MixedNewlines(name, number)
        if content[0] != "#":
            rows.append(Word(*check_line(content, rows[-1].id if rows else "0", name, number)))
        elif rows:
            raise MissingBlankLine(name, number, content)
        else:
            comments.append(content)
    if not rows:
        raise SentenceWithoutWords(name, start)
    check_sentence(rows, name, start + len(comments))
    last_end = _cut(block[-1])[1] or (newline if blank else "")
    return Sentence(rows, comments, newline, last_end + blank)


def _cut(line: str) -> tuple[str, str]:
    if line.endswith("\r\n"):
        return line[:-2], "\r\n"
    return (line[:-1], "\n") if line.endswith("\n") else (line, "")


def write(sentences: Iterable[Sentence], file: IO[str] | Path | str) -> int:
    """Write sentences to an open text file or to a path (gzip where it ends in .gz); returns how many.

    A path is written under a temporary name and moved into place at the end: whole or not at all.
    """
    if not isinstance(file, (str, Path)):
        return sum(1 for sentence in sentences if file.write(sentence.to_text()))
    path = Path(file)
    part = path.with_name(f"{path.name}.part")
    try:
        with gzip.open(part, "wb") if path.suffix == ".gz" else part.open("wb") as out:
            count = sum(1 for sentence in sentences if out.write(sentence.to_text().encode("utf-8")))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count
