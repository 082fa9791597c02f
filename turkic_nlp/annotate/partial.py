"""The unfinished output: a folder beside the output with the data so far, a journal and a lock.

``OUT.partial/data`` only grows. After every batch ``OUT.partial/journal.json`` is replaced with the number of
bytes and documents that are safe; a run that died is cut back to it. ``OUT`` appears at the end by one
rename.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from turkic_nlp.annotate.formats import STREAMS, finish
from turkic_nlp.annotate.sources import Document
from turkic_nlp.errors import OtherRun, OutputBusy, OutputExists, OutputFailed, TurkicError

_NO_DIGEST = "0" * 32


@dataclass
class Tally:
    """What is done so far; ``digest`` chains names and texts of all documents, to know the input again."""

    documents: int = 0
    sentences: int = 0
    words: int = 0
    skipped: int = 0
    size: int = 0
    bytes: int = 0
    digest: str = _NO_DIGEST


def chained(digest: str, document: Document) -> str:
    """The digest after one more document."""
    data = json.dumps([digest, document.name, document.text, document.size, document.lang]).encode("ascii")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Partial:
    """An output file under way. Make one with ``opened``, which holds the lock."""

    def __init__(self, output: Path, *, format: str, settings: Mapping[str, str]) -> None:
        self.output = output
        self.format = format
        self.settings = {**settings, "format": format}
        self.folder = folder_of(output)
        self.tally = Tally()
        self._file: IO[bytes] | None = None

    @property
    def _journal(self) -> Path:
        return self.folder / "journal.json"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def resume(self, *, anew: bool) -> None:
        """Take up the journal of a broken run; raises OtherRun (T607) where its settings were others."""
        if self._journal.exists() and not anew:
            journal = json.loads(self._journal.read_text(encoding="utf-8"))
            for key in sorted(self.settings.keys() | journal["settings"].keys()):
                if self.settings.get(key) != journal["settings"].get(key):
                    raise OtherRun(str(self.folder), key)
            self.tally = Tally(**journal["tally"])
        with self._data.open("ab") as file:
            file.truncate(self.tally.bytes)

    def write(self, data: bytes, tally: Tally) -> None:
        """Append a batch, make it safe on the disk, and note in the journal that it is there."""
        with refusals(self.output):
            if self._file is None:
                self._file = self._data.open("ab", buffering=0)
            _write_all(self._file, data)
            os.fsync(self._file.fileno())
            tally.bytes = self.tally.bytes + len(data)
            note = self.folder / "journal.new"
            note.write_text(json.dumps({"settings": self.settings, "tally": asdict(tally)}), encoding="utf-8")
            note.replace(self._journal)
        self.tally = tally

    def close(self) -> None:
        """Let go of the data file; what the journal has is kept."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def finish(self) -> None:
        """Put the whole output in its place and clear the folder away."""
        self.close()
        with refusals(self.output):
            whole = self._data
            if self.format not in STREAMS:
                whole = self.folder / "whole"
                finish(self._data, whole, self.format)
            whole.replace(self.output)
            _clear(self.folder)


def _write_all(file: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def folder_of(output: Path) -> Path:
    """Where the unfinished output lies: beside it, on the same disk, so that a rename is enough."""
    return output.with_name(f"{output.name}.partial")


def _clear(folder: Path) -> None:
    """Remove an unfinished output; the lock goes last."""
    for name in ("data", "whole", "journal.json", "journal.new", "lock"):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


@contextmanager
def opened(output: Path, *, format: str, settings: Mapping[str, str], force: bool) -> Iterator[Partial]:
    """The unfinished output, locked against a second run; ``force`` begins anew and may replace one.

    A run that fails before its first batch leaves nothing behind. Raises OutputExists (T601), OutputBusy
    (T602), OtherRun (T607), and OutputFailed (T603) for whatever the system has against writing.
    """
    if output.is_dir():
        raise OutputFailed(str(output), "it is a folder")
    if output.exists() and not force:
        raise OutputExists(str(output))
    partial = Partial(output, format=format, settings=settings)
    with refusals(output):
        partial.folder.mkdir(exist_ok=True)
        lock = locked(partial.folder / "lock", output)
    with lock:
        with refusals(output):
            partial.resume(anew=force)
        try:
            yield partial
        finally:
            partial.close()
            if not partial.tally.documents and partial.folder.exists():
                _clear(partial.folder)


def locked(path: Path, output: Path) -> FileLock:
    """The lock, taken; it is let go when its block ends, and by the system when the process dies."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputBusy(str(output)) from error
    if not path.exists():  # the run that held it has just finished and cleared it away
        lock.release()
        raise OutputBusy(str(output))
    return lock


@contextmanager
def refusals(output: Path) -> Iterator[None]:
    """Turn what the system says against writing into OutputFailed (T603)."""
    try:
        yield
    except TurkicError:
        raise
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise OutputFailed(str(output), reason) from error
