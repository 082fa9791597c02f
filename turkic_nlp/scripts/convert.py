"""Transliteration of running text: words are converted one by one and cached, everything else stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from typing import Literal, overload

from turkic_nlp.scripts.engine import Converted, Converter, pairs
from turkic_nlp.scripts.routes import SHARED, check_alphabet, converter, detect_alphabet, route, script_of
from turkic_nlp.scripts.script import Script
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.scripts.spans import CAMEL, foreign_pattern, keep, protected_spans, word_pattern

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
    """Rewrite a text in another alphabet of its language: one of ``alphabets(lang)``, or ``"shared"``.

    Words of another script, URLs, addresses, @handles, #hashtags, numbers and Roman numerals stay as they
    are. ``source=None`` takes the alphabet that most letters belong to. With ``offsets=True`` the result
    is ``(output, places)``: ``output[i]`` comes from ``text[places[i]]``, and ``places`` never falls.
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
    if target == SHARED:
        return Transcriber(script_of(source), [SharedForms(lang)])
    path = route(lang, source, target)
    steps = [converter(lang, *step) for step in pairwise(path)]
    return Transcriber(
        script_of(source), steps, steps[0].table.facts, pairs(steps[-1].table.facts.get("signs", ""))
    )


@dataclass(frozen=True)
class SharedForms:
    """The step into the shared orthography, for one language."""

    lang: str

    def __call__(self, word: str) -> Converted:
        """One word with its offsets, which are spread evenly: the shared table keeps none."""
        form = shared_form(word, self.lang)
        return Converted(form, tuple(place * len(word) // len(form) for place in range(len(form))))

    def spell(self, words: Sequence[str]) -> list[str]:
        """The shared forms of many words."""
        return [shared_form(word, self.lang) for word in words]


@dataclass(frozen=True)
class Transcriber:
    """Converts texts step by step from one script; the words it saw last are kept."""

    script: Script
    steps: Sequence[Converter | SharedForms]
    facts: Mapping[str, str] = field(default_factory=dict)
    signs: Mapping[int, str] = field(default_factory=dict)
    _memory: list[dict[str, str]] = field(default_factory=lambda: [{}])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return word_pattern(
            self.script, *(self.facts.get(name, "") for name in ("apostrophes", "final", "tail"))
        )

    @cached_property
    def _foreign(self) -> re.Pattern[str] | None:
        return foreign_pattern(self.facts.get("foreign", ""))

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
        for start, stop in protected_spans(text, self.script):
            yield end, text[end:start], False
            yield start, text[start:stop], True
            end = stop
        yield end, text[end:] if end else text, False

    def _open(self, text: str) -> str:
        parts = self._pattern.split(text)
        words, known = parts[1::2], self._memory[0]
        if missing := set(words).difference(known):
            known = self._learn(known, list(missing), words)
        parts[1::2] = map(known.__getitem__, words)
        if self.signs:
            parts[::2] = map(self._gap, parts[::2])
        return "".join(parts)

    def _learn(self, known: dict[str, str], words: list[str], text: list[str]) -> dict[str, str]:
        """What is known with the new words added. A full memory is left to its readers and begun anew."""
        if len(known) > _WORDS_KEPT:
            known, words = {}, list(set(text))
            self._memory[0] = known
        foreign = self._foreign_words(words)
        forms = [word for word in words if word not in foreign] if foreign else words
        texts = forms
        for step in self.steps:
            texts = step.spell(texts)
        known.update(zip(foreign, foreign, strict=True))
        known.update(zip(forms, texts, strict=True))
        return known

    def _foreign_words(self, words: list[str]) -> set[str]:
        """Words of other languages, by their letters or by capitals as in iPhone."""
        if not self._foreign:
            return set()
        lines = "\n".join([*words, ""])
        searches = ((self._foreign, lines.replace("İ", "i").lower()), (CAMEL, lines))
        hits = (hit for pattern, text in searches for hit in pattern.finditer(text))
        spans = ((lines.rfind("\n", 0, hit.start()) + 1, hit.end()) for hit in hits)
        return {lines[start : lines.index("\n", end)] for start, end in spans}

    def _traced(self, text: str) -> Iterator[tuple[str, Iterable[int]]]:
        place = 0
        for order, part in enumerate(self._pattern.split(text)):
            word = self._convert(part) if order % 2 else Converted(self._gap(part), tuple(range(len(part))))
            yield word.text, [place + start for start in word.starts]
            place += len(part)

    def _gap(self, text: str) -> str:
        return _BETWEEN_DIGITS.sub(lambda match: match[0].translate(self.signs), text) if self.signs else text

    def _convert(self, word: str) -> Converted:
        converted = Converted(word, tuple(range(len(word))))
        if self._foreign_words([word]):
            return converted
        for step in self.steps:
            after = step(converted.text)
            converted = Converted(after.text, tuple(converted.starts[start] for start in after.starts))
        return converted
