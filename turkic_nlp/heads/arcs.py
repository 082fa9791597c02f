"""Which governors a treebank gives to words of a kind, to be weighed against what the parser makes of each sentence.

A parser of a few hundred sentences does not always know that an adverb hangs on the verb after it, not on the name
before. A log-linear model of the tags does (in the manner of McDonald et al. 2005, without word forms): it learns, in
seconds, weights for the kinds of two words, how far apart they are, and the verbs, nouns and marks between them.
They are kept in a table that features find their place in by hashing (Weinberger et al. 2009). Its scores are added to
those of the parser, a product of experts (Hinton 2002).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from turkic_nlp.heads.base import earned, evenly
from turkic_nlp.heads.usage import kind

ARCS = "arcs"
"""The setting of a head that holds its tables; unlike the others it says nothing of the shape of its weights."""
_BITS = 18
_UNIT = 1 / 16
"""Nats: weights are kept as whole multiples of it."""
_EPOCHS, _BATCH, _RATE, _HIDDEN = 6, 4, 0.2, 0.3
_FACTORS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_TRUST = 0.4
"""The share that counts, beside the parser, of the weight that half of the sentences earn on the other: chosen on the
dev parts of the training treebanks, where 0.2 to 0.5 are about as good."""
_FAR = np.asarray([0, 1, 2, 3, 4, 4, 5, 5, 5, 5, 6])
"""Which distances, in words, are told apart; greater ones are as the last."""
_ROOT = 28
_MOST_BETWEEN = 3
_VERBS, _NOUNS, _MARKS = ("VERB", "AUX"), ("NOUN", "PROPN", "PRON"), ("PUNCT",)
_NEVER = -1e9
_TINY = 1e-8

Table = NDArray[np.int8]
Example = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Places ``[words, words + 1, features]`` and governors ``[words]``."""


class Word(NamedTuple):
    """Numbers of the part of speech and of the kind of a word."""

    pos: int
    kind: int


class Sentence(NamedTuple):
    """Words, and the governor of each; 0 is the root, words count from 1."""

    words: Sequence[Word]
    governors: NDArray[np.int64]


def word_of(pos: str, features: str) -> Word:
    """The numbers of a word with these tags."""
    return Word(_number(pos), _number(kind(pos, features)))


def _number(name: str) -> int:
    return crc32(name.encode("utf-8"))


class Arcs:
    """Tables by style, as settings hold them: whole numbers of one byte, in base64."""

    def __init__(self, kept: Mapping[str, str]) -> None:
        """Raises ValueError, or what a wrong type raises, for what no head can have kept."""
        self._tables = {style: _unpacked(text) for style, text in kept.items()}

    def table(self, style: str | None) -> Table | None:
        """That of a style, if it has one."""
        return self._tables.get(style or "")


def _unpacked(text: str) -> Table:
    found = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.int8)
    if len(found) != 1 << _BITS:
        raise ValueError(f"a table of {len(found)} numbers")
    return found


def said(table: Table, words: Sequence[Word], sizes: NDArray[np.int64]) -> NDArray[np.float32]:
    """What a table says of all governors; 0 is the root, and of a word as its own governor nothing is said.

    *Shape:* ``[units, longest, longest + 1]`` for units of these sizes.
    """
    numbers, starts = np.asarray(words, dtype=np.uint32).reshape(-1, 2), np.cumsum(sizes) - sizes
    found = np.zeros((len(sizes), sizes.max(), sizes.max() + 1), dtype=np.float32)
    classes = np.ceil(np.log2(sizes))  # those of like sizes together: a long one costs the square of its size
    for units in (np.flatnonzero(classes == one) for one in np.unique(classes)):
        longest = sizes[units].max()
        known = starts[units, None] + np.arange(longest)
        pos, kinds = numbers[known.clip(max=len(numbers) - 1)].transpose(2, 0, 1)
        total = np.zeros((len(units), longest, longest + 1), dtype=np.float32)
        for places in _features(pos, kinds):
            total += table[places]
        total *= (np.arange(longest + 1) <= sizes[units, None])[:, None]
        found[units, :longest, : longest + 1] = total
    own = np.arange(found.shape[1])
    found[:, own, own + 1] = 0
    return found * np.float32(_UNIT)


