"""Counting mistakes and keeping examples of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

AROUND = 4
"""How many words of context an example shows on each side."""
SHOWN = 3

Example = dict[str, str]


class Tally:
    """How often each combination of values occurs, with examples. ``names`` say what the values are."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.found: dict[tuple[str, ...], list[Example]] = {}

    def add(self, *values: str, example: Example) -> None:
        """Count one more of ``values``, seen in ``example``."""
        self.found.setdefault(values, []).append(example)

    @property
    def total(self) -> int:
        """Everything that was counted."""
        return sum(map(len, self.found.values()))

    def rows(self, top: int | None = None, *, of: int | None = None) -> list[dict[str, Any]]:
        """The commonest combinations: their names, ``count``, ``share`` in percent (of ``of``), ``examples``.

        What is equally common stands in alphabetical order.
        """
        whole = self.total if of is None else of
        order = sorted(self.found.items(), key=lambda item: (-len(item[1]), item[0]))
        return [
            {
                **dict(zip(self.names, values, strict=True)),
                "count": len(examples),
                "share": percent(len(examples), whole),
                "examples": chosen(examples),
            }
            for values, examples in order[:top]
        ]


def percent(part: int, whole: int) -> float:
    """A share in percent, one decimal; nothing of nothing is 0."""
    return round(100 * part / whole, 1) if whole else 0.0


def context(words: Sequence[str], start: int, end: int | None = None) -> Example:
    """The words from ``start`` to before ``end`` (one word if that is not given) among their neighbours."""
    stop = start + 1 if end is None else end
    return {
        "before": " ".join(words[max(0, start - AROUND) : start]),
        "word": " ".join(words[start:stop]),
        "after": " ".join(words[stop : stop + AROUND]),
    }


def chosen(examples: Iterable[Example]) -> list[Example]:
    """A few examples of different words, from all over the corpus: by a hash, so always the same."""
    found: dict[str, Example] = {}
    for example in sorted(examples, key=_hash):
        found.setdefault(example["word"].lower(), example)
    return list(found.values())[:SHOWN]


def _hash(example: Example) -> str:
    return hashlib.sha256("\t".join(example.values()).encode()).hexdigest()
