"""The order of batches: corpora drawn by temperature, sentences of like length together, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from turkic_nlp.training.gold import Gold

_PIECES_A_WORD = 1.8


class Draw(NamedTuple):
    """One batch: the number of the corpus and the numbers of its Docs."""

    corpus: int
    docs: list[int]


def draws(golds: Sequence[Gold], budget: int, temperature: float, seed: int) -> Iterator[Draw]:
    """Batches for ever. A corpus is drawn with probability ~ ``weight x words ** temperature``."""
    rng = np.random.default_rng(seed)
    words = [sum(len(doc) for doc in gold.train) for gold in golds]
    shares = np.asarray([gold.plan.weight * n**temperature for gold, n in zip(golds, words, strict=True)])
    epochs = [_epochs(gold, budget, np.random.default_rng((seed, n))) for n, gold in enumerate(golds)]
    while True:
        corpus = int(rng.choice(len(golds), p=shares / shares.sum()))
        yield Draw(corpus, next(epochs[corpus]))


def pieces_of(words: float) -> float:
    """About how many pieces a sentence of so many words has."""
    return words * _PIECES_A_WORD + 2


def _epochs(gold: Gold, budget: int, rng: np.random.Generator) -> Iterator[list[int]]:
    lengths = np.asarray([len(doc) for doc in gold.train], dtype=float)
    while True:
        noisy = lengths * rng.uniform(0.8, 1.25, len(lengths))
        batches: list[list[int]] = [[]]
        used = 0.0
        for index in np.argsort(noisy):
            cost = pieces_of(lengths[index])
            if batches[-1] and used + cost > budget:
                batches.append([])
                used = 0.0
            batches[-1].append(int(index))
            used += cost
        for n in rng.permutation(len(batches)):
            yield batches[n]
