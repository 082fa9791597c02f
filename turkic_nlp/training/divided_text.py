"""Raw text of one language, a part of it held out to tell how well the rest was learned."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from turkic_nlp.errors import BadOption, NoText, TooLittleToAdapt
from turkic_nlp.training.pool import Pool
from turkic_nlp.training.text import Remembered, read_lines, words_of

LEAST_LINES = 100
MOST_HELD_OUT = 400
_SHARE = 0.05
_LONGEST = 32


@dataclass
class Divided:
    """Lines for training, the words of those that are held out (the first 32 of each), and what is told about them."""

    train: Pool
    held_out: list[list[str]]
    facts: dict[str, Any]


def divide(paths: Sequence[Path], lang: str) -> Divided:
    """The lines of files, or of folders of them, each once, some of them held out.

    Which, the words of a line alone decide. Lines that share a run of words with a held-out one are left out.

    Raises:
        BadOption, NoText: there is no such file, or none in a folder.
        TooLittleToAdapt: there are fewer than LEAST_LINES different lines.
    """
    files = [file for path in paths for file in _files(path)]
    known = sorted({_number(words) for file in files for words in _lines(file)})
    if len(known) < LEAST_LINES:
        raise TooLittleToAdapt(lines=len(known), least=LEAST_LINES)
    chosen = set(known[: min(MOST_HELD_OUT, math.ceil(_SHARE * len(known)))])
    held, out = Remembered(), []
    for words in _once_each(files):
        if _number(words) in chosen:
            held.add(words, lang)
            out.append(words[:_LONGEST])
    pool, dropped = Pool(), 0
    for words in _once_each(files):
        if _number(words) not in chosen and not (shared := held.holds(words, lang)):
            pool.add(words, lang)
        elif _number(words) not in chosen:
            dropped += shared
    facts = {
        "files": [file.name for file in files],
        "digest": hashlib.sha256(np.asarray(known, dtype=np.uint64).tobytes()).hexdigest(),
        "lines": {"train": len(pool.lines()), "held_out": len(out), "dropped_as_held_out": dropped},
        "words": sum(pool.counts.values()),
    }
    return Divided(pool, out, facts)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadOption("--text", str(path), "a text file (.txt, .gz, .xz), or a folder of them")
    found = sorted(file for file in path.glob("*.*") if file.suffix in (".txt", ".xz", ".gz"))
    if not found:
        raise NoText(folder=str(path))
    return found


def _lines(file: Path) -> Iterator[list[str]]:
    return (words for line in read_lines(file) if len(words := words_of(line)) > 1)


def _once_each(files: Sequence[Path]) -> Iterator[list[str]]:
    seen: set[int] = set()
    for words in (words for file in files for words in _lines(file)):
        if (number := _number(words)) not in seen:
            seen.add(number)
            yield words


def _number(words: Sequence[str]) -> int:
    """A number that depends on the words of a line alone, for choosing and for knowing it again."""
    text = " ".join(words).lower().encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
