"""Corpora as Hugging Face tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turkic_nlp.corpora.catalog import PARTS, card
from turkic_nlp.corpora.fetch import files
from turkic_nlp.corpora.parts import sentences
from turkic_nlp.corpora.readers import rows, sentence_row
from turkic_nlp.errors import NoDocs

if TYPE_CHECKING:
    from datasets import DatasetDict


def load(id: str, *, lang: str | None = None) -> DatasetDict:
    """All splits as a ``datasets.DatasetDict``, rows as ``readers.rows`` says; works offline once fetched.

    Splits are named as by ``files``, with ``_`` for ``/`` and ``-`` (datasets takes no others): ``kk_train``.
    A divided treebank has its parts too (``product_train``), which repeat the sentences of its split.
    """
    from datasets import Dataset, DatasetDict  # slow to import, and only tables need it

    found = card(id)
    if found.files and found.reader == "files":
        raise NoDocs(id, found.reader, "files(id)")
    paths = files(id, lang=lang)
    tables = {}
    for file in found.files:
        key = file.split if lang else found.key(file)
        if key in paths and lang in (None, file.lang or lang):
            name = key.replace("/", "_").replace("-", "_")
            tables[name] = Dataset.from_list(list(rows(found, file, paths[key])))
    if found.parts in tables:
        for part in PARTS:
            tables[part.replace("-", "_")] = Dataset.from_list(list(map(sentence_row, sentences(id, part))))
    return DatasetDict(tables)
