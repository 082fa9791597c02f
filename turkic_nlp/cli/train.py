"""``turkic-nlp train`` and ``turkic-nlp pretrain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from turkic_nlp.cli.options import Device, chosen_device
from turkic_nlp.cli.progress import progress
from turkic_nlp.errors import BadRecipe

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting: training.seed=2 (JSON value)."),
]

Encoder = Annotated[
    str | None,
    typer.Option(metavar="NAME_OR_FOLDER", help="Another encoder: a folder, or a Hugging Face name."),
]


def train(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a .cfg file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the model; the recipe's own.")
    ] = None,
    encoder: Encoder = None,
    device: Device = "cpu",
    set_: Overrides = None,
) -> None:
    """Fine-tune an encoder and its heads by a recipe; an interrupted run goes on where it was."""
    overrides = parse_overrides(recipe, set_ or [])
    if encoder:
        # a folder of the recipe's own of that name does not count
        overrides["model.encoder"] = str(Path(encoder).resolve()) if Path(encoder).is_dir() else encoder
    place = chosen_device(device)
    from turkic_nlp.training.run import run

    with progress("training") as report:
        folder = run(recipe, output=output, overrides=overrides, device=place, report=report)
    typer.echo(f"The model is in {folder}")


def adapt(
    lang: Annotated[str, typer.Option(help="The language of the text.")],
    text: Annotated[list[Path], typer.Option(help="Text file, or a folder of them; repeat it for more.")],
    encoder: Annotated[str, typer.Option(help="What to start from: a folder, or a Hugging Face name.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the adapted encoder.")],
    new_pieces: Annotated[
        int, typer.Option(min=0, metavar="N", help="Add so many pieces of the text to the vocabulary.")
    ] = 0,
    epochs: Annotated[float, typer.Option(help="How often the text is read.")] = 3.0,
    device: Device = "cpu",
    set_: Overrides = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a folder, or an unfinished run.")] = False,
) -> None:
    """Let an encoder of XLM-R's kind go on learning from raw text of one language; resumable."""
    settings, place = parse_overrides(output, set_ or []), chosen_device(device)
    from turkic_nlp.training.adaptation import Adaptation, schedule_of
    from turkic_nlp.training.adaptation import adapt as run

    plan = Adaptation(encoder, lang, tuple(text), new_pieces, epochs, schedule_of(settings))
    with progress("adapting") as report:
        facts = run(plan, output, device=place, force=force, report=report)
    before, after = (facts[time]["bits_per_character"] for time in ("before", "after"))
    typer.echo(f"Held out: {before} bits a character before, {after} after")
    typer.echo(f"The encoder is in {output}")


def pretrain(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a .cfg file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the encoder and working files.")],
    device: Device = "cpu",
    set_: Overrides = None,
) -> None:
    """Train a vocabulary, skip-gram embeddings and a masked language model on raw text; resumable."""
    overrides, place = parse_overrides(recipe, set_ or []), chosen_device(device)
    from turkic_nlp.training.pretrain import run

    with progress("pre-training") as report:
        folder = run(recipe, output, overrides=overrides, device=place, report=report)
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
