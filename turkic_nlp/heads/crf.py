"""Conditional random fields over sparse clues, learned by AdaGrad: of chains of labels, or of sums of values.

A sentence is, word by word, the numbers of its clues. In a linear chain (Lafferty et al. 2001) its score with certain
labels is the sum of the weights of the clues for them, and of each label after the one before. Where labels are many
and made of few values, as those of morphology are, clues have weights for the values, and each word is for itself. In
training a share of the clues of each word is hidden, so that none relies on another.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE

EPOCHS, BATCH, RATE_AFTER, HIDDEN = 6, 8, 0.5, 0.3
"""Chosen on a part of KazNERD's training sentences that was held back."""
_TINY = 1e-6


class Example(NamedTuple):
    """The clues of each word of a sentence, and the words' labels. *Shapes:* ``[clues]`` each, ``[words]``."""

    clues: Sequence[NDArray[np.int64]]
    labels: NDArray[np.int64]


class Weights(NamedTuple):
    """``of_clue`` ``[clues, scores]`` and ``after``, what a field learns besides."""

    of_clue: Tensor
    after: Tensor


class _Batch(NamedTuple):
    """Sentences side by side: the clues of all words, how many each has; the others are ``[sentences, longest]``."""

    flat: Tensor
    sizes: Tensor
    mask: Tensor
    gold: Tensor


@dataclass(frozen=True)
class Field(ABC):
    """What the scores of words mean; ``names`` are those of the scores of a word.

    ``rate`` is that of AdaGrad; weights smaller than ``smallest`` are not worth keeping; scores get ``trust`` times the
    weight that half of the examples earn on the other; where ``inside`` is set, strings inside words are clues too.
    Where ``partly`` is set, sentences teach of which only some words have labels.
    """

    names: Sequence[str]
    rate: ClassVar[float]
    smallest: ClassVar[float]
    trust: ClassVar[float]
    inside: ClassVar[bool] = False
    partly: ClassVar[bool] = False

    @property
    def before(self) -> Sequence[str]:
        """The names of the rows of what it learns besides clues."""
        return []

    @abstractmethod
    def loss(self, scores: Tensor, after: Tensor, batch: _Batch) -> Tensor:
        """Minus the logarithm of the likelihood of labels, from scores ``[words, names]``."""


class Chain(Field):
    """Labels that follow each other, such as those of entities.

    What is trusted was chosen on KazNERD's dev part: 1.5 to 2.5 are about as good.
    """

    rate, smallest, trust = 1.0, 0.6, 1.75

    @property
    def before(self) -> Sequence[str]:
        """The labels that may come before one, and none for the first."""
        return [*self.names, ""]

    def loss(self, scores: Tensor, after: Tensor, batch: _Batch) -> Tensor:
        """By the forward algorithm."""
        mask, labels = batch.mask, scores.shape[1]
        table = scores.new_zeros(*mask.shape, labels).masked_scatter(mask[..., None], scores)
        ends = table[:, 0] + after[-1]
        for place in range(1, mask.shape[1]):
            longer = torch.logsumexp(ends[:, :, None] + after[:-1], 1) + table[:, place]
            ends = torch.where(mask[:, place, None], longer, ends)
        before = functional.pad(batch.gold[:, :-1], (1, 0), value=labels)[mask]
        gold = batch.gold[mask]
        of_gold = scores.gather(1, gold[:, None]).sum() + after[before, gold].sum()
        return torch.logsumexp(ends, 1).sum() - of_gold


@dataclass(frozen=True)
class Sums(Field):
    """Labels that are sums of values, each word for itself; ``members`` ``[values, labels]`` says of which."""

    members: Tensor
    rate, smallest, trust, inside, partly = 0.5, 0.3, 1.0, True, True

    def loss(self, scores: Tensor, after: Tensor, batch: _Batch) -> Tensor:
        """Cross-entropy of the labels, summed; words without a label have none."""
        gold = batch.gold[batch.mask]
        return functional.cross_entropy(scores @ self.members, gold, ignore_index=IGNORE, reduction="sum")


