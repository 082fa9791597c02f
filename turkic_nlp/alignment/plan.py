"""The settings of an alignment, checked before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from turkic_nlp.alignment.links import ALIGNERS
from turkic_nlp.errors import BadAlignment

LOSS_NAMES = ("token", "sentence", "xlco", "translit", "l2", "mlm", "tlm")
MODES = ("pre", "joint", "alternate")
PARTS = ("none", "lower", "upper")


@dataclass(frozen=True)
class AlignPlan:
    """How to align.

    ``mode``: ``pre`` aligns an encoder, from which training then starts; ``joint`` adds the loss, times ``weight``, to
    those of the tasks in every step; ``alternate`` gives it a step of its own after each. ``freeze`` names the half of
    the encoder (``lower``, with the embeddings, or ``upper``) that does not learn from the alignment. ``layer`` is the
    one whose vectors are aligned, counted from 1; 0 stands for two thirds of the way up, as layer 8 of XLM-R's 12.

    ``tau`` is the temperature of the contrastive losses; ``links`` the word aligner of ``token`` and ``l2``, with
    ``threshold`` for ``awesome``; ``queue`` and ``momentum`` belong to ``xlco``; ``pull`` to ``l2``, how strongly the
    weights are held back to where they started; ``masked`` to ``mlm`` and ``tlm``. ``steps``, ``rate``, ``head_rate``,
    ``warmup`` and ``clip`` are the course of mode ``pre``; in the others it is the recipe's. A batch has at most
    ``batch_pieces`` pieces, both sides counted.
    """

    loss: str = "token"
    mode: str = "pre"
    freeze: str = "none"
    seed: int = 1
    weight: float = 0.1
    layer: int = 0
    batch_pieces: int = 1000
    tau: float = 0.1
    links: str = "awesome"
    threshold: float = 1e-3
    queue: int = 2048
    momentum: float = 0.995
    pull: float = 1.0
    masked: float = 0.15
    steps: int = 1000
    rate: float = 2e-4
    head_rate: float = 1e-3
    warmup: float = 0.1
    clip: float = 1.0
    checkpoint_minutes: float = 5.0
    bf16: bool = False


_CHOICES = {"loss": LOSS_NAMES, "mode": MODES, "freeze": PARTS, "links": tuple(ALIGNERS)}
_RANGES: dict[str, tuple[float, float]] = {
    "weight": (0, 1e6),
    "layer": (0, 1000),
    "batch_pieces": (16, 1e7),
    "tau": (1e-4, 1e4),
    "threshold": (0, 1),
    "queue": (1, 1e7),
    "momentum": (0, 1),
    "pull": (0, 1e6),
    "masked": (0.01, 0.9),
    "steps": (1, 1e9),
    "rate": (0, 1),
    "head_rate": (0, 1),
    "warmup": (0, 1),
    "clip": (1e-6, 1e6),
    "checkpoint_minutes": (0, 1e6),
    "seed": (0, 2**31),
}


def make_plan(settings: Mapping[str, Any]) -> AlignPlan:
    """A plan from settings by name; the rest keeps its default.

    Raises:
        BadAlignment: an unknown name, a value of the wrong kind or out of range.
    """
    kinds = {field.name: str(field.type) for field in fields(AlignPlan)}
    for key, value in settings.items():
        if key not in kinds:
            raise BadAlignment(key, str(value), f"one of the settings {', '.join(kinds)}")
        _check(key, kinds[key], value)
    return AlignPlan(**settings)


def _check(key: str, kind: str, value: Any) -> None:
    if key in _CHOICES and value not in _CHOICES[key]:
        raise BadAlignment(key, str(value), ", ".join(_CHOICES[key]))
    if kind == "bool" and not isinstance(value, bool):
        raise BadAlignment(key, str(value), "true or false")
    if key in _RANGES:
        low, high = _RANGES[key]
        numbers = (int,) if kind == "int" else (int, float)
        if type(value) not in numbers or not low <= value <= high:
            name = "a whole number" if kind == "int" else "a number"
            raise BadAlignment(key, str(value), f"{name} from {low:g} to {high:g}")


def layer_of(plan: AlignPlan, layers: int) -> int:
    """The number of the layer that a plan aligns, in an encoder of so many layers.

    Raises:
        BadAlignment: the encoder has fewer.
    """
    if plan.layer > layers:
        raise BadAlignment("layer", str(plan.layer), f"a layer of the encoder, 1 to {layers}")
    return plan.layer or max(1, round(2 * layers / 3))
