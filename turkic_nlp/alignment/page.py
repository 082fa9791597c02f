"""The page of a diagnosis: four plots as PNG, and HTML that holds them and the tables."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from turkic_nlp.errors import MissingExtra
from turkic_nlp.whole import whole

_PLOTS = (
    ("sentence_distance", "translations minus others: cosine of sentences"),
    ("word_distance", "translations minus others: cosine of words"),
    ("retrieval", "retrieval@1, %"),
)
_CURVES = (
    ("task_align", "task and alignment", "-"),
    ("null_task_task", "null: task and task", "--"),
    ("null_task_shuffled", "null: task and shuffled pairs", ":"),
    ("null_random", "null: task and random", "-."),
)
_STYLE = (
    "body{font:15px sans-serif;max-width:64em;margin:2em auto}img{max-width:100%}"
    "td,th{padding:.2em .7em;text-align:right}"
)


def check_plots() -> None:
    """Raise MissingExtra (T505) where matplotlib is not installed."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise MissingExtra(what="plots", extra="plots") from error


def write_page(found: Mapping[str, Any], folder: Path) -> None:
    """Write ``diagnosis.png`` and ``diagnosis.html`` for what :func:`turkic_nlp.alignment.diagnosis.diagnose` found."""
    image = draw(found)
    for name, content in (("diagnosis.png", image), ("diagnosis.html", page(found, image).encode())):
        with whole(folder / name) as part:
            part.write_bytes(content)


def draw(found: Mapping[str, Any]) -> bytes:
    """The plots as PNG: distances of sentences and words, retrieval, cosines of gradients, each by layer.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    check_plots()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8), layout="constrained")
    axes = figure.subplots(2, 2).flat
    for axis, (key, title) in zip(axes, _PLOTS, strict=False):
        for pair, measured in found["pairs"].items():
            axis.plot([row[key] for row in measured["layers"]], marker="o", label=pair)
        axis.set(title=title, xlabel="layer (0: embeddings)")
        axis.legend()
    _draw_gradients(axes[3], found["gradients"])
    figure.suptitle(str(found["model"]))
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    return out.getvalue()


def _draw_gradients(axis: Any, gradients: Mapping[str, Any]) -> None:
    axis.set(title="cosine of gradients (mean over pairs)", xlabel="layer")
    if not gradients:
        axis.text(0.5, 0.5, "no task was named", ha="center", va="center", transform=axis.transAxes)
        return
    names = [name for name in next(iter(gradients.values())) if name != "all"]
    for key, label, line in _CURVES:
        rows = [[rows[name][key] for rows in gradients.values()] for name in names]
        axis.plot([_mean(row) for row in rows], line, marker=".", label=label)
    axis.set_xticks(range(len(names)), names)
    axis.axhline(0, color="grey", linewidth=0.5)
    axis.legend()


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else float("nan")


def page(found: Mapping[str, Any], image: bytes) -> str:
    """The HTML, which needs no other file."""
    title = escape(f"Diagnosis of {found['model']}")
    data = base64.b64encode(image).decode()
    return "\n".join(
        [
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
            f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
            f'<img alt="Distances, retrieval and gradients by layer" src="data:image/png;base64,{data}">',
            *_tables(found),
            "</body></html>\n",
        ]
    )


def _tables(found: Mapping[str, Any]) -> Iterator[str]:
    for pair, measured in found["pairs"].items():
        yield f"<h2>{escape(pair)}: {measured['pairs']} pairs</h2>"
        yield _table({str(n): row for n, row in enumerate(measured["layers"])})
    for pair, rows in found["gradients"].items():
        yield f"<h2>{escape(pair)}: gradients</h2>"
        yield _table(rows)


def _table(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    heads = "".join(f"<th>{escape(key.replace('_', ' '))}</th>" for key in next(iter(rows.values())))
    lines = [
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{_cell(value)}</td>' for value in row.values())}</tr>"
        for name, row in rows.items()
    ]
    return f"<table><tr><th>layer</th>{heads}</tr>{''.join(lines)}</table>"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
