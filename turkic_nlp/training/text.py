"""Raw text for pre-training: files to words, with everything that shares a run of words with a test set removed."""

from __future__ import annotations

import gzip
import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from turkic_nlp.scripts.shared import shared_form

_WORD = re.compile(r"\w+(?:['ʻʼ‘’`-]\w+)*['ʻʼ]?|[^\w\s]")
RUN = 8


def words_of(line: str) -> list[str]:
    """A line cut into words and signs: rough, fast, enough for pre-training."""
    return _WORD.findall(line)


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a plain, ``.gz`` or ``.xz`` text file."""
    opener: Any = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            yield line.strip()


class Remembered:
    """Remembers sentences, of evaluation sets say, and recognises text that repeats them.

    A line does when it shares a run of ``run`` words with a remembered sentence, or holds a remembered shorter
    sentence of at least four words as its whole; words are compared in the shared orthography.
    """

    def __init__(self, run: int = RUN) -> None:
        self._run = run
        self._runs: set[int] = set()
        self._whole: set[int] = set()

    def add(self, words: Iterable[str], lang: str) -> None:
        """Remember one sentence."""
        forms = _forms(words, lang)
        self._runs.update(_runs(forms, self._run))
        if 4 <= len(forms) < self._run:
            self._whole.add(hash(tuple(forms)))

    def holds(self, words: Sequence[str], lang: str) -> bool:
        """Whether a line repeats remembered text."""
        forms = _forms(words, lang)
        return hash(tuple(forms)) in self._whole or any(run in self._runs for run in _runs(forms, self._run))


def _forms(words: Iterable[str], lang: str) -> list[str]:
    joined = " ".join(words)
    return [shared_form(word, lang) for word in re.findall(r"\w+", joined)]


def _runs(forms: Sequence[str], run: int) -> Iterator[int]:
    return (hash(tuple(forms[i : i + run])) for i in range(len(forms) - run + 1))
