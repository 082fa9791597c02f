"""The checkpoint of a training run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, cast

import torch
from torch import Tensor

from turkic_nlp.errors import OtherCheckpoint, OutputFailed
from turkic_nlp.training.joint import Joint


class Progress:
    """The state of a run on disk: its parts (weights, optimiser ...), the step, and the best model so far.

    ``averaged``, ``judge`` and ``best_model`` need a part ``average``, an ``AveragedModel``.
    """

    def __init__(self, path: Path, parts: Mapping[str, Any]) -> None:
        self._path = path
        self._parts = dict(parts)
        self._saved = time.monotonic()
        self.step = 0
        self._history: list[float] = []
        self._best: dict[str, Tensor] = {}
        if path.exists():
            self._read()

    def _read(self) -> None:
        state = read_state(self._path, self._parts, ("step", "history", "best"))
        self.step, self._history, self._best = state["step"], state["history"], state["best"]

    def averaged(self) -> Joint:
        """The moving average of the weights, as a model."""
        return cast(Joint, self._parts["average"].module)

    def judge(self, scores: Mapping[str, float]) -> None:
        """Keep the averaged weights when their mean dev score is the best."""
        mean = scores["mean"]
        if not self._history or mean >= max(self._history):
            weights = self.averaged().state_dict()
            self._best = {name: value.clone() for name, value in weights.items()}
        self._history.append(mean)

    def out_of_patience(self, patience: int) -> bool:
        """Whether the last ``patience`` evaluations brought no new best."""
        return len(self._history) > patience and max(self._history[-patience:]) < max(self._history)

    def save_every(self, minutes: float) -> None:
        """Save when the last save is long ago."""
        if time.monotonic() - self._saved > minutes * 60:
            self.save()

    def save(self) -> None:
        """Write the checkpoint, whole or not at all.

        Raises:
            OutputFailed: the disk is full, say; the last checkpoint is still there.
        """
        write_state(
            self._path, self._parts, {"step": self.step, "history": self._history, "best": self._best}
        )
        self._saved = time.monotonic()

    def best_model(self) -> Joint:
        """The averaged model with the best weights."""
        model = self.averaged()
        if self._best:
            model.load_state_dict(self._best)
        return model.eval()


def write_state(path: Path, parts: Mapping[str, Any], rest: Mapping[str, Any]) -> None:
    """Write the states of ``parts`` and the ``rest``, whole or not at all.

    Raises:
        OutputFailed: the disk is full, say; what was there before is still there.
    """
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({**{name: part.state_dict() for name, part in parts.items()}, **rest}, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # torch tells a full disk by a RuntimeError
        partial.unlink(missing_ok=True)
        raise OutputFailed(str(path), str(error).split("\n")[0]) from error


def read_state(path: Path, parts: Mapping[str, Any], needed: Sequence[str] = ("seen",)) -> dict[str, Any]:
    """Give ``parts`` the states that :func:`write_state` wrote, and return all of it.

    Raises:
        OtherCheckpoint: it is damaged, lacks what is ``needed``, or is of other parts.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        if missing := [name for name in needed if name not in state]:
            raise KeyError(missing[0])
    except (RuntimeError, KeyError, ValueError, TypeError, OSError, UnpicklingError) as error:
        raise OtherCheckpoint(path=str(path), reason=str(error).split("\n")[0]) from error
    return state
