"""Vowel harmony for Arabic alphabets that write one letter for a back and a front vowel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HAMZA = "ٴ"


@dataclass(frozen=True)
class Harmony:
    """Rewrites each ambiguous vowel letter that sounds front as the letter that says so, of the same length.

    Evidence, strongest first: the high hamza that opens a front word; for the letters of ``initial``
    (Kazakh ا and و, front in first syllables only) their place; a consonant beside the vowel that goes
    with one kind only (ق ع back, ك گ front); the vowel to the left; the first decided vowel to the right;
    ``default``.
    """

    fronted: Mapping[str, str]
    vowels: str
    initial: str
    front: str
    back: str
    default: bool

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> Harmony:
        """Harmony as a table's header describes it."""
        fronted = {pair[0]: pair[2] for pair in facts["harmony"].split()}
        default = facts.get("default", "back") == "front"
        return cls(fronted, facts["vowels"], facts.get("initial", ""), facts["front"], facts["back"], default)

    def __call__(self, word: str) -> str:
        """The word with every ambiguous vowel decided."""
        vowels = [place for place, letter in enumerate(word) if letter in self.vowels]
        kinds = [True] * len(vowels) if word.startswith(HAMZA) else self._decide(word, vowels)
        letters = list(word)
        for place, is_front in zip(vowels, kinds, strict=True):
            if is_front:
                letters[place] = self.fronted.get(letters[place], letters[place])
        return "".join(letters)

    def _decide(self, word: str, vowels: list[int]) -> list[bool]:
        known = [self._evidence(word, vowels, order) for order in range(len(vowels))]
        for order, kind in enumerate(known):
            if kind is None:
                known[order] = self._neighbour(word[vowels[order]], known, order)
        return [kind is True for kind in known]

    def _neighbour(self, letter: str, known: list[bool | None], order: int) -> bool:
        if order:
            return known[order - 1] is True
        return next((kind for kind in known[1:] if kind is not None), self.default)

    def _evidence(self, word: str, vowels: list[int], order: int) -> bool | None:
        place = vowels[order]
        if word[place] not in self.fronted:
            return word[place] in self.front
        if word[place] in self.initial and order:
            return False
        following = vowels[order + 1] if order + 1 < len(vowels) else len(word)
        previous = vowels[order - 1] + 1 if order else 0
        if word[place] in self.initial and word[following : following + 1] in tuple(self.initial):
            return False
        return self._consonants(word[previous:place][::-1] + word[place + 1 : following])

    def _consonants(self, letters: str) -> bool | None:
        return next((letter in self.front for letter in letters if letter in self.front + self.back), None)
