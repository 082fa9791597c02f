"""What a step learns from: the Docs of a draw with the gold of every head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.heads import Head
from turkic_nlp.training.gold import Gold
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.order import Draw
from turkic_nlp.training.recipe import HeadPlan


@dataclass
class Batch:
    """What a draw gives: sentences to encode, the sizes of the units, and each head's gold."""

    docs: list[Doc]
    style: str
    lang: str
    golds: dict[str, list[Tensor]]


class Loader:
    """Docs of a draw with the gold of every head that the corpus may teach, computed once per Doc."""

    def __init__(self, heads: Mapping[str, HeadPlan], model: Joint, golds: Sequence[Gold]) -> None:
        self._golds = golds
        self._device = model.words.device
        self._known: dict[tuple[int, int, str], Tensor | None] = {}
        self._heads: dict[int, dict[str, Head]] = {
            n: {name: model.head(name) for name in heads if not gold.plan.tasks or name in gold.plan.tasks}
            for n, gold in enumerate(golds)
        }

    def load(self, draw: Draw) -> Batch:
        """The Docs of a draw and what each head learns from them."""
        gold = self._golds[draw.corpus]
        golds = {
            name: [self._gold(draw.corpus, n, name, head) for n in draw.docs]
            for name, head in self._heads[draw.corpus].items()
        }
        return Batch([gold.train[n] for n in draw.docs], gold.style, gold.plan.lang, golds)  # type: ignore[arg-type]

    def _gold(self, corpus: int, doc: int, name: str, head: Head) -> Tensor | None:
        key = (corpus, doc, name)
        if key not in self._known:
            found = head.gold(self._golds[corpus].train[doc])
            self._known[key] = None if found is None else found.to(self._device)
        return self._known[key]
