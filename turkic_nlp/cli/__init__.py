"""The command line: a command parses its arguments, calls one function and prints its result."""

from __future__ import annotations

import errno
import sys

import typer
from rich.console import Console

from turkic_nlp.cli import align, annotate, corpora, demo, evaluate, fewshot, new, rank
from turkic_nlp.cli import package as packaging
from turkic_nlp.cli import train as training
from turkic_nlp.cli import transliterate as transliteration
from turkic_nlp.errors import OutputFailed, TurkicError

app = typer.Typer(
    name="turkic-nlp",
    help="Kazakh, Uzbek, Kyrgyz and Turkmen: annotate, transliterate, train, evaluate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(annotate.annotate)
app.command()(evaluate.evaluate)
app.command()(demo.demo)
app.command()(transliteration.transliterate)
app.command()(training.train)
app.command()(training.pretrain)
app.command()(training.adapt)
app.command()(align.align)
app.command()(align.diagnose)
app.command()(new.new_component)
app.command()(fewshot.fewshot_curve)
app.command()(new.new_language)
app.command()(packaging.package)
app.command()(rank.rank_sources)
app.add_typer(corpora.app, name="corpora")


def main() -> None:
    """Run the command line; a known error becomes one red line on stderr and exit code 1."""
    try:
        app()
    except TurkicError as error:
        _refuse(error)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _refuse(OutputFailed("standard output", "the disk is full"))


def _refuse(error: TurkicError) -> None:
    Console(stderr=True).print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
