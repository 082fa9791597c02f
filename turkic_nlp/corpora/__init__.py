"""The catalog of corpora: cards, files, tables for ``datasets`` and gold Docs for spaCy.

``card("ud-kyrgyz-ktmu")`` is what is known; ``files`` fetches and checks; ``load`` gives a
``datasets.DatasetDict``; ``docs`` and ``examples`` give spaCy's objects,
``sentences`` those of a treebank as CoNLL-U has them; ``without`` makes splits disjoint.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from turkic_nlp.corpora.catalog import Card, CardFile, card, cards
from turkic_nlp.corpora.dedup import text_key, without
from turkic_nlp.corpora.fetch import files

if TYPE_CHECKING:
    from turkic_nlp.corpora.gold import docs, examples
    from turkic_nlp.corpora.parts import sentences
    from turkic_nlp.corpora.tables import load

__all__ = [
    "Card",
    "CardFile",
    "card",
    "cards",
    "docs",
    "examples",
    "files",
    "load",
    "sentences",
    "text_key",
    "without",
]

# these import spaCy, and only when asked for
_HOMES = {"docs": "gold", "examples": "gold", "load": "tables", "sentences": "parts"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
