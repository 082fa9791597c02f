"""Every error this package raises on purpose: typed, numbered, with the next step in the message.

TurkicError
├── T1xx  scripts, languages, tokenization
├── T2xx  pieces and batches
├── T3xx  corpora and CoNLL-U
├── T4xx  models, encoder, heads
├── T5xx  training and pre-training
└── T6xx  files, command line, environment
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class TurkicError(Exception):
    """Base of all errors: a subclass is a code, a message template and the fields that fill it."""

    code: ClassVar[str] = "T000"
    message: ClassVar[str] = ""

    def __post_init__(self) -> None:
        super().__init__(*(getattr(self, field.name) for field in fields(self)))

    def __str__(self) -> str:
        return f"[{self.code}] {self.message.format_map(vars(self))}"


# --- T1xx: scripts, languages, tokenization ---------------------------------------------------


@dataclass(eq=False)
class UnknownLanguage(TurkicError, ValueError):
    """A language code that the package has no tables for."""

    code = "T101"
    message = "No language {lang!r}. Known: {known}."

    lang: str
    known: str


# --- T2xx: pieces and batches -----------------------------------------------------------------


# --- T3xx: corpora and CoNLL-U ----------------------------------------------------------------


# --- T4xx: models, encoder, heads -------------------------------------------------------------


# --- T5xx: training and pre-training ----------------------------------------------------------


# --- T6xx: files, command line, environment ---------------------------------------------------
