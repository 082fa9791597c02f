"""Pronouns, which texts are full of and treebanks of news are not: the shipped model knows them in any case."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from spacy.tokens import Doc, Token

import turkic_nlp

with (Path(__file__).parent / "pronouns.tsv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t"))
SENTENCES = {
    "kk": ["Кеше {} айтты .", "Біз {} қатты ренжідік ."],
    "uz": ["Kecha {} aytdi .", "Bolalar {} keldi ."],
    "ky": ["Кечээ {} айтты .", "Балдар {} келди ."],
    "tk": ["Düýn {} aýtdy .", "Çagalar {} geldi ."],
}
"""None of them is in the training data; some make little sense with some cases."""
LEAST_TAGS, LEAST_LEMMAS = 0.9, 0.98


def words(lang: str) -> Iterator[tuple[Token, str]]:
    nlp = turkic_nlp.load(lang)
    pairs = [(row["lemma"], form) for row in ROWS if row["lang"] == lang for form in row["forms"].split()]
    for sentence in SENTENCES[lang]:
        made = [sentence.format(form).split() for _, form in pairs]
        for doc, (lemma, _) in zip(nlp.pipe(Doc(nlp.vocab, words) for words in made), pairs, strict=True):
            yield doc[1], lemma


@pytest.mark.parametrize("lang", SENTENCES)
def test_pronouns_are_pronouns_and_have_the_lemma_of_their_first_form(lang):
    found = list(words(lang))
    assert len(found) > 50
    assert sum(word.pos_ in ("PRON", "DET") for word, _ in found) >= LEAST_TAGS * len(found)
    assert sum(word.lemma_ == lemma for word, lemma in found) >= LEAST_LEMMAS * len(found)
