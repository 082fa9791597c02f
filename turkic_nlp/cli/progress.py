"""A progress line on stderr for long runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress(title: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A function that shows the last report of a run (a flat dict) on one line."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(title) as status:

        def report(row: dict[str, Any]) -> None:
            scores = row.get("dev")
            if isinstance(scores, dict):
                console.print(f"step {row['step']}: dev mean {scores['mean']}", highlight=False)
            if row.get("resumed"):
                console.print(f"goes on after step {row['step']}", highlight=False)
            flat = {key: value for key, value in row.items() if not isinstance(value, dict)}
            status.update(f"{title}: " + "  ".join(f"{key} {_short(value)}" for key, value in flat.items()))

        try:
            yield report
        except KeyboardInterrupt:
            console.print("Stopped. The same command goes on from the last checkpoint, if there is one.")
            raise


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