@torch.no_grad()
def fitted(examples: Sequence[Example], clues: int, field: Field) -> Weights:
    """The weights that examples teach; the same for the same examples."""
    after = torch.zeros(len(field.before), len(field.names))
    weights = Weights(torch.zeros(clues, len(field.names)), after)
    squares = Weights(torch.zeros(clues), torch.zeros_like(after))
    rng = np.random.default_rng(0)
    lengths = np.asarray([len(one.clues) for one in examples])
    for _ in range(EPOCHS):
        order = np.argsort(lengths * rng.uniform(0.8, 1.25, len(lengths)), kind="stable")
        starts = rng.permutation(np.arange(0, len(order), BATCH))
        for start in starts.tolist():
            chosen = [examples[n] for n in order[start : start + BATCH].tolist()]
            _learn(weights, squares, _batch(chosen, rng), field)
    return weights


@torch.no_grad()
def likelihood(weights: Weights, examples: Sequence[Example], factor: float, field: Field) -> float:
    """The logarithm of the likelihood of labels by weights times a factor, summed over examples."""
    scaled = Weights(weights.of_clue, weights.after * factor)
    total = 0.0
    for start in range(0, len(examples), 8 * BATCH):
        batch = _batch(examples[start : start + 8 * BATCH], None)
        total -= float(field.loss(_scores(scaled, batch) * factor, scaled.after, batch))
    return total


def _batch(examples: Sequence[Example], rng: np.random.Generator | None) -> _Batch:
    shown = [_shown(clues, rng) for one in examples for clues in one.clues]
    lengths = torch.tensor([len(one.clues) for one in examples])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    gold = torch.zeros(mask.shape, dtype=torch.long)
    gold[mask] = torch.from_numpy(np.concatenate([one.labels for one in examples]))
    flat = torch.from_numpy(np.concatenate(shown))
    return _Batch(flat, torch.tensor([len(one) for one in shown]), mask, gold)


def _shown(clues: NDArray[np.int64], rng: np.random.Generator | None) -> NDArray[np.int64]:
    return clues if rng is None else clues[rng.random(len(clues)) >= HIDDEN]


def _scores(weights: Weights, batch: _Batch) -> Tensor:
    """What the clues of each word say. *Shape:* ``[words, scores]``."""
    starts = batch.sizes.cumsum(0) - batch.sizes
    return functional.embedding_bag(batch.flat, weights.of_clue, starts, mode="sum")


def _learn(weights: Weights, squares: Weights, batch: _Batch, field: Field) -> None:
    """One step of AdaGrad (Duchi et al. 2011); the sum of squares of a clue is that of all its labels."""
    scores, after = _scores(weights, batch).requires_grad_(), weights.after.clone().requires_grad_()
    with torch.enable_grad():
        loss = field.loss(scores, after, batch)
        error, of_after = torch.autograd.grad(loss, [scores, after], materialize_grads=True)
    clues, places = torch.unique(batch.flat, return_inverse=True)
    gradient = error.new_zeros(len(clues), error.shape[1])
    gradient.index_add_(0, places, error.repeat_interleave(batch.sizes, 0))
    squares.of_clue[clues] += gradient.square().sum(-1)
    weights.of_clue[clues] -= field.rate * gradient / squares.of_clue[clues].sqrt().clamp(min=_TINY)[:, None]
    squares.after.add_(of_after.square())
    weights.after.sub_(RATE_AFTER * of_after / squares.after.sqrt().clamp(min=_TINY))


def best_paths(units: Sequence[NDArray[np.float32]], after: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """The best labels of each unit by Viterbi search, all units together.

    ``units`` have shape ``[words, labels]``, ``after`` is that of a :class:`Chain`, ``[labels + 1, labels]``.
    """
    if not units:
        return []
    sizes = np.asarray([len(unit) for unit in units])
    scores = np.zeros((len(units), int(sizes.max()), units[0].shape[1]), dtype=np.float32)
    for row, unit in enumerate(units):
        scores[row, : len(unit)] = unit
    best = scores[:, 0] + after[-1]
    back = np.zeros(scores.shape, dtype=np.int64)
    for word in range(1, scores.shape[1]):
        going = best[:, :, None] + after[None, :-1]
        back[:, word] = going.argmax(1)
        best = np.where((sizes > word)[:, None], going.max(1) + scores[:, word], best)
    path = np.zeros(scores.shape[:2], dtype=np.int64)
    label, rows = best.argmax(1), np.arange(len(units))
    for word in reversed(range(scores.shape[1])):
        going_on = sizes > word
        path[going_on, word] = label[going_on]
        label = np.where(going_on, back[rows, word, label], label)
    return [path[row, :size] for row, size in enumerate(sizes.tolist())]
