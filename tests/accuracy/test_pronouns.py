"""Pronouns, which texts are full of and treebanks of news are not: the shipped model knows them in any case."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from spacy.tokens import Doc, Token
from spacy.vocab import Vocab

import turkic_nlp
from turkic_nlp.corpora import docs, text_key

with (Path(__file__).parent / "pronouns.tsv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t"))
SENTENCES = {
    "kk": ["Кеше {} айтты .", "Біз {} қатты ренжідік ."],
    "uz": ["Kecha {} aytdi .", "Bolalar {} keldi ."],
    "ky": ["Кечээ {} айтты .", "Балдар {} келди ."],
    "tk": ["Düýn {} aýtdy .", "Çagalar {} geldi ."],
}
"""Some make little sense with some cases."""
LEAST_TAGS, LEAST_LEMMAS = 0.9, 0.98


def pronouns(lang: str) -> list[tuple[str, str]]:
    """Each form with its lemma."""
    return [(form, row["lemma"]) for row in ROWS if row["lang"] == lang for form in row["forms"].split()]


def words(lang: str) -> Iterator[tuple[Token, str]]:
    nlp = turkic_nlp.load(lang)
    pairs = pronouns(lang)
    for sentence in SENTENCES[lang]:
        made = [sentence.format(form).split() for form, _ in pairs]
        for doc, (_, lemma) in zip(nlp.pipe(Doc(nlp.vocab, words) for words in made), pairs, strict=True):
            yield doc[1], lemma


@pytest.mark.parametrize("lang", SENTENCES)
def test_pronouns_are_pronouns_and_have_the_lemma_of_their_first_form(lang):
    found = list(words(lang))
    assert len(found) > 50
    assert sum(word.pos_ in ("PRON", "DET") for word, _ in found) >= LEAST_TAGS * len(found)
    assert sum(word.lemma_ == lemma for word, lemma in found) >= LEAST_LEMMAS * len(found)


@pytest.mark.parametrize("lang", SENTENCES)
def test_none_of_the_sentences_taught_the_model(lang):
    taught = {text_key(doc.text) for doc in docs("project-pronouns", "train", Vocab(), lang=lang)}
    asked = {text_key(one.format(form)) for form, _ in pronouns(lang) for one in SENTENCES[lang]}
    assert taught
    assert not taught & asked
