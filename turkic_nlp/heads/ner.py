"""Named entities: BIO labels, decoded so that every entity begins with B (Ramshaw and Marcus 1995)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import ENT_ID, ENT_IOB, ENT_KB_ID, ENT_TYPE
from spacy.tokens import Doc
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE, Head, Names, Project

_INSIDE, _OUTSIDE, _BEGINS = 1, 2, 3  # as spaCy counts them


class NerHead(Head):
    """Labels are ``O``, then ``B-x`` and ``I-x`` of each entity type in turn."""

    name: ClassVar[str] = "ner"

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.types: list[str] = settings["types"]
        self.labels = ["O", *(f"{prefix}-{type_}" for type_ in self.types for prefix in "BI")]
        self._rows = {label: index for index, label in enumerate(self.labels)}
        self._allowed = _transitions(len(self.types))
        self._names = Names(["", *self.types])
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], len(self.labels))

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """The entity types seen in gold Docs."""
        types = {span.label_ for doc in docs for span in doc.ents}
        return {"types": sorted(types), "width": 256, **options}

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words]``; None where nothing says whether a token is part of an entity."""
        if not doc.has_annotation("ENT_IOB"):
            return None
        names = [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else (t.ent_iob_ or "?") for t in doc]
        return torch.tensor([self._rows.get(name, IGNORE) for name in names])

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Tensor:
        """Scores. *Shape:* ``[words, labels]``."""
        scores: Tensor = self.out(self.project(words, style))
        return scores

    def loss(self, scores: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy over the labelled words."""
        return functional.cross_entropy(scores, torch.cat(list(gold)), ignore_index=IGNORE)

    def predict(self, scores: Tensor, sizes: Sequence[int]) -> list[NDArray[np.int64]]:
        """The best valid label sequence of each unit: the greedy one where it is valid, else by Viterbi search."""
        best = scores.argmax(-1).cpu().numpy()
        table = torch.log_softmax(scores.float(), -1).cpu().numpy()
        out: list[NDArray[np.int64]] = []
        start = 0
        for size in sizes:
            greedy = best[start : start + size]
            valid = self._allowed[np.concatenate([[0], greedy[:-1]]), greedy].all() if size else True
            labels = greedy if valid else _viterbi(table[start : start + size], self._allowed)
            out.append(np.asarray(labels))
            start += size
        return out

    def annotate(self, doc: Doc, words: NDArray[np.intp], units: Sequence[NDArray[np.int64]]) -> None:
        """Write ``doc.ents``; a word outside every entity becomes ``O``, white space inside one belongs to it."""
        labels = np.zeros(len(doc), dtype=np.int64)
        labels[words] = np.concatenate(units)
        if len(words) < len(doc):
            _fill_spaces(labels, words)
        table = np.zeros((len(doc), 4), dtype=np.uint64)
        table[:, 0] = np.where(labels == 0, _OUTSIDE, np.where(labels % 2, _BEGINS, _INSIDE))
        table[:, 1] = self._names((labels + 1) // 2, doc.vocab.strings)
        doc.from_array([ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID], table)


def _fill_spaces(labels: NDArray[np.int64], words: NDArray[np.intp]) -> None:
    """White space gets the label of the word after it where that goes on with an entity."""
    after = np.searchsorted(words, np.setdiff1d(np.arange(len(labels)), words))
    following = np.append(labels[words], 0)[after]
    labels[np.setdiff1d(np.arange(len(labels)), words)] = np.where(following % 2, 0, following)


def _transitions(types: int) -> NDArray[np.bool_]:
    """``[from, to]``: I-x follows only B-x and I-x. Before the first word stands O."""
    allowed = np.ones((2 * types + 1, 2 * types + 1), dtype=bool)
    for inside in range(2, 2 * types + 1, 2):
        allowed[:, inside] = False
        allowed[[inside - 1, inside], inside] = True
    return allowed


def _viterbi(scores: NDArray[np.float32], allowed: NDArray[np.bool_]) -> list[int]:
    penalty = np.where(allowed, 0.0, -1e9)
    best = scores[0] + penalty[0]
    back: list[NDArray[np.intp]] = []
    for row in scores[1:]:
        paths = best[:, None] + penalty
        back.append(paths.argmax(0))
        best = paths.max(0) + row
    labels = [int(best.argmax())]
    for pointers in reversed(back):
        labels.append(int(pointers[labels[-1]]))
    return labels[::-1]
