"""``turkic-nlp fewshot-curve``: how much more to annotate."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from turkic_nlp.cli.new import Data, LabelReg, Task
from turkic_nlp.cli.options import Model
from turkic_nlp.cli.progress import progress
from turkic_nlp.errors import BadOption


def fewshot_curve(
    task: Task,
    lang: Annotated[str, typer.Option(help="The language of the files.")],
    data: Data,
    test: Annotated[
        list[Path], typer.Option(help="File to score on, never learned from; repeat it for more.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for curve.json and curve.png.")],
    sizes: Annotated[str, typer.Option(help="Numbers of texts; all of the data comes last.")] = "",
    seeds: Annotated[str, typer.Option(help="Each draws texts and first weights of its own.")] = "1,2,3",
    target: Annotated[float | None, typer.Option(help="A score in percent that you want.")] = None,
    model: Model = None,
    label_reg: LabelReg = 0.0,
    plot: Annotated[bool, typer.Option(help="Draw curve.png, with the extra plots.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Begin anew in a folder with other cells.")] = False,
) -> None:
    """Train on 10, 30, 100, 300 ... of your texts, score each, and tell how many more a better score takes."""
    from turkic_nlp.pipeline import DEFAULT_MODEL
    from turkic_nlp.training import curve_plot
    from turkic_nlp.training.component import own_plan
    from turkic_nlp.training.fewshot import SIZES, fewshot_curve

    if plot:
        curve_plot.check_extra()
    with progress("training") as report:
        result = fewshot_curve(
            task,
            own_plan(lang, data, dev=test),
            model=model or DEFAULT_MODEL,
            output=output,
            sizes=numbers("--sizes", sizes) if sizes else SIZES,
            seeds=numbers("--seeds", seeds),
            target=target,
            label_reg=label_reg,
            force=force,
            report=report,
        )
    if plot:
        curve_plot.draw(result, output / curve_plot.PICTURE)
    show(result)


def numbers(option: str, text: str) -> list[int]:
    """Whole numbers with commas between them."""
    try:
        return sorted({int(part) for part in text.split(",")})
    except ValueError as error:
        raise BadOption(option, text, "whole numbers with commas between, as 10,30,100") from error


def show(result: dict[str, Any]) -> None:
    """The scores as a table, and a line for each goal."""
    console = Console()
    table = Table("texts", "%", "least", "most", title=f"{result['task']}, {result['lang']}")
    if result["now"] is not None:
        table.add_row("the model now", f"{result['now']:.1f}")
    for size, scores in result["sizes"].items():
        table.add_row(
            f"{int(size):,}", *(f"{value:.1f}" for value in (fmean(scores), min(scores), max(scores)))
        )
    console.print(table)
    for way in result["advice"]:
        console.print(way["text"], highlight=False, soft_wrap=True)
