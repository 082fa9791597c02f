"""Which word of a sentence stands for which word of its translation, from word vectors alone.

Both aligners ask each side for its choice and keep what the two agree on.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

THRESHOLD = 1e-3


def awesome(one: Tensor, other: Tensor, threshold: float = THRESHOLD) -> Tensor:
    """Links by AWESOME (Dou and Neubig 2021): dot products, and a softmax over either side above ``threshold``.

    *Shape:* ``[words, width]`` and ``[other words, width]`` to a table of truth values ``[words, other words]``. A word
    may have several links.
    """
    scores = one @ other.T
    return (scores.softmax(1) > threshold) & (scores.softmax(0) > threshold)


def simalign(one: Tensor, other: Tensor, threshold: float = THRESHOLD) -> Tensor:
    """Links by SimAlign's intersection (Jalili Sabet et al. 2020): two words that are each other's most similar.

    Similarity is the cosine; ``threshold`` has no part in it. Shapes as for :func:`awesome`.
    """
    return mutual(functional.normalize(one, dim=1) @ functional.normalize(other, dim=1).T)


def mutual(scores: Tensor) -> Tensor:
    """Where the best of a row is also the best of its column; of equals the first counts."""
    rows = functional.one_hot(scores.argmax(1), scores.shape[1]).bool()
    columns = functional.one_hot(scores.argmax(0), scores.shape[0]).bool().T
    return rows & columns


ALIGNERS: dict[str, Callable[[Tensor, Tensor, float], Tensor]] = {"awesome": awesome, "simalign": simalign}


def one_to_one(table: Tensor) -> Tensor:
    """The links of words that have no second one. *Shape:* ``[links, 2]``, the numbers of the words of both sides."""
    alone = (table.sum(1, keepdim=True) == 1) & (table.sum(0, keepdim=True) == 1)
    return torch.nonzero(table & alone)
