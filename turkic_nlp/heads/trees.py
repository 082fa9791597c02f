"""Trees with one root: whether governors form one, and the best one, the maximum spanning tree by Chu-Liu/Edmonds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from ufal.chu_liu_edmonds import chu_liu_edmonds

_FAR = 1e7
_TRIES = 8


def best_tree(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Governors (0: root) of the best tree with one root. ``scores`` has shape ``[words, words + 1]``.

    Each word in turn is the only one that may hang on the root, the most promising first, until what is left cannot
    win: mostly one or two trees. Where many words could, all arcs from the root are lowered instead, so that the best
    tree has one of them; that contracts the graph word by word and takes as long as several trees.
    """
    square = np.full((len(scores) + 1, len(scores) + 1), np.nan)
    square[1:] = scores
    np.fill_diagonal(square, np.nan)
    roots, square[1:, 0] = square[1:, 0].copy(), np.nan
    most = np.nanmax(square[1:], axis=1, initial=-_FAR)
    gains = roots - most
    best, found = -np.inf, np.zeros(len(scores), dtype=np.int64)
    for rank, word in enumerate(np.argsort(-gains).tolist()):
        if most.sum() + gains[word] <= best:
            break
        if rank == _TRIES:
            square[1:, 0] = roots - _FAR
            return _governors(square)[0]
        mine = square.copy()
        mine[word + 1] = np.nan
        mine[word + 1, 0] = roots[word]
        heads, total = _governors(mine)
        if total > best:
            best, found = total, heads
    return found


def _governors(square: NDArray[np.float64]) -> tuple[NDArray[np.int64], float]:
    heads, total = chu_liu_edmonds(square)
    return np.asarray(heads[1:], dtype=np.int64), total


def are_trees(heads: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether governors (0: root, words count from 1) reach the root from every word, through exactly one word.

    *Shape:* ``[units, longest]``, with 0 at padding, to ``[units]``.
    """
    reached = np.concatenate([np.zeros_like(heads[:, :1]), heads], axis=1)
    for _ in range(max(1, heads.shape[1].bit_length())):
        reached = np.take_along_axis(reached, reached, axis=1)
    one_root = ((heads == 0) & mask).sum(1) == 1
    found: NDArray[np.bool_] = one_root & ~reached.any(1)
    return found
