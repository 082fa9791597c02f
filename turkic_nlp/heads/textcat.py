"""Text classification: the mean and the maximum of a document's word vectors, one label or several.

Where there are few texts to learn from and each has one label, n-grams have a say too
(:mod:`turkic_nlp.heads.grams`). From many texts the network learns all that they know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import Head, Project
from turkic_nlp.heads.grams import BUCKETS, learned, scale
from turkic_nlp.heads.grams import buckets as buckets_of
from turkic_nlp.heads.kept import KeptWords
from turkic_nlp.layout import Layout

GRAMS = "grams"
"""The setting that lists the styles whose n-grams a head knows; unlike the others it says nothing of what it learns."""
_TRUST = 0.5
"""What the network's scores count for beside those of n-grams; chosen on the dev part of SIB-200."""
_MOST_TEXTS = 10_000
"""On dev n-grams help where there are 3,146 texts to learn from (SIB-200), not with 46,456 (KazSAnDRA)."""
_MOST_LABELS = 64


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
        self.grams: Tensor
        known = settings.get(GRAMS, [])
        if known:
            self.register_buffer("grams", torch.zeros(len(known), BUCKETS, len(self.labels)))
        self._found = KeptWords[NDArray[np.float32]]()

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

    def remember(self, docs: Iterable[Doc], style: str) -> None:
        """Keep what n-grams say of each label."""
        golds = [(doc, int(gold.argmax())) for doc in docs if (gold := self.gold(doc)) is not None]
        if not self.exclusive or len(self.labels) > _MOST_LABELS or not 1 < len(golds) <= _MOST_TEXTS:
            return
        texts = (([token.text for token in doc if not token.is_space], doc.lang_) for doc, _ in golds)
        table = learned(texts, [label for _, label in golds], len(self.labels))
        known = [one for one in self.settings.get(GRAMS, []) if one != style]
        kept = [self.grams[self.settings[GRAMS].index(one)] for one in known]
        new = torch.from_numpy(table).half().float()
        self.settings[GRAMS] = [*known, style]
        self.register_buffer("grams", torch.stack([*kept, new.to(self.out.weight.device)]))
        self._found.forget()

    def recall(self, layout: Layout, style: str | None) -> Sequence[NDArray[np.float32]] | None:
        """What n-grams say of each document. *Shape:* ``[labels]`` each."""
        style = style or ""
        if style not in self.settings.get(GRAMS, []):
            return None
        return [self._said_of(words, lang, style) for lang, words in layout.document_texts()]

    def _said_of(self, words: Sequence[str], lang: str, style: str) -> NDArray[np.float32]:
        """The scores of a text. What is kept of a word are the sums over its n-grams, and their number."""
        known = self._found(words, lang, style, self._of_new)
        total = np.sum([known[word] for word in words], axis=0)
        said: NDArray[np.float32] = total[:-1] * scale(total[-1:]).astype(np.float32)
        return said

    def _of_new(self, words: Sequence[str], lang: str, style: str) -> NDArray[np.float32]:
        """*Shape:* ``[words, labels + 1]``."""
        table = self.grams[self.settings[GRAMS].index(style)]
        rows = [buckets_of(word, lang) for word in words]
        sizes = torch.tensor([len(one) for one in rows])
        flat = torch.tensor(list(chain.from_iterable(rows)), dtype=torch.long).to(table.device)
        starts = (sizes.cumsum(0) - sizes).to(table.device)
        sums = functional.embedding_bag(flat, table, starts, mode="sum").float().cpu()
        found: NDArray[np.float32] = torch.cat([sums, sizes[:, None].float()], 1).numpy()
        return found

    def weigh(self, scores: Tensor, sightings: Sequence[NDArray[np.float32]]) -> Tensor:
        """The scores with what n-grams say."""
        return scores + torch.from_numpy(np.stack(sightings)).to(scores.device)

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
        return scores if self.training else scores * self._trust_in(style) + self._shift[style]

    def _trust_in(self, style: int) -> float:
        """Less in a network whose scores those of n-grams are added to."""
        return _TRUST if style in map(self.style, self.settings.get(GRAMS, [])) else 1.0

    def loss(self, scores: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy of the one label, or binary cross-entropy of each."""
        target = torch.stack(list(gold))
        if self.exclusive:
            return functional.cross_entropy(scores, target.argmax(-1))
        return functional.binary_cross_entropy_with_logits(scores, target)

    def tables(self, scores: Tensor, agreed: None) -> list[Tensor]:
        """One choice of a document, or one for each label, against none."""
        return [
            scores if self.exclusive else torch.stack([scores, torch.zeros_like(scores)], -1).flatten(0, 1)
        ]

    def labelled(self) -> dict[str, tuple[Sequence[str], ...]]:
        """Labels."""
        return super().labelled() | dict.fromkeys(("out.weight", "out.bias"), (self.labels,))

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
