"""Batches of similar length: little padding, a fixed budget of pieces, the order restored by the caller."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

logger = logging.getLogger(__name__)
T = TypeVar("T")
BUDGETS = {"cpu": 1024, "cuda": 32_768}
"""Pieces of one pass: on a CPU small batches stay in its cache, a GPU wants to be filled."""


def budget(device: torch.device) -> int:
    """How many pieces, or words of a head, share a pass on a device."""
    return BUDGETS.get(device.type, BUDGETS["cuda"])


def in_memory(run: Callable[[list[int]], Sequence[T]], group: list[int]) -> list[T]:
    """What ``run`` makes of a group; where the device's memory does not suffice, of its halves.

    Raises:
        torch.OutOfMemoryError: one item alone is too large.
    """
    try:
        return list(run(group))
    except torch.OutOfMemoryError:
        if len(group) == 1:
            raise
    logger.warning("Out of memory with %d items at once: going on with half of them.", len(group))
    torch.cuda.empty_cache()
    middle = len(group) // 2
    return in_memory(run, group[:middle]) + in_memory(run, group[middle:])


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
