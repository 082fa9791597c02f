"""``turkic-nlp new-component`` and ``turkic-nlp new-language``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from turkic_nlp.cli.options import Device, Model, chosen_device
from turkic_nlp.cli.progress import progress
from turkic_nlp.cli.train import Encoder, Overrides, parse_overrides
from turkic_nlp.errors import BadOption

Task = Annotated[
    str, typer.Argument(metavar="TASK", help="What to learn: tagger, lemmatizer, parser, ner or textcat.")
]
Data = Annotated[
    list[Path],
    typer.Option(
        help="Training file; repeat it for more. .conllu; .csv .tsv .jsonl (text, label); else IOB2."
    ),
]
Dev = Annotated[list[Path] | None, typer.Option(help="File that says when to stop; repeat it for more.")]
Share = Annotated[float, typer.Option(help="Without --dev: share of the data for that. 0: train to the end.")]
Lora = Annotated[
    int, typer.Option(min=0, metavar="RANK", help="Train an adapter of the encoder for it too, as of rank 8.")
]
LabelReg = Annotated[
    float, typer.Option(min=0.0, help="Weight of label regularisation, as 0.1: for very few texts.")
]


def new_component(
    task: Task,
    lang: Annotated[str, typer.Option(help="The language of the files.")],
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the model with the component.")],
    dev: Dev = None,
    dev_share: Share = 0.1,
    model: Model = None,
    encoder: Encoder = None,
    name: Annotated[str | None, typer.Option(help="Name of the component; that of the task.")] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Go on from the model's component, with its labels: for few sentences."),
    ] = False,
    lora: Lora = 0,
    label_reg: LabelReg = 0.0,
    device: Device = "cpu",
    set_: Overrides = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a model that is there.")] = False,
) -> None:
    """Add a component with labels of your own to a model; its other components stay as they are.

    With --encoder it is the first component of a new model on that encoder.
    """
    if encoder and model:
        raise BadOption("--encoder", encoder, "no --model beside it: the component begins a model of its own")
    overrides = parse_overrides(output / f"{name or task}.cfg", set_ or [])
    place = chosen_device(device)
    if label_reg:
        overrides = {"training.label_reg": label_reg, **overrides}
    from turkic_nlp.pipeline import DEFAULT_MODEL
    from turkic_nlp.training.component import new_component as build
    from turkic_nlp.training.component import own_plan
    from turkic_nlp.training.encoder_alone import encoder_alone

    plan = own_plan(lang, data, dev=dev or [], dev_share=dev_share)
    source = encoder_alone(encoder, output) if encoder else nullcontext(model or DEFAULT_MODEL)
    with source as start, progress("training") as report:
        recipe = build(
            task,
            plan,
            model=start,
            output=output,
            name=name,
            keep=keep,
            lora=lora,
            overrides=overrides,
            device=place,
            force=force,
            report=report,
        )
    typer.echo(f"The model is in {output}, its recipe is {recipe.name} there, and README.md is its card.")
    typer.echo(f"turkic-nlp package {output} --lang {lang} --output packages")


def new_language(
    lang: Annotated[str, typer.Argument(metavar="LANG", help="ISO 639 code of the language: tt, az, ug ...")],
    like: Annotated[str, typer.Option(help="The language to start from: kk, ky, tk or uz.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the project.")],
    name: Annotated[str | None, typer.Option(help="English name of the language, as in Tatar.")] = None,
) -> None:
    """Write a small installable project that adds a language: class, tables to fill, card and tests."""
    from turkic_nlp.project import new_language as write

    folder = write(lang, like=like, output=output, name=name)
    typer.echo(f"The project is in {folder}; its README.md says what to fill.")
    typer.echo(f"pip install -e {folder} && python -m pytest {folder}")
