"""An output in shards: where each begins and ends, and how one is made, on whatever machine.

A shard is a run of whole batches of the one-machine run, so that every batch has the same documents on one
machine and on many, and with them every byte of the output. Where the batches end depends on the length of
every document: a survey reads all input once, a file at a time, in any order.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import uuid4

from turkic_nlp.annotate import BATCH_CHARACTERS, batched
from turkic_nlp.annotate.document import Document
from turkic_nlp.annotate.engine import Annotator, Batch, run
from turkic_nlp.annotate.formats import STREAMS, finish
from turkic_nlp.annotate.partial import refusals
from turkic_nlp.annotate.sources import read
from turkic_nlp.annotate.tally import Tally, chained, counted
from turkic_nlp.errors import OtherLanguage, OtherRun

BATCHES = 64
NEW = ".new"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Survey:
    """What is in a file: the characters of each document, and a digest of all names and texts."""

    lengths: array[int]
    digest: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of ``documents`` that begins after ``skip`` documents of file number ``file``."""

    number: int
    file: int
    skip: int
    documents: int
    characters: int

    def name(self, format: str) -> str:
        """The file it is written to; names sort by number."""
        return f"shard-{self.number:06}.{format}"


@dataclass(frozen=True)
class Done:
    """The manifest's line on a finished shard: ``size`` is the bytes read, ``bytes`` those of its file."""

    shard: int
    file: str
    documents: int
    sentences: int
    words: int
    skipped: int
    size: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Made:
    """A shard that lies whole in its place, and what is to be said of documents that it lacks."""

    done: Done
    warnings: list[str]


def plan(lengths: Iterable[Sequence[int]], *, batch_size: int, batches: int) -> list[Shard]:
    """Shards of ``batches`` whole batches; ``lengths`` has the characters of each document of each file.

    The batches are those of ``turkic_nlp.annotate.batched``. Input without a document gives one empty shard.
    """
    shards: list[Shard] = []
    file = skip = documents = characters = whole = count = 0
    room = BATCH_CHARACTERS
    for number, of_file in enumerate(lengths):
        for index, length in enumerate(of_file):
            if not documents:
                file, skip = number, index
            documents, characters, count, room = documents + 1, characters + length, count + 1, room - length
            if count == batch_size or room <= 0:
                count, room, whole = 0, BATCH_CHARACTERS, whole + 1
                if whole == batches:
                    shards.append(Shard(len(shards), file, skip, documents, characters))
                    documents = characters = whole = 0
    if documents or not shards:
        shards.append(Shard(len(shards), file, skip, documents, characters))
    return shards


@dataclass
class _Progress:
    """What has gone into a shard so far."""

    tally: Tally = field(default_factory=Tally)
    characters: int = 0
    warnings: list[str] = field(default_factory=list)

    def add(self, documents: list[Document], batch: Batch, *, skip: bool) -> None:
        """Count a batch; raises the error of a document that failed, unless such are skipped."""
        for failure in batch.failures:
            if not skip and not isinstance(failure, OtherLanguage):
                raise failure
            self.warnings.append(str(failure))
        self.tally = counted(self.tally, documents, batch)
        self.characters += sum(len(document.text) for document in documents)


@dataclass(frozen=True)
class Maker:
    """Surveys files and makes shards in ``folder``, which lies where every worker can reach it.

    ``files`` are (name, path) as ``sources.expand`` gives them; ``skip`` leaves bad documents out.
    """

    annotator: Annotator
    files: list[tuple[str, Path]]
    folder: Path
    kind: str | None
    paragraphs: bool
    batch_size: int
    skip: bool

    def survey(self, file: int) -> Survey:
        """Read one file through; raises UnreadableFile (T310)."""
        lengths, digest = array("I"), Tally().digest
        for document in self._read(self.files[file : file + 1]):
            lengths.append(len(document.text))
            digest = chained(digest, document)
        return Survey(lengths, digest)

    def make(self, shard: Shard) -> Made:
        """Write a shard under another name and rename it when it is whole and safe on the disk.

        Raises OtherRun (T607) where the input is no longer that of the survey, OutputFailed (T603), and in
        the absence of ``skip`` the error of the first bad document.
        """
        format = self.annotator.format
        final = self.folder / shard.name(format)
        grown = self.folder / f"{final.name}.{uuid4().hex}{NEW}"
        whole = grown if format in STREAMS else grown.with_suffix(f".whole{NEW}")
        try:
            with refusals(self.folder):
                with grown.open("wb") as file:
                    so_far = self._fill(file, shard)
                if whole != grown:
                    finish(grown, whole, format)
                size, sha256 = _sealed(whole)
                whole.replace(final)
        finally:
            for path in (grown, whole):
                path.unlink(missing_ok=True)
        return Made(_done(shard, final.name, so_far.tally, size, sha256), so_far.warnings)

    def _fill(self, file: IO[bytes], shard: Shard) -> _Progress:
        so_far = _Progress()
        for documents, batch in run(self.annotator, batched(self._documents(shard), self.batch_size)):
            so_far.add(documents, batch, skip=self.skip)
            file.write(batch.data)
        if (so_far.tally.documents, so_far.characters) != (shard.documents, shard.characters):
            raise OtherRun(str(self.folder), "input")
        return so_far

    def _documents(self, shard: Shard) -> Iterator[Document]:
        stop = shard.skip + shard.documents
        return islice(self._read(self.files[shard.file :]), shard.skip, stop)

    def _read(self, files: Sequence[tuple[str, Path]]) -> Iterator[Document]:
        return read(files, kind=self.kind, paragraphs=self.paragraphs)


def _sealed(path: Path) -> tuple[int, str]:
    """Bytes and sha256 of a file, once the disk has it."""
    digest = hashlib.sha256()
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return path.stat().st_size, digest.hexdigest()


def _done(shard: Shard, file: str, tally: Tally, size: int, sha256: str) -> Done:
    return Done(
        shard=shard.number,
        file=file,
        documents=tally.documents,
        sentences=tally.sentences,
        words=tally.words,
        skipped=tally.skipped,
        size=tally.size,
        bytes=size,
        sha256=sha256,
    )
