"""Pre-training of a small encoder: vocabulary, skip-gram embeddings of the pieces, then masked-language modelling.

The order is measured: embeddings from skip-gram are worth more than the first million tokens of masked-language
modelling and cost a minute (Mikolov et al. 2013 for skip-gram, Devlin et al. 2019 for the objective).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.encoder import Encoder
from turkic_nlp.errors import MissingExtra
from turkic_nlp.pieces import PAD, Batch, WordPieces, collate
from turkic_nlp.precision import learning
from turkic_nlp.training.checkpoint import read_state, write_state

_FIRST_PIECE = 4


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: all counts are pieces read, ``rate`` the peak learning rate.

    The rate is constant between ``warmup`` and the last ``decay`` share of ``tokens``, so a run can be prolonged.
    ``bf16`` multiplies matrices in bfloat16 (weights and sums stay in float32): twice the speed where the processor
    has instructions for it. Where ``first_layers`` is given, the first ``first_tokens`` are read by a shallower encoder
    of that many layers, which then grows (see :mod:`turkic_nlp.training.growth`).
    """

    tokens: int = 15_000_000
    rate: float = 1e-3
    warmup: int = 400_000
    decay: float = 0.2
    rows: int = 32
    length: int = 128
    masked: float = 0.2
    seed: int = 1
    checkpoint_minutes: float = 5.0
    bf16: bool = False
    first_layers: int = 0
    first_tokens: int = 0

    def rate_at(self, seen: int) -> float:
        """The learning rate after ``seen`` pieces."""
        left = (self.tokens - seen) / (self.decay * self.tokens)
        return self.rate * max(0.0, min(1.0, (seen + 1) / self.warmup, left))


def skipgram(
    lines: Sequence[list[str]], rows: int, width: int, *, epochs: int = 2, threads: int = 2
) -> Tensor:
    """Skip-gram vectors of the pieces, scaled to the spread of a fresh embedding. *Shape:* ``[rows, width]``."""
    try:
        from gensim.models import Word2Vec
    except ImportError as error:
        raise MissingExtra(what="skip-gram embeddings", extra="pretrain") from error

    model = Word2Vec(
        lines,
        vector_size=width,
        window=6,
        min_count=5,
        sg=1,
        negative=5,
        epochs=epochs,
        workers=threads,
        seed=1,
    )
    vectors = torch.randn(rows, width) * 0.02
    found = torch.from_numpy(np.asarray(model.wv.vectors)).float()
    found = found - found.mean(0)
    found = found / found.std() * 0.05
    for index, name in enumerate(model.wv.index_to_key):
        vectors[int(name)] = found[index]
    vectors[PAD] = 0
    return vectors


def affix_vectors(table: Sequence[WordPieces], counts: Sequence[int], pieces: Tensor, size: int) -> Tensor:
    """A start for the affix embeddings: the mean vector of the words that have an affix, weighted by frequency."""
    total, weight = torch.zeros(size, pieces.shape[1]), torch.zeros(size, 1)
    for word, count in zip(table, counts, strict=True):
        if count and word.affixes:
            ids, share = list(word.affixes), float(count) ** 0.5
            total[ids] += pieces[list(word.ids)].mean(0) * share
            weight[ids] += share
    return total / weight.clamp(min=1.0)


