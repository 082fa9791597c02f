"""The picture of a few-shot curve: the score of every cell over the logarithm of the number of texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from turkic_nlp.errors import MissingExtra
from turkic_nlp.training.curve import FAR, Curve
from turkic_nlp.whole import whole

PICTURE = "curve.png"


def check_extra() -> None:
    """Raise MissingExtra (T505) without matplotlib."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtra(what="A plot (--no-plot goes without)", extra="plots") from error


def draw(result: dict[str, Any], path: Path) -> None:
    """Write the picture of what :func:`turkic_nlp.training.fewshot.fewshot_curve` gave.

    Raises:
        MissingExtra: matplotlib is not installed.
        OutputFailed: the system refused to write.
    """
    check_extra()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    sizes = [int(size) for size in result["sizes"]]
    curve = Curve(**result["curve"])
    for seed, scores in enumerate(zip(*result["sizes"].values(), strict=True)):
        axes.plot(sizes, scores, "o", color="tab:blue", alpha=0.6, label="one seed" if not seed else None)
    known = np.geomspace(sizes[0], sizes[-1], 50)
    beyond = np.geomspace(sizes[-1], FAR * sizes[-1], 20)
    axes.plot(known, [curve.at(n) for n in known], color="tab:orange", label=f"curve ({curve.kind})")
    axes.plot(beyond, [curve.at(n) for n in beyond], "--", color="tab:orange", label="what more would give")
    if result["now"] is not None:
        axes.axhline(result["now"], color="tab:gray", linestyle=":", label="the model now")
    axes.set(xscale="log", xlabel="texts", ylabel="%", title=f"{result['task']}, {result['lang']}")
    axes.grid(alpha=0.3)
    axes.legend()
    with whole(path) as part:
        figure.savefig(part, dpi=150, format="png")
