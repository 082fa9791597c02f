"""The project's own pronouns and other small words: each form in a sentence, annotated alike wherever it stands."""

from __future__ import annotations

from collections import defaultdict

import pytest
import spacy
from spacy.tokens import Doc, Token

from turkic_nlp.corpora import card, docs

CARD = card("project-pronouns")
SINGULAR = {
    "kk": ["мен менің мені маған менде менен менімен", "сен сенің сені саған сенде сенен сенімен"],
    "ky": ["мен менин мени мага менде менден", "сен сенин сени сага сенде сенден"],
}
CASES = ["Nom", "Gen", "Acc", "Dat", "Loc", "Abl", "Ins"]


pytestmark = pytest.mark.usefixtures("nothing_but_the_package")


def sentences(lang: str) -> list[Doc]:
    return list(docs(CARD.id, "train", spacy.blank(lang).vocab, lang=lang))


def pronouns(lang: str) -> list[Token]:
    return [
        word for doc in sentences(lang) for word in doc if (word.lemma or word.pos) and word.pos_ != "DET"
    ]


@pytest.mark.parametrize("lang", CARD.languages)
def test_no_sentence_stands_twice_and_each_says_something(lang):
    found = sentences(lang)
    assert len({doc.text for doc in found}) == len(found)
    assert all(any(word.pos or word.lemma for word in doc) for doc in found)


@pytest.mark.parametrize("lang", CARD.languages)
def test_a_form_has_one_annotation(lang):
    known: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for word in pronouns(lang):
        if word.lemma:  # a Kyrgyz pronoun that begins a sentence has none
            known[word.lower_, word.pos_].add((str(word.morph), word.lemma_))
    assert all(len(rows) == 1 for rows in known.values())


@pytest.mark.parametrize("lang", SINGULAR)
def test_the_first_two_persons_stand_in_all_cases(lang):
    found = {(w.lower_, *w.morph.get("Case"), *w.morph.get("Person")) for w in pronouns(lang)}
    for person, forms in enumerate(SINGULAR[lang], 1):
        wanted = {(form, case, str(person)) for form, case in zip(forms.split(), CASES, strict=False)}
        assert wanted <= found


@pytest.mark.parametrize("lang", SINGULAR)
def test_only_small_words_are_annotated(lang):
    for doc in sentences(lang):
        assert {word.pos_ for word in doc} <= {"", "PRON", "DET", "CCONJ", "ADV"}
        assert not any(str(word.morph) for word in doc if not word.pos)
