"""The word vectors that the heads of a run learn from: of each batch anew, or read once where nothing changes them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.pieces import WordPieces
from turkic_nlp.precision import learning
from turkic_nlp.training.gold import Gold, sentences
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.recipe import Plan

MOST_BYTES = 2 << 30
"""Vectors that take more memory are not kept."""


class Vectors:
    """Vectors of training Docs. Those of a frozen encoder without any dropout are read once, in a fixed order."""

    def __init__(self, model: Joint, golds: Sequence[Gold], plan: Plan) -> None:
        self._model = model
        self._plan = plan
        self._known: dict[int, Tensor] = {}
        words = sum(len(doc) for gold in golds for doc in gold.train)
        small = words * model.encoder.word_width * 4 <= MOST_BYTES
        if small and not (plan.encoder_rate or plan.word_dropout or plan.dropout):
            model.eval()
            with torch.no_grad():
                for gold in golds:
                    found = self._read(gold.train, gold.plan.lang, None)
                    self._known |= {id(doc): part for doc, part in zip(gold.train, found, strict=True)}

    def __call__(self, docs: Sequence[Doc], lang: str, rng: np.random.Generator) -> list[Tensor]:
        """``[words, word_width]`` of each Doc; ``rng`` chooses the words that are hidden."""
        if self._known:
            return [self._known[id(doc)] for doc in docs]
        noise = hide(self._plan.word_dropout, self._model.words.vocabulary.mask, rng)
        return self._read(docs, lang, noise)

    def _read(
        self,
        docs: Sequence[Doc],
        lang: str,
        noise: Callable[[list[WordPieces]], list[WordPieces]] | None,
    ) -> list[Tensor]:
        parts = [sentences(doc) for doc in docs]
        flat = [sentence for part in parts for sentence in part]
        with learning(self._model.words.device, self._plan.bf16):
            vectors = self._model.words(flat, [lang] * len(flat), self._plan.batch_pieces, noise=noise)
        ends = list(itertools.accumulate(map(len, parts)))
        return [
            torch.cat(vectors[end - len(part) : end]).float() for part, end in zip(parts, ends, strict=True)
        ]


def hide(share: float, mask: int, rng: np.random.Generator) -> Callable[[list[WordPieces]], list[WordPieces]]:
    """What hides a share of the words of a sentence: each is one ``mask`` piece then."""

    def noise(words: list[WordPieces]) -> list[WordPieces]:
        hidden = rng.random(len(words)) < share
        return [WordPieces((mask,), (), w.shape) if h else w for w, h in zip(words, hidden, strict=True)]

    return noise
