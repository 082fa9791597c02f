"""What a word and its neighbours say of its label: a linear model of forms, affixes and shapes.

A few layers over a small encoder learn slowly what a single word decides: that *доллар* ends a sum of money, or that a
name comes before *атындағы*. A linear model of such clues (Ratnaparkhi 1996) learns it in seconds. Its scores are added
to those of the network, a product of experts (Hinton 2002). It learns by AdaGrad (Duchi et al. 2011) from words half of
whose clues are hidden, so that none relies on another. Forms are in the shared orthography.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE
from turkic_nlp.heads.kept import KeptWords
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form

CLUES = "clues"
"""The setting of a head that holds its weights; unlike the others it says nothing of the shape of those of the head."""
REACH = 3
"""Words to the left and right that are looked at."""
_PLACES = 2 * REACH + 1
_AFFIX = 5
"""Letters of the longest starts and ends."""
_LEAST = 2
"""How often training must have a clue."""
_EPOCHS, _BATCH, _RATE, _HIDDEN = 4, 64, 1.0, 0.5
"""How it learns; chosen, like what is a clue, on a part of KazNERD's training sentences that was held back."""
_BLOCK = 10
"""Sentences, or fewer where there are few; every other block is in one half, so that neighbours, which are often
alike, stay together."""
_FACTORS = np.geomspace(0.05, 2.0, 41)
_UNIT = 0.25
"""Nats: weights are kept as whole multiples of it."""
_SMALLEST = 2
"""Smaller ones, of which most are, are not kept."""
_REPEATED = re.compile(r"(.)\1{2,}")
_KEPT = re.compile(r"[0-9]{1,4}:-?[0-9]{1,4}(?: [0-9]{1,4}:-?[0-9]{1,4})*")

Sentence = tuple[Sequence[str], Sequence[int]]
"""Words and the rows of their labels."""


