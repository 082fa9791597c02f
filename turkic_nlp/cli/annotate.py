"""``turkic-nlp annotate``: files in, annotated file out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from turkic_nlp.cli.options import Device, Model, chosen_device
from turkic_nlp.errors import BadOption

if TYPE_CHECKING:
    from spacy.language import Language

    from turkic_nlp.annotate.partial import Tally

COMPONENTS = ("tagger", "lemmatizer", "parser", "ner", "textcat", "sentiment")
PACKED = (".gz", ".xz")

Sources = Annotated[
    list[Path], typer.Argument(help="Files, folders, or - for standard input.", show_default=False)
]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write, or - for standard output.")]
Lang = Annotated[str, typer.Option(help="kk, uz, ky, tk, or auto: found out for each document.")]
Format = Annotated[
    str | None, typer.Option(help="conllu, jsonl, spacy or parquet; else by the suffix of OUTPUT.")
]
Input = Annotated[
    str | None, typer.Option(help="Read every input as txt, jsonl or conllu, whatever its suffix.")
]
Paragraphs = Annotated[
    bool, typer.Option("--paragraphs", help="Text: blank lines part documents, not line ends.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace OUTPUT; begin a broken run anew.")]
BatchSize = Annotated[int, typer.Option(help="Documents at a time: more is faster and takes more memory.")]
Disable = Annotated[str, typer.Option(help=f"Leave out, parted by commas: {', '.join(COMPONENTS)}.")]
Processes = Annotated[int, typer.Option("--n-process", help="Worker processes, each with its own model.")]
OnError = Annotated[str, typer.Option(help="stop at a bad document, or skip it with a warning.")]


def annotate(
    sources: Sources,
    output: Output,
    lang: Lang = "auto",
    model: Model = None,
    format: Format = None,
    input: Input = None,
    paragraphs: Paragraphs = False,
    force: Force = False,
    batch_size: BatchSize = 256,
    device: Device = "auto",
    disable: Disable = "",
    n_process: Processes = 1,
    on_error: OnError = "stop",
) -> None:
    """Annotate .txt (a document a line), .jsonl (field text) and .conllu files.

    The output appears whole or not at all. A broken run leaves OUTPUT.partial; the same command goes on.
    """
    from turkic_nlp import annotate as library

    left_out = tuple(filter(None, disable.replace(" ", "").split(",")))
    if unknown := sorted(set(left_out) - set(COMPONENTS)):
        raise BadOption("disable", ", ".join(unknown), ", ".join(COMPONENTS))
    if input not in (None, "txt", "jsonl", "conllu"):
        raise BadOption("input", str(input), "txt, jsonl or conllu")
    place = chosen_device(device)
    pipeline_for = partial(pipeline, model=model, device=place, disable=left_out)
    if lang != library.AUTO:
        pipeline_for(lang)  # a wrong name is said before anything is read, and loading does not count as work
    console = Console(stderr=True)
    with _warnings_to(console), _bar(console, sources) as progress:
        summary = library.annotate(
            sources,
            sys.stdout.buffer if output == Path("-") else output,
            pipeline_for=pipeline_for,
            lang=lang,
            format=format or _format_of(output),
            kind=input,
            paragraphs=paragraphs,
            batch_size=batch_size,
            n_process=n_process,
            on_error=on_error,
            force=force,
            settings={"model": _version(model), "device": place, "disable": ",".join(sorted(left_out))},
            progress=progress,
        )
    console.print(summary.line(place), highlight=False, soft_wrap=True)


@lru_cache(maxsize=8)
def pipeline(lang: str, *, model: str | None, device: str, disable: tuple[str, ...]) -> Language:
    """The pipeline of a language, loaded once in each process."""
    from turkic_nlp.pipeline import load

    return load(lang, model=model, device=device, disable=disable)


def _version(model: str | None) -> str:
    from turkic_nlp.pipeline import DEFAULT_MODEL, model_folder
    from turkic_nlp.weights import checked_json

    meta: dict[str, Any] = checked_json(model_folder(model or DEFAULT_MODEL) / "meta.json")
    return f"{meta.get('name')} {meta.get('version')}"


def _format_of(output: Path) -> str:
    from turkic_nlp.annotate import FORMATS

    suffix = output.suffix.removeprefix(".")
    if suffix and suffix not in FORMATS:
        raise BadOption("output", str(output), f"a name that ends in .{', .'.join(FORMATS)}, or --format too")
    return suffix or "conllu"


@contextmanager
def _warnings_to(console: Console) -> Iterator[None]:
    """Show the package's warnings as yellow lines above the progress bar."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            console.print(record.getMessage(), style="yellow", markup=False, highlight=False, soft_wrap=True)

    logger, handler = logging.getLogger("turkic_nlp"), Handler(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@contextmanager
def _bar(console: Console, sources: Sequence[Path]) -> Iterator[Callable[[Tally], None]]:
    """A progress bar on a terminal; without a known size of the input it only counts."""
    columns = (
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.fields[documents]:,} documents, {task.fields[words]:,} words"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("annotate", total=_size(sources), documents=0, words=0)

        def show(tally: Tally) -> None:
            bar.update(task, completed=tally.size, documents=tally.documents, words=tally.words)

        yield show


def _size(sources: Sequence[Path]) -> int | None:
    """Bytes to read, where that is known before reading: not for standard input or packed files."""
    size = 0
    for source in sources:
        files = [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]
        if source == Path("-") or any(path.suffix in PACKED or not path.exists() for path in files):
            return None
        size += sum(path.stat().st_size for path in files)
    return size
