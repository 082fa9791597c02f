"""Text classification: the mean and the maximum of a document's word vectors, one label or several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import Head, Project
from turkic_nlp.layout import Layout


class TextcatHead(Head):
    """With ``exclusive`` the scores are a distribution, otherwise each label is a decision of its own.

    The setting ``shares`` says, by style and label, how common each label is in the texts to come, where training had
    texts of that style in equal numbers for each; what is guessed then follows the shares (Saerens et al. 2002).
    """

    name: ClassVar[str] = "textcat"
    per_document: ClassVar[bool] = True

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.labels: list[str] = settings["labels"]
        self.exclusive: bool = settings["exclusive"]
        self.project = Project(2 * settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], len(self.labels))
        self._shift: Tensor
        self.register_buffer("_shift", self._shift_of(settings.get("shares", {})), persistent=False)

    def _shift_of(self, shares: dict[str, dict[str, float]]) -> Tensor:
        """What is added to the scores of a style, in nats. *Shape:* ``[styles + 1, labels]``."""
        table = np.zeros((len(self.styles) + 1, len(self.labels)), dtype=np.float32)
        for style, share in shares.items():
            row = [float(share[label]) * len(self.labels) for label in self.labels]
            if min(row) <= 0 or not np.isfinite(row).all():
                raise ValueError(f"the shares of {style!r} are not all above 0")
            if style in self.styles:
                table[self.style(style)] = np.log(row)
        return torch.from_numpy(table)

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """The labels seen in ``doc.cats``; exclusive when every gold document has exactly one."""
        gold = [doc.cats for doc in docs if doc.cats]
        exclusive = all(sum(value > 0.5 for value in cats.values()) == 1 for cats in gold)
        return {
            "labels": sorted({label for cats in gold for label in cats}),
            "exclusive": exclusive,
            "width": 256,
        } | options

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[labels]``; None for a document without any of the head's labels."""
        if not len(doc) or not any(label in doc.cats for label in self.labels):
            return None
        return torch.tensor([float(doc.cats.get(label, 0.0)) for label in self.labels])

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Tensor:
        """Scores. *Shape:* ``[documents, labels]``; a document without words is all zeros."""
        documents = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes)).to(words.device)
        of = documents[:, None].expand_as(words)
        nothing = words.new_zeros(len(sizes), words.shape[-1])
        mean, top = (
            nothing.scatter_reduce(0, of, words, how, include_self=False) for how in ("mean", "amax")
        )
        scores: Tensor = self.out(self.project(torch.cat([mean, top], -1), style))
        return scores if self.training else scores + self._shift[style]

    def loss(self, scores: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy of the one label, or binary cross-entropy of each."""
        target = torch.stack(list(gold))
        if self.exclusive:
            return functional.cross_entropy(scores, target.argmax(-1))
        return functional.binary_cross_entropy_with_logits(scores, target)

    def predict(self, scores: Tensor, sizes: Sequence[int]) -> NDArray[np.float32]:
        """Probabilities of each document's labels. *Shape:* ``[documents, labels]``."""
        shares = torch.softmax(scores, -1) if self.exclusive else torch.sigmoid(scores)
        rows: NDArray[np.float32] = shares.float().cpu().numpy()
        return rows

    def annotate(self, layout: Layout, labels: NDArray[np.float32]) -> None:
        """Write ``doc.cats``, keeping the categories of other classifiers."""
        for n, row in zip(layout.with_words, labels.tolist(), strict=True):
            doc = layout.docs[n]
            doc.cats = {**doc.cats, **dict(zip(self.labels, row, strict=True))}
