"""The unit that is annotated."""

from __future__ import annotations

from dataclasses import dataclass

from turkic_nlp import conllu
from turkic_nlp.errors import TurkicError


@dataclass(frozen=True, slots=True)
class Document:
    """One text with the name that errors and outputs call it by; ``size`` is the bytes that reading it took.

    A sentence of CoNLL-U keeps its ``sentence``. What could not be read is a document too, with its
    ``error``. ``lang`` is the language that the input itself tells.
    """

    name: str
    text: str
    size: int
    sentence: conllu.Sentence | None = None
    error: TurkicError | None = None
    lang: str | None = None