class LanguageModel(nn.Module):
    """An encoder with XLM-R's language-model head, computed at masked positions only; the output is tied.

    ``head`` is that of a checkpoint, see :func:`turkic_nlp.hub.language_head`; without, it is fresh.
    """

    def __init__(self, encoder: Encoder, head: Mapping[str, Tensor] | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(encoder.width, encoder.width)
        self.norm = nn.LayerNorm(encoder.width, eps=encoder.config.layer_norm_eps)
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocab_size))
        if head:
            with torch.no_grad():
                for name, weight in self.head().items():
                    weight.copy_(head[name])

    def head(self) -> dict[str, Tensor]:
        """The weights beside the encoder's, under transformers' names; they are not copied."""
        own = {name: value for name, value in self.state_dict().items() if not name.startswith("encoder.")}
        return {name.replace("norm.", "layer_norm."): value for name, value in own.items()}

    def forward(self, batch: Batch, at: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy in nats at flat positions ``at``; all may lie on another device."""
        device = self.bias.device
        hidden = self.encoder(batch.to(device)).flatten(0, 1)[at.to(device)]
        hidden = self.norm(functional.gelu(self.dense(hidden)))
        scores = functional.linear(hidden, self.encoder.pieces.weight, self.bias)
        return functional.cross_entropy(scores.float(), targets.to(device))


def mask(
    parts: Sequence[Sequence[WordPieces]],
    share: float,
    vocabulary: int,
    rng: np.random.Generator,
    sign: int | None = None,
) -> tuple[Batch, Tensor, Tensor]:
    """Hide a share of the words: half of them whole, half in one piece; their affixes are hidden with them.

    Of the hidden pieces 80 % become ``<mask>``, 10 % a random piece, 10 % stay. Returns the batch, the flat
    positions and the pieces to predict. ``sign`` is the id of ``<mask>``, the last of the vocabulary unless given.
    """
    sign = vocabulary - 1 if sign is None else sign
    longest = max(2 + sum(len(word.ids) for word in part) for part in parts)
    hidden_parts: list[list[WordPieces]] = []
    at: list[int] = []
    targets: list[int] = []
    for row, part in enumerate(parts):
        place, chosen = row * longest + 1, rng.random(len(part)) < share
        out = list(part)
        for index, word in enumerate(part):
            if chosen[index] and word.ids[0] >= _FIRST_PIECE:
                ids, hidden = list(word.ids), range(len(word.ids))
                if len(ids) > 1 and rng.random() < 0.5:
                    hidden = range(n := int(rng.integers(len(ids))), n + 1)
                for n in hidden:
                    at.append(place + n)
                    targets.append(ids[n])
                    ids[n] = _disguise(ids[n], vocabulary, sign, rng.random())
                out[index] = WordPieces(tuple(ids), (), word.shape)
            place += len(word.ids)
        hidden_parts.append(out)
    return collate(hidden_parts), torch.tensor(at), torch.tensor(targets)


def _disguise(piece: int, vocabulary: int, sign: int, draw: float) -> int:
    if draw < 0.8:
        return sign
    return _FIRST_PIECE + int(draw * 1e7) % (vocabulary - _FIRST_PIECE - 1) if draw < 0.9 else piece


def batches(
    rows: Iterator[list[int]],
    table: Sequence[WordPieces],
    schedule: Schedule,
    vocabulary: int,
    seed: int,
    sign: int | None = None,
) -> Iterator[tuple[Batch, Tensor, Tensor]]:
    """Masked batches for ever; the draw depends on ``seed`` alone."""
    rng = np.random.default_rng(seed)
    while True:
        parts = [[table[number] for number in next(rows)] for _ in range(schedule.rows)]
        yield mask(parts, schedule.masked, vocabulary, rng, sign)


def train(
    model: LanguageModel,
    stream: Callable[[int], Iterator[tuple[Batch, Tensor, Tensor]]],
    schedule: Schedule,
    checkpoint: Path,
    report: Callable[[dict[str, float]], None],
    until: int,
) -> None:
    """Masked-language modelling until ``until`` pieces are read; goes on from ``checkpoint`` when it exists.

    ``stream(seen)`` gives the batches of a run that has read so many pieces.

    Raises:
        OtherCheckpoint: the checkpoint is of another model.
        OutputFailed: the disk is full; the last checkpoint is still there.
    """
    optimiser = torch.optim.AdamW(parameter_groups(model), lr=schedule.rate, betas=(0.9, 0.98), fused=True)
    parts = {"model": model, "optimiser": optimiser}
    seen = int(read_state(checkpoint, parts)["seen"]) if checkpoint.exists() else 0
    model.train()
    device = model.bias.device
    saved, losses = time.monotonic(), []
    for step, (batch, at, targets) in enumerate(stream(seen)):
        if seen >= until:
            break
        torch.manual_seed(schedule.seed * 1_000_003 + seen)
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate_at(seen)
        with learning(device, schedule.bf16):
            loss = model(batch, at, targets)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        seen += int((batch.ids != PAD).sum())
        losses.append(loss.item())
        if step % 25 == 24:
            report({"tokens": seen, "loss": float(np.mean(losses)), "rate": schedule.rate_at(seen)})
            losses = []
        if time.monotonic() - saved > schedule.checkpoint_minutes * 60:
            write_state(checkpoint, parts, {"seen": seen})
            saved = time.monotonic()
    write_state(checkpoint, parts, {"seen": seen})


def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:
    """The optimiser's groups: matrices with weight decay, the rest without."""
    parameters = list(model.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.01},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
