"""Lists of names that are known beforehand, and the words of any language of the family that begin with one of them.

Forms are in the shared orthography, so that a list in Kazakh tells a name in Kyrgyz, Uzbek or Turkmen as well. A word
has the classes of the longest name that it begins with, if what is left is an ending: one that the entities of its
language have had behind names several times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from spacy.tokens import Doc

from turkic_nlp.scripts.shared import shared_form

NAMES, ENDINGS = "names", "endings"
"""The settings of a head that hold them: classes by form, such as ``given +organisation``, and endings by language."""
_IN_LONGER = "+"
"""Before the class of a name of several words, which each of them has."""
_WORD = re.compile(r"[^\W\d_][\w'’ʼʻ-]*")
_SHORTEST = 3
_LEAST = 3
"""How many entities must have had an ending."""
_BETWEEN = "'’ʼ-"


def classes_by_form(rows: Iterable[Mapping[str, str]], lang: str) -> dict[str, str]:
    """What the settings of a head hold, from rows with ``name class`` in a language."""
    found: dict[str, set[str]] = {}
    for row in rows:
        words = [shared_form(word, lang) for word in _WORD.findall(row["name"])]
        for word in words:
            found.setdefault(word, set()).add(
                row["class"] if len(words) == 1 else f"{_IN_LONGER}{row['class']}"
            )
    return {form: " ".join(sorted(classes)) for form, classes in sorted(found.items())}


class Gazetteer:
    """The classes of a word's form in the shared orthography; none of a word that begins with no listed name."""

    def __init__(self, names: Mapping[str, str], endings: Mapping[str, str]) -> None:
        self._names = {form: classes.split() for form, classes in names.items()}
        self._endings = {lang: frozenset(["", *own.split()]) for lang, own in endings.items()}

    def __call__(self, form: str, lang: str) -> Sequence[str]:
        """Those of the longest name after which only an ending is left."""
        endings = self._endings.get(lang, ())
        return next((self._names[name] for name, rest in self._listed(form) if rest in endings), ())

    def _listed(self, form: str) -> Iterator[tuple[str, str]]:
        """The names that a form begins with, the longest first, and what is left of it."""
        for size in range(len(form), _SHORTEST - 1, -1):
            if form[:size] in self._names:
                yield form[:size], form[size:].lstrip(_BETWEEN)

    def endings_of(self, docs: Iterable[Doc]) -> dict[str, str]:
        """By language, what several entities have behind a listed name, and what is known already."""
        words = {(doc.lang_, token.text) for doc in docs for token in doc if token.ent_type}
        counts: dict[str, Counter[str]] = {}
        for lang, word in words:
            if found := next(self._listed(shared_form(word, lang)), None):
                counts.setdefault(lang, Counter())[found[1]] += 1
        often = {lang: {end for end, n in own.items() if n >= _LEAST} for lang, own in counts.items()}
        return {
            lang: " ".join(sorted(own.union(self._endings.get(lang, ())) - {""}))
            for lang, own in often.items()
        }
