"""The curve of a score over the number of texts, and how many more a score would take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FAR = 4.0
"""Beyond so many times the texts that were measured a curve is a guess."""
_EXPONENTS = np.geomspace(0.05, 1.5, 400)
_LEAST_FOR_POWER = 4


@dataclass(frozen=True)
class Curve:
    """``a + b ln n`` (kind ``log``), or ``a - b / n ** c`` (kind ``power``), which levels off at ``a`` percent."""

    kind: str
    a: float
    b: float
    c: float = 0.0

    def at(self, texts: float) -> float:
        """The score of so many texts."""
        change = math.log(texts) if self.kind == "log" else -(texts**-self.c)
        return self.a + self.b * change

    def texts_for(self, score: float) -> float:
        """How many texts a score takes; infinity for one that the curve never reaches."""
        try:
            if self.kind == "log":
                return math.exp((score - self.a) / self.b) if self.b > 0 else math.inf
            return ((self.a - score) / self.b) ** (-1 / self.c) if self.a > score and self.b > 0 else math.inf
        except OverflowError:
            return math.inf


def fit(texts: Sequence[float], scores: Sequence[float], kind: str | None = None) -> Curve:
    """The curve of least squares of a kind, or of that kind which tells a size better that it was not shown.

    A ``power`` curve needs four different sizes.
    """
    n, y = np.asarray(texts, dtype=float), np.asarray(scores, dtype=float)
    if kind is None:
        several = len(set(texts)) >= _LEAST_FOR_POWER
        kind = "power" if several and left_out(n, y, "power") < left_out(n, y, "log") else "log"
    return _power(n, y) if kind == "power" else _log(n, y)


def left_out(n: NDArray[np.float64], y: NDArray[np.float64], kind: str) -> float:
    """Mean squared error at each size, of the curve through the other sizes."""
    errors = []
    for size in sorted(set(n.tolist())):
        rest = n != size
        curve = fit(n[rest].tolist(), y[rest].tolist(), kind)
        errors.append(float(np.mean((y[~rest] - curve.at(size)) ** 2)))
    return float(np.mean(errors))


def _log(n: NDArray[np.float64], y: NDArray[np.float64]) -> Curve:
    a, b, _ = _lines(np.log(n)[None], y)
    return Curve("log", float(a[0]), float(b[0]))


def _power(n: NDArray[np.float64], y: NDArray[np.float64]) -> Curve:
    """The exponent is the best of a grid, the rest follows; no curve levels off above 100."""
    x = -(n[None] ** -_EXPONENTS[:, None])
    a, b, errors = _lines(x, y)
    capped = ((y - 100) * x).sum(1) / (x * x).sum(1)
    errors = np.where(a > 100, ((100 + capped[:, None] * x - y) ** 2).sum(1), errors)
    best = int(errors.argmin())
    top, slope = (100.0, capped[best]) if a[best] > 100 else (a[best], b[best])
    return Curve("power", float(top), float(slope), float(_EXPONENTS[best]))


def _lines(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Intercept, slope and squared error of the line of least squares through each row of ``x``."""
    middle = x.mean(1, keepdims=True)
    b = ((x - middle) * (y - y.mean())).sum(1) / ((x - middle) ** 2).sum(1)
    a = y.mean() - b * middle[:, 0]
    return a, b, ((a[:, None] + b[:, None] * x - y) ** 2).sum(1)


@dataclass(frozen=True)
class Advice:
    """How many texts more a score takes; ``low`` and ``high`` are the least and the most over seeds."""

    goal: str
    score: float
    more: float
    low: float
    high: float
    far: bool

    def text(self) -> str:
        """As a user reads it."""
        if math.isinf(self.more):
            return f"{self.goal} ({self.score:.1f}): the curve levels off before; more of the same will not do it"
        high = "no end" if math.isinf(self.high) else f"{self.high:,.0f}"
        found = f"{self.goal} ({self.score:.1f}): about {self.more:,.0f} more, {self.low:,.0f} to {high} over seeds"
        return f"{found}; a guess, as it is beyond {FAR:.0f} times what was measured" if self.far else found


def advice(
    texts: Sequence[int], by_seed: Sequence[Sequence[float]], target: float | None = None
) -> tuple[Curve, list[Advice]]:
    """The curve through the scores of all seeds, and the way to one point more, five more, and to ``target``.

    ``by_seed`` has a row a seed, a score a size.
    """
    pooled = fit([n for _ in by_seed for n in texts], [score for row in by_seed for score in row])
    curves = [fit(texts, row, pooled.kind) for row in by_seed]
    now = pooled.at(texts[-1])
    goals = [("+1", now + 1), ("+5", now + 5), *([(f"{target:g}", target)] if target is not None else [])]
    return pooled, [_advice(goal, score, texts[-1], pooled, curves) for goal, score in goals if score <= 100]


def _advice(goal: str, score: float, most: int, pooled: Curve, curves: Sequence[Curve]) -> Advice:
    # each seed from its own last point, so that the interval is about the way and not about where it starts
    rise = score - pooled.at(most)
    ways = [curve.texts_for(curve.at(most) + rise) for curve in curves]
    more = [max(0.0, texts - most) for texts in (pooled.texts_for(score), *ways)]
    return Advice(goal, score, more[0], min(more[1:]), max(more[1:]), more[0] + most > FAR * most)
