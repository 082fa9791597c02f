"""``turkic-nlp train`` and ``turkic-nlp pretrain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from turkic_nlp.cli.progress import progress
from turkic_nlp.errors import BadRecipe

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting: training.seed=2 (JSON value)."),
]


def train(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a .cfg file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the model; the recipe's own.")
    ] = None,
    set_: Overrides = None,
) -> None:
    """Fine-tune an encoder and its heads by a recipe; an interrupted run goes on where it was."""
    overrides = parse_overrides(recipe, set_ or [])
    from turkic_nlp.training.run import run

    with progress("training") as report:
        folder = run(recipe, output=output, overrides=overrides, report=report)
    typer.echo(f"The model is in {folder}")


def pretrain(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a .cfg file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the encoder and working files.")],
    set_: Overrides = None,
) -> None:
    """Train a vocabulary, skip-gram embeddings and a masked language model on raw text; resumable."""
    overrides = parse_overrides(recipe, set_ or [])
    from turkic_nlp.training.pretrain import run

    with progress("pre-training") as report:
        folder = run(recipe, output, overrides=overrides, report=report)
    typer.echo(f"The encoder is in {folder}")


def parse_overrides(recipe: Path, settings: list[str]) -> dict[str, Any]:
    """``["training.seed=2"]`` as a dict; the value is JSON, or else a string."""
    import json

    found: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or "." not in key:
            raise BadRecipe(
                path=str(recipe), reason=f"--set {setting!r} is not of the form section.key=value"
            )
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found
