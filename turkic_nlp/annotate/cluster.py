"""The same annotation over Ray: many workers, on one machine or many, and an output in shards.

A worker gets the number of a shard, reads the shard's documents and writes the shard for itself: no text goes
through Ray. Ray Data would only carry the numbers, cannot give a shard up after so many dead workers, and
starts slower; so these are plain actors. Shards are cut on whole batches of the one-machine run: one after
another they are its output.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from turkic_nlp.annotate import AUTO, Summary, check
from turkic_nlp.annotate.engine import Annotator, PipelineFor
from turkic_nlp.annotate.ledger import Ledger, opened
from turkic_nlp.annotate.shards import BATCHES, Done, Maker, Shard, Survey, plan
from turkic_nlp.annotate.sources import STDIN, expand
from turkic_nlp.annotate.tally import Tally
from turkic_nlp.annotate.workers import Pool, connected, worker_count, worker_device
from turkic_nlp.errors import BadOption, Interrupted

__all__ = ["BATCHES", "annotate", "connected", "worker_count", "worker_device"]

logger = logging.getLogger(__name__)


def annotate(
    sources: Sequence[Path],
    output: Path,
    *,
    pipeline_for: PipelineFor,
    lang: str = AUTO,
    format: str = "conllu",
    kind: str | None = None,
    paragraphs: bool = False,
    batch_size: int = 256,
    shard_batches: int = BATCHES,
    n_process: int = 1,
    device: str = "cpu",
    on_error: str = "stop",
    force: bool = False,
    settings: Mapping[str, str] | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Summary:
    """Annotate files and folders into a folder of shards, with ``n_process`` workers of the connected cluster.

    The options are those of ``turkic_nlp.annotate.annotate``; call it inside ``connected()``. The shards hold
    ``shard_batches`` batches each and are, one after another, what the one-machine run writes. All input is
    read twice: first to see where documents and batches end. ``pipeline_for`` is called on the workers and
    must be picklable; inputs and output must have the same paths on all machines. The folder appears whole or
    not at all; finished shards of a broken run are not made again.
    """
    check(format=format, on_error=on_error, batch_size=batch_size, n_process=n_process)
    if shard_batches < 1:
        raise BadOption("shard-batches", str(shard_batches), "a number from 1")
    if output == STDIN:
        raise BadOption("output", "-", "a folder, which all workers can write to")
    output = output.absolute()
    files = _files(sources, output)
    decisive = {
        **(settings or {}),
        "format": format,
        "lang": lang,
        "paragraphs": str(paragraphs),
        "batch size": str(batch_size),
        "batches in a shard": str(shard_batches),
        "input kind": str(kind),
    }
    with opened(output, force=force) as ledger, _stoppable(ledger):
        if not force:
            ledger.compare(decisive)
        annotator, skip = Annotator(pipeline_for, lang, format), on_error == "skip"
        maker = Maker(annotator, files, ledger.folder, kind, paragraphs, batch_size, skip)
        with Pool(maker, count=n_process, device=device) as pool:
            surveys = _surveyed(pool, len(files))
            ledger.resume({**decisive, "input": _digest(files, surveys)}, anew=force)
            shards = plan((s.lengths for s in surveys), batch_size=batch_size, batches=shard_batches)
            return _made(shards, pool, ledger, progress)


@contextmanager
def _stoppable(ledger: Ledger) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        documents = sum(done.documents for done in ledger.done.values())
        raise Interrupted(documents, "The same command goes on from there") from error


def _surveyed(pool: Pool, files: int) -> list[Survey]:
    found = dict(pool.run("survey", range(files)))
    return [found[file] for file in range(files)]


def _files(sources: Sequence[Path], output: Path) -> list[tuple[str, Path]]:
    """Inputs by their full paths, without what lies in an output that is among them."""
    if STDIN in sources:
        raise BadOption("sources", "-", "files and folders, which all workers can read")
    files = expand(sources, avoid=output)
    inputs = [(name, path.absolute()) for name, path in files]
    return [(name, path) for name, path in inputs if output.resolve() not in path.resolve().parents]


def _digest(files: Sequence[tuple[str, Path]], surveys: Sequence[Survey]) -> str:
    counts = [len(survey.lengths) for survey in surveys]
    rows = [
        (name, count, survey.digest) for (name, _), count, survey in zip(files, counts, surveys, strict=True)
    ]
    digest = hashlib.blake2b(json.dumps(rows).encode("ascii"), digest_size=16).hexdigest()
    return f"{len(files)} files, {sum(counts)} documents, {digest}"


def _made(
    shards: Sequence[Shard], pool: Pool, ledger: Ledger, progress: Callable[[Tally], None] | None
) -> Summary:
    start = time.perf_counter()
    tally = before = _tally([*ledger.done.values()])
    for _, made in pool.run("make", ledger.missing(shards)):
        for warning in made.warnings:
            logger.warning("%s", warning)
        ledger.note(made.done)
        tally = _tally([made.done], tally)
        if progress:
            progress(tally)
    ledger.finish()
    return Summary.between(before, tally, time.perf_counter() - start)


def _tally(shards: Sequence[Done], so_far: Tally | None = None) -> Tally:
    so_far = so_far or Tally()
    return Tally(
        documents=so_far.documents + sum(done.documents for done in shards),
        sentences=so_far.sentences + sum(done.sentences for done in shards),
        words=so_far.words + sum(done.words for done in shards),
        skipped=so_far.skipped + sum(done.skipped for done in shards),
        size=so_far.size + sum(done.size for done in shards),
        bytes=so_far.bytes + sum(done.bytes for done in shards),
    )
