"""Words to pieces: what the encoder reads of a word, cached per word, and sentences cut into windows.

Piece ids follow XLM-R: ``<s>`` 0, ``<pad>`` 1, ``</s>`` 2, ``<unk>`` 3, then the sentencepiece vocabulary moved
by one, ``<mask>`` last (Conneau et al. 2020, the fairseq offset).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from turkic_nlp.affixes import Affixes, fold
from turkic_nlp.scripts.shared import shared_form

BOS, PAD, EOS, UNK = 0, 1, 2, 3
SHAPES = ("lower", "Title", "UPPER", "digit", "sign")
_CACHE_SIZE = 60_000

ORTHOGRAPHIES: dict[str, Callable[[str, str], str]] = {
    "shared": shared_form,
    "archiphonemic": lambda text, lang: fold(shared_form(text, lang)),
    "lower": lambda text, lang: text.lower(),
    "native": lambda text, lang: text,
}
"""What an encoder may read of a word: the shared form, the same with harmony and voicing merged, the word in lower
case, the word as it is written."""


class WordPieces(NamedTuple):
    """One word as the encoder reads it: piece ids, affix ids, and the shape of its letters."""

    ids: tuple[int, ...]
    affixes: tuple[int, ...]
    shape: int


@dataclass
class Batch:
    """Windows of one forward pass, padded to the longest.

    ``ids``, ``shapes``, ``word`` have shape ``[windows, longest]``; ``word`` is the 1-based row of a piece's word in
    ``affix_offsets`` (0: none). ``first`` and ``last`` ``[words]`` are flat positions of the words that are kept, in
    the order of the sentences.
    """

    ids: Tensor
    shapes: Tensor
    word: Tensor
    affix_ids: Tensor
    affix_offsets: Tensor
    first: Tensor
    last: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device; to a GPU it goes while the CPU prepares the next."""
        if torch.device(device).type == "cpu":
            return self
        pinned = {name: value.pin_memory() for name, value in vars(self).items()}
        return Batch(**{name: value.to(device, non_blocking=True) for name, value in pinned.items()})


@dataclass
class Pieces:
    """Turns words into pieces with one vocabulary.

    ``split`` gives the XLM-R ids of one word; ``orthography`` is a key of :data:`ORTHOGRAPHIES`; ``limit`` is the most
    pieces of one window, ``<s>`` and ``</s>`` included.
    """

    split: Callable[[str], Sequence[int]]
    orthography: str = "shared"
    affixes: Affixes | None = None
    limit: int = 256
    _cache: dict[tuple[str, str], WordPieces] = field(default_factory=dict, repr=False)

    def word(self, text: str, lang: str) -> WordPieces:
        """The pieces of one word; at least one (``<unk>``), at most a quarter of a window."""
        key = (text, lang)
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            found = self._cache[key] = self._read(text, lang)
        return found

    def form(self, text: str, lang: str) -> str:
        """What is cut into pieces and affixes: the word in the orthography of the encoder."""
        return ORTHOGRAPHIES[self.orthography](text, lang)

    def _read(self, text: str, lang: str) -> WordPieces:
        clipped = text[:500]
        form = self.form(clipped, lang)
        ids = tuple(self.split(form))[: self.limit // 4] or (UNK,)
        affixes = self.affixes.of(form) if self.affixes else ()
        return WordPieces(ids, affixes, shape(clipped))

    def sentence(self, words: Iterable[str], lang: str) -> list[WordPieces]:
        """The pieces of each word of a sentence."""
        return [self.word(word, lang) for word in words]


class Window(NamedTuple):
    """Words ``start:end`` of a sentence are read, ``keep_from:keep_to`` of them are kept."""

    start: int
    end: int
    keep_from: int
    keep_to: int


def windows(lengths: Sequence[int], limit: int) -> list[Window]:
    """Cut a sentence of words with these piece counts into windows that overlap by about a third.

    Each word is kept from exactly one window, where it has context on both sides; a sentence that fits is one
    window. ``limit`` counts ``<s>`` and ``</s>``.
    """
    room = limit - 2
    ends = np.cumsum([0, *lengths])
    if ends[-1] <= room:
        return [Window(0, len(lengths), 0, len(lengths))]
    spans: list[tuple[int, int]] = []
    start = 0
    while True:
        end = max(int(np.searchsorted(ends, ends[start] + room, side="right")) - 1, start + 1)
        spans.append((start, end))
        if end == len(lengths):
            break
        back = int(np.searchsorted(ends, ends[end] - room // 3, side="left"))
        start = max(back, start + 1)
    cuts = [
        0,
        *((left[1] + right[0]) // 2 for left, right in pairwise(spans)),
        len(lengths),
    ]
    return [Window(start, end, cuts[i], cuts[i + 1]) for i, (start, end) in enumerate(spans)]


def collate(parts: Sequence[Sequence[WordPieces]], keeps: Sequence[tuple[int, int]] | None = None) -> Batch:
    """One padded batch from windows of words; ``keeps`` are the word ranges of each window that are kept."""
    ids, affixes, kinds = zip(*chain.from_iterable(parts), strict=True) if any(parts) else ((), (), ())
    bounds, ends = _ends(parts), _ends(ids)
    sizes = np.diff(ends)
    lengths = np.diff(ends[bounds])
    longest = 2 + int(lengths.max())
    of_part = np.diff(bounds)
    # places in the padded table, row after row: of the first piece of each part, of each word, of each piece
    begins = np.arange(len(parts)) * longest + 1
    first = np.repeat(begins - ends[bounds[:-1]], of_part) + ends[:-1]
    places = np.repeat(first - ends[:-1], sizes) + np.arange(ends[-1])
    table = np.zeros((3, len(parts) * longest), dtype=np.int64)
    table[0] = PAD
    table[0, begins - 1], table[0, begins + lengths] = BOS, EOS
    table[0, places] = _row(ids, int(ends[-1]))
    table[1, places] = np.repeat(np.asarray(kinds, dtype=np.int64), sizes)
    table[2, places] = np.repeat(np.arange(1, len(ids) + 1), sizes)
    bags = _ends(affixes)
    last = first + sizes - 1
    if keeps:
        kept = np.concatenate([np.arange(*keep) + start for keep, start in zip(keeps, bounds, strict=False)])
        first, last = first[kept], last[kept]
    grids = table.reshape(3, len(parts), longest)
    arrays = (*grids, _row(affixes, int(bags[-1])), bags[:-1], first, last)
    return Batch(*(torch.from_numpy(array) for array in arrays))


def _ends(items: Sequence[Sequence[Any]]) -> NDArray[np.int64]:
    """Where items end in the row of all that they hold, and 0 before the first."""
    return np.cumsum(np.fromiter(chain((0,), map(len, items)), dtype=np.int64))


def _row(items: Sequence[Sequence[int]], size: int) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(items), dtype=np.int64, count=size)


def shape(word: str) -> int:
    """The index in :data:`SHAPES` of a word's outer form, which lower-casing would lose."""
    if any(char.isdigit() for char in word):
        return 3
    if not any(char.isalpha() for char in word):
        return 4
    if not word[:1].isupper():
        return 0
    return 2 if len(word) > 1 and word.isupper() else 1
