"""What a word and its neighbours say of its label: forms, affixes and shapes in a conditional random field.

A few layers over a small encoder learn slowly what a single word decides: that *доллар* ends a sum of money, or that a
name comes before *атындағы*. A field of such clues (:mod:`turkic_nlp.heads.crf`; for entities McCallum and Li 2003, for
parts of speech Ratnaparkhi 1996) learns it in seconds. Its scores are added to those of the network, a product of
experts (Hinton 2002). Forms are in the shared orthography.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.heads.base import earned, evenly
from turkic_nlp.heads.crf import Example, Field, fitted, likelihood
from turkic_nlp.heads.gazetteer import Gazetteer
from turkic_nlp.heads.kept import KeptWords
from turkic_nlp.heads.word_clues import INSIDE, REACH, clues_of
from turkic_nlp.layout import Layout

CLUES, CLUED = "clues", "clued"
"""The setting of a head that holds its weights; unlike the others it says nothing of the shape of those of the head.
And the one that lists the styles whose clues are learned; without it those of all are."""
_PLACES = 2 * REACH + 1
_OUTSIDE, _NOWHERE = [""] * REACH, [-1] * REACH
_LEAST = 2
"""How often training must have a clue."""
_BLOCK = 10
"""Sentences, or fewer where there are few; every other block is in one half, so that neighbours, which are often
alike, stay together."""
_JUDGED = 1000
"""Sentences of a half that tell how sharp the scores of the other may be."""
_FACTORS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_UNIT = 1 / 8
"""Nats: weights are kept as whole multiples of it."""
_AFTER = "> "
"""Before the name of a label: what the label says of the next one; alone: what the start of a sentence does."""
_KEPT = re.compile(r"[0-9]{1,4}:-?[0-9]{1,4}(?: [0-9]{1,4}:-?[0-9]{1,4})*")

Sentence = tuple[Sequence[str], Sequence[int]]
"""Words and the rows of their labels."""


class Said(NamedTuple):
    """Of a word, ``[labels]``, and of a label by the one before, ``[labels + 1, labels]``; the last row: the start."""

    scores: NDArray[np.float32]
    after: NDArray[np.float32] | None


class Clues:
    """Weights by language and style and by clue, ``{"kk kaznerd": {"=доллар": "31:9 32:-2"}}``."""

    def __init__(
        self, kept: Mapping[str, Mapping[str, str]], labels: Sequence[str], names: Gazetteer | None = None
    ) -> None:
        """Raises ValueError, or what a wrong type raises, for what a head of these labels cannot have kept."""
        self._names = names
        self._tables = {key: _Weights(own, labels) for key, own in kept.items()}
        self._styles = {key.partition(" ")[2] for key in kept}
        self._labels = len(labels)
        self._found = KeptWords[NDArray[np.int32]]()

    def recall(self, layout: Layout, style: str | None) -> list[Said] | None:
        """What is said of each word of a batch; None for an unknown style."""
        style = style or ""
        if style not in self._styles:
            return None
        by_lang: dict[str, list[tuple[int, Sequence[str]]]] = {}
        owners, starts = layout.owners(layout.sentences[:-1]), layout.sentences[:-1].tolist()
        for n, start, texts in zip(owners, starts, layout.sentence_texts(), strict=True):
            by_lang.setdefault(layout.docs[n].lang_, []).append((start, texts))
        scores = np.zeros((len(layout.words), self._labels), dtype=np.float32)
        after: list[NDArray[np.float32] | None] = [None] * len(scores)
        for lang, sentences in by_lang.items():
            if weights := self._tables.get(f"{lang} {style}"):
                words = ["", *chain.from_iterable(texts for _, texts in sentences)]
                cells, rows = _side_by_side(sentences, self._found(words, lang, style, self._of_new))
                scores += weights(cells, rows, len(scores))
                for row in rows[rows >= 0].tolist():
                    after[row] = weights.after
        return list(map(Said, scores, after))

    def _of_new(self, words: Sequence[str], lang: str, style: str) -> list[NDArray[np.int32]]:
        known = self._tables[f"{lang} {style}"]
        return [known.places(clues_of(word, lang, inside=known.inside, names=self._names)) for word in words]


def _side_by_side(
    sentences: Sequence[tuple[int, Sequence[str]]], known: Mapping[str, NDArray[np.int32]]
) -> tuple[list[NDArray[np.int32]], NDArray[np.int64]]:
    """What is known of the words of sentences, and their rows; none of the empty words around each sentence."""
    cells: list[NDArray[np.int32]] = []
    rows: list[int] = []
    for start, words in sentences:
        cells += [known[word] for word in (*_OUTSIDE, *words, *_OUTSIDE)]
        rows += [*_NOWHERE, *range(start, start + len(words)), *_NOWHERE]
    return cells, np.asarray(rows, dtype=np.int64)


class _Weights:
    """Those of a language and style, side by side."""

    def __init__(self, kept: Mapping[str, str], labels: Sequence[str]) -> None:
        text = " ".join(kept.values())
        if kept and not _KEPT.fullmatch(text):
            raise ValueError("clues that are not label:weight")
        self._rows, weights = np.asarray(text.replace(":", " ").split(), dtype=np.int64).reshape(-1, 2).T
        if (self._rows >= len(labels)).any():
            raise ValueError("clues of labels that the head does not have")
        self._weights = weights * _UNIT
        self._labels = len(labels)
        self._places = {clue: place for place, clue in enumerate(kept)}
        self.inside = any(clue.startswith(INSIDE) for clue in kept)
        self._sizes = np.fromiter((said.count(":") for said in kept.values()), np.int64, count=len(kept))
        self._starts = np.cumsum(self._sizes) - self._sizes
        before = enumerate(f"{_AFTER}{label}" for label in (*labels, ""))
        pairs = [(row, self._places[name]) for row, name in before if name in self._places]
        of_row, clues = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
        self.after: NDArray[np.float32] = self._sums(of_row, clues, len(labels) + 1)

    def places(self, clues: Sequence[Sequence[str]]) -> NDArray[np.int32]:
        """The known clues of a word: which place it is seen from, times how many clues there are, and which clue."""
        known, size = self._places, len(self._places)
        found = (
            place * size + known[clue] for place, own in enumerate(clues) for clue in own if clue in known
        )
        return np.fromiter(found, np.int32)

    def __call__(
        self, cells: Sequence[NDArray[np.int32]], rows: NDArray[np.int64], size: int
    ) -> NDArray[np.float32]:
        """What words, in order, say of those that have a row, from ``places``. *Shape:* ``[size, labels]``."""
        place, clues = np.divmod(np.concatenate(cells), max(1, len(self._places)))
        of_cell = np.repeat(np.arange(len(cells)), [len(cell) for cell in cells])
        row = rows.take(of_cell + REACH - place, mode="wrap")  # at both ends is what has no row
        return self._sums(row[row >= 0], clues[row >= 0], size)

    def _sums(
        self, rows: NDArray[np.integer[Any]], clues: NDArray[np.integer[Any]], size: int
    ) -> NDArray[np.float32]:
        """The sums over the clues of each row. *Shape:* ``[size, labels]``."""
        sizes = self._sizes[clues]
        shifts = self._starts[clues] - np.cumsum(sizes) + sizes
        which = np.repeat(shifts, sizes) + np.arange(int(sizes.sum()))
        flat = np.repeat(rows, sizes) * self._labels + self._rows[which]
        table = np.bincount(flat, self._weights[which], minlength=size * self._labels)
        return table.reshape(size, self._labels).astype(np.float32)


def learned_by_language(
    golds: Iterable[tuple[Doc, Sequence[int]]], style: str, field: Field, names: Gazetteer | None = None
) -> dict[str, dict[str, str]]:
    """Weights as settings hold them, by language and style, from Docs and the rows of their words' labels."""
    by_lang: dict[str, list[Sentence]] = {}
    for doc, gold in golds:
        by_lang.setdefault(doc.lang_, []).append(([token.text for token in doc], gold))
    return {f"{lang} {style}": learned(own, lang, field, names) for lang, own in by_lang.items()}


