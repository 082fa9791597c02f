"""Files in, files out: any amount of text in the memory of one batch, gone on with after a break."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from turkic_nlp.annotate.document import Document
from turkic_nlp.annotate.engine import AUTO, Annotator, Batch, PipelineFor, run
from turkic_nlp.annotate.formats import FORMATS, STREAMS
from turkic_nlp.annotate.partial import Partial, opened, refusals
from turkic_nlp.annotate.sources import expand, read
from turkic_nlp.annotate.tally import Tally, chained, counted
from turkic_nlp.errors import BadOption, Interrupted, OtherLanguage, OtherRun

__all__ = ["AUTO", "FORMATS", "STREAMS", "Summary", "annotate"]

logger = logging.getLogger(__name__)
BATCH_CHARACTERS = 1_000_000
Write = Callable[[bytes, Tally], None]


@dataclass(frozen=True)
class Summary:
    """What a run did: counts of this run alone; ``before`` are the documents of a broken run before it."""

    documents: int
    sentences: int
    words: int
    skipped: int
    seconds: float
    before: int = 0

    @classmethod
    def between(cls, before: Tally, after: Tally, seconds: float) -> Summary:
        """What was done from one tally to a later one."""
        return cls(
            documents=after.documents - before.documents,
            sentences=after.sentences - before.sentences,
            words=after.words - before.words,
            skipped=after.skipped,
            seconds=seconds,
            before=before.documents,
        )

    @property
    def words_per_second(self) -> float:
        """Speed of this run, the loading of models included."""
        return self.words / self.seconds if self.seconds else 0.0

    def line(self, device: str) -> str:
        """The closing line of the command."""
        went_on = f", after {self.before:,} documents of the run before" if self.before else ""
        left_out = f", {self.skipped:,} documents left out" if self.skipped else ""
        took = f"{self.seconds:.1f} s ({self.words_per_second:,.0f} words/s)"
        return f"{self.words:,} words in {took} on {device}{left_out}{went_on}"


def annotate(
    sources: Sequence[Path],
    output: Path | IO[bytes],
    *,
    pipeline_for: PipelineFor,
    lang: str = AUTO,
    format: str = "conllu",
    kind: str | None = None,
    paragraphs: bool = False,
    batch_size: int = 256,
    n_process: int = 1,
    on_error: str = "stop",
    force: bool = False,
    settings: Mapping[str, str] | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Summary:
    """Annotate files, folders and standard input (``Path("-")``) into one output.

    ``pipeline_for("kk")`` gives the pipeline of a language. ``output`` is a path, which comes into being
    whole or not at all and can be gone on with after a break, or an open binary stream (conllu, jsonl). A
    broken run is known again by its inputs and by ``settings``, which should name what else decides the
    output (the model). ``on_error="skip"`` logs a bad document as a warning and goes on. Memory is that of a
    batch of ``batch_size`` documents or a million characters; a DocBin (``spacy``) is put together in memory
    at the end.
    """
    check(format=format, on_error=on_error, batch_size=batch_size, n_process=n_process)
    annotator = Annotator(pipeline_for, lang, format)
    files = expand(sources, avoid=output if isinstance(output, Path) else None)
    job = _Job(annotator, batch_size, n_process, on_error == "skip", progress)
    documents = read(files, kind=kind, paragraphs=paragraphs)
    if not isinstance(output, Path):
        return job.into_stream(documents, output)
    with refusals(output):
        if any(path.exists() and output.exists() and path.samefile(output) for _, path in files):
            raise BadOption("output", str(output), "a file that is not among the inputs")
    decisive = {
        **(settings or {}),
        "list of inputs": json.dumps([[name, str(path)] for name, path in files]),
        "lang": lang,
        "paragraphs": str(paragraphs),
        "batch size": str(batch_size),
        "input kind": str(kind),
    }
    with opened(output, format=format, settings=decisive, force=force) as partial:
        return job.into_file(documents, partial)


def check(*, format: str, on_error: str, batch_size: int, n_process: int) -> None:
    """Raise BadOption (T611) for a value that none of these options can have."""
    if format not in FORMATS:
        raise BadOption("format", format, ", ".join(FORMATS))
    if on_error not in ("stop", "skip"):
        raise BadOption("on-error", on_error, "stop or skip")
    for option, value in {"batch-size": batch_size, "n-process": n_process}.items():
        if value < 1:
            raise BadOption(option, str(value), "a number from 1")


@dataclass(frozen=True)
class _Job:
    annotator: Annotator
    batch_size: int
    n_process: int
    skip: bool
    progress: Callable[[Tally], None] | None

    def into_stream(self, documents: Iterable[Document], stream: IO[bytes]) -> Summary:
        if self.annotator.format not in STREAMS:
            raise BadOption("format", self.annotator.format, f"{' or '.join(STREAMS)} for standard output")

        def write(data: bytes, tally: Tally) -> None:
            with refusals(Path("standard output")):
                stream.write(data)
                stream.flush()

        return self._do(documents, Tally(), write, after_break="What came out is whole to its last document")

    def into_file(self, documents: Iterator[Document], partial: Partial) -> Summary:
        before = partial.tally
        if partial.is_whole:  # the run before died in its very last steps
            partial.finish()
            return Summary(0, 0, 0, before.skipped, 0.0, before.documents)
        _skip_done(documents, partial)
        again = "The same command goes on from there"
        summary = self._do(documents, replace(before), partial.write, after_break=again)
        if not partial.tally.documents:
            partial.write(b"", Tally())
        partial.finish()
        return summary

    def _do(self, documents: Iterable[Document], tally: Tally, write: Write, *, after_break: str) -> Summary:
        start, before = time.perf_counter(), replace(tally)
        try:
            batches = batched(documents, self.batch_size)
            for batch, done in run(self.annotator, batches, n_process=self.n_process):
                self._report(done)
                after = counted(tally, batch, done)
                write(done.data, after)
                tally = after
                if self.progress:
                    self.progress(tally)
        except KeyboardInterrupt as error:
            raise Interrupted(tally.documents, after_break) from error
        return Summary.between(before, tally, time.perf_counter() - start)

    def _report(self, done: Batch) -> None:
        for failure in done.failures:
            if not self.skip and not isinstance(failure, OtherLanguage):
                raise failure
            logger.warning("%s", failure)


def batched(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    """Batches of ``size`` documents, cut short where they come to a million characters."""
    batch: list[Document] = []
    room = BATCH_CHARACTERS
    for document in documents:
        batch.append(document)
        room -= len(document.text)
        if len(batch) == size or room <= 0:
            yield batch
            batch, room = [], BATCH_CHARACTERS
    if batch:
        yield batch


def _skip_done(documents: Iterator[Document], partial: Partial) -> None:
    """Read over what the broken run has written; raises OtherRun (T607) if those were other documents."""
    digest = Tally().digest
    for _ in range(partial.tally.documents):
        document = next(documents, None)
        if document is None:
            break
        digest = chained(digest, document)
    if digest != partial.tally.digest:
        raise OtherRun(str(partial.folder), "input")
