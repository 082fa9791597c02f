"""The finished runs of an experiment of many, on disk, so that one that was broken off goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turkic_nlp.errors import OtherRun, OutputFailed, TurkicError
from turkic_nlp.training.loop import Report
from turkic_nlp.whole import whole

CELLS = "cells.jsonl"


class Cells:
    """The finished cells of a run, a JSON line each; the first line says what the run is about."""

    def __init__(self, folder: Path, about: dict[str, Any], *, force: bool) -> None:
        self.folder = folder
        self._path = folder / CELLS
        self.rows: list[dict[str, Any]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
            if lines and not force:
                self._take_up(lines, json.loads(json.dumps(about)))
            else:
                self._path.write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise _failed(self._path, error) from error

    def _take_up(self, lines: Sequence[str], about: dict[str, Any]) -> None:
        try:
            first, *rest = (json.loads(line) for line in lines)
            self.rows = [{key: row[key] for key in ("texts", "seed", "score")} for row in rest]
        except (ValueError, TypeError, KeyError) as error:
            raise OtherRun(str(self._path), "format") from error
        if first != about:
            what = next(
                (key for key in about if not isinstance(first, dict) or first.get(key) != about[key]), ""
            )
            raise OtherRun(str(self._path), what)

    def has(self, size: int, seed: int) -> bool:
        """Whether the cell is finished."""
        return any((row["texts"], row["seed"]) == (size, seed) for row in self.rows)

    def add(self, size: int, seed: int, score: float | None, report: Report | None) -> None:
        """Note a finished cell."""
        row = {"texts": size, "seed": seed, "score": score}
        self.rows.append(row)
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise _failed(self._path, error) from error
        if report:
            report(row)

    def write(self, name: str, text: str) -> None:
        """A file beside the cells, whole or not at all."""
        with whole(self.folder / name) as part:
            part.write_text(text, encoding="utf-8")


def _failed(path: Path, error: OSError) -> TurkicError:
    return OutputFailed(str(path), error.strerror or str(error))
