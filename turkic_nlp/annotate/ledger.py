"""The unfinished output in shards: ``OUT.partial`` with a journal, which becomes the folder ``OUT``.

Finished shards lie in ``OUT.partial`` under their last names. The journal has the settings on its first line
and a line for every shard that is safe. When all are there, ``manifest.json`` takes the journal's place and
the folder gets its name by one rename.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from turkic_nlp.annotate.partial import folder_of, locked, refusals
from turkic_nlp.annotate.shards import NEW, Done, Shard
from turkic_nlp.errors import OtherRun, OutputExists, OutputFailed

MANIFEST = "manifest.json"
COUNTS = ("documents", "sentences", "words", "skipped", "size", "bytes")
_JOURNAL = "journal.jsonl"
_LOCK = "lock"
OF_ONE_FILE = "journal.json"


class Ledger:
    """An output folder under way and the shards it has. Make one with ``opened``, which holds the lock."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.folder = folder_of(output)
        self.settings: dict[str, str] = {}
        self.done: dict[int, Done] = {}

    def compare(self, settings: Mapping[str, str]) -> None:
        """Raise OtherRun (T607) where a broken run has another value for one of these settings."""
        found, _ = self._read()
        for key in sorted(settings.keys() & found.keys()):
            if settings[key] != found[key]:
                raise OtherRun(str(self.folder), key)

    def resume(self, settings: Mapping[str, str], *, anew: bool) -> None:
        """Take up what a broken run has finished; raises OtherRun (T607) where its settings were others."""
        if not anew:
            self.compare(settings)
        rows = [] if anew else self._read()[1]
        self.settings = dict(settings)
        self.done = {done.shard: done for done in map(_row, rows) if self._has(done)}
        with refusals(self.output):
            self._sweep()
            head = json.dumps({"settings": self.settings}, ensure_ascii=False)
            lines = [head, *(json.dumps(asdict(done)) for done in self.done.values())]
            _replace(self.folder / _JOURNAL, "".join(f"{line}\n" for line in lines))
            (self.folder / MANIFEST).unlink(missing_ok=True)

    def _read(self) -> tuple[dict[str, str], list[Any]]:
        """Settings and rows of the manifest, or else of the journal up to a line that was cut short."""
        if (self.folder / OF_ONE_FILE).exists():
            raise OtherRun(str(self.folder), "engine")
        manifest = self.folder / MANIFEST
        if manifest.exists():
            whole = json.loads(manifest.read_text(encoding="utf-8"))
            return whole["settings"], whole["shards"]
        journal = self.folder / _JOURNAL
        lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
        rows = [json.loads(line) for line in lines]
        return (rows[0]["settings"], rows[1:]) if rows else ({}, [])

    def _has(self, done: Done) -> bool:
        path = self.folder / done.file
        return path.is_file() and path.stat().st_size == done.bytes

    def _sweep(self) -> None:
        """Remove what dead workers left half written and shards that nothing vouches for."""
        kept = {done.file for done in self.done.values()} | {_LOCK, _JOURNAL, MANIFEST}
        for path in self.folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def missing(self, shards: Sequence[Shard]) -> list[Shard]:
        """The shards that are still to be made."""
        return [shard for shard in shards if shard.number not in self.done]

    def note(self, done: Done) -> None:
        """Write down that a shard is safe, and make that safe too."""
        with refusals(self.output), (self.folder / _JOURNAL).open("ab") as journal:
            journal.write(f"{json.dumps(asdict(done))}\n".encode())
            journal.flush()
            os.fsync(journal.fileno())
        self.done[done.shard] = done

    def finish(self) -> None:
        """Write the manifest and give the folder its name; an output of this kind that is there goes."""
        with refusals(self.output):
            shards = [asdict(self.done[number]) for number in sorted(self.done)]
            totals = {count: sum(shard[count] for shard in shards) for count in COUNTS}
            manifest = {"settings": self.settings, "totals": totals, "shards": shards}
            _replace(self.folder / MANIFEST, f"{json.dumps(manifest, ensure_ascii=False, indent=1)}\n")
            (self.folder / _JOURNAL).unlink()
            self._sweep()
            _remove(self.output)
            (self.folder / _LOCK).unlink()
            self.folder.rename(self.output)

    def let_go(self) -> None:
        """Leave nothing behind where no shard was finished and no broken run is kept."""
        names = {path.name for path in self.folder.iterdir()} if self.folder.exists() else set()
        if names and not self.done and (self.settings or names == {_LOCK}):
            with suppress(OSError):  # a worker that is just being stopped may still write
                self._sweep()
                for name in (_JOURNAL, MANIFEST, _LOCK):
                    (self.folder / name).unlink(missing_ok=True)
                self.folder.rmdir()


@contextmanager
def opened(output: Path, *, force: bool) -> Iterator[Ledger]:
    """The unfinished output, locked against a second run; ``force`` may replace a finished one.

    A run that fails before its first shard leaves nothing behind. Raises OutputExists (T601), OutputBusy
    (T602), and OutputFailed (T603), also where ``force`` would remove what no run wrote.
    """
    with refusals(output):
        if output.exists() and not _is_empty_folder(output):
            if not force:
                raise OutputExists(str(output))
            _files_of(output)
        ledger = Ledger(output)
        ledger.folder.mkdir(exist_ok=True)
        lock = locked(ledger.folder / _LOCK, output)
    with lock:
        try:
            yield ledger
        finally:
            ledger.let_go()


def _row(row: Any) -> Done:
    return Done(**{field.name: row[field.name] for field in fields(Done)})


def _replace(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all."""
    new = path.with_name(f"{path.name}{NEW}")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _files_of(output: Path) -> list[Path]:
    """The files of a finished output; OutputFailed (T603) where something else is there too."""
    try:
        shards = json.loads((output / MANIFEST).read_text(encoding="utf-8"))["shards"]
        files = [output / shard["file"] for shard in shards]
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputFailed(str(output), f"it is no folder of shards with a {MANIFEST}") from None
    if strange := sorted(
        {path.name for path in output.iterdir()} - {file.name for file in files} - {MANIFEST}
    ):
        raise OutputFailed(str(output), f"--force would remove {strange[0]!r}, which is no shard") from None
    return [*files, output / MANIFEST]


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _remove(output: Path) -> None:
    if output.exists() and not _is_empty_folder(output):
        for path in _files_of(output):
            path.unlink(missing_ok=True)
        output.rmdir()
