"""The pool of raw text: every word type once, the running text as numbers, rows of pieces drawn at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from turkic_nlp.heads.edits import lower
from turkic_nlp.pieces import EOS, Pieces, WordPieces

LINE_END = 0


@dataclass
class Pool:
    """Running text as word-type numbers: ``text`` holds types, 0 ends a line; ``types[n]`` is (word, language)."""

    types: list[tuple[str, str]] = field(default_factory=lambda: [("", "")])
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)
    _text: list[NDArray[np.int32]] = field(default_factory=list, repr=False)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, words: Sequence[str], lang: str) -> None:
        """Append one line."""
        row = [self._number((word, lang)) for word in words]
        self._text.append(np.asarray([*row, LINE_END], dtype=np.int32))
        self.counts[lang] += len(words)

    def _number(self, key: tuple[str, str]) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.types)
            self.types.append(key)
        return number

    def lines(self) -> list[NDArray[np.int32]]:
        """All lines, each ended by 0."""
        return self._text

    def form_counts(self, pieces: Pieces) -> Counter[str]:
        """How often each form that the encoder would read occurs."""
        occurrences = np.bincount(np.concatenate(self._text), minlength=len(self.types))
        total: Counter[str] = Counter()
        for number, (word, lang) in enumerate(self.types[1:], 1):
            total[pieces.form(word, lang)] += int(occurrences[number])
        return total

    def frequent(self, least: int) -> list[tuple[str, str]]:
        """Language and word, in lower case, of every word of letters that occurs ``least`` times; sorted."""
        occurrences = np.bincount(np.concatenate(self._text), minlength=len(self.types))
        counts: Counter[tuple[str, str]] = Counter()
        for (word, lang), count in zip(self.types[1:], occurrences[1:].tolist(), strict=True):
            if word.isalpha() or "-" in word[1:-1]:
                counts[lang, lower(word, lang)] += count
        return sorted(key for key, count in counts.items() if count >= least)

    def table(self, pieces: Pieces) -> list[WordPieces]:
        """The pieces of every word type; entry 0 is the end of a line, read as ``</s>``."""
        return [WordPieces((EOS,), (), 4), *(pieces.word(word, lang) for word, lang in self.types[1:])]


def rows(
    lines: Sequence[NDArray[np.int32]], table: Sequence[WordPieces], length: int, seed: int
) -> Iterator[list[int]]:
    """Rows of word types of at most ``length`` pieces, lines in random order, for ever: an epoch after the other."""
    rng = np.random.default_rng(seed)
    sizes = np.asarray([len(word.ids) for word in table])
    row: list[int] = []
    used = 2
    while True:
        for index in rng.permutation(len(lines)):
            for number in lines[index]:
                if used + sizes[number] > length:
                    yield row
                    row, used = [], 2
                row.append(int(number))
                used += int(sizes[number])


def piece_lines(lines: Iterable[NDArray[np.int32]], table: Sequence[WordPieces]) -> Iterator[list[str]]:
    """Lines as piece ids in decimal, which is how a skip-gram library wants its words."""
    for line in lines:
        yield [str(piece) for number in line[:-1] for piece in table[number].ids]
