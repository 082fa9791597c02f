"""Lemmas: each word is classified into an edit script (Chrupała 2006), in native letters cut, in shared ones added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc, Token
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE, Head, Project
from turkic_nlp.heads.edits import apply_script, edit_script


class LemmaHead(Head):
    """Scripts seen in training, the most frequent first."""

    name: ClassVar[str] = "lemmatizer"

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.scripts: list[str] = settings["scripts"]
        self._rows = {script: index for index, script in enumerate(self.scripts)}
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], len(self.scripts))

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """Scripts that occur at least twice in gold Docs."""
        counts = Counter(_script(token) for doc in docs for token in doc if token.lemma)
        scripts = [script for script, count in counts.most_common() if count > 1]
        return {"scripts": scripts or ["l;0;"], "width": 256, **options}

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words]``; IGNORE for words without a lemma or with a script that was not learned."""
        if not doc.has_annotation("LEMMA"):
            return None
        return torch.tensor([self._rows.get(_script(t), IGNORE) if t.lemma else IGNORE for t in doc])

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Tensor:
        """Scores. *Shape:* ``[words, scripts]``."""
        scores: Tensor = self.out(self.project(words, style))
        return scores

    def loss(self, scores: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy over the words that have a known script."""
        target = torch.cat(list(gold))
        if not bool((target != IGNORE).any()):
            return scores.sum() * 0.0
        return functional.cross_entropy(scores, target, ignore_index=IGNORE)

    def predict(self, scores: Tensor, sizes: Sequence[int]) -> list[list[int]]:
        """The best script of every word, per unit."""
        return [unit.tolist() for unit in torch.split(scores.argmax(-1).cpu(), list(sizes))]

    def annotate(self, doc: Doc, words: NDArray[np.intp], units: Sequence[list[int]]) -> None:
        """Write ``lemma_``; white space is its own lemma."""
        for token in doc:
            if token.is_space:
                token.lemma_ = token.text
        for index, row in zip(words.tolist(), (row for unit in units for row in unit), strict=True):
            token = doc[index]
            token.lemma_ = apply_script(token.text, self.scripts[row], doc.lang_)


def _script(token: Token) -> str:
    return edit_script(token.text, token.lemma_, token.doc.lang_)
