"""UPOS, XPOS and features of each word: one softmax each, and one per feature name."""

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

UPOS, XPOS = "UPOS", "XPOS"


class TaggerHead(Head):
    """Every column is a field with its values; the value of an absent feature is the empty string."""

    name: ClassVar[str] = "tagger"

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.fields: dict[str, list[str]] = settings["fields"]
        self._rows = {
            name: {value: i for i, value in enumerate(values)} for name, values in self.fields.items()
        }
        self._sizes = [len(values) for values in self.fields.values()]
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], sum(self._sizes))

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """Fields and values seen in gold Docs; feature values that occur once are left out."""
        counts: dict[str, Counter[str]] = {UPOS: Counter(), XPOS: Counter()}
        for doc in docs:
            for token in doc:
                counts[UPOS][token.pos_] += 1
                counts[XPOS][token.tag_] += 1
                for name, value in token.morph.to_dict().items():
                    counts.setdefault(name, Counter())[value] += 1
        fields = {
            name: sorted(v for v, n in values.items() if v and n > 1) for name, values in counts.items()
        }
        features = {n: ["", *v] for n, v in sorted(fields.items()) if n not in (UPOS, XPOS) and v}
        return {"fields": {UPOS: fields[UPOS], XPOS: fields[XPOS], **features}, "width": 256, **options}

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words, fields]``; IGNORE for unknown values and columns that the corpus lacks."""
        if not doc.has_annotation("POS"):
            return None
        with_features = any(token.has_morph() for token in doc)
        return torch.tensor([self._row(token, with_features) for token in doc])

    def _row(self, token: Token, with_features: bool) -> list[int]:
        row = [self._rows[UPOS].get(token.pos_, IGNORE), self._rows[XPOS].get(token.tag_, IGNORE)]
        features = token.morph.to_dict()
        for name in list(self.fields)[2:]:
            row.append(self._rows[name].get(features.get(name, ""), IGNORE) if with_features else IGNORE)
        return row

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> list[Tensor]:
        """One score table ``[words, values]`` per field."""
        return list(self.out(self.project(words, style)).split(self._sizes, dim=-1))

    def loss(self, scores: list[Tensor], gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy of UPOS and XPOS plus the summed one of the features."""
        target = torch.cat(list(gold))
        total = scores[0].sum() * 0.0
        for column, table in enumerate(scores):
            known = target[:, column] != IGNORE
            if known.any():
                total = total + functional.cross_entropy(table[known], target[known, column])
        return total

    def predict(self, scores: list[Tensor], sizes: Sequence[int]) -> list[Tensor]:
        """Per unit the best value of every field. *Shape:* ``[words, fields]``."""
        best = torch.stack([table.argmax(-1) for table in scores], dim=-1).cpu()
        return list(torch.split(best, list(sizes)))

    def annotate(self, doc: Doc, words: NDArray[np.intp], units: Sequence[Tensor]) -> None:
        """Write ``pos_``, ``tag_`` and ``morph``; white space becomes ``SPACE``, as in spaCy."""
        names = list(self.fields)
        for token in doc:
            if token.is_space:
                token.pos_, token.tag_ = "SPACE", "_SP"
        for index, row in zip(words.tolist(), torch.cat(list(units)).tolist(), strict=True):
            token = doc[index]
            token.pos_ = self.fields[UPOS][row[0]]
            token.tag_ = self.fields[XPOS][row[1]]
            pairs = ((name, self.fields[name][value]) for name, value in zip(names[2:], row[2:], strict=True))
            token.set_morph({name: value for name, value in pairs if value})
