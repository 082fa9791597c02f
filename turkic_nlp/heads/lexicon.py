"""What is known of the words of a language, and how much each piece of it speaks for a lemma."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy.tokens import Doc

from turkic_nlp.errors import BadWordList
from turkic_nlp.heads.edits import apply_script, lower, lowers, rest
from turkic_nlp.scripts.shared import shared_form

NONE = -1
KNOWN_WORD = 2.0
KNOWN_LEMMA = 1.5
KNOWN_PAIR = 3.0
KNOWN_ENDING = 1.0
OWN_ENDING = 1.0
"""Bonuses in nats, chosen on the dev parts of the training treebanks."""
_MOST = KNOWN_WORD + KNOWN_LEMMA + KNOWN_ENDING + OWN_ENDING
_CACHE_SIZE = 30_000


@dataclass
class Lexicon:
    """What is known of the words of a language. Lemmas are kept for the next time, by form and by row of the script.

    ``words`` are those of raw text, ``lemmas`` and ``endings`` those of all languages, in the shared orthography,
    ``own_endings`` those of this one, ``pairs`` the lemma that a form had most often, and ``agreed`` the forms that
    never had another. Raw text has all single letters: it vouches only for those that are the lemma of a longer form.
    """

    lang: str
    scripts: Sequence[str]
    words: frozenset[str]
    lemmas: frozenset[str]
    endings: frozenset[str]
    own_endings: frozenset[str]
    pairs: Mapping[str, str]
    agreed: Mapping[str, str]
    by_tag: Mapping[str, Mapping[int, str]]
    found: dict[str, dict[int, tuple[str, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        short = {lemma for form, lemma in self.pairs.items() if len(lemma) == 1 < len(form)}
        self._letters = {shared_form(lemma, self.lang) for lemma in short}

    def lemma(self, form: str, row: int) -> tuple[str, float]:
        """The lemma of a form by a script, and the bonus for what is known of it."""
        mine = self.found.get(form)
        if mine is None:
            if len(self.found) >= _CACHE_SIZE:
                self.found.clear()
            mine = self.found[form] = {}
        return mine.get(row) or mine.setdefault(row, self._vouched(form, row))

    def choose(self, form: str, rows: Sequence[int], shares: Sequence[float]) -> str:
        """The lemma by the script of the greatest weight; scripts that can no longer win are not tried."""
        lemma, weight = self.lemma(form, rows[0])
        most = _MOST + KNOWN_PAIR * (form in self.pairs)
        mine = self.found[form]
        for row, share in zip(rows[1:], shares[1:], strict=True):
            if row == NONE or share + most <= weight:
                break
            other, bonus = mine.get(row) or self.lemma(form, row)
            if share + bonus > weight:
                lemma, weight = other, share + bonus
        return lemma

    def _vouched(self, form: str, row: int) -> tuple[str, float]:
        script = self.scripts[row]
        lemma = self._agreed(form, script) or apply_script(form, script, self.lang)
        cut, shared = ending(form, lemma, self.lang), shared_form(lemma, self.lang)
        is_word = len(lemma) > 1 or form == lemma or shared in self._letters
        bonus = (
            KNOWN_WORD * (is_word and lower(lemma, self.lang) in self.words)
            + KNOWN_LEMMA * (shared in self.lemmas)
            + KNOWN_ENDING * (not cut or cut in self.endings)
            + OWN_ENDING * (not cut or cut in self.own_endings)
            + KNOWN_PAIR * (lemma == self.pairs.get(form))
        )
        return lemma, bonus

    def _agreed(self, form: str, script: str) -> str | None:
        """The lemma of a form that never had another; that of its small letters, if seen, where those are wanted."""
        lemma = self.agreed.get(form)
        return self.pairs.get(lower(form, self.lang), lemma) if lemma and lowers(script) else lemma


def ending(form: str, lemma: str, lang: str) -> str:
    """What a form has after the letters that it begins with as its lemma does, in the shared orthography."""
    own = rest(lower(form, lang), lower(lemma, lang))
    return shared_form(own, lang) if own else ""


def endings(pairs: Mapping[str, str], lang: str) -> set[str]:
    """The endings of forms of a language, from their lemmas."""
    return {ending(form, lemma, lang) for form, lemma in pairs.items()} - {""}


def read_words(path: str) -> dict[str, str]:
    """Words by language from lines of ``language<TAB>word``."""
    words: dict[str, list[str]] = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        for lang, word in (line.split("\t") for line in lines):
            words.setdefault(lang, []).append(word)
    except (OSError, ValueError) as error:
        raise BadWordList(path=path, reason=str(error)) from error
    return {lang: " ".join(found) for lang, found in words.items()}


def lemmas_of(docs: Iterable[Doc]) -> dict[str, dict[str, Counter[str]]]:
    """How often each form of letters had each lemma, by language."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for token in (token for doc in docs for token in doc if token.lemma and token.is_alpha):
        found.setdefault(token.doc.lang_, {}).setdefault(token.text, Counter())[token.lemma_] += 1
    return {lang: dict(sorted(forms.items())) for lang, forms in sorted(found.items())}


def lemmas_by_tag(docs: Iterable[Doc]) -> dict[str, dict[str, str]]:
    """By language and ``form UPOS``: lemmas of forms of letters that had several, but one as this part of speech."""
    found: dict[str, dict[str, dict[str, set[str]]]] = {}
    for token in (token for doc in docs for token in doc if token.lemma and token.pos and token.is_alpha):
        of_form = found.setdefault(token.doc.lang_, {}).setdefault(token.text, {})
        of_form.setdefault(token.pos_, set()).add(token.lemma_)
    return {
        lang: {
            f"{form} {pos}": next(iter(lemmas))
            for form, tags in sorted(forms.items())
            if len(set().union(*tags.values())) > 1
            for pos, lemmas in sorted(tags.items())
            if len(lemmas) == 1
        }
        for lang, forms in sorted(found.items())
    }
