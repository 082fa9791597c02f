"""``turkic-nlp align`` and ``turkic-nlp diagnose``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from turkic_nlp.cli.progress import progress
from turkic_nlp.cli.train import Overrides, parse_overrides
from turkic_nlp.errors import BadAlignment

Data = Annotated[
    list[Path], typer.Option(help="A folder with a-b/*.tsv, a .tsv table, or two text files (give it twice).")
]
Pairs = Annotated[list[str], typer.Option("--pair", help="Languages of the data, tr-kk; may be given again.")]
Loss = Annotated[str, typer.Option(help="token, sentence, xlco, translit, l2, mlm or tlm.")]


def align(
    start: Annotated[
        Path, typer.Argument(help="The folder of an encoder; for joint, alternate a recipe (.cfg).")
    ],
    data: Data,
    pair: Pairs,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the encoder or the model.")],
    loss: Loss = "token",
    mode: Annotated[
        str, typer.Option(help="pre (align, train later), joint or alternate (while training).")
    ] = "pre",
    freeze: Annotated[
        str, typer.Option(help="none, or the half that must not learn from it: lower, upper.")
    ] = "none",
    held_out: Annotated[
        list[str] | None, typer.Option(help="A set to stay clear of: corpus/split/language.")
    ] = None,
    set_: Overrides = None,
) -> None:
    """Bring the vectors of translations together: before training, or while it goes on; resumable.

    For translit the data are text files, or a folder with a sub-folder of them per language, and a pair is a language
    and an alphabet, as kk-Latn or ky-plain. Other settings: --set alignment.steps=500, and of the recipe as in train.
    """
    settings, overrides = _settings(start, set_ or [])
    from turkic_nlp.alignment.run import align as run

    with progress("aligning") as report:
        folder = run(
            start,
            data=data,
            pairs=pair,
            output=output,
            settings={"loss": loss, "mode": mode, "freeze": freeze, **settings},
            overrides=overrides,
            held_out=held_out or [],
            report=report,
        )
    typer.echo(f"The {'encoder' if mode == 'pre' else 'model'} is in {folder}")


def _settings(start: Path, given: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of the alignment, and those of the recipe, which only a recipe can have."""
    found = parse_overrides(start, given)
    ours = {key.partition(".")[2]: value for key, value in found.items() if key.startswith("alignment.")}
    rest = {key: value for key, value in found.items() if not key.startswith("alignment.")}
    if rest and start.suffix != ".cfg":
        raise BadAlignment("--set", min(rest), "alignment.KEY: only a recipe has other settings")
    return ours, rest


def diagnose(
    model: Annotated[Path, typer.Argument(help="The folder of a model or an encoder.")],
    data: Data,
    pair: Pairs,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of diagnosis.json, .png and .html.")],
    loss: Loss = "token",
    component: Annotated[
        str | None, typer.Option(help="The component whose gradients are compared: tagger.")
    ] = None,
    corpus: Annotated[str | None, typer.Option(help="A corpus of the catalog with gold for it.")] = None,
    gold: Annotated[
        Path | None, typer.Option(help="A file of your own with gold, in the place of a corpus.")
    ] = None,
    split: Annotated[str, typer.Option(help="Which split of the corpus.")] = "train",
    lang: Annotated[str, typer.Option(help="The language of the gold.")] = "tr",
    sentences: Annotated[
        int, typer.Option(min=10, help="Pairs of sentences to measure on, of each pair.")
    ] = 300,
    plots: Annotated[bool, typer.Option(help="Draw the page; needs matplotlib.")] = True,
    set_: Overrides = None,
) -> None:
    """Measure how alike an encoder makes translations and, for a component, whether task and alignment agree."""
    settings, _ = _settings(model, set_ or [])
    if component and (corpus is None) == (gold is None):
        raise BadAlignment("--component", component, "gold for it: either --corpus ID or --gold FILE")
    from turkic_nlp.alignment.diagnosis import TaskPlan
    from turkic_nlp.alignment.diagnosis import diagnose as run
    from turkic_nlp.alignment.plan import make_plan
    from turkic_nlp.training.recipe import CorpusPlan

    files = (str(gold),) if gold else ()
    chosen = CorpusPlan(id=corpus or str(gold), lang=lang, files=files, splits=(split,))
    with progress("diagnosing") as report:
        run(
            model,
            data=data,
            pairs=pair,
            output=output,
            plan=make_plan({"loss": loss, **settings}),
            task=TaskPlan(component, chosen) if component else None,
            most=sentences,
            plots=plots,
            report=report,
        )
    typer.echo(f"The diagnosis is in {output}")
