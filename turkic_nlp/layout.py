"""A batch of Docs in one row: where its words, sentences and documents are, and how annotation gets back to the Docs.

What a component does for each Doc costs more than what it does for each word, as most Docs are short. So Docs are
read once and written once, and everything between is done for all words of a batch in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from spacy.attrs import IS_SPACE, MORPH, POS, SENT_START
from spacy.strings import StringStore
from spacy.tokens import Doc

T = TypeVar("T")
LONGEST_UNIT = 500
"""A head looks at no more words at once than this; a longer sentence is cut."""


class Layout:
    """Where things are. White space is in no unit; a unit has at least one word.

    ``tokens`` ``[docs + 1]`` bounds the tokens of each Doc in the row of all; ``words`` are the places of those that
    are no white space. ``sentences`` and ``documents`` ``[units + 1]`` bound units in ``words``: sentences of at most
    LONGEST_UNIT words, and the Docs that have words, which ``with_words`` lists.
    """

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = docs
        self.tokens = np.cumsum([0, *map(len, docs)])
        tables = [doc.to_array([IS_SPACE, SENT_START]) for doc in docs if len(doc)]
        table = np.concatenate(tables) if tables else np.zeros((0, 2), dtype=np.uint64)
        self.words: NDArray[np.intp] = np.flatnonzero(table[:, 0] == 0)
        bounds = np.searchsorted(self.words, self.tokens)
        filled = np.flatnonzero(bounds[1:] > bounds[:-1])
        self.with_words: list[int] = filled.tolist()
        self.documents: NDArray[np.intp] = np.append(bounds[filled], len(self.words))
        starts = np.searchsorted(self.words, np.flatnonzero(table[:, 1] == 1))
        self.sentences = _cut(np.unique(np.concatenate([self.documents, starts])))

    @property
    def has_spaces(self) -> bool:
        """Whether any token is white space."""
        return len(self.words) < int(self.tokens[-1])

    @cached_property
    def _stores(self) -> list[StringStore]:
        """One, unless the Docs come from several pipelines."""
        return list({id(doc.vocab): doc.vocab.strings for doc in self.docs}.values())

    def numbers(self, texts: Sequence[str]) -> NDArray[np.uint64]:
        """The numbers of strings, which the vocabularies of the Docs know from now on."""
        for store in self._stores:
            found = np.fromiter(map(store.add, texts), dtype=np.uint64, count=len(texts))
        return found

    @cached_property
    def texts(self) -> list[str]:
        """The text of every token."""
        return [token.text for doc in self.docs for token in doc]

    @cached_property
    def tags(self) -> NDArray[np.uint64]:
        """Part of speech and features of every word, as the Docs have them now, as numbers. *Shape:* ``[words, 2]``."""
        tables = [doc.to_array([POS, MORPH]) for doc in self.docs if len(doc)]
        found: NDArray[np.uint64] = np.concatenate(tables)[self.words]
        return found

    @cached_property
    def _like_tags(self) -> tuple[list[tuple[str, str]], list[int]]:
        """The parts of speech and features that words have, and which of them each word has."""
        tags, which = np.unique(self.tags, axis=0, return_inverse=True)
        pairs = [(self.string(pos), self.string(features)) for pos, features in tags.tolist()]
        return pairs, which.reshape(-1).tolist()

    def by_tags(self, make: Callable[[str, str], T]) -> list[T]:
        """What is made of the part of speech and the features of each word; of like ones once."""
        pairs, which = self._like_tags
        made = [make(*pair) for pair in pairs]
        return [made[place] for place in which]

    def string(self, number: int) -> str:
        """The string of a number that a Doc has."""
        known = (store for store in self._stores if number in store)  # type: ignore[operator]
        return next((str(store[number]) for store in known), "")

    def sentence_texts(self) -> list[list[str]]:
        """The words of every sentence."""
        words = [self.texts[index] for index in self.words.tolist()] if self.has_spaces else self.texts
        return [words[start:end] for start, end in pairwise(self.sentences.tolist())]

    def document_texts(self) -> Iterator[tuple[str, list[str]]]:
        """The language and the words of every Doc that has words."""
        for n, (start, end) in zip(self.with_words, pairwise(self.documents.tolist()), strict=True):
            yield self.docs[n].lang_, [self.texts[place] for place in self.words[start:end].tolist()]

    def owners(self, words: NDArray[np.intp]) -> list[int]:
        """The number of the Doc of each of these places in ``words``."""
        places = np.searchsorted(self.documents, words, side="right") - 1
        return [self.with_words[place] for place in places.tolist()]

    def rows(self, starts: ArrayLike, ends: ArrayLike) -> list[tuple[int, slice | NDArray[np.intp]]]:
        """The Doc and the tokens in it of each range of ``words`` that lies in one Doc."""
        first, after = np.asarray(starts, dtype=np.intp), np.asarray(ends, dtype=np.intp)
        owners = self.owners(first)
        shifts = self.tokens[owners]
        if self.has_spaces:
            cuts = zip(owners, first.tolist(), after.tolist(), shifts.tolist(), strict=True)
            return [(n, self.words[start:end] - shift) for n, start, end, shift in cuts]
        local = map(slice, (first - shifts).tolist(), (after - shifts).tolist())
        return list(zip(owners, local, strict=True))

    def write(self, attributes: Sequence[int], table: NDArray[np.uint64]) -> None:
        """Set attributes of all tokens of the Docs that have words. *Shape:* ``[tokens, attributes]``."""
        bounds = self.tokens.tolist()
        for n in self.with_words:
            self.docs[n].from_array(attributes, table[bounds[n] : bounds[n + 1]])


def _cut(bounds: NDArray[np.intp]) -> NDArray[np.intp]:
    """Bounds of units, none of them longer than LONGEST_UNIT."""
    if len(bounds) < 2 or int(np.diff(bounds).max()) <= LONGEST_UNIT:
        return bounds
    cuts = [cut for start, end in pairwise(bounds.tolist()) for cut in range(start, end, LONGEST_UNIT)]
    return np.asarray([*cuts, int(bounds[-1])], dtype=np.intp)


def places(bounds: NDArray[np.intp], units: Sequence[int]) -> NDArray[np.intp]:
    """The places of everything in these units, unit by unit."""
    chosen = np.asarray(units, dtype=np.intp)
    starts, sizes = bounds[chosen], bounds[chosen + 1] - bounds[chosen]
    shifts = starts - np.cumsum(sizes) + sizes
    return np.repeat(shifts, sizes) + np.arange(int(sizes.sum()))
