"""Mistakes in the columns of a word: part of speech, features, lemma."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from udtools.udeval import UNIVERSAL_FEATURES

from mistakes.tally import Example, Tally, context, percent
from turkic_nlp.conllu import Sentence, Word
from turkic_nlp.heads.edits import lower
from turkic_nlp.scripts.shared import shared_form

CLASSES = {"NOUN": "nouns", "PROPN": "nouns", "VERB": "verbs", "AUX": "verbs"}
ABSENT = "none"


@dataclass(frozen=True)
class Pair:
    """A gold word, what the model made of it, and where it stands (``at`` counts from 0)."""

    gold: Word
    guess: Word
    forms: Sequence[str]
    at: int

    def example(self, **more: str) -> Example:
        """The word in its sentence."""
        return context(self.forms, self.at) | more

    @property
    def right(self) -> dict[str, bool]:
        """Which columns are right, by the rules of the CoNLL-2018 scorer: universal features, no subtypes."""
        head = self.gold.head == self.guess.head
        return {
            "upos": self.gold.upos == self.guess.upos,
            "feats": universal(self.gold.feats) == universal(self.guess.feats),
            "lemma": self.gold.lemma in ("_", self.guess.lemma),
            "uas": head,
            "las": head and relation(self.gold) == relation(self.guess),
        }


def pairs_of(gold: Sentence, guess: Sentence) -> list[Pair]:
    """The words of a sentence, gold beside guess."""
    forms = [word.form for word in gold.words]
    return [Pair(*both, forms, at) for at, both in enumerate(zip(gold.words, guess.words, strict=True))]


def relation(word: Word) -> str:
    """DEPREL without its subtype."""
    return word.deprel.partition(":")[0]


def universal(feats: str) -> dict[str, str]:
    """The universal features of a FEATS column, the only ones that are scored."""
    found = (item.partition("=") for item in feats.split("|"))
    return {name: value for name, _, value in found if name in UNIVERSAL_FEATURES}


def accuracy(pairs: Sequence[Pair]) -> dict[str, Any]:
    """``words`` and the share of right ones per column, in percent."""
    marks = [pair.right for pair in pairs]
    columns = ("upos", "feats", "lemma", "uas", "las")
    return {"words": len(pairs)} | {
        column: percent(sum(mark[column] for mark in marks), len(marks)) for column in columns
    }


def by_known(pairs: Iterable[Pair], known: set[str], lang: str) -> list[dict[str, Any]]:
    """Accuracy on words whose form the training data has and on others; punctuation is left out."""
    groups: dict[bool, list[Pair]] = {True: [], False: []}
    for pair in pairs:
        if pair.gold.upos != "PUNCT":
            groups[shared_form(pair.gold.form, lang) in known].append(pair)
    return [{"group": "known" if key else "unknown", **accuracy(group)} for key, group in groups.items()]


def parts_of_speech(pairs: Iterable[Pair], *, top: int = 15) -> dict[str, Any]:
    """UPOS taken for another."""
    tally = Tally("gold", "guess")
    for pair in pairs:
        if pair.gold.upos != pair.guess.upos:
            tally.add(pair.gold.upos, pair.guess.upos, example=pair.example())
    return {"errors": tally.total, "rows": tally.rows(top)}


def feature_errors(gold: str, guess: str) -> Iterator[tuple[str, str, str, str]]:
    """(feature, missed | spurious | wrong, gold value, guessed value) of every difference of two FEATS columns."""
    wanted, got = universal(gold), universal(guess)
    for name in sorted(wanted | got):
        left, right = wanted.get(name, ABSENT), got.get(name, ABSENT)
        if left != right:
            kind = "missed" if right == ABSENT else "spurious" if left == ABSENT else "wrong"
            yield name, kind, left, right


def features(pairs: Iterable[Pair], *, top: int = 10) -> dict[str, Any]:
    """Errors by feature, and how many words with wrong features have the right UPOS all the same."""
    tallies: dict[str, Tally] = {}
    kinds: dict[str, dict[str, int]] = {}
    words, upos_right = 0, 0
    for pair in pairs:
        errors = list(feature_errors(pair.gold.feats, pair.guess.feats))
        words += bool(errors)
        upos_right += bool(errors) and pair.right["upos"]
        for name, kind, *values in errors:
            tallies.setdefault(name, Tally("gold", "guess")).add(*values, example=pair.example())
            counts = kinds.setdefault(name, {"missed": 0, "spurious": 0, "wrong": 0})
            counts[kind] += 1
    total = sum(tally.total for tally in tallies.values())
    order = sorted(tallies, key=lambda name: (-tallies[name].total, name))[:top]
    rows = [
        {
            "feature": name,
            "count": tallies[name].total,
            "share": percent(tallies[name].total, total),
            **kinds[name],
            "values": tallies[name].rows(3),
        }
        for name in order
    ]
    return {"errors": total, "words": words, "upos_right": percent(upos_right, words), "rows": rows}


def lemma_kind(form: str, gold: str, guess: str, lang: str) -> str:
    """What is wrong with a lemma, told by how much of the form it keeps and what follows that.

    ``case``: only capitals differ. ``spelling``: the same in the shared orthography (the apostrophes of Uzbek).
    ``unlike the form``: gold shares no letter with the beginning of the form. ``form expected``: gold repeats the
    form. ``nothing cut``: the guess repeats it. ``cut too much``, ``cut too little``; ``ending``: the cut is right
    and what was added after it is not.
    """
    form, gold, guess = (lower(text, lang) for text in (form, gold, guess))
    if gold == guess:
        return "case"
    if shared_form(gold, lang) == shared_form(guess, lang):
        return "spelling"
    wanted, got = _kept(form, gold), _kept(form, guess)
    if not wanted:
        return "unlike the form"
    if gold == form:
        return "form expected"
    if guess == form:
        return "nothing cut"
    return "ending" if wanted == got else "cut too much" if got < wanted else "cut too little"


def _kept(form: str, lemma: str) -> int:
    """How many letters the two have in common from the start."""
    both = list(zip(form, lemma, strict=False))
    return next((at for at, (left, right) in enumerate(both) if left != right), len(both))


def lemmas(pairs: Iterable[Pair], lang: str) -> dict[str, Any]:
    """Lemma errors by kind, each also by nouns, verbs and others."""
    tally, classes = Tally("kind"), Tally("kind", "class")
    for pair in pairs:
        gold, guess = pair.gold.lemma, pair.guess.lemma
        if not pair.right["lemma"]:
            kind = lemma_kind(pair.gold.form, gold, guess, lang)
            example = pair.example(gold=gold, guess=guess)
            tally.add(kind, example=example)
            classes.add(kind, CLASSES.get(pair.gold.upos, "others"), example=example)
    counts = {(row["kind"], row["class"]): row["count"] for row in classes.rows()}
    rows = [
        {**row, **{name: counts.get((row["kind"], name), 0) for name in ("nouns", "verbs", "others")}}
        for row in tally.rows()
    ]
    return {"errors": tally.total, "rows": rows}
