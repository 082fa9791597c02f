"""Pairs without translations: a sentence and the same sentence in another alphabet of its language.

An encoder that reads the shared orthography sees nearly the same pieces on both sides where the tables are good (Uzbek
in both its alphabets: the very same), and then there is nothing to learn. So pairs count only where enough words
are read otherwise, and a language without such pairs is an error rather than a loss of nothing. The alphabet
``plain`` is every language's: letters as they are typed on a keyboard that lacks the marked ones (plain.tsv).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path

from turkic_nlp.alignment.bitext import Bitext, Source, collect, languages_of
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadAlignment, NothingToAlign
from turkic_nlp.scripts import transliterate
from turkic_nlp.training.text import read_lines, words_of

PLAIN = "plain"
LEAST_WORDS, LEAST_SENTENCES = 0.1, 0.05
"""A pair needs this share of words that the encoder reads otherwise, a language this share of such sentences."""
_SUFFIXES = (".txt", ".gz", ".xz")


def read_spellings(
    words: WordEncoder,
    paths: Sequence[Path],
    pairs: Sequence[str],
    held_out: Iterable[str] = (),
    *,
    dev: float = 0.0,
    most: int = 20_000,
) -> Bitext:
    """Pairs from text; ``pairs`` are language and alphabet (``kk-Latn``, ``ky-plain``), ``most`` sentences of each.

    ``paths`` are folders with a sub-folder of text files per language, or text files for one pair alone.

    Raises:
        NothingToAlign: the encoder reads both spellings of a language alike.
        BadAlignment: paths and pairs do not fit.
        UnknownAlphabet, NoConversion: the language is not written in that alphabet.
        EmptyBitext: nothing is left.
    """
    if not paths or not pairs:
        raise BadAlignment("--data, --pair", "nothing", "text, and language and alphabet, as kk-Latn")
    if not paths[0].is_dir() and len(pairs) != 1:
        raise BadAlignment(
            "--pair", ", ".join(pairs), "one pair for files; several need a folder of languages"
        )
    return collect((_source(words, paths, pair, most) for pair in pairs), held_out, dev=dev)


def _source(words: WordEncoder, paths: Sequence[Path], pair: str, most: int) -> Source:
    lang, alphabet = languages_of(pair)
    rows: list[tuple[str, str]] = []
    read = 0
    for line in _lines(paths, lang):
        other = respell(line, lang, alphabet)
        read += 1
        if differs(words, line, other, lang) >= LEAST_WORDS:
            rows.append((line, other))
        if len(rows) == most:
            break
    if len(rows) < max(1, LEAST_SENTENCES * read):
        raise NothingToAlign(pair, len(rows), read, words.pieces.orthography)
    return Source(pair, (lang, lang), iter(rows))


def _lines(paths: Sequence[Path], lang: str) -> Iterator[str]:
    """The lines of all files in turn, one of each, so that the first of them are of every kind."""
    files: list[Path] = []
    for path in paths:
        found = (
            [path]
            if path.is_file()
            else sorted(f for f in (path / lang).glob("*.*") if f.suffix in _SUFFIXES)
        )
        if not found:
            raise BadAlignment(
                "--data", str(path), f"a text file, or a folder with a sub-folder {lang} of them"
            )
        files += found
    for row in zip_longest(*map(read_lines, files)):
        yield from (line for line in row if line)


def respell(text: str, lang: str, alphabet: str) -> str:
    """A text in another alphabet of its language, or in ``plain`` letters."""
    if alphabet == PLAIN:
        return text.translate(_plain())
    return transliterate(text, lang=lang, target=alphabet)


def differs(words: WordEncoder, one: str, other: str, lang: str) -> float:
    """The share of words of which the encoder reads other pieces; 0 where the number of words is another."""
    left, right = (words.pieces.sentence(words_of(text), lang) for text in (one, other))
    if len(left) != len(right) or not left:
        return 0.0
    return sum(a.ids != b.ids for a, b in zip(left, right, strict=True)) / len(left)


@cache
def _plain() -> dict[int, str]:
    lines = (Path(__file__).parent / "plain.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    small = dict(rows)
    return str.maketrans(
        small | {letter.upper(): plain.upper() for letter, plain in rows if letter.isalpha()}
    )
