"""Whether a task and an alignment pull an encoder the same way, layer by layer, beside three nulls.

In millions of dimensions any two directions are nearly at right angles, so a cosine near nought means nothing alone.
It is read against that of two disjoint batches of the task (about the most that can be hoped for), that of the
alignment with its pairs shuffled (what the loss does whatever it is told), and that of a random vector of the same
length (nothing).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

import torch
from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.alignment.bitext import Pair
from turkic_nlp.encoder import PieceEncoder
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.heads import Head
from turkic_nlp.training.gold import sentences

Gradient = dict[str, Tensor]
Figures = dict[str, float | None]
_BUDGET = 4096


def layers(encoder: PieceEncoder) -> dict[str, list[torch.nn.Parameter]]:
    """The parameters of an encoder by layer, ``embeddings`` first, then ``1``, ``2`` ..."""
    blocks = {str(n): list(block.parameters()) for n, block in enumerate(encoder.blocks, 1)}
    known = {id(parameter) for block in blocks.values() for parameter in block}
    return {"embeddings": [p for p in encoder.parameters() if id(p) not in known], **blocks}


def gradient(loss: Tensor, encoder: PieceEncoder) -> Gradient:
    """The gradient of a loss by layer, each as one vector; zeros where the loss does not depend on the layer."""
    groups = layers(encoder)
    flat = [p for group in groups.values() for p in group]
    found = iter(torch.autograd.grad(loss, flat, allow_unused=True))
    rows = {name: [(p, next(found)) for p in group] for name, group in groups.items()}
    return {
        name: torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for p, g in row])
        for name, row in rows.items()
    }


def shuffled(pairs: Sequence[Pair]) -> list[Pair]:
    """Every sentence with the translation of the next."""
    return [pair._replace(other=pairs[n - 1].other) for n, pair in enumerate(pairs)]


def task_loss(words: WordEncoder, head: Head, docs: Sequence[Doc], lang: str, style: str) -> Tensor:
    """The loss of a head on gold Docs, without dropout, with gradients into the encoder."""
    words.encoder.eval()
    head.eval()
    rows: list[Tensor] = []
    for doc in docs:
        parts = sentences(doc)
        rows.append(torch.cat(words(parts, [lang] * len(parts), _BUDGET)))
    gold = [head.gold(doc) for doc in docs]
    keep = [n for n, unit in enumerate(gold) if unit is not None]
    scores = head(torch.cat([rows[n] for n in keep]), [len(rows[n]) for n in keep], head.style(style))
    return head.loss(scores, [unit for unit in gold if unit is not None])


def cosine(one: Tensor, other: Tensor) -> float | None:
    """The cosine of two vectors, None where one of them is nought."""
    one, other = one.double(), other.double()
    length = one.norm() * other.norm()
    return float(one @ other / length) if length > 0 else None


def compare(
    task: Gradient,
    task_again: Gradient,
    align: Gradient,
    align_shuffled: Gradient,
    *,
    weight: float,
    seed: int,
) -> dict[str, Figures]:
    """The figures of each layer, and of ``all`` together, from the gradients of one pair of batches.

    ``task_again`` is that of a disjoint batch, ``align_shuffled`` that of the alignment with its pairs shuffled;
    ``weight`` is the alignment's.
    """
    names = [*task, "all"]
    one, again, other, mixed = (
        g | {"all": torch.cat(list(g.values()))} for g in (task, task_again, align, align_shuffled)
    )
    draw = torch.Generator().manual_seed(seed)
    return {n: _figures(one[n], again[n], other[n], mixed[n], weight, draw) for n in names}


def _figures(
    task: Tensor, again: Tensor, align: Tensor, shuffled: Tensor, weight: float, draw: torch.Generator
) -> Figures:
    noise = torch.randn(task.shape, generator=draw).to(task.device)
    noise *= align.norm() / noise.norm()
    size = task.norm()
    return {
        "task_align": cosine(task, align),
        "norm_ratio": float(align.norm() / size) if size > 0 else None,
        "task_mixed": cosine(task, task + weight * align),
        "null_task_task": cosine(task, again),
        "null_task_shuffled": cosine(task, shuffled),
        "null_align_shuffled": cosine(align, shuffled),
        "null_random": cosine(task, noise),
    }


def average(rows: Sequence[Mapping[str, Figures]]) -> dict[str, Figures]:
    """The means of the figures of several pairs of batches; None where there was none in any."""
    return {
        layer: {key: _mean([row[layer][key] for row in rows]) for key in rows[0][layer]} for layer in rows[0]
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 5) if known else None


def gradients(
    encoder: PieceEncoder,
    task: Callable[[int], Tensor],
    align: Callable[[int, bool], Tensor],
    *,
    batches: int,
    weight: float = 1.0,
) -> dict[str, Figures]:
    """The figures over ``batches`` pairs of batches.

    ``task(n)`` is the loss of the n-th batch of the task, which must be disjoint for different n below ``2 * batches``;
    ``align(n, shuffled)`` that of the n-th batch of pairs.
    """
    rows = []
    for n in range(batches):
        found = [
            gradient(loss, encoder)
            for loss in (task(2 * n), task(2 * n + 1), align(n, False), align(n, True))
        ]
        rows.append(compare(*found, weight=weight, seed=n))
    return average(rows)
