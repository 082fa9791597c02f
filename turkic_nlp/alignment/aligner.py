"""The alignment of a run: which pairs a step reads, which layers learn from them, and how much it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from turkic_nlp.alignment.bitext import Pair
from turkic_nlp.alignment.losses import LOSSES, Loss
from turkic_nlp.alignment.plan import AlignPlan
from turkic_nlp.encoder import PieceEncoder
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadAlignment

_PIECES_A_WORD = 1.8
_TEMPERATURE = 0.5
_LEAST = 2


class Aligner:
    """The loss of each step, for :func:`turkic_nlp.training.loop.train` and for :func:`turkic_nlp.alignment.run.align`.

    The pairs of a step depend on the seed and the number of the step alone; all are of one pair of languages, which is
    drawn with probability ~ ``pairs ** 0.5``.
    """

    module: nn.Module

    def __init__(self, words: WordEncoder, pairs: Sequence[Pair], plan: AlignPlan) -> None:
        self.words = words
        self.plan = plan
        self.apart = plan.mode == "alternate"
        torch.manual_seed(plan.seed)  # what a loss learns besides the encoder starts at random
        self.loss: Loss = LOSSES[plan.loss](words, plan)
        self.module = self.loss
        _check_reach(words.encoder, self.loss)
        self._groups: dict[tuple[str, str], list[Pair]] = {}
        for pair in pairs:
            self._groups.setdefault(pair.langs, []).append(pair)
        sizes = np.asarray([len(group) for group in self._groups.values()]) ** _TEMPERATURE
        self._shares = sizes / sizes.sum()

    def __call__(self, step: int) -> Tensor:
        """The loss of a step, with its weight in the modes where it stands beside others."""
        rng = np.random.default_rng((self.plan.seed, step, 540))
        with frozen(self.words.encoder, self.plan.freeze):
            loss: Tensor = self.loss(self.batch(rng), rng)
        return loss if self.plan.mode == "pre" else self.plan.weight * loss

    def batch(self, rng: np.random.Generator) -> list[Pair]:
        """Random pairs up to the budget of pieces, two at least."""
        group = list(self._groups.values())[int(rng.choice(len(self._shares), p=self._shares))]
        chosen: list[Pair] = []
        room = float(self.plan.batch_pieces)
        for index in rng.permutation(len(group)):
            room -= _PIECES_A_WORD * (len(group[index].one) + len(group[index].other)) + 4
            if room < 0 and len(chosen) >= _LEAST:
                break
            chosen.append(group[index])
        return chosen


def _check_reach(encoder: PieceEncoder, loss: Loss) -> None:
    """Raise BadAlignment where the layer whose vectors are aligned lies in the half that is frozen."""
    middle = len(encoder.blocks) // 2
    if loss.plan.freeze == "lower" and loss.vectors and loss.layer <= middle:
        raise BadAlignment("layer", str(loss.layer), f"a layer above the frozen ones, {middle + 1} or more")


@contextmanager
def frozen(encoder: PieceEncoder, part: str) -> Iterator[None]:
    """What is computed inside teaches nothing to one half of an encoder: ``lower`` (with the embeddings) or ``upper``.

    Of an odd number of layers the middle one counts as upper.
    """
    above = [p for block in encoder.blocks[len(encoder.blocks) // 2 :] for p in block.parameters()]
    known = {id(parameter) for parameter in above}
    below = [p for p in encoder.parameters() if id(p) not in known]
    chosen = [p for p in {"none": [], "lower": below, "upper": above}[part] if p.requires_grad]
    try:
        for parameter in chosen:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in chosen:
            parameter.requires_grad_(True)
