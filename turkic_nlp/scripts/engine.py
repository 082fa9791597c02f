"""Turns one word from one alphabet into another, by rules, exceptions, harmony, capitals and offsets."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from turkic_nlp.scripts.harmony import Harmony
from turkic_nlp.scripts.lexicon import SHORT, START, Lexicon
from turkic_nlp.scripts.table import Table

Piece = tuple[int, int, str]  # start and end in the source word, and what stands for it in the target


@dataclass(frozen=True)
class Converted:
    """A word in another alphabet; character ``i`` comes from place ``starts[i]`` of the source word."""

    text: str
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Converter:
    """Turns single words by one table. Any string is accepted: what the table lacks is passed through."""

    table: Table
    lexicon: Lexicon = field(default_factory=Lexicon)

    @cached_property
    def _folds(self) -> list[tuple[str, str]]:
        folds = {ord("İ"): "i"} | pairs(self.table.facts.get("fold", ""))
        return [(chr(shape), letter) for shape, letter in folds.items()]

    @cached_property
    def _capitals(self) -> Mapping[int, str]:
        return pairs(self.table.facts.get("capitals", ""))

    @cached_property
    def _harmony(self) -> Harmony | None:
        return Harmony.of(self.table.facts) if "harmony" in self.table.facts else None

    def __call__(self, word: str) -> Converted:
        """Convert one word and keep its capitals: Title stays Title, CAPITALS stay CAPITALS."""
        composed, starts = compose(word)
        pieces = list(self._cased(composed))
        text = "".join(target for _, _, target in pieces)
        return Converted(text, tuple(starts[place] for piece in pieces for place in _places(piece)))

    def spell(self, words: Sequence[str]) -> list[str]:
        """The text of ``self(word)`` for many words; all that are simple go through one pass of the rules."""
        joined = "\n".join(words)
        if (
            not words
            or self._harmony
            or not self.table.disjoint
            or not unicodedata.is_normalized("NFC", joined)
        ):
            return [self(word).text for word in words]
        folded = self.fold(joined)
        small, done = folded.split("\n"), self._rewrite(folded).split("\n")
        capitals = {letter: self._upper(letter) for letter in {text[:1] for text in done}}
        texts = [
            capitals[text[:1]] + text[1:] if low[:1] != word[:1] and word[:1].isupper() else text
            for word, low, text in zip(words, small, done, strict=True)
        ]
        for place in self._special(words, small):
            texts[place] = self(words[place]).text
        return texts

    def _special(self, words: Sequence[str], small: list[str]) -> list[int]:
        """Places of the words that the lexicon has, or that have capitals behind their first letter."""
        find, whole, starts = self.lexicon.find, self.lexicon.words, self.lexicon.stems
        return [
            place
            for place, (word, low) in enumerate(zip(words, small, strict=True))
            if (low != word and not word[1:].islower())
            or low in whole
            or ((low[:START] in starts or low[:SHORT] in starts) and find(low))
        ]

    def _rewrite(self, text: str) -> str:
        targets = [row.target for row in self.table.rules]
        text = self.table.pattern.sub(lambda match: targets[(match.lastindex or 1) - 1], text)
        return text.translate(self.table.letters)

    def _cased(self, word: str) -> Iterator[Piece]:
        small = self.fold(word)
        if small == word or not any(map(str.isupper, word)):
            return self.pieces(small)
        if found := self.lexicon.find_acronym(word):
            acronym, target = found
            return chain([(0, len(acronym), target)], self._letters(small, len(acronym)))
        if word[1:].islower():
            return self._titled(self.pieces(small))
        return (self._recase(word, piece) for piece in self.pieces(small))

    def fold(self, word: str) -> str:
        """The word in small letters, apostrophes and dotless i as the table has them; its length is kept."""
        for shape, letter in self._folds:
            word = word.replace(shape, letter)
        return word.lower()

    def pieces(self, word: str) -> Iterator[Piece]:
        """The rows that apply to a word in small letters, from left to right, without gaps."""
        found = self.lexicon.find(word)
        if self._harmony:
            word = self._harmony(word)
        if not found:
            return self._letters(word, 0)
        stem, target = found
        return chain([(0, len(stem), target)], self._letters(word, len(stem)))

    def _letters(self, word: str, place: int) -> Iterator[Piece]:
        letters, rules = self.table.letters, self.table.rules
        for match in self.table.pattern.finditer(word, place):
            yield from _plain(word, place, match.start(), letters)
            place = match.end()
            yield match.start(), place, rules[(match.lastindex or 1) - 1].target
        yield from _plain(word, place, len(word), letters)

    def _titled(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        for start, end, target in pieces:
            yield start, end, self._title(target)
            if target:
                yield from pieces

    def _recase(self, word: str, piece: Piece) -> Piece:
        start, end, target = piece
        source, around = word[start:end], word[max(start - 1, 0) : start] + word[end : end + 1]
        if source[:1].islower() or not any(map(str.isupper, source + around)):
            return piece
        if not source[:1].isupper():  # a sign without capitals, such as an apostrophe
            return (start, end, self._upper(target)) if around.isupper() else piece
        caps = source.isupper() if end - start > 1 else any(map(str.isupper, around))
        return start, end, self._upper(target) if caps else self._title(target)

    def _upper(self, text: str) -> str:
        return text.translate(self._capitals).upper()

    def _title(self, text: str) -> str:
        return self._upper(text[:1]) + text[1:]


def pairs(text: str) -> dict[int, str]:
    """``"I=ı İ=i"`` as a table for ``str.translate``."""
    return {ord(pair[0]): pair[2:] for pair in text.split()}


def compose(word: str) -> tuple[str, range | list[int]]:
    """The word in Unicode form C, and for each of its characters the place of its base letter in ``word``."""
    if word.isascii() or unicodedata.is_normalized("NFC", word):
        return word, range(len(word))
    bases = [place for place, char in enumerate(word) if not place or not unicodedata.combining(char)]
    clusters = [
        (start, unicodedata.normalize("NFC", word[start:end]))
        for start, end in zip(bases, [*bases[1:], len(word)], strict=True)
    ]
    return "".join(text for _, text in clusters), [start for start, text in clusters for _ in text]


def _plain(word: str, start: int, end: int, letters: Mapping[int, str]) -> Iterator[Piece]:
    for place in range(start, end):
        char = word[place]
        yield place, place + 1, letters.get(ord(char), char)


def _places(piece: Piece) -> Iterator[int]:
    start, end, target = piece
    return (start + place * (end - start) // len(target) for place in range(len(target)))
