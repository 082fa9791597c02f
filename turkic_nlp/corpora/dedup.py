"""Disjoint splits: which texts are the same text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc


def text_key(text: str) -> str:
    """What two texts share that count as the same: letters and digits, NFKC, case-folded.

    Spaces, punctuation and every kind of apostrophe are dropped: ``Oʻzbekiston, bu`` is ``o'zbekiston bu.``
    A text without letters and digits is its own key.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char for char in folded if char.isalnum() and unicodedata.category(char) != "Lm")
    return kept or text.strip()


def without(docs: Iterable[Doc], others: Iterable[Doc]) -> Iterator[Doc]:
    """The Docs whose text is in none of the others."""
    taken = {text_key(doc.text) for doc in others}
    return (doc for doc in docs if text_key(doc.text) not in taken)
