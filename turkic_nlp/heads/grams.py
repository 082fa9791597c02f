"""What the letters of a text say of its class: complement naive Bayes over the n-grams of its words.

A small encoder learns little of topics from a few hundred texts. Counts need no steps of training: a class is the
more likely, the rarer the n-grams of a text are in the texts of all *other* classes (Rennie et al. 2003). Words are
in the shared orthography, so that what Kazakh texts teach is said of Turkmen ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from turkic_nlp.scripts.shared import shared_form

BUCKETS = 1 << 16
_SIZES = (3, 4, 5)
_SMOOTHING = 0.1
_FACTORS = np.geomspace(0.01, 10.0, 61)


def buckets(word: str, lang: str) -> list[int]:
    """The hashed n-grams of a word between the marks of its ends."""
    marked = f"^{shared_form(word, lang)}$"
    return [
        crc32(marked[start : start + size].encode()) % BUCKETS
        for size in _SIZES
        for start in range(len(marked) - size + 1)
    ]


class Grams:
    """The n-grams of texts: of which text, in which bucket, how often. *Shape:* ``[n-grams]`` each."""

    def __init__(self, texts: Iterable[tuple[Sequence[str], str]]) -> None:
        """Texts are words and a language."""
        known: dict[tuple[str, str], list[int]] = {}
        found: list[list[int]] = []
        for words, lang in texts:
            new = {(word, lang) for word in words}.difference(known)
            known |= {(word, lang): buckets(word, lang) for word, lang in new}
            found.append(list(chain.from_iterable(known[word, lang] for word in words)))
        sizes = np.asarray([len(one) for one in found], dtype=np.int64)
        flat = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=int(sizes.sum()))
        pairs = np.repeat(np.arange(len(sizes)), sizes) * BUCKETS + flat
        pairs, counts = np.unique(pairs, return_counts=True)
        self.texts, self.buckets = np.divmod(pairs, BUCKETS)
        self.counts: NDArray[np.float64] = counts.astype(np.float64)
        self.scales: NDArray[np.float64] = scale(sizes)

    def part(self, chosen: NDArray[np.bool_]) -> Grams:
        """The n-grams of some of the texts, which keep their numbers."""
        kept, part = chosen[self.texts], copy(self)
        part.texts, part.buckets, part.counts = self.texts[kept], self.buckets[kept], self.counts[kept]
        return part

    def scores(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a table says of each text. *Shape:* ``[texts, classes]``."""
        of_class = [
            np.bincount(self.texts, self.counts * column[self.buckets], len(self.scales))
            for column in table.T
        ]
        found: NDArray[np.float64] = np.stack(of_class, 1) * self.scales[:, None]
        return found


def scale(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """What sums over so many n-grams are multiplied with, as neighbours in a word say the same again."""
    scales: NDArray[np.float64] = 1 / np.sqrt(np.maximum(sizes, 1))
    return scales


def learned(
    texts: Iterable[tuple[Sequence[str], str]], labels: Sequence[int], classes: int
) -> NDArray[np.float64]:
    """What each n-gram adds to the score of each class, in nats. *Shape:* ``[BUCKETS, classes]``.

    The scores are as sharp as they may be: those of each half of the texts, from a table of the other half, are
    multiplied with what makes its labels most likely.
    """
    known, gold = [(tuple(words), lang) for words, lang in texts], np.asarray(labels)
    grams, of_first = Grams(known), _first_half(known, labels)
    unseen = np.zeros((len(gold), classes))
    for half in (of_first, ~of_first):
        unseen[~half] = grams.scores(_table(grams.part(half), gold, classes))[~half]
    return _table(grams, gold, classes) * _sharpness(unseen, gold)


def _first_half(texts: Sequence[tuple[tuple[str, ...], str]], labels: Sequence[int]) -> NDArray[np.bool_]:
    """Whether a text is in the first half of those of its class and language.

    So a file may be sorted by class, and translations in the same order, which say nearly the same, stay together, as
    do the copies of a text that counts more than once.
    """
    groups: dict[tuple[str, int], dict[tuple[str, ...], list[int]]] = {}
    for place, ((words, lang), label) in enumerate(zip(texts, labels, strict=True)):
        groups.setdefault((lang, label), {}).setdefault(words, []).append(place)
    found = np.zeros(len(labels), dtype=np.bool_)
    for copies in groups.values():
        for places in list(copies.values())[: (len(copies) + 1) // 2]:
            found[places] = True
    return found


def _table(grams: Grams, labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    of_bucket = np.bincount(grams.buckets, minlength=BUCKETS)
    rarity = np.log((len(np.unique(grams.texts)) + 1) / np.maximum(of_bucket, 1)) * (of_bucket > 0)
    weights = grams.counts * rarity[grams.buckets]
    lengths = np.sqrt(np.bincount(grams.texts, weights**2, len(labels)))
    weights /= np.maximum(lengths, 1e-9)[grams.texts]
    cells = labels[grams.texts] * BUCKETS + grams.buckets
    own = np.bincount(cells, weights, classes * BUCKETS).reshape(classes, BUCKETS)
    others = own.sum(0) - own + _SMOOTHING
    scores = -np.log(others / others.sum(1, keepdims=True))
    table: NDArray[np.float64] = ((scores - scores.mean(0)) * rarity).T
    return table


def _sharpness(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The factor of the scores under which the labels are most likely."""

    def likelihood(factor: float) -> float:
        nats = scores * factor
        nats -= nats.max(1, keepdims=True)
        return float(np.mean(nats[np.arange(len(labels)), labels] - np.log(np.exp(nats).sum(1))))

    return float(max(_FACTORS, key=likelihood))
