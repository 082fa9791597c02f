"""The command ``transliterate``: files or standard input, line by line, into another alphabet."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from turkic_nlp.errors import NotUtf8, OutputExists, OutputFailed, UnreadableFile
from turkic_nlp.scripts import transliterate as convert

_STDIN = "-"


def transliterate(
    lang: Annotated[str, typer.Option(help="Language of the text: kk, ky, tk or uz.")],
    target: Annotated[
        str, typer.Option("--to", help="Alphabet to write: Latn, Cyrl, Arab, Latn-2018 ... or shared.")
    ],
    files: Annotated[list[str] | None, typer.Argument(help="Text files, UTF-8; - or nothing: stdin.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Alphabet of the text; left out: told line by line.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write, else stdout.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file.")] = False,
) -> None:
    """Rewrite text in another alphabet; URLs, numbers and words of another script stay as they are."""
    convert("", lang=lang, source=source, target=target)
    with _opened(output, force=force) as sink:
        for line in _lines(files or [_STDIN]):
            sink.write(
                convert(line, lang=lang, source=source, target=target).encode("utf-8", "surrogatepass")
            )


@contextmanager
def _opened(output: Path | None, *, force: bool) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears under its name only when it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    if output.exists() and not force:
        raise OutputExists(str(output))
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as sink:
            yield sink
        part.replace(output)
    except OSError as error:
        if isinstance(error, UnreadableFile):
            raise
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _lines(files: list[str]) -> Iterator[str]:
    for name in files:
        with _source(name) as source:
            for number, line in enumerate(source, start=1):
                yield _decoded(line, name, number)


@contextmanager
def _source(name: str) -> Iterator[BinaryIO]:
    if name == _STDIN:
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as source:
            yield source
    except UnreadableFile:
        raise
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error


def _decoded(line: bytes, name: str, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8(name, number, f"0x{line[error.start]:02X}") from error
