"""Which relations a treebank gives to words of a kind, to be weighed against what the parser makes of each word.

A kind is a part of speech with its case and verb form; what is counted is how often a word of a kind had which
relation to a governor of a part of speech on its left or right. A parser of a few hundred sentences knows less of that
than the tags, which are learned from more words, allow to know. The logarithms of the shares are added to the scores of
the relations, times ``WEIGHT``: a product of experts (Hinton 2002).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Token

from turkic_nlp.heads.memory import check, parsed
from turkic_nlp.layout import Layout

USED = "used"
"""The setting of a head that holds its counts; unlike the others it says nothing of the shape of its weights."""
WEIGHT = 0.3
"""Chosen on the dev parts of the training treebanks, where 0.2 to 0.4 are about as good."""
_LEFT, _RIGHT = "<", ">"
_UNSEEN = 0.5


class Kind(NamedTuple):
    """A word's row among the kinds of its style, and its part of speech as a governor's; 0 for an unknown one."""

    row: int
    pos: int


NOTHING = Kind(0, 0)


class Usage:
    """Counts by style and by kind, part of speech of the governor and side, ``"NOUN|Acc||VERB|>": "12:3 40:1"``."""

    def __init__(self, kept: Mapping[str, Mapping[str, str]], relations: int) -> None:
        """Raises ValueError, or what a wrong type raises, for what a head of so many relations cannot have kept."""
        self._kept, self._size = kept, relations
        check(list(chain.from_iterable(counts.values() for counts in kept.values())), relations)
        if any(key.count("|") != 4 for counts in kept.values() for key in counts):
            raise ValueError("kinds that are not five fields")

    @cached_property
    def _rows(self) -> dict[tuple[str, str], int]:
        """The rows of kinds, by style."""
        pairs = ((style, key.rsplit("|", 2)[0]) for style, counts in self._kept.items() for key in counts)
        return {pair: row for row, pair in enumerate(dict.fromkeys(pairs), 1)}

    @cached_property
    def _governors(self) -> dict[str, int]:
        """The columns of governors' parts of speech."""
        found = (key.split("|")[3] for counts in self._kept.values() for key in counts)
        return {pos: column for column, pos in enumerate(dict.fromkeys(found), 1)}

    @cached_property
    def _shares(self) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Where in the table a kind, a governor and a side are, and the table: logarithms of shares, times WEIGHT."""
        places = np.zeros((len(self._rows) + 1, len(self._governors) + 1, 2), dtype=np.intp)
        table = np.zeros((1 + sum(map(len, self._kept.values())), self._size), dtype=np.float32)
        items = ((style, key, text) for style, counts in self._kept.items() for key, text in counts.items())
        for place, (style, key, text) in enumerate(items, 1):
            kind, governor, side = key.rsplit("|", 2)
            places[self._rows[style, kind], self._governors[governor], int(side == _RIGHT)] = place
            rows, counts = parsed(text)
            table[place] = _UNSEEN
            table[place, list(rows)] += counts
            table[place] /= sum(counts) + 2 * _UNSEEN
        table[1:] = WEIGHT * np.log(table[1:])
        return places, table

    def recall(self, layout: Layout, style: str | None) -> list[Kind] | None:
        """The kind of each word of a batch, whose tags are read; None for a style without counts."""
        if style is None or style not in self._kept:
            return None
        return layout.by_tags(partial(self._kind, style))

    def _kind(self, style: str, pos: str, features: str) -> Kind:
        return Kind(self._rows.get((style, kind(pos, features)), 0), self._governors.get(pos, 0))

    def shares(
        self, kinds: Sequence[Kind], governors: NDArray[np.int64], sizes: Sequence[int]
    ) -> NDArray[np.float32]:
        """What is added to the scores of relations. *Shape:* ``[words, relations]``.

        ``governors`` are those of the words of units of these sizes; 0 is the root, of which nothing is known.
        """
        rows, pos = np.asarray(kinds, dtype=np.intp).T
        starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        of_governor = np.where(governors == 0, 0, pos[(starts + governors - 1).clip(min=0)])
        right = governors - 1 > np.arange(len(rows)) - starts
        places, table = self._shares
        found: NDArray[np.float32] = table[places[rows, of_governor, right.astype(np.intp)]]
        return found


def kind(pos: str, features: str) -> str:
    """The kind of a word, ``NOUN|Acc|``, from features as CoNLL-U writes them."""
    known = dict(feature.partition("=")[::2] for feature in features.split("|"))
    return f"{pos}|{known.get('Case', '')}|{known.get('VerbForm', '')}"


def counted(docs: Iterable[Doc], rows: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The key and the row of the relation of each gold word that has tags and a governor with a tag."""
    for token in chain.from_iterable(docs):
        if token.dep and token.head.i != token.i and token.pos and token.head.pos and token.dep_ in rows:
            yield _key(token), rows[token.dep_]


def _key(token: Token) -> str:
    side = _RIGHT if token.head.i > token.i else _LEFT
    return f"{kind(token.pos_, str(token.morph))}|{token.head.pos_}|{side}"
