"""Mistakes in dependency trees: heads and relations, by relation, distance, part of speech and length."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from mistakes.tally import Tally, percent
from mistakes.words import Pair, accuracy, relation

DISTANCES = (1, 2, 4, 8)
LENGTHS = (5, 10, 20)
"""The last value of each class but the open one at the end."""


def binned(value: int, last: Sequence[int]) -> str:
    """The class of a number: with ``last`` (1, 4), ``1``, ``2-4`` or ``5 or more``."""
    at = bisect_left(last, value)
    first = last[at - 1] + 1 if at else 1
    if at == len(last):
        return f"{first} or more"
    return str(first) if first == last[at] else f"{first}-{last[at]}"


def distance(pair: Pair) -> str:
    """How far a word's gold head is, in words, as a class; a root has none."""
    head = int(pair.gold.head)
    return binned(abs(head - pair.at - 1), DISTANCES) if head else "root"


def head_form(pair: Pair, head: str) -> str:
    """The word that a HEAD points to."""
    return pair.forms[int(head) - 1] if head not in ("0", "_") else "root"


def relations(pairs: Iterable[Pair], *, top: int = 15) -> dict[str, Any]:
    """Relations taken for another where the head is right."""
    tally = Tally("gold", "guess")
    for pair in pairs:
        mark = pair.right
        if mark["uas"] and not mark["las"]:
            example = pair.example(gold=head_form(pair, pair.gold.head))
            tally.add(relation(pair.gold), relation(pair.guess), example=example)
    return {"errors": tally.total, "rows": tally.rows(top)}


def attachments(pairs: Iterable[Pair], *, top: int = 12) -> dict[str, Any]:
    """Wrong heads by gold relation; ``rate`` is the share of the relation's words, in percent."""
    tally, words = Tally("relation"), dict[str, int]()
    for pair in pairs:
        name = relation(pair.gold)
        words[name] = words.get(name, 0) + 1
        if not pair.right["uas"]:
            heads = {key: head_form(pair, word.head) for key, word in _sides(pair)}
            tally.add(name, example=pair.example(**heads))
    rows = [{**row, "rate": percent(row["count"], words[row["relation"]])} for row in tally.rows(top)]
    return {"errors": tally.total, "rows": rows}


def _sides(pair: Pair) -> Iterable[tuple[str, Any]]:
    return (("gold", pair.gold), ("guess", pair.guess))


def by_distance(pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    """Accuracy by the distance of the gold head; roots first."""
    order = ["root", *_classes(DISTANCES)]
    return _grouped(((distance(pair), pair) for pair in pairs), order)


def by_part_of_speech(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Accuracy by gold UPOS, the commonest first."""
    counts: dict[str, int] = {}
    for pair in pairs:
        counts[pair.gold.upos] = counts.get(pair.gold.upos, 0) + 1
    order = sorted(counts, key=lambda name: (-counts[name], name))
    return _grouped(((pair.gold.upos, pair) for pair in pairs), order)


def by_length(sentences: Sequence[Sequence[Pair]]) -> list[dict[str, Any]]:
    """Accuracy by the length of the sentence in words; ``whole``: the share of trees without a mistake."""
    rows = []
    for name in _classes(LENGTHS):
        group = [pairs for pairs in sentences if binned(len(pairs), LENGTHS) == name]
        whole = sum(all(pair.right["las"] for pair in pairs) for pairs in group)
        flat = [pair for pairs in group for pair in pairs]
        facts = {"sentences": len(group), "whole": percent(whole, len(group))}
        rows.append({"group": name, **facts, **accuracy(flat)})
    return [row for row in rows if row["sentences"]]


def _classes(last: Sequence[int]) -> list[str]:
    return [binned(value, last) for value in (*last, last[-1] + 1)]


def _grouped(named: Iterable[tuple[str, Pair]], order: Sequence[str]) -> list[dict[str, Any]]:
    groups: dict[str, list[Pair]] = {name: [] for name in order}
    for name, pair in named:
        groups[name].append(pair)
    return [{"group": name, **accuracy(group)} for name, group in groups.items() if group]
