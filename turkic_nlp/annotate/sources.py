"""What is annotated: a stream of documents out of files, folders and standard input."""

from __future__ import annotations

import gzip
import json
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from turkic_nlp import conllu
from turkic_nlp.annotate import parquet
from turkic_nlp.annotate.document import Document
from turkic_nlp.errors import BadJsonLine, LineTooLong, NoInput, NotUtf8, TurkicError, UnreadableFile

STDIN = Path("-")
SUFFIXES = (".txt", ".jsonl", ".conllu", ".parquet")
PACKED: dict[str, Callable[[Path], gzip.GzipFile | lzma.LZMAFile]] = {
    ".gz": gzip.GzipFile,
    ".xz": lzma.LZMAFile,
}
Bytes = IO[bytes] | gzip.GzipFile | lzma.LZMAFile
LINE_LIMIT = 8 << 20
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file with its number from 1; ``error`` tells why its text is missing."""

    number: int
    text: str
    size: int
    error: TurkicError | None = None


def expand(sources: Sequence[Path], *, avoid: Path | None = None) -> list[tuple[str, Path]]:
    """(name, file) of every input: a folder gives its .txt, .jsonl, .conllu and .parquet files, sorted.

    All but Parquet may be packed (.gz, .xz). ``avoid`` and what stands beside it under the same name is no
    input: an output inside its own input folder. Raises UnreadableFile (T310) for a missing path, NoInput
    (T606) for a folder without files.
    """
    found: list[tuple[str, Path]] = []
    for source in sources:
        try:
            found += _files(source, avoid)
        except TurkicError:
            raise
        except OSError as error:  # a name too long, a folder that may not be looked into
            raise UnreadableFile(str(source), error.strerror or str(error)) from error
    return found


def _files(source: Path, avoid: Path | None) -> list[tuple[str, Path]]:
    if source == STDIN:
        return [("stdin", source)]
    if source.is_dir():
        return _folder(source, avoid)
    if source.exists():
        return [(source.name, source)]
    raise UnreadableFile(str(source), "no such file or folder")


def _folder(folder: Path, avoid: Path | None) -> list[tuple[str, Path]]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if _kind(path) in SUFFIXES and path.is_file() and not (avoid and _is_beside(path, avoid))
    )
    if not files:
        raise NoInput(str(folder), ", ".join(SUFFIXES))
    return [(path.relative_to(folder).as_posix(), path) for path in files]


def _is_beside(path: Path, output: Path) -> bool:
    work = output.with_name(f"{output.name}.partial")
    return path.resolve() == output.resolve() or work.resolve() in path.resolve().parents


def _kind(path: Path) -> str:
    """The suffix that says how a file is read, with the one that says how it is packed taken off."""
    return (path.with_suffix("") if path.suffix in PACKED else path).suffix


def read(
    files: Sequence[tuple[str, Path]], *, kind: str | None = None, paragraphs: bool = False
) -> Iterator[Document]:
    """Documents of all files in their order; ``kind`` (txt, jsonl, conllu, parquet) overrules the suffixes.

    In plain text a line is a document and blank lines are nothing; with ``paragraphs`` a document reaches to
    the next blank line and keeps its inner newlines. Raises UnreadableFile (T310) where the system refuses to
    read.
    """
    for name, path in files:
        suffix = f".{kind}" if kind else _kind(path)
        try:
            if suffix == ".conllu":
                yield from _sentences(name, path)
                continue
            if suffix == ".parquet":
                yield from parquet.rows(name, path)
                continue
            with _open(path) as file:
                lines = _lines(file, name)
                if suffix == ".jsonl":
                    yield from _records(lines, name)
                else:
                    yield from _paragraphs(lines, name) if paragraphs else _texts(lines, name)
        except TurkicError:
            raise
        except _BROKEN as error:
            raise UnreadableFile(str(path), getattr(error, "strerror", None) or str(error)) from error


def _open(path: Path) -> Bytes:
    if path == STDIN:
        return sys.stdin.buffer
    return PACKED[path.suffix](path) if path.suffix in PACKED else path.open("rb")


def _lines(file: Bytes, name: str) -> Iterator[Line]:
    """Lines without their newline; one too long or not UTF-8 comes with an error and the rest goes on."""
    number = 0
    while raw := file.readline(LINE_LIMIT + 1):
        number += 1
        size = len(raw)
        if size > LINE_LIMIT:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LINE_LIMIT)
                size += len(raw)
            yield Line(number, "", size, LineTooLong(name, number, LINE_LIMIT))
            continue
        try:
            text = (raw.removeprefix(_BOM) if number == 1 else raw).decode("utf-8")
            yield Line(number, text.rstrip("\r\n"), size)
        except UnicodeDecodeError as error:
            yield Line(number, "", size, NotUtf8(name, number, f"0x{raw[error.start]:02x}"))


def _texts(lines: Iterator[Line], name: str) -> Iterator[Document]:
    for line in lines:
        if line.error or line.text.strip():
            yield Document(f"{name}:{line.number}", line.text, line.size, error=line.error)


def _paragraphs(lines: Iterator[Line], name: str) -> Iterator[Document]:
    block: list[Line] = []
    for line in lines:
        if line.error or line.text.strip():
            block.append(line)
        elif block:
            yield _joined(block, name)
            block = []
    if block:
        yield _joined(block, name)


def _joined(block: list[Line], name: str) -> Document:
    error = next((line.error for line in block if line.error), None)
    text = "\n".join(line.text for line in block)
    return Document(f"{name}:{block[0].number}", text, sum(line.size for line in block), error=error)


def _records(lines: Iterator[Line], name: str) -> Iterator[Document]:
    for line in lines:
        if line.error:
            yield Document(f"{name}:{line.number}", "", line.size, error=line.error)
        elif line.text.strip():
            yield _record(line, name)


def _record(line: Line, name: str) -> Document:
    try:
        record = json.loads(line.text)
        reason = "no object with a string `text`"
    except (ValueError, RecursionError) as error:
        record, reason = None, f"not JSON ({error})"
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        bad = BadJsonLine(name, line.number, reason)
        return Document(f"{name}:{line.number}", "", line.size, error=bad)
    lang = record.get("lang")
    called = str(record.get("id", f"{name}:{line.number}"))
    return Document(called, text, line.size, lang=lang if isinstance(lang, str) and lang else None)


def _sentences(name: str, path: Path) -> Iterator[Document]:
    """Sentences of CoNLL-U; at a malformed one the file ends, as nothing after it can be trusted."""
    number = 0
    try:
        for number, sentence in enumerate(_conllu(name, path), 1):
            text = sentence.text or " ".join(token.form for token in sentence.tokens)
            size = len(sentence.to_text().encode("utf-8"))
            yield Document(sentence.sent_id or f"{name}:{number}", text, size, sentence)
    except UnreadableFile:
        raise
    except TurkicError as error:
        yield Document(f"{name}:{number + 1}", "", 0, error=error)


def _conllu(name: str, path: Path) -> Iterator[conllu.Sentence]:
    if path != STDIN and path.suffix != ".xz":
        return conllu.read(path)
    return _parsed(name, path)


def _parsed(name: str, path: Path) -> Iterator[conllu.Sentence]:
    def lines() -> Iterator[str]:
        for line in _lines(file, name):
            if line.error:
                raise line.error
            yield f"{line.text}\n"

    with _open(path) as file:
        yield from conllu.parse(lines(), name=name)
