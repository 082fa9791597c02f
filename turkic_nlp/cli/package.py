"""``turkic-nlp package``: a model as a Python package for ``pip install`` and ``spacy.load``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def package(
    model: Annotated[str, typer.Argument(help="Name of a shipped model, or a folder.")],
    lang: Annotated[
        str, typer.Option(help="The language of the package: kk, uz, ky, tk or one of your own.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the package's folder to.")],
    name: Annotated[str | None, typer.Option(help="Name after the language; the model's own.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a package that is there.")] = False,
) -> None:
    """Write a model as a Python package of one language that pip installs and spacy.load opens."""
    from turkic_nlp.packaging import package as write

    folder = write(lang, model, output, name=name, force=force)
    typer.echo(f"The package is in {folder}")
    typer.echo(f"pip install {folder}")
    typer.echo(f"python -c 'import spacy; spacy.load(\"{folder.name.rpartition('-')[0]}\")'")
