"""Exception lexicons: words that the letter rules get wrong, by stem so that inflected forms are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

SHORT, START = 3, 4  # stems are grouped by their first letters, short ones by all they have


@dataclass(frozen=True)
class Lexicon:
    """Stems with what stands for them in the target alphabet; the longest stem wins.

    A stem written with a final ``$`` is a whole word: it matches no longer form. A stem in capitals is an
    acronym, whose digraphs have one capital (``АҚШ`` is ``AQSh``); all others are in small letters.
    """

    acronyms: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    stems: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, str]]) -> Lexicon:
        """A lexicon of (source, target) entries; of two entries with one source the first wins."""
        acronyms: dict[str, str] = {}
        words: dict[str, str] = {}
        stems: dict[str, str] = {}
        for source, target in entries:
            kind = acronyms if source.isupper() else words if source.endswith("$") else stems
            kind.setdefault(source.rstrip("$"), target)
        soft = {source[:-1]: target for source, target in stems.items() if source.endswith("ь")}
        groups = defaultdict(list)
        for stem, target in sorted((soft | stems).items(), key=lambda entry: -len(entry[0])):
            groups[stem[:START]].append((stem, target))
        return cls(acronyms, words, dict(groups))

    def find_acronym(self, word: str) -> tuple[str, str] | None:
        """The acronym that a word with its capitals kept is or starts with, and its target."""
        stems = (stem for stem in self.acronyms if word.startswith(stem) and not word[len(stem) :].isupper())
        stem = max(stems, key=len, default=None)
        return (stem, self.acronyms[stem]) if stem else None

    def find(self, word: str) -> tuple[str, str] | None:
        """The stem that a word starts with, and its target; a final ь of the target drops before a suffix."""
        if word in self.words:
            return word, self.words[word]
        for stem, target in chain(self.stems.get(word[:START], ()), self.stems.get(word[:SHORT], ())):
            if word.startswith(stem) and not _parts_digraph(stem, word):
                return stem, target.removesuffix("ь") if len(word) > len(stem) else target
        return None


def _parts_digraph(stem: str, word: str) -> bool:
    """Whether the stem ends inside ``sh``, ``ch`` or the ``ts`` of -tsiya: ``gers`` is no stem of Gershel."""
    end = len(stem)
    return word.startswith(("sh", "ch", "tsiy", "tsion"), end - 1) if end < len(word) else False
