"""Where sentences start: one rule for the four languages, read off the tokens alone.

A sentence ends at ``. ! ? …`` with the brackets, quotes and emoji that close it, and at the end of a paragraph. It goes on
after an abbreviation or an initial, before a small letter or a comma, before a dash with a small letter («Келем!» – деді),
inside brackets, and after the number of an item ("1. Кіріспе").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from spacy.tokens import Doc

from turkic_nlp.lang._chars import EMOJI
from turkic_nlp.lang._turkic import abbreviations

_FINAL = frozenset(".!?…؟۔。‼⁉⁈")
_LINE = frozenset("\n\r\u2028\u2029\x85\v\f")
_WATCHED = _FINAL | _LINE | frozenset("()[]: \t")
_CLOSING = frozenset("»›)]}")
_EITHER = frozenset("\"'”“’‘`´‟‛")
_NEVER_FIRST = frozenset(",;:%)]}»›،؛")
_DASHES = frozenset("-–—―‒−")
_OPENING = frozenset("«‹“„‟\"'‘’‚`([{<*")
_EMOJI = re.compile(rf"{EMOJI}+")
_ITEM = re.compile(r"\d{1,3}|[IVXL]+|[^\W\d_]")
# Languages whose treebank starts a sentence after a colon with a capital: "Чек ара кызматы: Чек арада ...".
_COLON_ENDS = frozenset({"ky"})
# A text with fewer capitals than one word in so many says nothing by a small letter.
_CAPITAL_IN = 60
# A bracket that never closes must not swallow the rest of the text.
_LONGEST_BRACKET = 60


def sentence_starts(doc: Doc) -> list[bool]:
    """For each token of ``doc``, whether a sentence starts there; white space stays with what precedes it."""
    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    capitals = sum(word[0].isupper() for word in words)
    return _Splitter(
        words,
        spaces,
        abbreviations(doc.lang_),
        cased=capitals * _CAPITAL_IN >= len(words),
        colons=doc.lang_ in _COLON_ENDS,
    ).starts()


@dataclass
class _Splitter:
    """One pass over the tokens; ``first`` is where the current sentence starts."""

    words: list[str]
    spaces: list[bool]
    kinds: dict[str, str]
    cased: bool
    colons: bool
    first: int = 0
    opened: list[int] = field(default_factory=list)

    def starts(self) -> list[bool]:
        starts = [False] * len(self.words)
        starts[:1] = [True] * bool(self.words)
        for index, word in enumerate(self.words):
            if word[-1] in _WATCHED and index >= self.first:
                at = self.next_start(index, word)
                if at is not None and at < len(starts):
                    starts[at] = True
                    self.first = at
                    self.opened.clear()
        return starts

    def next_start(self, index: int, word: str) -> int | None:
        if word.isspace():
            return self.after_line(index) if _LINE.intersection(word) else None
        if word in "([":
            self.opened.append(index)
        elif word in ")]":
            del self.opened[-1:]
        elif word == ":":
            return self.after_colon(index) if self.colons else None
        elif word[-1] in _FINAL and self.is_final(index, word):
            return self.after_final(index)
        return None

    def is_final(self, index: int, word: str) -> bool:
        """Whether the token can end a sentence, as far as it and what precedes it tell."""
        if self.opened and index - self.opened[-1] <= _LONGEST_BRACKET:
            return False
        if word[0] not in _FINAL:
            return self.kinds.get(word) == "end"
        return word != "." or index - 1 != self.first or not _ITEM.fullmatch(self.words[index - 1])

    def after_final(self, index: int) -> int | None:
        """The start of the next sentence after a final mark at ``index``, if one starts."""
        at = index + 1
        while at < len(self.words) and self.closes(at):
            at += 1
        while at < len(self.words) and self.words[at].isspace():
            if _LINE.intersection(self.words[at]):
                return self.after_line(at)
            at += 1
        return None if self.goes_on(at) else at

    def after_line(self, index: int) -> int | None:
        """The start after a line break: a blank line always ends a sentence, a single one mostly."""
        at, breaks = index, ""
        while at < len(self.words) and self.words[at].isspace():
            breaks += self.words[at]
            at += 1
        blank = breaks.replace("\r\n", "\n").count("\n") > 1
        joined = index > 0 and self.words[index - 1][-1] in ",-(" or self.goes_on(at)
        return None if joined and not blank else at

    def after_colon(self, index: int) -> int | None:
        """The start after a colon: between a small-letter word and a capitalised one that opens no list."""
        around = [*self.words[index - 1 : index], *self.words[index + 1 : index + 3]]
        if len(around) < 3 or not self.spaces[index] or self.opened:
            return None
        sentence = around[0][0].islower() and around[1][0].isupper() and around[2] != ","
        return index + 1 if sentence else None

    def closes(self, at: int) -> bool:
        """Whether the token belongs to the sentence whose final mark precedes it."""
        word = self.words[at]
        if word[0] in _FINAL:
            return self.spaces[at] or not self.spaces[at - 1]
        if word in _CLOSING or _EMOJI.fullmatch(word):
            return True
        if word not in _EITHER:
            return False
        if self.spaces[at - 1] and self.spaces[at]:
            return self.words[self.first : at].count(word) % 2 == 1
        return not self.spaces[at - 1]

    def goes_on(self, at: int) -> bool:
        """Whether no sentence can start at the token: small letters, commas, a dash or quote before these."""
        while at < len(self.words):
            word = self.words[at]
            if word[0] in _DASHES or word[0] in _OPENING:
                word = word[1:] or ""
            if word:
                return (self.cased and word[0].islower()) or word[0] in _NEVER_FIRST
            at += 1
        return False
