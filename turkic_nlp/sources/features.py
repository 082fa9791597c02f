"""What can be measured of a source and a target before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.sources.tables import Tongue, agreement, measured, tongues

SAMPLE = 480
"""Sentences of a source that are looked at: as many as those of our own matrix had, for overlap grows with size."""
RELATIVES = 3.0
"""Weight of the wider circle against one target of the narrower one, where the transfer of a source is averaged."""
_TTR_WORDS = 2000

Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Profile:
    """Running words of a text in the shared orthography, and their pieces."""

    words: tuple[str, ...]
    pieces: tuple[int, ...]

    @property
    def ttr(self) -> float:
        """Types per running word among the first 2,000 words."""
        first = self.words[:_TTR_WORDS]
        return len(set(first)) / max(1, len(first))


def profile(sentences: Iterable[Sequence[str]], lang: str, split: Callable[[str], Sequence[int]]) -> Profile:
    """The profile of a text; ``split`` cuts a word into piece ids, and words without a letter are left out."""
    words = tuple(
        shared_form(word, lang) for sentence in sentences for word in sentence if any(map(str.isalpha, word))
    )
    return Profile(words, tuple(chain.from_iterable(map(split, words))))


def spaced(sentences: Sequence[Sequence[str]], most: int = SAMPLE) -> Sentences:
    """At most so many sentences, evenly spaced."""
    count = len(sentences)
    return sentences if count <= most else [sentences[n * count // most] for n in range(most)]


def of_text(source: Profile, target: Profile) -> dict[str, float | None]:
    """Features of two texts.

    ``words`` and ``pieces`` are shares of the target's running words and pieces that the source has too; ``ttr`` is
    minus the distance of their type-token ratios, so that more is nearer.
    """
    words, pieces = set(source.words), set(source.pieces)
    return {
        "words": _share(word in words for word in target.words),
        "pieces": _share(piece in pieces for piece in target.pieces),
        "ttr": -abs(source.ttr - target.ttr),
    }


def of_languages(source: Tongue, target: Tongue) -> dict[str, float | None]:
    """Features of two languages.

    ``family``, ``branch`` and ``script`` are 1 where they are the same, ``order`` is the share of word-order features
    attested in both that agree, ``attested`` how many those are.
    """
    order, attested = agreement(source, target)
    return {
        "family": float(source.family == target.family),
        "branch": float((source.family, source.branch) == (target.family, target.branch)),
        "script": float(source.script == target.script),
        "order": order,
        "attested": float(attested),
    }


def of_size(amount: float) -> float:
    """Size on a scale on which ten times more is one more."""
    return math.log10(1 + amount)


class Evidence:
    """A transfer matrix, asked how a source did on the relatives of a target."""

    def __init__(self, matrix: Mapping[str, Mapping[str, float]]) -> None:
        self._points = {source: dict[str, float]() for source in matrix}
        self._sums: dict[tuple[str, Circle], tuple[float, int]] = {}
        for target in {target for row in matrix.values() for target in row}:
            foreign = {s: row[target] for s, row in matrix.items() if s != target and target in row}
            mean = sum(foreign.values()) / max(1, len(foreign))
            for source, score in foreign.items():
                self._points[source][target] = score - mean
                for circle in _circles(target):
                    total, count = self._sums.get((source, circle), (0.0, 0))
                    self._sums[source, circle] = total + score - mean, count + 1

    def relatives(self, source: str, target: str, without: str = "") -> float | None:
        """Points by which a source was better than the average one on relatives of a target, None if not measured.

        The mean over targets of the same branch leans on that over the family, and this on that over all targets, the
        more the fewer there are. Neither the target itself nor ``without`` count.
        """
        if source not in self._points:
            return None
        found = 0.0
        for circle, leaning in zip(_circles(target), (0.0, RELATIVES, RELATIVES), strict=True):
            total, count = self._sums.get((source, circle), (0.0, 0))
            for left_out in {target, without} & set(self._points[source]):
                if circle in _circles(left_out):
                    total, count = total - self._points[source][left_out], count - 1
            found = (total + leaning * found) / max(1.0, count + leaning)
        return found


Circle = tuple[str, ...]


@cache
def _circles(lang: str) -> tuple[Circle, Circle, Circle]:
    """All languages, the family, the branch."""
    about = tongues()[lang]
    return (), (about.family,), (about.family, about.branch)


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / max(1, len(found))


def xlmr(source: str, target: str, sentences: int) -> dict[str, float | None]:
    """The features of the model for XLM-R: of languages, of what it has read, of size, of measured transfer."""
    known = tongues()
    return {
        **of_languages(known[source], known[target]),
        "read": of_size(known[source].xlmr),
        "size": of_size(sentences),
        "relatives": _evidence().relatives(source, target),
    }


@cache
def _evidence() -> Evidence:
    return Evidence(measured())
