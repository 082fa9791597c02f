"""The unfinished output: a folder beside the output with the data so far, a journal and a lock.

``OUT.partial/data`` only grows. After every batch ``OUT.partial/journal.json`` is replaced with the number of
bytes and documents that are safe; a run that died is cut back to it. At the end ``data`` becomes ``whole``, and
``OUT`` appears by one rename. Whatever the moment at which a run dies, the next one sees from the files that are
there what is left to do, be it only to clear away.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from turkic_nlp.annotate.formats import STREAMS, finish
from turkic_nlp.annotate.tally import Tally
from turkic_nlp.errors import BrokenRun, OtherRun, OutputBusy, OutputExists, OutputFailed, TurkicError

_OF_SHARDS = "journal.jsonl"


class Partial:
    """An output file under way. Make one with ``opened``, which holds the lock."""

    def __init__(self, output: Path, *, format: str, settings: Mapping[str, str]) -> None:
        self.output = output
        self.format = format
        self.settings = {**settings, "format": format}
        self.folder = folder_of(output)
        self.tally = Tally()
        self._file: IO[bytes] | None = None
        self._is_finished = False

    @property
    def _journal(self) -> Path:
        return self.folder / "journal.json"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _whole(self) -> Path:
        return self.folder / "whole"

    @property
    def is_whole(self) -> bool:
        """Whether all is annotated, and at most the last rename and the clearing away are left to do."""
        placed = self.output.exists() and not self._data.exists() and self._journal.exists()
        return self._whole.exists() or placed

    def resume(self, *, anew: bool) -> None:
        """Take up a broken run.

        Raises OtherRun (T607) where its settings were others, BrokenRun (T616) where its files are damaged.
        """
        if anew:  # whatever a run has left there, one in shards too
            for path in self.folder.iterdir():
                if path.name != "lock" and path.is_file():
                    path.unlink()
        if (self.folder / _OF_SHARDS).exists():
            raise OtherRun(str(self.folder), "engine")
        if self._journal.exists():
            self.tally = self._noted()
        if not self.is_whole:
            self._cut_back()

    def _noted(self) -> Tally:
        """What the journal says is done, by a run of the same settings."""
        try:
            journal = json.loads(self._journal.read_text(encoding="utf-8"))
            settings, tally = dict(journal["settings"]), Tally(**journal["tally"])
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenRun(str(self.folder), f"its journal is damaged ({error})") from error
        for key in sorted(self.settings.keys() | settings.keys()):
            if self.settings.get(key) != settings.get(key):
                raise OtherRun(str(self.folder), key)
        if any(type(getattr(tally, each.name)) is not type(each.default) for each in fields(Tally)):
            raise BrokenRun(str(self.folder), "its journal is damaged (no numbers)")
        return tally

    def _cut_back(self) -> None:
        """Drop what was written after the journal: a part of a batch."""
        with self._data.open("ab") as file:
            there = file.tell()
            if not 0 <= self.tally.bytes <= there:
                reason = f"its data have {there} bytes, its journal says {self.tally.bytes}"
                raise BrokenRun(str(self.folder), reason)
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
            _sync(note)
            note.replace(self._journal)
        self.tally = tally

    def close(self) -> None:
        """Let go of the data file; what the journal has is kept."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def is_kept(self) -> bool:
        """Whether the folder stays when the run ends: something in it is worth going on with, or not ours now."""
        return self._is_finished or self._journal.exists() or (self.folder / _OF_SHARDS).exists()

    def finish(self) -> None:
        """Put the whole output in its place and clear the folder away."""
        self.close()
        with refusals(self.output):
            if not self.is_whole:
                self._make_whole()
            if self._whole.exists():
                self._whole.replace(self.output)
            self._is_finished = True
            _clear(self.folder)

    def _make_whole(self) -> None:
        if self.format not in STREAMS:
            new = self.folder / "whole.new"
            finish(self._data, new, self.format)
            _sync(new)
            new.replace(self._whole)
            self._data.unlink()
        else:
            self._data.replace(self._whole)


def _sync(path: Path) -> None:
    """Make a file safe on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _write_all(file: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def folder_of(output: Path) -> Path:
    """Where the unfinished output lies: beside it, on the same disk, so that a rename is enough."""
    return output.with_name(f"{output.name}.partial")


def _clear(folder: Path) -> None:
    """Remove an unfinished output; what is not ours stays, and the folder with it.

    The journal goes after the data: as long as it is there, the next run knows what has happened.
    """
    for name in ("data", "whole", "whole.new", "journal.new", "journal.json", "lock"):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def opened(output: Path, *, format: str, settings: Mapping[str, str], force: bool) -> Iterator[Partial]:
    """The unfinished output, locked against a second run; ``force`` begins anew and may replace one.

    A run that fails before its first batch leaves nothing behind. Raises OutputExists (T601), OutputBusy
    (T602), OtherRun (T607), BrokenRun (T616), and OutputFailed (T603) for whatever the system has against writing.
    """
    partial = Partial(output, format=format, settings=settings)
    with refusals(output):
        if output.is_dir():
            raise OutputFailed(str(output), "it is a folder")
        if output.exists() and not force and not partial.folder.exists():
            raise OutputExists(str(output))
        partial.folder.mkdir(exist_ok=True)
        lock = locked(partial.folder / "lock", output)
    with lock:
        try:
            with refusals(output):
                partial.resume(anew=force)
                if output.exists() and not force and not partial.is_whole:
                    raise OutputExists(str(output))
            yield partial
        finally:
            partial.close()
            if not partial.is_kept:
                _clear(partial.folder)


def locked(path: Path, output: Path) -> AbstractContextManager[Any]:
    """The lock, taken; it is let go when its block ends, and by the system when the process dies."""
    lock = FileLock(path)
    try:
        taken = lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputBusy(str(output)) from error
    except NotImplementedError as error:
        raise OutputFailed(str(output), "files cannot be locked there") from error
    if not path.exists():  # the run that held it has just finished and cleared it away
        lock.release()
        raise OutputBusy(str(output))
    return taken


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
