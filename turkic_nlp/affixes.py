"""Affix features: the beginnings and endings of a word in the shared orthography, as a bag of known strings.

An ending is listed twice: as written, and with vowel harmony and voicing folded (``~lar`` for lar, ler; ``~ti`` for
dı, di, tı, tu ...), so that one suffix is one feature in every language. Rare strings are left out rather than hashed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_FOLD = str.maketrans("eıuüödbgzşçv", "aiiiotpksssu")


def fold(form: str) -> str:
    """A shared form with vowel harmony and voicing merged: e = a, ı u ü = i, ö = o, d = t, b = p, g = k, z ş ç = s."""
    return form.translate(_FOLD)


def candidates(form: str) -> list[str]:
    """All affix strings of one shared form: beginnings, endings, folded endings."""
    size = len(form)
    starts = [f"{form[:n]}-" for n in range(1, min(4, size) + 1)]
    ends = [f"-{form[-n:]}" for n in range(1, min(5, size) + 1)]
    folded = fold(form)
    return starts + ends + [f"~{folded[-n:]}" for n in range(2, min(7, size) + 1)]


@dataclass
class Affixes:
    """The known affix strings; a string's row in the embedding table is its position."""

    strings: tuple[str, ...]

    def __post_init__(self) -> None:
        self._ids = {string: index for index, string in enumerate(self.strings)}

    def __len__(self) -> int:
        return len(self.strings)

    def of(self, form: str) -> tuple[int, ...]:
        """Ids of the affixes of a shared form that are known."""
        return tuple(self._ids[string] for string in candidates(form) if string in self._ids)

    @classmethod
    def learn(cls, counts: Mapping[str, int], size: int) -> Affixes:
        """The ``size`` most frequent affix strings of counted shared forms (ties in alphabetical order)."""
        total: Counter[str] = Counter()
        for form, count in counts.items():
            for string in candidates(form):
                total[string] += count
        best = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:size]
        return cls(tuple(sorted(string for string, _ in best)))


def read(lines: Iterable[str]) -> Affixes:
    """Affixes from a text file, one string a line."""
    return Affixes(tuple(line.rstrip("\n") for line in lines))
