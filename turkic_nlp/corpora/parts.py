"""Parts of a split: a treebank that has only a test set, divided once by document, for a model that is to be used.

``corpora/splits/<id>.tsv`` says to which part each sentence belongs: document (the ``sent_id`` before its first colon,
empty where that is a bare number; ``*`` any that is not listed), first and last sentence number, part. Blocks of
consecutive sentences stand for documents where a file is a collection.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import lru_cache

from turkic_nlp import conllu
from turkic_nlp.conllu import Sentence
from turkic_nlp.corpora.catalog import PARTS, Card, card, folder
from turkic_nlp.corpora.dedup import text_key
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.errors import NoPart


def sentences(id: str, split: str, *, lang: str | None = None) -> Iterator[Sentence]:
    """The sentences of a split of a treebank, or of a part such as ``product-train``."""
    found = card(id)
    if split in PARTS and found.parts:
        return _part(found, split)
    return conllu.read(fetch(found, found.file(split, lang)))


def _part(found: Card, part: str) -> Iterator[Sentence]:
    earlier = PARTS[: PARTS.index(part)]
    places = _places(found.id)
    whole = list(sentences(found.id, found.parts))
    parts = [_part_of(sentence, found.id, places) for sentence in whole]
    taken = {text_key(s.text or "") for s, place in zip(whole, parts, strict=True) if place in earlier}
    for sentence, place in zip(whole, parts, strict=True):
        if place == part and text_key(sentence.text or "") not in taken:
            yield sentence


def _part_of(sentence: Sentence, id: str, places: dict[str, list[tuple[int, int, str]]]) -> str:
    document, _, rest = (sentence.sent_id or "").rpartition(":")[0].partition(":")
    number = rest or sentence.sent_id or ""
    for first, last, part in places.get(document) or places.get("*", []):
        if number.isdigit() and first <= int(number) <= last:
            return part
    raise NoPart(id, sentence.sent_id or "")


@lru_cache(maxsize=8)
def _places(id: str) -> dict[str, list[tuple[int, int, str]]]:
    places: dict[str, list[tuple[int, int, str]]] = {}
    with (folder() / "splits" / f"{id}.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            places.setdefault(row["document"], []).append((int(row["first"]), int(row["last"]), row["part"]))
    return places
