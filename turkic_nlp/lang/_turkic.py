"""What the four languages share: tokenizer rules, lexical attributes and safe handling of any input."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from spacy.attrs import LIKE_NUM, ORTH
from spacy.language import BaseDefaults, Language
from spacy.tokens import Doc

from turkic_nlp.errors import LoneSurrogate
from turkic_nlp.lang import _rules
from turkic_nlp.lang._chars import APOSTROPHES
from turkic_nlp.resources import added_tables

TABLES = Path(__file__).parent / "tables"

# The tokenizer tries its affix rules again after each affix, which is quadratic in a run without spaces.
LONGEST_RUN = 1000
_LONG_RUN = re.compile(rf"\S{{{LONGEST_RUN + 1},}}")
_TO_ONE_APOSTROPHE = str.maketrans(dict.fromkeys(APOSTROPHES, "\u02bb"))
_NUMERIC = re.compile(r"[-+−±~,]?(?:\d+(?:[.,:/\u2009\u202f'’]\d+)*|[½⅓⅔¼¾]|\d+[½⅓⅔¼¾])")
# Up to 89: centuries, volumes, kings. A lone L or C is a letter.
_ROMAN = re.compile(r"(?=[IVX]|L[IVX])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


def rows(name: str) -> list[list[str]]:
    """The rows of ``tables/<name>`` as lists of columns, none for a language without that table.

    Lines that start with ``# `` are comments. ``name`` ends in ``.<lang>.tsv`` for tables of a language, which a
    package that adds the language brings itself.
    """
    path = (added_tables(name.split(".")[-2]) or TABLES) / name
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.split("\t") for line in lines if line and not line.startswith("# ")]


def fold_apostrophes(text: str) -> str:
    """``text`` with every apostrophe shape as U+02BB: a key for look-ups, never shown to the user."""
    return text.translate(_TO_ONE_APOSTROPHE)


def _cased(form: str) -> set[str]:
    """``form`` in small letters, with one capital and, unless that looks like initials, in capitals."""
    shapes = {form, form[0].upper() + form[1:]}
    return shapes if form.count(".") > 1 else shapes | {form.upper()}


@cache
def abbreviations(lang: str) -> dict[str, str]:
    """Abbreviation -> kind: ``inner`` never ends a sentence, ``end`` does before a capital."""
    table = rows(f"abbreviations.{lang}.tsv")
    return {shape: row[1] for row in table for shape in _cased(row[0])}


def exceptions(lang: str) -> dict[str, list[dict[int, str]]]:
    """The abbreviations of ``lang`` as spaCy's tokenizer exceptions: each stays one token."""
    return {form: [{ORTH: form}] for form in abbreviations(lang)}


@cache
def stop_words(lang: str) -> set[str]:
    """The stop words of ``lang``, with an Uzbek apostrophe in each of its usual shapes."""
    words = chain.from_iterable(row[0].split() for row in rows(f"stop_words.{lang}.tsv"))
    return {word.replace("ʻ", shape) for word in words for shape in "ʻʼ'‘’`"}


def like_num(text: str, *, words: frozenset[str]) -> bool:
    """Whether ``text`` is a number: digits, a Roman numeral, or a number word (cardinal or ordinal)."""
    if _NUMERIC.fullmatch(text) or _ROMAN.fullmatch(text):
        return True
    stem, hyphen, _ = text.partition("-")
    if hyphen and (_NUMERIC.fullmatch(stem) or _ROMAN.fullmatch(stem)):
        return True
    return fold_apostrophes(text.replace("İ", "i").lower()) in words


def lex_attr_getters(lang: str) -> dict[int, Callable[[str], Any]]:
    """The lexical attributes that differ from spaCy's: LIKE_NUM, by the number words of ``lang``."""
    words = frozenset(chain.from_iterable(row[1:] for row in rows(f"numbers.{lang}.tsv")))
    return {LIKE_NUM: partial(like_num, words=words)}


class TurkicDefaults(BaseDefaults):  # type: ignore[misc]
    """Rules of the tokenizer; a language adds its tables and, where it must, its own infixes."""

    prefixes: ClassVar[tuple[str, ...]] = _rules.PREFIXES
    suffixes: ClassVar[tuple[str, ...]] = _rules.SUFFIXES
    infixes: ClassVar[tuple[str, ...]] = _rules.INFIXES
    token_match = _rules.TOKEN.match
    url_match = _rules.URL.match
    writing_system: ClassVar[dict[str, Any]] = {"direction": "ltr", "has_case": True, "has_letters": True}


class TurkicLanguage(Language):  # type: ignore[misc]
    """A spaCy language whose tokens join to the text for any input and whose time stays linear.

    A text may have any length that fits a Doc (spaCy's own limit guards its parser's memory).
    """

    def __init__(self, vocab: Any = True, *, max_length: int = 2**31 - 1, **settings: Any) -> None:
        super().__init__(vocab, max_length=max_length, **settings)

    def make_doc(self, text: str) -> Doc:
        """Tokenize ``text``; a lone surrogate, which no Doc can hold, raises `LoneSurrogate`."""
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise LoneSurrogate(code_point=f"U+{ord(text[error.start]):04X}", position=error.start) from None
        if _LONG_RUN.search(text) is None:
            return super().make_doc(text)
        return self._join([super(TurkicLanguage, self).make_doc(part) for part in _parts(text)])

    def _join(self, docs: list[Doc]) -> Doc:
        words = [token.text for doc in docs for token in doc]
        spaces = [bool(token.whitespace_) for doc in docs for token in doc]
        return Doc(self.vocab, words=words, spaces=spaces)


def _parts(text: str) -> list[str]:
    cuts = [0]
    for run in _LONG_RUN.finditer(text):
        cuts.extend(range(run.start() + LONGEST_RUN, run.end(), LONGEST_RUN))
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]
