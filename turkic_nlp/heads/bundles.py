"""Bundles: a part of speech with its features, ``NOUN|Case=Dat|Number=Sing``, and how the best of them is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch
from spacy.tokens import Doc, Token
from torch import Tensor, nn

from turkic_nlp.heads.base import argmax

UPOS, XPOS = "UPOS", "XPOS"


def bundle_of(token: Token) -> str:
    """The bundle of a gold token."""
    return f"{token.pos_}|{token.morph}" if token.has_morph() and str(token.morph) else token.pos_


def split(bundle: str) -> tuple[str, dict[str, str]]:
    """The part of speech of a bundle, and its features."""
    pos, *features = bundle.split("|")
    return pos, dict(feature.split("=", 1) for feature in features)


def is_known(bundle: str, fields: dict[str, list[str]]) -> bool:
    """Whether the fields have the part of speech and every value of a bundle."""
    pos, features = split(bundle)
    return pos in fields[UPOS] and all(value in fields.get(name, ()) for name, value in features.items())


def seen_in(docs: Iterable[Doc]) -> tuple[dict[str, list[str]], list[str]]:
    """Fields with their values and the bundles of gold Docs; values that occur once are left out."""
    counts: dict[str, Counter[str]] = {UPOS: Counter(), XPOS: Counter()}
    bundles: set[str] = set()
    for doc in docs:
        featured = any(token.has_morph() for token in doc)
        for token in doc:
            counts[UPOS][token.pos_] += 1
            counts[XPOS][token.tag_] += 1
            bundles |= {bundle_of(token)} if featured and token.pos else set()
            for name, value in token.morph.to_dict().items():
                counts.setdefault(name, Counter())[value] += 1
    fields = {name: sorted(v for v, n in values.items() if v and n > 1) for name, values in counts.items()}
    features = {n: ["", *v] for n, v in sorted(fields.items()) if n not in (UPOS, XPOS) and v}
    known = {UPOS: fields[UPOS], XPOS: fields[XPOS], **features}
    whole = sorted(bundle for bundle in bundles if is_known(bundle, known)) or fields[UPOS]
    return known, whole


def members(fields: Mapping[str, Sequence[str]], bundles: Sequence[str]) -> Tensor:
    """Which values make up a bundle. *Shape:* ``[values of all fields, bundles]``; XPOS is in none."""
    names = [(name, value) for name, values in fields.items() for value in values]
    rows = {name: row for row, name in enumerate(names)}
    features = [name for name in fields if name not in (UPOS, XPOS)]
    table = np.zeros((len(names), len(bundles)), dtype=np.float32)
    for column, (pos, own) in enumerate(map(split, bundles)):
        table[rows[UPOS, pos], column] = 1.0
        table[[rows[name, own.get(name, "")] for name in features], column] = 1.0
    return torch.from_numpy(table)


class Best(NamedTuple):
    """The best score of each word, and its label. *Shape:* ``[words]`` each."""

    scores: Tensor
    labels: Tensor


def best_of(words: Tensor, scores: Tensor, labels: Tensor, size: int) -> Best:
    """The best of the scored labels of each of ``size`` words. *Shape:* that of ``words`` for the others."""
    best = scores.new_full((size,), -torch.inf).scatter_reduce(0, words, scores, "amax")
    wins = scores == best[words]
    return Best(best, words.new_zeros(size).scatter(0, words[wins], labels[wins]))


class Run(nn.Module):
    """The bundles of one part of speech, which stand together, and the values that any of them has: a third of all."""

    def __init__(self, row: int, start: int, end: int, values: Tensor) -> None:
        super().__init__()
        self.row, self.start, self.end = row, start, end
        self.used: Tensor
        self.values: Tensor
        self.register_buffer("used", values.any(1).nonzero()[:, 0], persistent=False)
        self.register_buffer("values", values[self.used].contiguous(), persistent=False)

    def forward(self, words: Tensor, usual: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The score of the best bundle for each word, its place among all, and the logarithm of what all sum to.

        From values of all fields.
        """
        table = torch.addmm(usual[self.start : self.end], words[:, self.used], self.values)
        place = argmax(table)
        return table.gather(1, place[:, None])[:, 0], place + self.start, table.logsumexp(1)


def runs(fields: Mapping[str, Sequence[str]], bundles: Sequence[str], values: Tensor) -> Iterator[Run]:
    """Those of each part of speech in turn; ``values`` are the :func:`members`."""
    for pos, columns in groupby(range(len(bundles)), key=lambda column: split(bundles[column])[0]):
        first, *others = columns
        end = first + 1 + len(others)
        yield Run(fields[UPOS].index(pos), first, end, values[:, first:end])
