"""The catalog of corpora: cards, files, tables for ``datasets`` and gold Docs for spaCy.

``card("ud-kyrgyz-ktmu")`` is what is known; ``files`` fetches and checks; ``load`` gives a
``datasets.DatasetDict``; ``docs`` and ``examples`` give spaCy's objects; ``without`` makes splits disjoint.
"""

from __future__ import annotations

from turkic_nlp.corpora.card import Card, CardFile, card, cards
from turkic_nlp.corpora.dedup import text_key, without
from turkic_nlp.corpora.fetch import files
from turkic_nlp.corpora.gold import docs, examples
from turkic_nlp.corpora.tables import load

__all__ = ["Card", "CardFile", "card", "cards", "docs", "examples", "files", "load", "text_key", "without"]
