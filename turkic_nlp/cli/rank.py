"""``turkic-nlp rank-sources``: what to learn from for a language that has no or little annotation."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from turkic_nlp.sources import Ranked

Target = Annotated[str, typer.Option(help="The language that you want components for (kk).")]
Task = Annotated[str, typer.Option(help="upos or las.")]
Encoder = Annotated[str, typer.Option(help="turkic, our own, or xlm-roberta.")]
Text = Annotated[
    Path | None, typer.Option(help="Raw text of the target; else a corpus of the catalog is read.")
]
Json = Annotated[bool, typer.Option("--json", help="Everything as JSON.")]


def rank_sources(
    target: Target,
    task: Task = "upos",
    encoder: Encoder = "turkic",
    text: Text = None,
    as_json: Json = False,
) -> None:
    """Rank corpora of other languages as sources for a target: points against the average one, and why."""
    from turkic_nlp import sources

    found = sources.rank_sources(target, task, encoder=encoder, text=text)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], ensure_ascii=False, indent=1))
        return
    typer.echo(f"{'':3} {'corpus':24} {'lang':5} {'sentences':>9} {'points':>7} {'measured':>9}")
    for place, row in enumerate(found, 1):
        shown = f"{row.measured:.1f}" if row.measured is not None else "-"
        facts = f"{row.corpus:24} {row.lang:5} {row.sentences:9,} {row.points:+7.1f} {shown:>9}"
        typer.echo(f"{place:3} {facts}\n      {_why(row)}")
    typer.echo(
        "points: against the average candidate; measured: accuracy with XLM-R base (de Vries et al. 2022).\n"
        "docs/sources.md says how often such an order is right."
    )


def _why(row: Ranked) -> str:
    parts = sorted(row.contributions.items(), key=lambda part: -abs(part[1]))
    return ", ".join(f"{name}{_value(row, name)} {points:+.1f}" for name, points in parts)


def _value(row: Ranked, name: str) -> str:
    if name not in row.features:
        return ""
    value = row.features[name]
    shown = "unknown" if value is None else f"{value:.2f}"
    return f" ({shown} of {row.features['attested']:.0f} attested)" if name == "order" else f" ({shown})"
