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
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.heads.crf import Example, Field, fitted, likelihood
from turkic_nlp.heads.kept import KeptWords
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form

CLUES, CLUED = "clues", "clued"
"""The setting of a head that holds its weights; unlike the others it says nothing of the shape of those of the head.
And the one that lists the styles whose clues are learned; without it those of all are."""
REACH = 3
"""Words to the left and right that are looked at."""
_PLACES = 2 * REACH + 1
_AFFIX = 5
"""Letters of the longest starts and ends."""
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
_INSIDE = "~"
_LETTERS = (3, 4)
"""Letters of strings inside a word."""
_AFTER = "> "
"""Before the name of a label: what the label says of the next one; alone: what the start of a sentence does."""
_REPEATED = re.compile(r"(.)\1{2,}")
_KEPT = re.compile(r"[0-9]{1,4}:-?[0-9]{1,4}(?: [0-9]{1,4}:-?[0-9]{1,4})*")

Sentence = tuple[Sequence[str], Sequence[int]]
"""Words and the rows of their labels."""


class Said(NamedTuple):
    """Of a word, ``[labels]``, and of a label by the one before, ``[labels + 1, labels]``; the last row: the start."""

    scores: NDArray[np.float32]
    after: NDArray[np.float32] | None


def shape(word: str) -> str:
    """Capitals, small letters and digits of a word as X, x and 9, at most three alike in a row."""
    kinds = ("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word)
    return _REPEATED.sub(r"\1\1\1", "".join(kinds))


def clues_of(word: str, lang: str, *, inside: bool = False) -> list[list[str]]:
    """What a word says of the word three places to its right, and so on to three places to its left.

    Marks tell what a clue is: ``=form``, ``^start``, ``$end``, ``#shape``, and where strings inside a word are wanted,
    ``~string``; ``1=form`` is the next word's.
    """
    form, look = shared_form(word, lang), shape(word)
    sizes = range(1, 1 + min(len(form), _AFFIX))
    starts, ends = [f"^{form[:size]}" for size in sizes], [f"${form[-size:]}" for size in sizes]
    own = ["", f"={form}", f"#{look}", f"#{look[:2]}^{form[:_AFFIX]}", *starts, *ends]
    if inside:
        own += [f"{_INSIDE}{form[at : at + size]}" for size in _LETTERS for at in range(len(form) - size + 1)]
    far = [f"#{look}", f"^{form[:_AFFIX]}", f"${form[-3:]}"]
    near = [f"={form}", *far]
    of_other = {offset: near if abs(offset) == 1 else far for offset in range(-REACH, REACH + 1) if offset}
    return [
        [f"{offset}{clue}" for clue in of_other[offset]] if offset else own
        for offset in range(-REACH, REACH + 1)
    ]


class Clues:
    """Weights by language and style and by clue, ``{"kk kaznerd": {"=доллар": "31:9 32:-2"}}``."""

    def __init__(self, kept: Mapping[str, Mapping[str, str]], labels: Sequence[str]) -> None:
        """Raises ValueError, or what a wrong type raises, for what a head of these labels cannot have kept."""
        self._tables = {key: _Weights(own, labels) for key, own in kept.items()}
        self._styles = {key.partition(" ")[2] for key in kept}
        self._labels = len(labels)
        self._found = KeptWords[NDArray[np.float32]]()

    def recall(self, layout: Layout, style: str | None) -> list[Said] | None:
        """What is said of each word of a batch; None for an unknown style."""
        style = style or ""
        if style not in self._styles:
            return None
        nothing = Said(np.zeros(self._labels, dtype=np.float32), None)
        found = [nothing] * len(layout.words)
        owners = layout.owners(layout.sentences[:-1])
        bounds = pairwise(layout.sentences.tolist())
        for n, (start, end), words in zip(owners, bounds, layout.sentence_texts(), strict=True):
            lang = layout.docs[n].lang_
            if weights := self._tables.get(f"{lang} {style}"):
                rows = self._of_sentence(words, lang, style)
                found[start:end] = [Said(row, weights.after) for row in rows]
        return found

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
        weights = self._tables[f"{lang} {style}"]
        return weights([clues_of(word, lang, inside=weights.inside) for word in words])


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
        self.inside = any(clue.startswith(_INSIDE) for clue in kept)
        self._sizes = np.fromiter((said.count(":") for said in kept.values()), np.int64, count=len(kept))
        self._starts = np.cumsum(self._sizes) - self._sizes
        before = [[f"{_AFTER}{label}"] for label in (*labels, "")]
        self.after: NDArray[np.float32] = self._of(before)

    def __call__(self, words: Sequence[Sequence[Sequence[str]]]) -> NDArray[np.float32]:
        """What the clues of words say, place by place. *Shape:* ``[words, places, labels]``."""
        return self._of(list(chain.from_iterable(words))).reshape(len(words), _PLACES, self._labels)

    def _of(self, cells: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """The sums over the clues of each cell. *Shape:* ``[cells, labels]``."""
        known = self._places
        pairs = [(cell, known[one]) for cell, own in enumerate(cells) for one in own if one in known]
        of_cell, clues = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
        sizes = self._sizes[clues]
        shifts = self._starts[clues] - np.cumsum(sizes) + sizes
        which = np.repeat(shifts, sizes) + np.arange(int(sizes.sum()))
        flat = np.repeat(of_cell, sizes) * self._labels + self._rows[which]
        table = np.bincount(flat, self._weights[which], minlength=len(cells) * self._labels)
        return table.reshape(len(cells), self._labels).astype(np.float32)


def learned_by_language(
    golds: Iterable[tuple[Doc, Sequence[int]]], style: str, field: Field
) -> dict[str, dict[str, str]]:
    """Weights as settings hold them, by language and style, from Docs and the rows of their words' labels."""
    by_lang: dict[str, list[Sentence]] = {}
    for doc, gold in golds:
        by_lang.setdefault(doc.lang_, []).append(([token.text for token in doc], gold))
    return {f"{lang} {style}": learned(sentences, lang, field) for lang, sentences in by_lang.items()}


def learned(sentences: Sequence[Sentence], lang: str, field: Field) -> dict[str, str]:
    """Weights of clues as settings hold them. A sentence with a word that has no label teaches nothing."""
    whole = [(words, gold) for words, gold in sentences if words and min(gold) >= 0]
    names, examples = _examples(whole, lang, inside=field.inside)
    block = max(1, min(_BLOCK, len(examples) // 4))
    halves = [[one for n, one in enumerate(examples) if n // block % 2 == side] for side in (0, 1)]
    if not all(halves):
        return {}
    size = len(names)
    tries = [
        (fitted(own, size, field), rest[:_JUDGED]) for own, rest in zip(halves, halves[::-1], strict=True)
    ]
    factor = max(_FACTORS, key=lambda one: sum(likelihood(*part, one, field) for part in tries))
    weights = fitted(examples, size, field)
    table = torch.cat([weights.of_clue, weights.after])
    table = (
        torch.where(table.abs() < field.smallest, 0, table * (factor * field.trust / _UNIT))
        .round()
        .to(torch.int64)
    )
    keys = [*names, *(f"{_AFTER}{label}" for label in field.before)]
    return {keys[row]: _written(table[row]) for row in table.any(1).nonzero()[:, 0].tolist()}


def _examples(sentences: Sequence[Sentence], lang: str, *, inside: bool) -> tuple[list[str], list[Example]]:
    """The clues that are not too rare, and the sentences by their numbers."""
    known: dict[str, list[list[str]]] = {}
    found: list[list[list[str]]] = []
    for words, _ in sentences:
        padded = [*[""] * REACH, *words, *[""] * REACH]
        new = set(padded).difference(known)
        known |= {word: clues_of(word, lang, inside=inside) for word in new}
        around = zip(*(padded[place:] for place in range(_PLACES)), strict=False)
        found.append([[clue for n, word in enumerate(seen) for clue in known[word][n]] for seen in around])
    counts = Counter(clue for sentence in found for own in sentence for clue in own)
    names = sorted(clue for clue, count in counts.items() if count >= _LEAST)
    places = {clue: place for place, clue in enumerate(names)}
    return names, [
        Example(
            [np.asarray([places[one] for one in own if one in places], dtype=np.int64) for own in clues],
            np.asarray(gold, dtype=np.int64),
        )
        for clues, (_, gold) in zip(found, sentences, strict=True)
    ]


def _written(weights: Tensor) -> str:
    return " ".join(f"{row}:{int(weights[row])}" for row in weights.nonzero()[:, 0].tolist())
