"""``turkic-nlp demo``: four sample texts, annotated by the model that ships, as a table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from turkic_nlp.cli.options import Model
from turkic_nlp.errors import UnreadableFile

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

NAMES = {"kk": "Kazakh", "uz": "Uzbek", "ky": "Kyrgyz", "tk": "Turkmen"}
SAID = {"textcat": "topic"}
WIDTH = 110

Sentences = Annotated[int, typer.Option(help="How many sentences of each text to show.")]


def demo(model: Model = None, sentences: Sentences = 2) -> None:
    """Annotate a sample text of each language, offline, and show what comes out."""
    from turkic_nlp.pipeline import classifiers, load

    console = Console(width=None if Console().is_terminal else WIDTH)
    start, words = time.perf_counter(), 0
    for lang, name in NAMES.items():
        nlp = load(lang, model=model)
        doc = nlp(sample(lang))
        words += sum(not token.is_space for token in doc)
        for span in list(doc.sents)[:sentences]:
            console.print(table(span, title=escape(f"{name} ({lang}): {span.text.strip()}")))
        console.print(closing(doc, classifiers(nlp)), highlight=False, markup=False)
    seconds = time.perf_counter() - start
    console.print(
        f"{words:,} words of four languages in {seconds:.1f} s, loading included, on cpu.", highlight=False
    )


def sample(lang: str) -> str:
    """The sample text of a language, written for this package."""
    from turkic_nlp.resources import data_dir

    path = data_dir("corpora") / "samples" / f"{lang}.txt"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or str(error)) from error


def table(span: Span, *, title: str) -> Table:
    """A sentence as a table, a word a row."""
    shown = Table(
        "", "word", "lemma", "UPOS", "features", "relation", "entity", title=title, title_justify="left"
    )
    for number, token in enumerate(span, 1):
        if not token.is_space:
            features = str(token.morph).replace("|", " ")
            row = (str(number), token.text, token.lemma_, token.pos_, features, _relation(token, span))
            shown.add_row(*map(escape, row), token.ent_type_)
    return shown


def _relation(token: Token, span: Span) -> str:
    """The relation and the word it points to."""
    if token.head.i == token.i:
        return "root"
    return f"{token.dep_} → {token.head.text} {token.head.i - span.start + 1}"


def closing(doc: Doc, classifiers: dict[str, tuple[str, ...]]) -> str:
    """What each classifier thinks of a text, and its entities."""
    from turkic_nlp.pipeline import classes

    best = [_best(name, shares) for name, shares in classes(doc, classifiers)]
    entities = ", ".join(f"{ent.text} ({ent.label_})" for ent in doc.ents)
    return f"{'; '.join(best) or 'no topic'}; entities: {entities or 'none'}\n"


def _best(classifier: str, shares: dict[str, float]) -> str:
    name = max(shares, key=shares.__getitem__)
    return f"{SAID.get(classifier, classifier)}: {name} ({shares[name]:.2f})"
