"""Mistakes in named entities: another type, other borders, missed, spurious."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mistakes.tally import Example, Tally, context, percent

KINDS = ("right", "type", "borders", "missed", "spurious")


class Entity(NamedTuple):
    """Words ``start`` to before ``end``, and a label."""

    start: int
    end: int
    label: str


class Case(NamedTuple):
    """One gold entity with the guess that fits it best, or a guess that touches no gold one."""

    kind: str
    gold: Entity | None
    guess: Entity | None


def cases(gold: Sequence[Entity], guess: Sequence[Entity]) -> Iterator[Case]:
    """Every gold entity as ``right``, ``type`` (same borders), ``borders`` or ``missed``; then the ``spurious``."""
    for entity in gold:
        best = max(guess, key=lambda other: (shared(entity, other), -other.start), default=None)
        if best is None or not shared(entity, best):
            yield Case("missed", entity, None)
        elif (entity.start, entity.end) != (best.start, best.end):
            yield Case("borders", entity, best)
        else:
            yield Case("right" if entity.label == best.label else "type", entity, best)
    for entity in guess:
        if not any(shared(entity, other) for other in gold):
            yield Case("spurious", None, entity)


def shared(left: Entity, right: Entity) -> int:
    """How many words two entities share."""
    return max(0, min(left.end, right.end) - max(left.start, right.start))


def borders(gold: Entity, guess: Entity) -> str:
    """How the guess lies to the gold entity: ``longer``, ``shorter``, or ``shifted``, with words on one side only."""
    if guess.start <= gold.start and gold.end <= guess.end:
        return "longer"
    return "shorter" if gold.start <= guess.start and guess.end <= gold.end else "shifted"


def read_as(entities: Sequence[Entity], same_as: Mapping[str, str]) -> list[Entity]:
    """Entities under the labels of another corpus (a card's ``same_as``; empty changes nothing), the rest left out."""
    names = {label: label for label in same_as.values()} | dict(same_as)
    if not names:
        return list(entities)
    return [entity._replace(label=names[entity.label]) for entity in entities if entity.label in names]


def report(
    documents: Sequence[tuple[Sequence[str], Sequence[Entity], Sequence[Entity]]], *, top: int = 15
) -> dict[str, Any]:
    """Counts by label and by kind, with examples, of (words, gold, guess) of every text."""
    tallies = {
        "types": Tally("gold", "guess"),
        "borders": Tally("side", "label"),
        "missed": Tally("gold"),
        "spurious": Tally("guess"),
    }
    labels: dict[str, dict[str, int]] = {}
    for words, gold, guess in documents:
        for case in cases(gold, guess):
            entity = case.gold or case.guess
            assert entity is not None
            labels.setdefault(entity.label, dict.fromkeys(KINDS, 0))[case.kind] += 1
            _count(tallies, case, words)
    rows: list[dict[str, Any]] = [
        {"label": label, **labels[label]} for label in sorted(labels, key=lambda n: (-_size(labels[n]), n))
    ]
    total = sum(tally.total for tally in tallies.values())
    kinds = {kind: sum(row[kind] for row in rows) for kind in KINDS}
    tables = {name: tally.rows(top, of=total) for name, tally in tallies.items()}
    return {
        "errors": total,
        "kinds": kinds,
        "shares": {kind: percent(kinds[kind], total) for kind in KINDS[1:]},
        "labels": rows,
        **tables,
    }


def _size(counts: Mapping[str, int]) -> int:
    return sum(count for kind, count in counts.items() if kind != "spurious")


def _count(tallies: Mapping[str, Tally], case: Case, words: Sequence[str]) -> None:
    gold, guess = case.gold, case.guess
    if gold and guess and case.kind == "type":
        tallies["types"].add(gold.label, guess.label, example=_seen(words, gold))
    elif gold and guess and case.kind == "borders":
        label = gold.label if gold.label == guess.label else f"{gold.label} > {guess.label}"
        example = _seen(words, gold) | {"guess": " ".join(words[guess.start : guess.end])}
        tallies["borders"].add(borders(gold, guess), label, example=example)
    elif gold and case.kind == "missed":
        tallies["missed"].add(gold.label, example=_seen(words, gold))
    elif guess and case.kind == "spurious":
        tallies["spurious"].add(guess.label, example=_seen(words, guess))


def _seen(words: Sequence[str], entity: Entity) -> Example:
    return context(words, entity.start, entity.end)
