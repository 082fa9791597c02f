"""What all components share, and the one that needs no weights: where sentences start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from spacy.attrs import SENT_START
from spacy.tokens import Doc

from turkic_nlp.lang.sentences import sentence_starts

_SENT_START = np.array([-1, 1]).view(np.uint64)  # by whether a sentence starts


class Pipe(ABC):
    """What all components share: one Doc is a stream of one, errors go where spaCy's error handler says."""

    name: str

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one Doc."""
        self.annotate([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate a stream, ``batch_size`` Docs at a time."""
        handler: Callable[..., None] = getattr(self, "error_handler", _raise)
        for batch, error in self._worked(_parts(stream, batch_size)):
            if error:
                handler(self.name, self, batch, error)
            else:
                yield from batch

    def _worked(self, batches: Iterable[list[Doc]]) -> Iterator[tuple[list[Doc], Exception | None]]:
        """Each batch when it is annotated, and what it raised."""
        for batch in batches:
            try:
                self.annotate(batch)
            except Exception as error:
                yield batch, error
            else:
                yield batch, None

    def set_error_handler(self, handler: Callable[..., None]) -> None:
        """Let ``handler(name, pipe, docs, error)`` decide about a batch that fails (spaCy's hook)."""
        self.error_handler = handler

    @abstractmethod
    def annotate(self, docs: Sequence[Doc]) -> None:
        """Annotate Docs in place."""


def _parts(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    docs = iter(stream)
    while batch := list(islice(docs, size)):
        yield batch


def _raise(name: str, pipe: Any, docs: Sequence[Doc], error: Exception) -> None:
    raise error


class Sentences(Pipe):
    """Sets sentence starts by the rules of :mod:`turkic_nlp.lang.sentences`; keeps those that are already set."""

    def __init__(self, name: str) -> None:
        self.name = name

    def annotate(self, docs: Sequence[Doc]) -> None:
        """Set ``token.is_sent_start`` of every token."""
        for doc in docs:
            if not doc.has_annotation("SENT_START"):
                starts = _SENT_START[np.asarray(sentence_starts(doc), dtype=np.intp)]
                doc.from_array([SENT_START], starts)
