"""Recount a corpus and compare it with its card."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from turkic_nlp import conllu
from turkic_nlp.conllu.format import lines_of
from turkic_nlp.corpora.catalog import Card, CardFile, card
from turkic_nlp.corpora.fetch import MirrorCopy, fetch_copy, obtainable
from turkic_nlp.corpora.readers import rows
from turkic_nlp.errors import ConlluError


@dataclass(frozen=True)
class Finding:
    """One file of a corpus against its card. ``ok``: every count on the card was found again."""

    split: str
    copy: MirrorCopy
    expected: dict[str, int]
    found: dict[str, int]
    fault: str
    ok: bool


def check(id: str) -> list[Finding]:
    """Fetch and recount what can be had; a wrong checksum is an error, a wrong count a finding."""
    found = card(id)
    return [_compare(found, file) for file in obtainable(found)]


def _compare(found: Card, file: CardFile) -> Finding:
    path, copy = fetch_copy(found, file)
    expected = file.mirror_counts if copy == "cut" else file.counts
    try:
        counted, fault = count(found, file, path), ""
    except ConlluError as error:
        counted, fault = {}, error.code
    same = bool(file.fault) or all(counted.get(unit) == number for unit, number in expected.items())
    return Finding(found.key(file), copy, expected, counted, fault, same and fault == file.fault)


def count(found: Card, file: CardFile, path: Path) -> dict[str, int]:
    """Units of a file: sentences, words and tokens; texts; rows; or lines, by the card's reader."""
    if found.reader == "conllu":
        return _count_treebank(path)
    if found.reader == "files":
        return {"lines": sum(1 for _ in lines_of(path))} if "lines" in file.counts else {}
    table = list(rows(found, file, path))
    if found.reader == "iob2":
        return {"sentences": len(table), "tokens": sum(len(row["tokens"]) for row in table)}
    return {"texts" if found.reader == "classes" else "rows": len(table)}


def _count_treebank(path: Path) -> dict[str, int]:
    total: Counter[str] = Counter()
    for sentence in conllu.read(path):
        total.update(sentences=1, words=len(sentence.words), tokens=len(sentence.tokens))
    return dict(total)
