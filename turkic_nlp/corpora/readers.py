"""Files to rows: plain dicts, one per sentence, text or table line."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

from turkic_nlp import conllu
from turkic_nlp.conllu.format import lines_of
from turkic_nlp.corpora.catalog import Card, CardFile, Columns
from turkic_nlp.errors import BadRow

Row = dict[str, Any]


def rows(found: Card, file: CardFile, path: Path) -> Iterator[Row]:
    """The rows of a file by the reader that its card names.

    conllu: ``sent_id text tokens`` (surface forms) and the ten columns of the syntactic words in lower case,
    as strings; iob2: ``tokens tags``; classes: ``text labels``; table: what its header or the card names.
    """
    return _READERS[found.reader](found, file, path)


def conllu_rows(found: Card, file: CardFile, path: Path) -> Iterator[Row]:
    """One row per sentence, columns as lists."""
    return map(sentence_row, conllu.read(path))


def sentence_row(sentence: conllu.Sentence) -> Row:
    """The row of one sentence, as ``rows`` says."""
    columns = {name: [getattr(word, name) for word in sentence.words] for name in conllu.Word.__slots__}
    tokens = [token.form for token in sentence.tokens]
    return {"sent_id": sentence.sent_id, "text": sentence.text, "tokens": tokens, **columns}


def iob2_rows(found: Card, file: CardFile, path: Path) -> Iterator[Row]:
    """One row per sentence, ``tokens`` and IOB2 ``tags``; IO and IOB1 tags are made IOB2."""
    columns = file.columns or found.columns
    least = max(columns.values()) + 1
    for block in _blocks(_fields(path), columns):
        tokens, tags = [], []
        for number, cells in block:
            if len(cells) < least:
                raise BadRow(str(path), number, f"{len(cells)} column(s)", f"{least} or more")
            tokens.append(cells[columns["word"]])
            tags.append(cells[columns["tag"]])
        yield {"tokens": tokens, "tags": list(_iob2(tags, path, block[0][0]))}


def _fields(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells; no cells for a blank line. Tabs part cells where there are any, else spaces."""
    for number, line in enumerate(lines_of(path), 1):
        content = line.rstrip("\r\n")
        if content.startswith(("# ", "-DOCSTART-")):
            continue
        cells = content.split("\t") if "\t" in content else content.split(" ")
        yield number, cells if content.strip() else []


def _blocks(
    lines: Iterable[tuple[int, list[str]]], columns: Columns
) -> Iterator[list[tuple[int, list[str]]]]:
    """The sentences: parted by blank lines, or by a change in the ``group`` column under a header."""
    group = columns.get("group")
    if group is not None:
        body = (line for line in lines if line[0] > 1)
        yield from (list(block) for _, block in groupby(body, key=lambda line: line[1][group]))
        return
    for real, block in groupby(lines, key=lambda line: bool(line[1])):
        if real:
            yield list(block)


def _iob2(tags: list[str], path: Path, start: int) -> Iterator[str]:
    before = "O"
    for number, tag in enumerate(tags, start):
        if tag != "O" and (tag[:2] not in ("B-", "I-") or len(tag) < 3):
            raise BadRow(str(path), number, f"tag {tag!r}", "O, B-LABEL or I-LABEL")
        if tag[0] == "I" and before[1:] != tag[1:]:
            tag = f"B{tag[1:]}"
        yield tag
        before = tag


def class_rows(found: Card, file: CardFile, path: Path) -> Iterator[Row]:
    """One row per text: ``text`` and ``labels``, a list (several where the card has a separator)."""
    columns = file.columns or found.columns or {"text": "text"}
    known = file.labels or found.labels
    for number, row in enumerate(_table(path, columns, file), 1):
        given = row.get("label", file.label)
        labels = [part for part in given.split(found.separator) if part] if found.separator else [given]
        unknown = set(labels) - set(known)
        if unknown:
            raise BadRow(str(path), number, f"label {sorted(unknown)}", ", ".join(known))
        yield {"text": row["text"], "labels": labels}


def table_rows(found: Card, file: CardFile, path: Path) -> Iterator[Row]:
    """One row per line of a table, cells as strings."""
    return _table(path, file.columns or found.columns, file)


def _table(path: Path, columns: Columns, file: CardFile) -> Iterator[Row]:
    """Rows with the columns asked for, by header name or position, or with all of them."""
    kind = Path(file.path).suffix
    if kind == ".json":
        yield from json.loads("".join(lines_of(path)))
        return
    with ExitStack() as stack:
        lines = _lines(path, file, stack)
        if kind == ".jsonlines":
            table: Iterable[Row] = map(json.loads, lines)
        elif kind == ".txt":
            table = ({"text": line.rstrip("\r\n")} for line in lines if line.strip())
        else:
            table = _cells(lines, columns, comma=kind in (".csv", ".zip"))
        for number, row in enumerate(table, 1):
            missing = [name for name in columns.values() if name not in row]
            if missing:
                raise BadRow(str(path), number, f"no column {missing}", ", ".join(map(str, columns.values())))
            yield {name: row[key] for name, key in columns.items()} if columns else row


def _lines(path: Path, file: CardFile, stack: ExitStack) -> Iterator[str]:
    """The lines of a text file, of a .gz, or of the only member of a .zip; without a byte-order mark."""
    if path.suffix == ".zip":
        archive = stack.enter_context(zipfile.ZipFile(path))
        member = stack.enter_context(archive.open(archive.namelist()[0]))
        yield from io.TextIOWrapper(member, encoding="utf-8-sig", newline="")
        return
    errors = "replace" if file.invalid_utf8 else "strict"
    for number, line in enumerate(lines_of(path, errors=errors)):
        yield line if number else line.removeprefix("\ufeff")


def _cells(lines: Iterable[str], columns: Columns, *, comma: bool) -> Iterator[Row]:
    """Rows keyed by header name, or by position where the columns asked for are positions."""
    reader = csv.reader(lines) if comma else (line.rstrip("\r\n").split("\t") for line in lines)
    by_position = any(isinstance(key, int) for key in columns.values())
    header: list[str] | None = None if by_position else next(iter(reader), [])
    for cells in reader:
        if any(cells) and not (by_position and cells[0].startswith("# ")):
            yield dict(zip(header or range(len(cells)), cells, strict=False))  # type: ignore[arg-type]


_READERS: dict[str, Callable[[Card, CardFile, Path], Iterator[Row]]] = {
    "conllu": conllu_rows,
    "iob2": iob2_rows,
    "classes": class_rows,
    "table": table_rows,
}
