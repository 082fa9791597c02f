"""Sentences and their translations, a pair once, clear of evaluation sets by text.

Three ways to have them: a folder with a sub-folder ``a-b`` per pair of languages and in it tables ``*.tsv`` (also
``.gz``, ``.xz``) of two columns; one such table; two files with a sentence a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from turkic_nlp import corpora
from turkic_nlp.errors import BadAlignment, BadBitext, EmptyBitext
from turkic_nlp.training.gold import is_dev
from turkic_nlp.training.raw_text import hold
from turkic_nlp.training.text import Remembered, read_lines, words_of

SHORTEST, LONGEST = 2, 80
"""Words of a side; shorter and longer ones are left out, and pairs of which one side is thrice the other."""
_RATIO = 3


class Pair(NamedTuple):
    """A sentence, its translation, and their languages."""

    one: tuple[str, ...]
    other: tuple[str, ...]
    langs: tuple[str, str]


@dataclass
class Bitext:
    """Pairs to learn from and to measure on, and what was left out on the way."""

    train: list[Pair] = field(default_factory=list)
    dev: list[Pair] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    held_out: int = 0
    repeated: int = 0
    unfit: int = 0

    def facts(self) -> dict[str, object]:
        """What the pairs come from, for the record."""
        left_out = {"held_out": self.held_out, "repeated": self.repeated, "unfit": self.unfit}
        return {"files": self.files, "train": len(self.train), "dev": len(self.dev), "left_out": left_out}


class Source(NamedTuple):
    """The lines of one file: a name, the languages, and the two sides."""

    name: str
    langs: tuple[str, str]
    rows: Iterator[tuple[str, str]]


def languages_of(pair: str) -> tuple[str, str]:
    """``"tr-uz-Cyrl"`` as ``("tr", "uz-Cyrl")``.

    Raises:
        BadAlignment: it is no pair.
    """
    one, _, other = pair.partition("-")
    if not (one and other):
        raise BadAlignment(
            "--pair", pair, "two languages, as tr-kk (translit: language and alphabet, as kk-Latn)"
        )
    return one, other


def read_bitext(
    paths: Sequence[Path], pairs: Sequence[str], held_out: Iterable[str] = (), *, dev: float = 0.0
) -> Bitext:
    """The pairs of files for each pair of languages, as the module says; ``dev`` is the share held back.

    Raises:
        BadBitext: a table has not two columns, or two files have not the same number of lines.
        EmptyBitext: nothing is left.
        BadAlignment: paths and pairs do not fit.
    """
    if not paths or not pairs:
        raise BadAlignment("--data, --pair", "nothing", "files or a folder of pairs, and their languages")
    return collect(_sources(paths, pairs), held_out, dev=dev)


def collect(sources: Iterable[Source], held_out: Iterable[str] = (), *, dev: float = 0.0) -> Bitext:
    """The pairs of sources that are fit, new, and clear of the evaluation sets ``corpus/split/language``."""
    held = Remembered()
    for name in held_out:
        hold(held, name)
    found, seen = Bitext(), set[tuple[str, str]]()
    for source in sources:
        before = len(found.train) + len(found.dev)
        for one, other in source.rows:
            _take(found, seen, held, _pair(one, other, source.langs), dev)
        found.files[source.name] = len(found.train) + len(found.dev) - before
    if not found.train:
        raise EmptyBitext(", ".join(found.files), found.held_out, found.repeated, found.unfit)
    return found


def _pair(one: str, other: str, langs: tuple[str, str]) -> Pair:
    codes = (langs[0].partition("-")[0], langs[1].partition("-")[0])
    return Pair(tuple(words_of(one)), tuple(words_of(other)), codes)


def _take(found: Bitext, seen: set[tuple[str, str]], held: Remembered, pair: Pair, dev: float) -> None:
    key = (corpora.text_key(" ".join(pair.one)), corpora.text_key(" ".join(pair.other)))
    sizes = sorted((len(pair.one), len(pair.other)))
    if sizes[0] < SHORTEST or sizes[1] > LONGEST or sizes[1] > _RATIO * sizes[0] or pair.one == pair.other:
        found.unfit += 1
    elif key in seen:
        found.repeated += 1
    elif held.holds(pair.one, pair.langs[0]) or held.holds(pair.other, pair.langs[1]):
        found.held_out += 1
    else:
        seen.add(key)
        # one side decides, so that no sentence of dev is in train with another translation
        (found.dev if is_dev(key[0], dev) else found.train).append(pair)


def _sources(paths: Sequence[Path], pairs: Sequence[str]) -> Iterator[Source]:
    if paths[0].is_dir():
        for folder in paths:
            for pair in pairs:
                yield from _of_folder(folder, pair)
        return
    if len(pairs) != 1:
        raise BadAlignment("--pair", ", ".join(pairs), "one pair for files; several need a folder of pairs")
    langs = languages_of(pairs[0])
    if all(".tsv" in path.suffixes for path in paths):
        yield from (Source(path.name, langs, _table(path)) for path in paths)
    elif len(paths) == 2:
        yield Source(f"{paths[0].name}, {paths[1].name}", langs, _side_by_side(*paths))
    else:
        raise BadAlignment(
            "--data", ", ".join(map(str, paths)), "a folder of pairs, .tsv tables, or two text files"
        )


def _of_folder(folder: Path, pair: str) -> Iterator[Source]:
    one, other = languages_of(pair)
    places = [(folder / pair, False), (folder / f"{other}-{one}", True)]
    place, turned = next((found for found in places if found[0].is_dir()), (None, False))
    if place is None:
        raise BadAlignment("--pair", pair, f"a sub-folder {pair} of {folder}")
    for path in sorted(place.glob("*.tsv*")):
        rows = _table(path)
        yield Source(f"{pair}/{path.name}", (one, other), ((b, a) for a, b in rows) if turned else rows)


def _table(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_lines(path), 1):
        cells = line.split("\t")
        if len(cells) < 2:
            raise BadBitext(str(path), number, f"{line[:40]!r} has no tab", "two columns parted by a tab")
        yield cells[0], cells[1]


def _side_by_side(one: Path, other: Path) -> Iterator[tuple[str, str]]:
    for number, (left, right) in enumerate(zip_longest(_lines(one), _lines(other)), 1):
        if left is None or right is None:
            ended = one if left is None else other
            raise BadBitext(
                str(ended), number, "the file ends here, the other goes on", "a translation in each line"
            )
        yield left, right


def _lines(path: Path) -> Iterator[str]:
    try:
        yield from read_lines(path)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadBitext(
            str(path), 0, f"it cannot be read ({reason})", "a text file, plain, .gz or .xz"
        ) from error
