"""How fast each part of a model learns, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from torch import nn

from turkic_nlp.training.joint import Joint
from turkic_nlp.training.recipe import Plan


def groups(model: Joint, plan: Plan, own: Sequence[nn.Parameter] = ()) -> list[dict[str, Any]]:
    """Parameter groups: heads at their rate, the encoder's layers at rates that fall towards the embeddings.

    ``own`` are what a further loss learns besides; at the rate of the heads.
    """
    parts: list[tuple[Iterable[nn.Parameter], float, float]] = [
        (model.heads.parameters(), plan.head_rate, 0.01)
    ]
    if own:
        parts.append((own, plan.head_rate, 0.01))
    if plan.encoder_rate:
        layers = model.encoder.blocks
        inside = {id(p) for layer in layers for p in layer.parameters()}
        below = [p for p in model.encoder.parameters() if id(p) not in inside]
        for depth, layer in enumerate(reversed(layers)):
            parts.append((layer.parameters(), plan.encoder_rate * plan.layer_decay**depth, 0.01))
        parts.append((below, plan.encoder_rate * plan.layer_decay ** len(layers), 0.0))
    return [{"params": list(p), "lr": rate, "peak": rate, "weight_decay": decay} for p, rate, decay in parts]


def rate_of(step: int, plan: Plan) -> float:
    """Share of the peak rate: linear up over the warm-up, linear down to zero."""
    warm = max(1, int(plan.warmup * plan.steps))
    return min((step + 1) / warm, (plan.steps - step) / max(1, plan.steps - warm))