def shape(word: str) -> str:
    """Capitals, small letters and digits of a word as X, x and 9, at most three alike in a row."""
    kinds = ("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word)
    return _REPEATED.sub(r"\1\1\1", "".join(kinds))


def clues_of(word: str, lang: str) -> list[list[str]]:
    """What a word says of the word three places to its right, and so on to three places to its left.

    Marks tell what a clue is: ``=form``, ``^start``, ``end$``, ``#shape``; ``1=form`` is the next word's.
    """
    form, look = shared_form(word, lang), shape(word)
    sizes = range(1, 1 + min(len(form), _AFFIX))
    starts, ends = [f"^{form[:size]}" for size in sizes], [f"{form[-size:]}$" for size in sizes]
    own = ["", f"={form}", f"#{look}", f"#{look[:2]}^{form[:_AFFIX]}", *starts, *ends]
    far = [f"#{look}", f"^{form[:_AFFIX]}", f"{form[-3:]}$"]
    near = [f"={form}", *far]
    of_other = {offset: near if abs(offset) == 1 else far for offset in range(-REACH, REACH + 1) if offset}
    return [
        [f"{offset}{clue}" for clue in of_other[offset]] if offset else own
        for offset in range(-REACH, REACH + 1)
    ]


class Clues:
    """Weights by language and style and by clue, ``{"kk kaznerd": {"=доллар": "31:9 32:-2"}}``."""

    def __init__(self, kept: Mapping[str, Mapping[str, str]], labels: int) -> None:
        """Raises ValueError, or what a wrong type raises, for what a head of so many labels cannot have kept."""
        self._tables = {key: _Weights(own, labels) for key, own in kept.items()}
        self._styles = {key.partition(" ")[2] for key in kept}
        self._labels = labels
        self._found = KeptWords[NDArray[np.float32]]()

    def recall(self, layout: Layout, style: str | None) -> list[NDArray[np.float32]] | None:
        """What is added to the scores of each word; None for an unknown style. *Shape:* ``[labels]`` each."""
        style = style or ""
        if style not in self._styles:
            return None
        found = np.zeros((len(layout.words), self._labels), dtype=np.float32)
        owners = layout.owners(layout.sentences[:-1])
        bounds = pairwise(layout.sentences.tolist())
        for n, (start, end), words in zip(owners, bounds, layout.sentence_texts(), strict=True):
            lang = layout.docs[n].lang_
            if f"{lang} {style}" in self._tables:
                found[start:end] = self._of_sentence(words, lang, style)
        return list(found)

    def _of_sentence(self, words: Sequence[str], lang: str, style: str) -> NDArray[np.float32]:
        known = self._found(["", *words], lang, style, self._of_new)
        outside = [known[""]] * REACH
        table = np.stack([*outside, *(known[word] for word in words), *outside])
        said: NDArray[np.float32] = np.sum(
            [table[place : place + len(words), place] for place in range(_PLACES)], axis=0
        )
        return said

    def _of_new(self, words: Sequence[str], lang: str, style: str) -> NDArray[np.float32]:
        """*Shape:* ``[words, 2 * REACH + 1, labels]``."""
        return self._tables[f"{lang} {style}"]([clues_of(word, lang) for word in words])


class _Weights:
    """Those of a language and style, side by side."""

    def __init__(self, kept: Mapping[str, str], labels: int) -> None:
        text = " ".join(kept.values())
        if kept and not _KEPT.fullmatch(text):
            raise ValueError("clues that are not label:weight")
        self._rows, weights = np.asarray(text.replace(":", " ").split(), dtype=np.int64).reshape(-1, 2).T
        if (self._rows >= labels).any():
            raise ValueError("clues of labels that the head does not have")
        self._weights = weights * _UNIT
        self._labels = labels
        self._places = {clue: place for place, clue in enumerate(kept)}
        self._sizes = np.fromiter((said.count(":") for said in kept.values()), np.int64, count=len(kept))
        self._starts = np.cumsum(self._sizes) - self._sizes

    def __call__(self, words: Sequence[Sequence[Sequence[str]]]) -> NDArray[np.float32]:
        """What the clues of words say, place by place. *Shape:* ``[words, places, labels]``."""
        cells = enumerate(chain.from_iterable(words))
        pairs = [(cell, self._places[one]) for cell, own in cells for one in own if one in self._places]
        of_cell, clues = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
        sizes = self._sizes[clues]
        shifts = self._starts[clues] - np.cumsum(sizes) + sizes
        which = np.repeat(shifts, sizes) + np.arange(int(sizes.sum()))
        flat = np.repeat(of_cell, sizes) * self._labels + self._rows[which]
        shape = (len(words), _PLACES, self._labels)
        table = np.bincount(flat, self._weights[which], minlength=int(np.prod(shape)))
        return table.reshape(shape).astype(np.float32)


def learned(sentences: Sequence[Sentence], lang: str, labels: int) -> dict[str, str]:
    """Weights of clues as settings hold them."""
    known: dict[str, list[list[str]]] = {}
    found: list[list[str]] = []
    for words, _ in sentences:
        padded = [*[""] * REACH, *words, *[""] * REACH]
        known |= {word: clues_of(word, lang) for word in set(padded).difference(known)}
        around = zip(*(padded[place:] for place in range(_PLACES)), strict=False)
        found += [[clue for n, word in enumerate(seen) for clue in known[word][n]] for seen in around]
    counts = Counter(chain.from_iterable(found))
    names = sorted(clue for clue, count in counts.items() if count >= _LEAST)
    places = {clue: place for place, clue in enumerate(names)}
    rows = [np.asarray([places[one] for one in own if one in places], dtype=np.int64) for own in found]
    gold = np.fromiter(chain.from_iterable(own for _, own in sentences), dtype=np.int64)
    of_sentence = np.repeat(np.arange(len(sentences)), [len(words) for words, _ in sentences])
    block = max(1, min(_BLOCK, len(sentences) // 4))
    factor = _factor(rows, gold, of_sentence // block % 2 == 0, (len(names), labels))
    weights = _fitted(rows, gold, gold >= 0, (len(names), labels)) * factor
    table = (weights / _UNIT).round().to(torch.int64)
    table[table.abs() < _SMALLEST] = 0
    said = table.any(1).nonzero()[:, 0].tolist()
    return {names[row]: _written(table[row]) for row in said}


def _factor(
    rows: Sequence[NDArray[np.int64]],
    gold: NDArray[np.int64],
    half: NDArray[np.bool_],
    shape: tuple[int, int],
) -> float:
    """How sharp the scores may be: those of each half, by what the other taught, make the labels likeliest."""
    parts = [
        _scores(
            _fitted(rows, gold, half == side, shape), [rows[n] for n in np.flatnonzero(half != side).tolist()]
        )
        for side in (True, False)
    ]
    scores = torch.cat(parts)
    target = torch.from_numpy(np.concatenate([gold[~half], gold[half]]))
    if not (target >= 0).any():
        return 0.0
    losses = [float(functional.cross_entropy(scores * f, target, ignore_index=IGNORE)) for f in _FACTORS]
    return float(_FACTORS[int(np.argmin(losses))])


def _written(weights: Tensor) -> str:
    return " ".join(f"{row}:{int(weights[row])}" for row in weights.nonzero()[:, 0].tolist())


@torch.inference_mode()
def _fitted(
    rows: Sequence[NDArray[np.int64]],
    gold: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    shape: tuple[int, int],
) -> Tensor:
    """What the chosen words teach. *Shape:* ``[clues, labels]``."""
    weights, squares = torch.zeros(shape), torch.zeros(shape[0])
    taught, rng = np.flatnonzero(chosen & (gold >= 0)), np.random.default_rng(0)
    for _ in range(_EPOCHS):
        order = rng.permutation(taught)
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            shown = [rows[n][rng.random(len(rows[n])) >= _HIDDEN] for n in part.tolist()]
            _learn(weights, squares, shown, torch.from_numpy(gold[part]))
    return weights


def _scores(weights: Tensor, rows: Sequence[NDArray[np.int64]]) -> Tensor:
    """*Shape:* ``[words, labels]``."""
    if not rows:
        return weights.new_zeros(0, weights.shape[1])
    sizes = torch.tensor([len(one) for one in rows])
    flat = torch.from_numpy(np.concatenate(rows))
    return functional.embedding_bag(flat, weights, sizes.cumsum(0) - sizes, mode="sum")


def _learn(weights: Tensor, squares: Tensor, shown: Sequence[NDArray[np.int64]], gold: Tensor) -> None:
    """One step of AdaGrad, whose sums of squares are those of all labels of a clue."""
    error = _scores(weights, shown).softmax(-1)
    error[torch.arange(len(gold)), gold] -= 1.0
    clues, places = torch.unique(torch.from_numpy(np.concatenate(shown)), return_inverse=True)
    sizes = torch.tensor([len(one) for one in shown])
    gradient = weights.new_zeros(len(clues), weights.shape[1])
    gradient.index_add_(0, places, error.repeat_interleave(sizes, 0))
    squares[clues] += gradient.square().sum(-1)
    weights[clues] -= _RATE * gradient / squares[clues].sqrt().clamp(min=1e-6)[:, None]
