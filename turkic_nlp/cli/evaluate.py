"""``turkic-nlp evaluate``: the scores of a model on gold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from turkic_nlp.cli.options import Device, Model, Precision, chosen_device
from turkic_nlp.errors import BadOption
from turkic_nlp.whole import whole

GoldFile = Annotated[Path | None, typer.Argument(help="A .conllu, IOB2, .tsv, .csv or .jsonl file.")]
Lang = Annotated[str, typer.Option(help="kk, uz, ky or tk.")]
Corpus = Annotated[str | None, typer.Option(help="A corpus of the catalog in the place of a file.")]
Split = Annotated[str, typer.Option(help="Which split of the corpus.")]
Task = Annotated[str | None, typer.Option(help="treebank, ner or textcat; else by the suffix of the file.")]
Raw = Annotated[bool, typer.Option("--raw", help="Treebanks: tokenize and split the bare text too.")]
Json = Annotated[
    str | None, typer.Option("--json", help="Write the scores as JSON to a file, or - for stdout.")
]


def evaluate(
    lang: Lang,
    gold: GoldFile = None,
    model: Model = None,
    corpus: Corpus = None,
    split: Split = "test",
    task: Task = None,
    raw: Raw = False,
    json_to: Json = None,
    device: Device = "cpu",
    precision: Precision = "fp32",
) -> None:
    """Score a model: treebanks as CoNLL 2018 did, entities by whole span, texts by class. All in percent.

    A corpus is scored in its own annotation style, or in the one that its card names, where the model has learned it, a
    file in the style of the language.
    """
    from turkic_nlp import evaluation
    from turkic_nlp.pipeline import load

    if (gold is None) == (corpus is None):
        raise BadOption("gold", f"{gold or 'no file'} and {corpus or 'no corpus'}", "a file, or --corpus ID")
    if task not in (None, *evaluation.TASKS):
        raise BadOption("task", str(task), ", ".join(evaluation.TASKS))
    nlp = load(lang, model=model, device=chosen_device(device), precision=precision)
    if corpus:
        wanted = evaluation.from_corpus(corpus, split, evaluation.in_style_of(nlp, corpus))
    else:
        wanted = evaluation.from_file(Path(str(gold)), nlp, task=task)
    about = {
        "gold": wanted.name,
        "lang": lang,
        "model": f"{nlp.meta['name']} {nlp.meta['version']}",
        "raw": raw,
    }
    scores = {**evaluation.evaluate(nlp, wanted, raw=raw), **about}
    if json_to:
        _write(json.dumps(scores, ensure_ascii=False, indent=1), json_to)
    if json_to != "-":
        Console().print(table(scores))


def table(scores: dict[str, Any]) -> Table:
    """The scores as a table: a row per metric, then one per label."""
    title = escape(f"{scores['gold']}, {scores['lang']}, {scores['model']}")
    labels: dict[str, dict[str, float]] = scores.get("labels", {})
    shown = Table("", "%", title=title) if not labels else Table("", "%", "P", "R", "F1", title=title)
    for key, value in scores.items():
        if value is None or isinstance(value, float):
            shown.add_row(key, _cell(value) if key != "seconds" else f"{value:.1f} s")
        elif isinstance(value, int) and not isinstance(value, bool):
            shown.add_row(key, f"{value:,}")
    for label, parts in labels.items():
        shown.add_row(escape(label), "", *(_cell(parts[key]) for key in "prf"))
    return shown


def _cell(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _write(text: str, target: str) -> None:
    if target == "-":
        typer.echo(text)
        return
    with whole(Path(target)) as part:
        part.write_text(f"{text}\n", encoding="utf-8")