def learned(
    sentences: Sequence[Sentence], lang: str, field: Field, names: Gazetteer | None = None
) -> dict[str, str]:
    """Weights of clues as settings hold them. A sentence teaches nothing that lacks labels which the field needs."""
    enough = any if field.partly else all
    useful = [one for one in sentences if one[0] and enough(row >= 0 for row in one[1])]
    known, examples = _examples(evenly(useful), lang, inside=field.inside, names=names)
    block = max(1, min(_BLOCK, len(examples) // 4))
    halves = [[one for n, one in enumerate(examples) if n // block % 2 == side] for side in (0, 1)]
    if not all(halves):
        return {}
    size = len(known)
    factor = earned(
        halves,
        lambda own: fitted(own, size, field),
        lambda weights, rest, factor: likelihood(weights, rest[:_JUDGED], factor, field),
        _FACTORS,
    )
    weights = fitted(examples, size, field)
    table = torch.cat([weights.of_clue, weights.after])
    sharp = table * (factor * field.trust / _UNIT)
    table = torch.where(table.abs() < field.smallest, 0, sharp).round().to(torch.int64)
    keys = [*known, *(f"{_AFTER}{label}" for label in field.before)]
    return {keys[row]: _written(table[row]) for row in table.any(1).nonzero()[:, 0].tolist()}


def _examples(
    sentences: Sequence[Sentence], lang: str, *, inside: bool, names: Gazetteer | None
) -> tuple[list[str], list[Example]]:
    """The clues that are not too rare, and the sentences by their numbers.

    A word alone is one of a list: that it has no neighbours says nothing.
    """
    known: dict[str, list[list[str]]] = {}
    found: list[list[list[str]]] = []
    for words, _ in sentences:
        padded = [*[""] * REACH, *words, *[""] * REACH]
        new = set(padded).difference(known)
        known |= {word: clues_of(word, lang, inside=inside, names=names) for word in new}
        around = zip(*(padded[place:] for place in range(_PLACES)), strict=False)
        near = range(_PLACES) if len(words) > 1 else [REACH]
        found.append([[clue for n in near for clue in known[seen[n]][n]] for seen in around])
    counts = Counter(clue for sentence in found for own in sentence for clue in own)
    often = sorted(clue for clue, count in counts.items() if count >= _LEAST)
    places = {clue: place for place, clue in enumerate(often)}
    return often, [
        Example(
            [np.asarray([places[one] for one in own if one in places], dtype=np.int64) for own in clues],
            np.asarray(gold, dtype=np.int64),
        )
        for clues, (_, gold) in zip(found, sentences, strict=True)
    ]


def _written(weights: Tensor) -> str:
    return " ".join(f"{row}:{int(weights[row])}" for row in weights.nonzero()[:, 0].tolist())
