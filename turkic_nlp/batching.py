"""Batches of similar length: little padding, a fixed budget of pieces, the order restored by the caller."""

from __future__ import annotations

from collections.abc import Sequence


def by_budget(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group item indices, longest first, so that ``items x longest`` stays within ``budget`` pieces.

    An item longer than the budget makes a batch of its own. Every index occurs exactly once.
    """
    batches: list[list[int]] = []
    current: list[int] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if current and longest * (len(current) + 1) > budget:
            batches.append(current)
            current = []
        if not current:
            longest = lengths[index]
        current.append(index)
    return [*batches, current] if current else batches
