"""Transliteration of running text: words are converted one by one and cached, everything else stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Literal, overload

from turkic_nlp.scripts.engine import Converted, pairs
from turkic_nlp.scripts.routes import SHARED, check_alphabet, converter, detect_alphabet, route, script_of, table
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.scripts.spans import foreign_pattern, keep, protected_spans, word_pattern

_WORDS_KEPT = 1 << 16
_BETWEEN_DIGITS = re.compile(r"(?:(?<!\d)[.,]|[.,](?!\d)|[^.,])+")


@overload
def transliterate(
    text: str, *, lang: str, target: str, source: str | None = None, offsets: Literal[False] = False
) -> str: ...


@overload
def transliterate(
    text: str, *, lang: str, target: str, source: str | None = None, offsets: Literal[True]
) -> tuple[str, list[int]]: ...


def transliterate(
    text: str, *, lang: str, target: str, source: str | None = None, offsets: bool = False
) -> str | tuple[str, list[int]]:
    """Rewrite a text in another alphabet of its language; ``alphabets(lang)`` names them, ``"shared"`` is one more.

    Words of another script, URLs, addresses, @handles, #hashtags, numbers and Roman numerals stay as they are.
    ``source=None`` takes the alphabet that most letters belong to. With ``offsets=True`` the result is
    ``(output, places)``: ``places[i]`` is the index in ``text`` that ``output[i]`` comes from, never decreasing.
    Raises UnknownLanguage, UnknownAlphabet, NoConversion.

    >>> transliterate("Шаҳар", lang="uz", target="Latn")
    'Shahar'
    """
    start = check_alphabet(lang, source) if source else detect_alphabet(text, lang)
    if target != SHARED:
        target = check_alphabet(lang, target)
    if start is None or start == target:
        return (text, list(range(len(text)))) if offsets else text
    transcriber = _transcriber(lang, start, target)
    return transcriber.with_offsets(text) if offsets else transcriber(text)


@cache
def _transcriber(lang: str, source: str, target: str) -> Transcriber:
    return Transcriber(lang, (source, SHARED) if target == SHARED else route(lang, source, target))


@dataclass(frozen=True)
class Transcriber:
    """Converts texts along one route of alphabets; the words it saw last are kept."""

    lang: str
    path: tuple[str, ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        facts = {} if self.path[1] == SHARED else table(self.lang, *self.path[:2]).facts
        return word_pattern(script_of(self.path[0]), facts.get("apostrophes", ""), facts.get("final", ""))

    @cached_property
    def _steps(self) -> list[Callable[[str], Converted]]:
        if self.path[1] == SHARED:
            return [self._shared]
        return [converter(self.lang, *step) for step in zip(self.path, self.path[1:], strict=False)]

    @cached_property
    def _word(self) -> Callable[[str], str]:
        return lru_cache(_WORDS_KEPT)(lambda word: self._convert(word).text)

    @cached_property
    def _foreign(self) -> re.Pattern[str] | None:
        return None if self.path[1] == SHARED else foreign_pattern(table(self.lang, *self.path[:2]))

    @cached_property
    def _signs(self) -> dict[int, str]:
        return {} if self.path[1] == SHARED else pairs(table(self.lang, *self.path[-2:]).facts.get("signs", ""))

    def __call__(self, text: str) -> str:
        """The text in the target alphabet."""
        return "".join(keep(part) if kept else self._open(part) for _, part, kept in self._areas(text))

    def with_offsets(self, text: str) -> tuple[str, list[int]]:
        """The text in the target alphabet, and for each of its characters the index in the source."""
        parts: list[str] = []
        places: list[int] = []
        for place, part, kept in self._areas(text):
            for piece, starts in [(keep(part), range(len(part)))] if kept else self._traced(part):
                parts.append(piece)
                places.extend(place + start for start in starts)
        return "".join(parts), places

    def _areas(self, text: str) -> Iterator[tuple[int, str, bool]]:
        end = 0
        for start, stop in protected_spans(text, script_of(self.path[0])):
            yield end, text[end:start], False
            yield start, text[start:stop], True
            end = stop
        yield end, text[end:] if end else text, False

    def _open(self, text: str) -> str:
        parts = self._pattern.split(text)
        parts[1::2] = map(self._word, parts[1::2])
        if self._signs:
            parts[::2] = map(self._gap, parts[::2])
        return "".join(parts)

    def _traced(self, text: str) -> Iterator[tuple[str, Iterable[int]]]:
        place = 0
        for order, part in enumerate(self._pattern.split(text)):
            word = self._convert(part) if order % 2 else Converted(self._gap(part), tuple(range(len(part))))
            yield word.text, [place + start for start in word.starts]
            place += len(part)

    def _gap(self, text: str) -> str:
        return _BETWEEN_DIGITS.sub(lambda match: match[0].translate(self._signs), text) if self._signs else text

    def _convert(self, word: str) -> Converted:
        if self._foreign and self._foreign.search(word):
            return Converted(word, tuple(range(len(word))))
        converted = Converted(word, tuple(range(len(word))))
        for step in self._steps:
            after = step(converted.text)
            converted = Converted(after.text, tuple(converted.starts[start] for start in after.starts))
        return converted

    def _shared(self, word: str) -> Converted:
        form = shared_form(word, self.lang)
        return Converted(form, tuple(place * len(word) // len(form) for place in range(len(form))))
