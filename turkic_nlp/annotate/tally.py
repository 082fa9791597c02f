"""Counts of what is done, and the digest by which a broken run knows its input again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from turkic_nlp.annotate.document import Document

if TYPE_CHECKING:
    from turkic_nlp.annotate.engine import Batch

_NO_DIGEST = "0" * 32


@dataclass
class Tally:
    """What is done so far; ``digest`` chains names and texts of all documents, to know the input again."""

    documents: int = 0
    sentences: int = 0
    words: int = 0
    skipped: int = 0
    size: int = 0
    bytes: int = 0
    digest: str = _NO_DIGEST


def chained(digest: str, document: Document) -> str:
    """The digest after one more document."""
    data = json.dumps([digest, document.name, document.text, document.size, document.lang]).encode("ascii")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def counted(tally: Tally, documents: Sequence[Document], batch: Batch) -> Tally:
    """The tally after one more batch, but for the bytes that it takes in the output."""
    digest = tally.digest
    for document in documents:
        digest = chained(digest, document)
    return Tally(
        documents=tally.documents + len(documents),
        sentences=tally.sentences + batch.sentences,
        words=tally.words + batch.words,
        skipped=tally.skipped + len(batch.failures),
        size=tally.size + sum(document.size for document in documents),
        bytes=tally.bytes,
        digest=digest,
    )
