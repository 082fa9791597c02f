"""Lists of names of the catalog, for the heads that know some (:mod:`turkic_nlp.heads.gazetteer`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turkic_nlp.corpora.catalog import Card, CardFile, named
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.corpora.readers import rows
from turkic_nlp.errors import NoNames
from turkic_nlp.heads.gazetteer import NAMES, classes_by_form
from turkic_nlp.training.recipe import HeadPlan


def listed(name: str) -> dict[str, str]:
    """Classes by form; ``name`` is ``corpus/split`` of the catalog, such as ``project-names/kk``.

    Raises:
        UnknownCorpus, UnknownSplit: there is none of that name.
        NoNames: it is something else.
    """
    card, file = _list(name)
    return classes_by_form(rows(card, file, fetch(card, file)), file.lang)


def facts_of_lists(heads: Mapping[str, HeadPlan]) -> Iterator[dict[str, Any]]:
    """What ``meta.json`` says of the lists that heads know, beside the corpora that they learned from."""
    for name in (plan.options[NAMES] for plan in heads.values() if NAMES in plan.options):
        card, file = _list(name)
        about = {"splits": [file.split], "licence": card.licence, "quality": card.quality, "release": ""}
        yield {"corpus": card.id, "lang": file.lang, **about, "train": file.counts["rows"], "dev": 0}


def _list(name: str) -> tuple[Card, CardFile]:
    card, file = named(name)
    if not {"name", "class"} <= {*(file.columns or card.columns)}:
        raise NoNames(name)
    return card, file
