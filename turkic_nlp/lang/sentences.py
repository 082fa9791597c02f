"""Where sentences start: one rule for the four languages, read off the tokens alone.

A sentence ends at ``. ! ? …`` with the brackets, quotes and emoji that close it, and where a paragraph does.
It goes on after an abbreviation or an initial, before a comma, before a small letter (unless after a full
stop and a whole word: people leave capitals out), before a dash with a small letter («Келем!» – деді),
inside brackets, and after the number of an item ("1. Кіріспе").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from spacy.attrs import SPACY
from spacy.tokens import Doc

from turkic_nlp.lang._chars import EMOJI
from turkic_nlp.lang._turkic import abbreviations, stop_words

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
# Abbreviations outside the tables have few letters and end in a consonant: "драм.", "yun.".
_LONGEST_SHORT = 5
_VOWELS = frozenset("аәеёиійоөуұүыэюяaäeiıoöuüyаʻ")
# A bracket that never closes must not swallow the rest of the text.
_LONGEST_BRACKET = 60


def sentence_starts(doc: Doc) -> list[bool]:
    """For each token of ``doc``, whether a sentence starts there; white space stays with what precedes it."""
    return _Splitter(doc, [token.text for token in doc]).starts()


@dataclass
class _Splitter:
    """One pass over the tokens: ``first`` is where the sentence starts, all before ``done`` is decided."""

    doc: Doc
    words: list[str]
    first: int = 0
    done: int = 0
    opened: list[int] = field(default_factory=list)

    @cached_property
    def spaces(self) -> list[bool]:
        """Whether a space follows each token."""
        found: list[bool] = self.doc.to_array(SPACY).astype(bool).tolist()
        return found

    @cached_property
    def cased(self) -> bool:
        """Whether the text has capitals where they belong, so that a small letter says something."""
        return sum(word[0].isupper() for word in self.words) * _CAPITAL_IN >= len(self.words)

    def starts(self) -> list[bool]:
        starts = [False] * len(self.words)
        starts[:1] = [True] * bool(self.words)
        for index, word in enumerate(self.words[:-1]):
            if word[-1] in _WATCHED and index >= self.done:
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
            return self.after_colon(index) if self.doc.lang_ in _COLON_ENDS else None
        elif word[-1] in _FINAL and self.is_final(index, word):
            return self.after_final(index)
        return None

    def is_final(self, index: int, word: str) -> bool:
        """Whether the token can end a sentence, as far as it and what precedes it tell."""
        if index == self.first or (self.opened and index - self.opened[-1] <= _LONGEST_BRACKET):
            return False
        if word[0] not in _FINAL:
            return abbreviations(self.doc.lang_).get(word) == "end"
        item = index - 1 == self.first and _ITEM.fullmatch(self.words[self.first])
        return word != "." or not item

    def after_final(self, index: int) -> int | None:
        """The start of the next sentence after a final mark at ``index``, if one starts."""
        at = index + 1
        while at < len(self.words) and self.closes(at):
            at += 1
        while at < len(self.words) and self.words[at].isspace():
            if _LINE.intersection(self.words[at]):
                return self.after_line(at)
            at += 1
        self.done = at
        small = not self.cased or (at == index + 1 and self.is_whole(index))
        return None if self.goes_on(at, small_starts=small) else at

    def is_whole(self, index: int) -> bool:
        """Whether a full stop at ``index`` follows a word too long, open or usual for an abbreviation."""
        word = self.words[index - 1] if index and self.words[index] == "." else ""
        if len(word) <= _LONGEST_SHORT and word[-1:] not in _VOWELS:
            return word[-1:].islower() and word.casefold() in stop_words(self.doc.lang_)
        return word[-1:].islower()

    def after_line(self, index: int) -> int | None:
        """The start after a line break: a blank line always ends a sentence, a single one mostly."""
        at, breaks = index, ""
        while at < len(self.words) and self.words[at].isspace():
            breaks += self.words[at]
            at += 1
        blank = breaks.replace("\r\n", "\n").count("\n") > 1
        joined = (index > 0 and self.words[index - 1][-1] in ",-(") or self.goes_on(
            at, small_starts=not self.cased
        )
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
            return not self.spaces[at - 1] or (self.spaces[at] and word[0] != "…" and word[:2] != "..")
        if word in _CLOSING or _EMOJI.fullmatch(word):
            return True
        if word not in _EITHER:
            return False
        if self.spaces[at - 1] and self.spaces[at]:
            return self.words[max(self.first, at - _LONGEST_BRACKET) : at].count(word) % 2 == 1
        return not self.spaces[at - 1]

    def goes_on(self, at: int, *, small_starts: bool) -> bool:
        """Whether no sentence can start at the token: a comma, a small letter, a dash or quote before it."""
        while at < len(self.words):
            word = self.words[at]
            word = word[1:] if word[0] in _DASHES or word[0] in _OPENING else word
            if word:
                return (word[0].islower() and not small_starts) or word[0] in _NEVER_FIRST
            at += 1
        return False
