"""The losses of alignment, by name in LOSSES: each takes pairs of sentences and gives one number.

``token`` and ``l2`` bring words together, ``sentence``, ``xlco`` and ``translit`` sentences; ``mlm`` and ``tlm`` let
the encoder guess hidden words, in ``tlm`` with the translation in sight.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import chain
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.alignment.bitext import Pair
from turkic_nlp.alignment.contrast import contrast, contrast_all
from turkic_nlp.alignment.links import ALIGNERS, one_to_one
from turkic_nlp.alignment.plan import AlignPlan, layer_of
from turkic_nlp.alignment.views import View, pieces_of, read
from turkic_nlp.encoder import Encoder
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadAlignment
from turkic_nlp.pieces import WordPieces
from turkic_nlp.precision import learning
from turkic_nlp.training.pretraining import LanguageModel, mask

Sides = tuple[list[list[WordPieces]], list[list[WordPieces]]]


class Loss(nn.Module, ABC):
    """A loss of one encoder; its parameters and buffers are what it learns and remembers besides that encoder.

    ``vectors`` tells whether it compares the vectors of one layer, below which alone it then teaches.
    """

    vectors: ClassVar[bool] = True

    def __init__(self, words: WordEncoder, plan: AlignPlan) -> None:
        super().__init__()
        self.words = words
        self.plan = plan
        self.layer = layer_of(plan, len(words.encoder.blocks))

    def forward(self, pairs: Sequence[Pair], rng: np.random.Generator) -> Tensor:
        """The loss of a batch of pairs."""
        one = [pieces_of(self.words, (pair.one, pair.langs[0])) for pair in pairs]
        other = [pieces_of(self.words, (pair.other, pair.langs[1])) for pair in pairs]
        return self.of((one, other), rng)

    @abstractmethod
    def of(self, sides: Sides, rng: np.random.Generator) -> Tensor:
        """The loss of the pieces of both sides."""

    def read(self, parts: Sequence[Sequence[WordPieces]], words: WordEncoder | None = None) -> View:
        """Sentences at the layer that is aligned."""
        return read(words or self.words, parts, self.layer, bf16=self.plan.bf16)


class SentenceLoss(Loss):
    """The mean word vectors of a sentence and its translation find each other among those of the batch."""

    def of(self, sides: Sides, rng: np.random.Generator) -> Tensor:
        """InfoNCE."""
        one, other = map(self.read, sides)
        return contrast(one.sentences(), other.sentences(), self.plan.tau)


class TranslitLoss(Loss):
    """A sentence finds its other spelling among all sentences of the batch, of both spellings."""

    def of(self, sides: Sides, rng: np.random.Generator) -> Tensor:
        """InfoNCE over both sides."""
        one, other = map(self.read, sides)
        return contrast_all(one.sentences(), other.sentences(), self.plan.tau)


class LinkedLoss(Loss):
    """Linked words. The links are those that the encoder sees as it was at the start, so they do not move."""

    def __init__(self, words: WordEncoder, plan: AlignPlan) -> None:
        super().__init__(words, plan)
        # a WordEncoder is no module: this copy is neither trained nor saved
        self.start = WordEncoder(copy.deepcopy(words.encoder).eval().requires_grad_(False), words.pieces)

    def of(self, sides: Sides, rng: np.random.Generator) -> Tensor:
        """The loss of the linked words; 0 where nothing is linked."""
        links = self.links(sides)
        one, other = map(self.read, sides)
        return self.of_words(one.words[links[:, 0]], other.words[links[:, 1]])

    @abstractmethod
    def of_words(self, one: Tensor, other: Tensor) -> Tensor:
        """The loss of words that stand for each other. *Shape:* ``[links, width]`` twice."""

    def links(self, sides: Sides) -> Tensor:
        """Numbers of linked words among all words of both sides. *Shape:* ``[links, 2]``."""
        with torch.no_grad():
            one, other = (self.read(side, self.start) for side in sides)
        return links(one, other, self.plan.links, self.plan.threshold)


def links(one: View, other: View, aligner: str, threshold: float) -> Tensor:
    """The 1-1 links of words of many pairs, as numbers among all words of either view. *Shape:* ``[links, 2]``."""
    align, found, at = ALIGNERS[aligner], [], torch.zeros(2, dtype=torch.long)
    for left, right in zip(one.parts(), other.parts(), strict=True):
        found.append(one_to_one(align(left, right, threshold)).cpu() + at)
        at = at + torch.tensor([len(left), len(right)])
    return torch.cat(found).to(one.words.device)


class TokenLoss(LinkedLoss):
    """A word finds the word that stands for it among the linked words of the batch."""

    def of_words(self, one: Tensor, other: Tensor) -> Tensor:
        """InfoNCE."""
        return contrast(one, other, self.plan.tau) if len(one) else one.sum()


class L2Loss(LinkedLoss):
    """Linked words come near each other, while ``pull`` holds the weights to their start (Cao et al. 2020).

    Without the pull every word would be drawn to one point.
    """

    def of_words(self, one: Tensor, other: Tensor) -> Tensor:
        """Mean squared distance, and the distance of the weights from their start."""
        near = (one - other).pow(2).sum(1).mean() if len(one) else one.sum()
        pairs = zip(self.words.encoder.parameters(), self.start.encoder.parameters(), strict=True)
        moved = torch.stack([(now - then).pow(2).sum() for now, then in pairs]).sum()
        # at the start itself a root has no slope; the smallest number gives it that of nought
        return near + self.plan.pull * (moved + torch.finfo(moved.dtype).tiny).sqrt()


class XlcoLoss(Loss):
    """InfoXLM's contrast (Chi et al. 2021): the translation is told from a queue of many earlier sentences.

    What fills the queue comes from a copy of the encoder that follows it slowly, so that old entries stay comparable.
    A sentence is its ``<s>`` through a projection; which side asks is drawn batch by batch. Of an empty queue, as in
    the first batch, nothing is learned.
    """

    queue: Tensor
    filled: Tensor

    def __init__(self, words: WordEncoder, plan: AlignPlan) -> None:
        super().__init__(words, plan)
        width = words.encoder.width
        self.project = nn.Linear(width, width)
        self.slow = nn.ModuleDict({"encoder": words.encoder, "project": self.project})
        self.slow = copy.deepcopy(self.slow).eval().requires_grad_(False)
        self.register_buffer("queue", torch.zeros(plan.queue, width))
        self.register_buffer("filled", torch.zeros((), dtype=torch.long))

    def of(self, sides: Sides, rng: np.random.Generator) -> Tensor:
        """InfoNCE of the batch against the queue, which then takes the batch in."""
        self._follow()
        asking, asked = sides if rng.random() < 0.5 else sides[::-1]
        with torch.no_grad():
            slow = WordEncoder(self.slow["encoder"], self.words.pieces)  # type: ignore[arg-type]
            keys = functional.normalize(self.slow["project"](self.read(asked, slow).first), dim=1)
        queries = functional.normalize(self.project(self.read(asking).first), dim=1)
        others = self.queue[: min(int(self.filled), len(self.queue))]
        scores = torch.cat([(queries * keys).sum(1, keepdim=True), queries @ others.clone().T], dim=1)
        self._push(keys)
        own = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
        return functional.cross_entropy(scores / self.plan.tau, own)

    @torch.no_grad()
    def _follow(self) -> None:
        now = chain(self.words.encoder.parameters(), self.project.parameters())
        for slow, fast in zip(self.slow.parameters(), now, strict=True):
            slow.lerp_(fast, 1 - self.plan.momentum)

    def _push(self, keys: Tensor) -> None:
        """Take in new keys, over the oldest when the queue is full."""
        places = (int(self.filled) + torch.arange(len(keys))) % len(self.queue)
        self.queue[places] = keys
        self.filled += len(keys)


class MaskedLoss(Loss):
    """Hidden words are guessed from the sentence (masked-language modelling); the pairs need not be translations."""

    vectors: ClassVar[bool] = False

    def __init__(self, words: WordEncoder, plan: AlignPlan) -> None:
        super().__init__(words, plan)
        if not isinstance(words.encoder, Encoder):
            raise BadAlignment("loss", plan.loss, "another loss: this needs an encoder of the XLM-R class")
        model = LanguageModel(words.encoder)
        self.dense, self.norm, self.bias = model.dense, model.norm, model.bias
        self._model = (model,)  # in a tuple, lest its encoder count as a part of the loss

    def of(self, sides: Sides, rng: np.random.Generator) -> Tensor:
        """Cross-entropy of the hidden pieces; 0 where none is hidden."""
        vocabulary = self.words.encoder.config.vocab_size
        batch, at, targets = mask(self.texts(sides), self.plan.masked, vocabulary, rng)
        if not len(at):
            return self.bias.sum() * 0
        with learning(self.bias.device, self.plan.bf16):
            found: Tensor = self._model[0](batch, at, targets)
        return found

    def texts(self, sides: Sides) -> list[list[WordPieces]]:
        """Both sides, each sentence for itself."""
        return [*sides[0], *sides[1]]


class TranslationMaskedLoss(MaskedLoss):
    """Hidden words are guessed from a sentence and its translation, one behind the other (TLM, Lample et al. 2019)."""

    def texts(self, sides: Sides) -> list[list[WordPieces]]:
        """The pairs, cut to the positions that the encoder has."""
        most = self.words.encoder.config.max_position_embeddings - 4
        return [_cut([*one, *other], most) for one, other in zip(*sides, strict=True)]


def _cut(words: list[WordPieces], most: int) -> list[WordPieces]:
    ends = np.cumsum([len(word.ids) for word in words])
    return words[: int(np.searchsorted(ends, most, side="right"))]


LOSSES: dict[str, Callable[[WordEncoder, AlignPlan], Loss]] = {
    "token": TokenLoss,
    "sentence": SentenceLoss,
    "xlco": XlcoLoss,
    "translit": TranslitLoss,
    "l2": L2Loss,
    "mlm": MaskedLoss,
    "tlm": TranslationMaskedLoss,
}
