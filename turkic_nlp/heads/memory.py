"""What training saw of each word form, to be weighed against what a head makes of the word in its sentence.

A small model forgets much of what a small treebank says of single words. So the sightings are kept: how often a form,
in the shared orthography, had which label in a style. What a head thinks is the prior of a Dirichlet and counts as
``PRIOR`` sightings, to which those of training are added (MacKay and Peto 1995): a form seen once moves a head in
doubt, one seen ten times with the same label nearly always has it. But a form that was seen as several parts of speech
is what its sentence makes of it: all its sightings together count no more than what the head thinks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from turkic_nlp.heads.kept import KeptWords
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form

SEEN = "seen"
"""The setting of a head that holds its sightings; unlike the others it says nothing of the shape of its weights."""
PRIOR = 2.0
"""Chosen on the dev parts of the training treebanks, where 1 to 4 are about as good."""
_KEPT = re.compile(r"[0-9]{1,9}:[0-9]{1,9}(?: [0-9]{1,9}:[0-9]{1,9})*")


class Sightings(NamedTuple):
    """The labels that a form had, as rows of the head, and what each counts: how often it had it, or less."""

    rows: tuple[int, ...] = ()
    counts: tuple[float, ...] = ()


NEVER = Sightings()


class Seen(NamedTuple):
    """The sightings of all words of a pass: of which word, of which label, how often. *Shape:* ``[sightings]`` each."""

    words: Tensor
    rows: Tensor
    counts: Tensor


class Memory:
    """Sightings by style and form. Settings of a head hold those of a form as text, ``"12:3 40:1"``."""

    def __init__(self, kept: Mapping[str, Mapping[str, str]], kinds: Sequence[int]) -> None:
        """``kinds`` are the parts of speech of the rows.

        Raises ValueError, or what a wrong type raises, for what a head of these rows cannot have kept.
        """
        self._kept, self._kinds = kept, kinds
        self._found = KeptWords[Sightings]()
        check(list(chain.from_iterable(forms.values() for forms in self._kept.values())), len(kinds))

    def recall(self, layout: Layout, style: str | None) -> list[Sightings]:
        """What training saw of each word of a batch; without a style, what it saw without one."""
        style = style or ""
        if style not in self._kept:
            return [NEVER] * len(layout.words)
        found: list[Sightings] = []
        for lang, words in layout.document_texts():
            known = self._found(words, lang, style, self._of_new)
            found += [known[word] for word in words]
        return found

    def _of_new(self, words: Sequence[str], lang: str, style: str) -> Iterator[Sightings]:
        kept = (self._kept[style].get(shared_form(word, lang)) for word in words)
        return (self._weighed(parsed(text)) if text else NEVER for text in kept)

    def _weighed(self, sightings: Sightings) -> Sightings:
        """Sightings that count together no more than PRIOR where parts of speech differ."""
        rows, counts = sightings
        if len({self._kinds[row] for row in rows}) == 1 or sum(counts) <= PRIOR:
            return sightings
        return Sightings(rows, tuple(count * PRIOR / sum(counts) for count in counts))


def check(texts: Sequence[str], rows: int) -> None:
    """Raises ValueError for what a head of so many rows cannot have kept."""
    whole = " ".join(texts)
    if texts and not _KEPT.fullmatch(whole):
        raise ValueError("sightings that are not row:count")
    table = np.asarray(whole.replace(":", " ").split(), dtype=np.int64)
    if ((table[::2] >= rows) | (table[1::2] < 1)).any():
        raise ValueError("sightings of labels that the head does not have")


def parsed(kept: str) -> Sightings:
    """Sightings from the text that settings hold."""
    rows, counts = zip(*(map(int, pair.split(":")) for pair in kept.split(" ")), strict=True)
    return Sightings(rows, counts)


def to_keep(sightings: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Sightings as settings hold them, from pairs of what was seen, as a form in the shared orthography, and a row."""
    forms: dict[str, Counter[int]] = {}
    for form, row in sightings:
        forms.setdefault(form, Counter())[row] += 1
    return {
        form: " ".join(f"{row}:{count}" for row, count in sorted(rows.items()))
        for form, rows in sorted(forms.items())
    }


def together(sightings: Sequence[Sightings], device: torch.device) -> Seen:
    """The sightings of the words of a pass, side by side on its device."""
    words = np.repeat(np.arange(len(sightings)), [len(one.rows) for one in sightings])
    rows = np.fromiter(chain.from_iterable(one.rows for one in sightings), dtype=np.int64, count=len(words))
    counts = np.fromiter(chain.from_iterable(one.counts for one in sightings), np.float32, count=len(words))
    return Seen(*(torch.from_numpy(part).to(device) for part in (words, rows, counts)))