def _features(pos: NDArray[np.uint32], kinds: NDArray[np.uint32]) -> Iterator[NDArray[np.uint32]]:
    """Places in the table, feature by feature. *Shapes:* ``[units, words]`` to ``[units, words, words + 1]`` each."""
    here, there = np.arange(1, pos.shape[1] + 1)[:, None], np.arange(pos.shape[1] + 1)[None, :]
    side = (there > here) * 2 + (there == 0)
    far = np.where(there == 0, _ROOT, _FAR[np.abs(there - here).clip(max=len(_FAR) - 1)] * 4 + side)
    first, last = np.minimum(here, there), np.maximum(here, there)
    between = np.broadcast_to(side, (len(pos), *side.shape))
    for names in (_VERBS, _NOUNS, _MARKS):
        is_one = np.isin(pos, [_number(name) for name in names])
        before = np.pad(is_one.cumsum(1), ((0, 0), (1, 0)))
        count = before[:, (last - 1).clip(0)] - before[:, first]
        between = between * (_MOST_BETWEEN + 1) + count.clip(0, _MOST_BETWEEN)
    pos_here, kind_here = pos[:, :, None], kinds[:, :, None]
    pos_there, kind_there = (np.pad(x, ((0, 0), (1, 0)), constant_values=1)[:, None, :] for x in (pos, kinds))
    yield _place(1, far, pos_here, pos_there)
    yield _place(2, far, kind_here, kind_there)
    yield _place(3, side, kind_here, kind_there)
    yield _place(4, kind_here, pos_there, between)
    yield _place(5, pos_here, pos_there, between)


def _place(name: int, *parts: NDArray[np.integer]) -> NDArray[np.uint32]:
    """Where in the table a feature is, by multiplying and shifting its parts."""
    found = np.full((1, 1, 1), name, dtype=np.uint32)
    for part in parts:
        found = (found ^ part.astype(np.uint32)) * np.uint32(0x9E3779B1)
        found ^= found >> np.uint32(15)
    return found >> np.uint32(32 - _BITS)


def learned(sentences: Sequence[Sentence]) -> str | None:
    """A table as settings hold it; None for less than two sentences."""
    examples = [_example(one) for one in evenly([one for one in sentences if one.words])]
    halves = examples[::2], examples[1::2]
    if not all(halves):
        return None
    factor = earned(halves, _fitted, _likelihood, _FACTORS)
    table = (_fitted(examples) * (factor * _TRUST / _UNIT)).round().clip(-127, 127)
    return base64.b64encode(table.astype(np.int8).tobytes()).decode("ascii")


def _example(sentence: Sentence) -> Example:
    pos, kinds = np.asarray(sentence.words, dtype=np.uint32).T[:, None]
    return np.stack(list(_features(pos, kinds)), -1)[0].astype(np.int32), sentence.governors


def _fitted(examples: Sequence[Example]) -> NDArray[np.float64]:
    """The weights that examples teach by AdaGrad, with other features hidden each time."""
    weights, squares = np.zeros(1 << _BITS), np.zeros(1 << _BITS)
    rng = np.random.default_rng(0)
    for _ in range(_EPOCHS):
        order = rng.permutation(len(examples)).tolist()
        for start in range(0, len(order), _BATCH):
            where, errors = [], []
            for places, governors in (examples[n] for n in order[start : start + _BATCH]):
                shown = rng.random(places.shape) >= _HIDDEN
                error = np.exp(_logarithms(weights[places] * shown))
                error[np.arange(len(governors)), governors] -= 1
                where.append(places[shown])
                errors.append(np.broadcast_to(error[..., None], places.shape)[shown])
            found, at = np.unique(np.concatenate(where), return_inverse=True)
            gradient = np.bincount(at.reshape(-1), np.concatenate(errors))
            squares[found] += gradient**2
            weights[found] -= _RATE * gradient / np.sqrt(squares[found] + _TINY)
    return weights


def _likelihood(weights: NDArray[np.float64], examples: Sequence[Example], factor: float) -> float:
    """The logarithm of the likelihood of governors by weights times a factor, summed."""
    return sum(
        float(_logarithms(weights[places] * factor)[np.arange(len(governors)), governors].sum())
        for places, governors in examples
    )


def _logarithms(of_features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the shares of governors, by what features say. *Shape:* that of it without the last dimension."""
    total: NDArray[np.float64] = of_features.sum(-1)
    own = np.arange(len(total))
    total[own, own + 1] = _NEVER
    total -= total.max(1, keepdims=True)
    total -= np.log(np.exp(total).sum(1, keepdims=True))
    return total
