"""``turkic-nlp corpora``: list, show, get and check the corpora of the catalog."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from turkic_nlp.corpora import Card, CardFile

app = typer.Typer(help="List, show, fetch and check the corpora of the catalog.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Corpus, as `corpora list` names it.")]


@app.command("list")
def list_corpora(
    lang: Annotated[str | None, typer.Option(help="Only corpora of this language (ky).")] = None,
    task: Annotated[str | None, typer.Option(help="Only corpora for this task (ner).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every fact, as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The text of corpora/README.md.")] = False,
) -> None:
    """List the corpora with licence, quality, and whether shipped weights may learn from them."""
    from turkic_nlp.corpora import cards, listing

    if markdown:
        typer.echo(listing.markdown(), nl=False)
        return
    found = cards(lang, task)
    if as_json:
        typer.echo(json.dumps([listing.as_json(card) for card in found], ensure_ascii=False, indent=1))
        return
    table = Table(*listing.HEADER, header_style="bold", box=None, pad_edge=False)
    for card in found:
        table.add_row(*listing.row(card))
    _console().print(table)
    typer.echo(f"{len(found)} corpora")


@app.command()
def show(id: Id, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show everything that is known of a corpus."""
    from turkic_nlp.corpora import card, listing

    found = card(id)
    if as_json:
        typer.echo(json.dumps(listing.as_json(found), ensure_ascii=False, indent=1))
        return
    console, facts = _console(), Table(show_header=False, box=None, pad_edge=False)
    for name, value in _facts(found).items():
        if value:
            facts.add_row(f"[bold]{name}[/]", value)
    console.print(facts)
    if found.files:
        console.print(_files(found))


def _facts(found: Card) -> dict[str, str]:
    from rich.markup import escape

    cited = found.citation
    facts = {
        "id": found.id,
        "name": found.name,
        "languages": ", ".join(found.languages),
        "scripts": ", ".join(found.scripts),
        "tasks": ", ".join(found.tasks),
        "licence": f"{found.licence}. {found.licence_note}" if found.licence_note else found.licence,
        "quality": found.quality,
        "trainable": "yes" if found.trainable else "no: shipped weights do not learn from it",
        "access": found.access,
        "homepage": found.homepage,
        "citation": f"{cited['title']} ({cited['year'] or 'no year'}). {cited['url']}",
        "notes": "\n".join(found.notes),
    }
    return {name: escape(value) for name, value in facts.items()}


def _files(found: Card) -> Table:
    table = Table(
        "split", "size", "bytes", "sha256", "in a mirror", header_style="bold", box=None, pad_edge=False
    )
    for file in found.files:
        sha = file.sha256 or file.mirror_sha256
        table.add_row(
            found.key(file),
            _counts(file.counts),
            f"{file.bytes:,}" if file.bytes else "-",
            sha[:12],
            "-" if found.access == "included" else _mirrored(file),
        )
    return table


def _mirrored(file: CardFile) -> str:
    if file.mirror_note:
        return f"{_counts(file.mirror_counts)}: {file.mirror_note}"
    return "the original" if file.url else "only there"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {unit}" for unit, number in counts.items()) or "-"


@app.command()
def get(id: Id, lang: Annotated[str | None, typer.Option(help="Only this language.")] = None) -> None:
    """Fetch a corpus into the cache, check it, and print where its files are."""
    from turkic_nlp.corpora import files

    with Console(stderr=True).status(f"fetching {id}"):
        paths = files(id, lang=lang)
    for split, path in paths.items():
        typer.echo(f"{split}\t{path}")


@app.command()
def check(id: Id) -> None:
    """Fetch a corpus, check its sha256 and recount it; exit code 1 where the card is wrong."""
    from turkic_nlp.corpora.check import check as recount

    table = Table("split", "copy", "card", "found", "", header_style="bold", box=None, pad_edge=False)
    findings = recount(id)
    for finding in findings:
        expected = finding.expected
        seen = {unit: number for unit, number in finding.found.items() if unit in expected or not expected}
        outcome = "[green]ok[/]" if finding.ok else "[red]differs[/]"
        found = f"not readable, {finding.fault}" if finding.fault else _counts(seen)
        table.add_row(finding.split, finding.copy, _counts(expected), found, outcome)
    _console().print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _console() -> Console:
    """A console that wraps at the terminal's width, and not at all in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 400, highlight=False)
