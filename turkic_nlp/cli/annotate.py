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

from turkic_nlp.cli.options import Device, Model, Precision, chosen_device
from turkic_nlp.errors import BadOption

if TYPE_CHECKING:
    from spacy.language import Language

    from turkic_nlp.annotate import Summary
    from turkic_nlp.annotate.tally import Tally

COMPONENTS = ("tagger", "lemmatizer", "parser", "ner", "textcat", "sentiment")
INPUTS = ("txt", "jsonl", "conllu", "parquet")
PACKED = (".gz", ".xz", ".parquet")

Sources = Annotated[
    list[Path], typer.Argument(help="Files, folders, or - for standard input.", show_default=False)
]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write, or - for standard output.")]
Lang = Annotated[str, typer.Option(help="kk, uz, ky, tk, or auto: found out for each document.")]
Format = Annotated[
    str | None, typer.Option(help="conllu, jsonl, spacy or parquet; else by the suffix of OUTPUT.")
]
Input = Annotated[
    str | None, typer.Option(help="Read every input as txt, jsonl, conllu or parquet, whatever its suffix.")
]
Paragraphs = Annotated[
    bool, typer.Option("--paragraphs", help="Text: blank lines part documents, not line ends.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace OUTPUT; begin a broken run anew.")]
BatchSize = Annotated[int, typer.Option(help="Documents at a time: more is faster and takes more memory.")]
Disable = Annotated[str, typer.Option(help=f"Leave out, parted by commas: {', '.join(COMPONENTS)}.")]
Processes = Annotated[
    int | None,
    typer.Option(
        "--n-process",
        help="Workers, who share the model and the threads. Else 1; with Ray one a GPU, or a core.",
    ),
]
OnError = Annotated[str, typer.Option(help="stop at a bad document, or skip it with a warning.")]
Engine = Annotated[str, typer.Option(help="local, or ray: many workers; OUTPUT is a folder of shards then.")]
Address = Annotated[
    str | None, typer.Option(help="Ray: auto or host:port of a running cluster. Else one is started here.")
]
ShardBatches = Annotated[int | None, typer.Option(help="Ray: batches in one shard of OUTPUT; else 64.")]


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
    precision: Precision = "fp32",
    disable: Disable = "",
    n_process: Processes = None,
    on_error: OnError = "stop",
    engine: Engine = "local",
    address: Address = None,
    shard_batches: ShardBatches = None,
) -> None:
    """Annotate .txt (a document a line), .jsonl and .parquet (field text) and .conllu files.

    The output appears whole or not at all. A broken run leaves OUTPUT.partial; the same command goes on.
    """
    left_out = tuple(filter(None, disable.replace(" ", "").split(",")))
    _check(left_out, input, engine, address=address, shard_batches=shard_batches)
    console = Console(stderr=True)
    with _engine(engine, address, device, n_process, shard_batches) as (run, place, workers):
        # a wrong name is said before anything is read, workers share what is loaded, and loading is not work
        if lang != "auto" or (engine == "local" and workers > 1):
            here = "cpu" if engine == "ray" else place
            first = "kk" if lang == "auto" else lang  # any: all languages have the same weights
            pipeline(first, model=model, device=here, precision=precision, disable=left_out)
        with _warnings_to(console), _bar(console, sources) as progress:
            summary = run(
                sources,
                output,
                pipeline_for=partial(
                    pipeline, model=_everywhere(model), device=place, precision=precision, disable=left_out
                ),
                lang=lang,
                format=format or _format_of(output),
                kind=input,
                paragraphs=paragraphs,
                batch_size=batch_size,
                on_error=on_error,
                force=force,
                settings={
                    "model": _version(model),
                    "device": place,
                    "precision": precision,
                    "disable": ",".join(sorted(left_out)),
                },
                progress=progress,
            )
    where = place if engine == "local" else f"{workers} x {place}"
    console.print(summary.line(where), highlight=False, soft_wrap=True)


def _check(
    left_out: Sequence[str], input: str | None, engine: str, *, address: str | None, shard_batches: int | None
) -> None:
    if unknown := sorted(set(left_out) - set(COMPONENTS)):
        raise BadOption("disable", ", ".join(unknown), ", ".join(COMPONENTS))
    if input not in (None, *INPUTS):
        raise BadOption("input", str(input), ", ".join(INPUTS))
    if engine not in ("local", "ray"):
        raise BadOption("engine", engine, "local or ray")
    for option, value in {"address": address, "shard-batches": shard_batches}.items():
        if value is not None and engine != "ray":
            raise BadOption(option, str(value), "--engine ray with it")


@contextmanager
def _engine(
    engine: str, address: str | None, device: str, n_process: int | None, shard_batches: int | None
) -> Iterator[tuple[Callable[..., Summary], str, int]]:
    """What annotates, the device of the model, and the number of workers."""
    if engine == "ray":
        from turkic_nlp.annotate import cluster

        with cluster.connected(address, n_process=n_process):
            place = cluster.worker_device(device)
            workers = cluster.worker_count(place) if n_process is None else n_process
            batches = cluster.BATCHES if shard_batches is None else shard_batches
            run = partial(cluster.annotate, n_process=workers, device=place, shard_batches=batches)
            yield run, place, workers
        return
    from turkic_nlp import annotate as library

    workers = 1 if n_process is None else n_process

    def to_one_file(sources: Sequence[Path], output: Path, **options: Any) -> Summary:
        target = sys.stdout.buffer if output == Path("-") else output
        return library.annotate(sources, target, n_process=workers, **options)

    yield to_one_file, chosen_device(device), workers


def _everywhere(model: str | None) -> str | None:
    """The folder of a model by its full path, as a worker may run in another folder; a name stays."""
    return str(Path(model).absolute()) if model and (Path(model) / "meta.json").is_file() else model


@lru_cache(maxsize=8)
def pipeline(
    lang: str, *, model: str | None, device: str, precision: str, disable: tuple[str, ...]
) -> Language:
    """The pipeline of a language, loaded once in each process."""
    from turkic_nlp.pipeline import load

    return load(lang, model=model, device=device, precision=precision, disable=disable)


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
    try:
        return _bytes_of(sources)
    except OSError:  # whoever opens it says what is wrong
        return None


def _bytes_of(sources: Sequence[Path]) -> int | None:
    size = 0
    for source in sources:
        files = [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]
        if source == Path("-") or any(path.suffix in PACKED or not path.exists() for path in files):
            return None
        size += sum(path.stat().st_size for path in files)
    return size
