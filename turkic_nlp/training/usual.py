"""How long and how fast a head on a frozen encoder learns unless somebody says otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from spacy.tokens import Doc

EPOCHS = 20
LEAST_STEPS, _MOST_STEPS = 300, 3000
_BATCH_PIECES = 1000
_PIECES_A_WORD = 1.8
_EVALUATIONS = 12


def usual_settings(train: Sequence[Doc], steps: int | None = None) -> dict[str, Any]:
    """The ``[training]`` of a recipe: rates and dropout of heads on a frozen encoder; the rest follows the texts."""
    steps = steps or usual_steps(train)
    return {
        "steps": steps,
        "batch_pieces": _BATCH_PIECES,
        "encoder_rate": 0.0,
        "warmup": 0.1,
        "dropout": 0.0,
        "word_dropout": 0.0,
        # an average over the last tenth of the run; a slower one would remember the random start
        "average": round(max(0.0, 1 - 10 / steps), 4),
        "evaluate_every": max(1, steps // _EVALUATIONS),
        "dev_sentences": 300,
    }


def usual_steps(train: Sequence[Doc], least: int = LEAST_STEPS) -> int:
    """About EPOCHS times through the texts, within bounds."""
    pieces = _PIECES_A_WORD * sum(map(len, train))
    return min(_MOST_STEPS, max(least, math.ceil(EPOCHS * pieces / _BATCH_PIECES)))
