"""A linear model of which source is better for a target, fitted on measured transfer; every weight can be read.

Only the order of the sources of one target matters, so features and scores are centred within each target before a
ridge regression: the model says by how many points a source should be better than the average candidate, and which
feature gives it how many of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from turkic_nlp.sources.tables import rows

RIDGE = 10.0
"""Strength of the penalty on standardised weights, in observations. Fixed beforehand, not tuned."""

Features = Mapping[str, float | None]


@dataclass(frozen=True)
class Pair:
    """One cell of a transfer matrix: features of a source for a target, and the score that was measured."""

    source: str
    target: str
    features: Features
    score: float


@dataclass(frozen=True)
class Linear:
    """Points per unit of each feature."""

    weights: dict[str, float]

    def contributions(self, candidates: Sequence[Features]) -> list[dict[str, float]]:
        """Points that each feature gives each candidate, against the average candidate; an unknown value gives none."""
        centred = _centred([[row.get(name) for name in self.weights] for row in candidates])
        points = centred * np.asarray(list(self.weights.values()))
        return [dict(zip(self.weights, map(float, row), strict=True)) for row in points]

    def scores(self, candidates: Sequence[Features]) -> list[float]:
        """Points of each candidate above or below their average."""
        return [sum(row.values()) for row in self.contributions(candidates)]


def with_measured(
    parts: Sequence[dict[str, float]], measured: Sequence[float | None]
) -> list[dict[str, float]]:
    """Contributions in which what was measured takes the place of the prediction.

    Both count from the average of the candidates that were measured, so that they can be compared.
    """
    scores = [score for score in measured if score is not None]
    if not scores:
        return list(parts)
    known = [part for part, score in zip(parts, measured, strict=True) if score is not None]
    level = {name: fmean(part[name] for part in known) for name in known[0]}
    return [
        {name: points - level[name] for name, points in part.items()}
        if score is None
        else {"measured": score - fmean(scores)}
        for part, score in zip(parts, measured, strict=True)
    ]


def fit(pairs: Iterable[Pair], names: Sequence[str], ridge: float = RIDGE) -> Linear:
    """The model of a transfer matrix: ridge regression on features and scores centred within each target."""
    by_target: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_target.setdefault(pair.target, []).append(pair)
    rows = [
        _centred([[p.features.get(name) for name in names] for p in group]) for group in by_target.values()
    ]
    x = np.concatenate(rows)
    y = np.concatenate([_centred([[p.score] for p in group])[:, 0] for group in by_target.values()])
    spread = x.std(axis=0)
    spread[spread == 0] = 1.0
    x = x / spread
    found = np.linalg.solve(x.T @ x + ridge * np.eye(len(names)), x.T @ y) / spread
    return Linear(dict(zip(names, map(float, found), strict=True)))


def _centred(rows: Sequence[Sequence[float | None]]) -> np.ndarray:
    """Columns minus the mean of what is known in them; what is unknown becomes 0."""
    table = np.asarray([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=float)
    known = ~np.isnan(table)
    filled = np.where(known, table, 0.0)
    means = filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.asarray(np.where(known, table - means, 0.0))


def fitted() -> dict[tuple[str, str], Linear]:
    """The weights of the table ``weights.tsv``, by encoder and task."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for encoder, task, name, weight in list(rows("weights.tsv"))[1:]:
        found.setdefault((encoder, task), {})[name] = float(weight)
    return {key: Linear(weights) for key, weights in found.items()}
