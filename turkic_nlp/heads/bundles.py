"""Bundles: a part of speech with its features, ``NOUN|Case=Dat|Number=Sing``, and how the best of them is found."""

from __future__ import annotations

from typing import NamedTuple

import torch
from spacy.tokens import Token
from torch import Tensor, nn

from turkic_nlp.heads.base import argmax

UPOS = "UPOS"


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
