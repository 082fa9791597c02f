"""Documents out of Parquet: the column ``text`` and, where they are there, ``id`` and ``lang``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turkic_nlp.annotate.document import Document
from turkic_nlp.errors import DocumentFailed, NotUtf8, UnreadableFile

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("id", "text", "lang")
_ROWS = 256


def rows(name: str, path: Path) -> Iterator[Document]:
    """The documents of a Parquet file in the order of its rows, in the memory of one row group.

    A row without an id is called ``name:12``, counted from 1. A text that is null or not UTF-8 comes with an
    error and the rest goes on. Raises UnreadableFile (T310) for what is no Parquet or has no such column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            columns = _columns(file.schema_arrow, path)
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS, columns=columns):
                for index in range(batch.num_rows):
                    number += 1
                    yield _row(batch, index, name, number)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(str(path), " ".join(str(error).split()).rstrip(".")) from error


def _columns(schema: pa.Schema, path: Path) -> list[str]:
    import pyarrow as pa

    for column in ("text", "lang"):
        kind = schema.field(column).type if column in schema.names else None
        if kind is None and column == "lang":
            continue
        if kind not in (pa.string(), pa.large_string(), pa.string_view()):
            there = ", ".join(f"{field.name} ({field.type})" for field in schema)
            raise UnreadableFile(str(path), f"no column {column!r} of strings; it has {there}")
    return [column for column in COLUMNS if column in schema.names]


def _row(batch: pa.RecordBatch, index: int, name: str, number: int) -> Document:
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    for column in batch.schema.names:
        try:
            values[column] = batch.column(column)[index].as_py()
        except UnicodeDecodeError as error:
            met = f"0x{error.object[error.start]:02x}"
            return Document(f"{name}:{number}", "", 0, error=NotUtf8(name, number, met))
    called = f"{name}:{number}" if values["id"] is None else str(values["id"])
    if values["text"] is None:
        return Document(called, "", 0, error=DocumentFailed(called, "the text is missing (null)"))
    size = len(values["text"].encode("utf-8", "surrogatepass"))
    return Document(called, values["text"], size, lang=values["lang"] or None)
