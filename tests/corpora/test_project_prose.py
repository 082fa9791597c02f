"""The project's news, tales and encyclopedia sentences: sound, in reach, apart from what is scored."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc

from turkic_nlp.corpora import card, docs, text_key
from turkic_nlp.corpora.check import check
from turkic_nlp.training.text import Remembered

PROSE = card("project-prose")
WITH_TREES = ("ky", "tk")
SCORED = {
    "uz": [("uz", "ud-uzbek-ut", "test"), ("uz", "ud-uzbek-uzudt", "test")],
    "ky": [("kk", "ud-kazakh-ktb", "test"), ("ky", "ud-kyrgyz-ktmu", "test")],
    "tk": [("tk", "ud-turkmen-tud-silver", "dev")],
}


def every(lang: str) -> list[Doc]:
    splits = dict.fromkeys(file.split for file in PROSE.files if file.lang == lang)
    return [doc for split in splits for doc in gold(PROSE.id, lang, split)]


def gold(id: str, lang: str, split: str = "train") -> list[Doc]:
    return list(docs(id, split, spacy.blank(lang).vocab, lang=lang if len(card(id).languages) > 1 else None))


@pytest.mark.usefixtures("nothing_but_the_package")
def test_the_package_has_all_that_the_card_counts() -> None:
    findings = check(PROSE.id)
    assert len(findings) == len(PROSE.files) == 4
    assert all(finding.ok for finding in findings)


@pytest.mark.parametrize("lang", PROSE.languages)
def test_no_sentence_stands_twice_and_most_are_as_the_tokenizer_cuts_them(lang: str) -> None:
    """Kyrgyz words are cut as UD_Kazakh-KTB cuts its own, and Uzbek ones not at hyphens."""
    found, nlp = every(lang), spacy.blank(lang)
    assert len({text_key(doc.text) for doc in found}) == len(found) >= 600
    as_cut = [[token.text for token in nlp.make_doc(doc.text)] == [t.text for t in doc] for doc in found]
    assert sum(as_cut) > 0.85 * len(as_cut)


@pytest.mark.parametrize("lang", WITH_TREES)
def test_sentences_are_trees_in_which_no_mark_governs(lang: str) -> None:
    for doc in every(lang):
        assert [token.dep_ for token in doc if token.head == token] == ["ROOT"]
        assert not any(token.head.pos_ == "PUNCT" for token in doc if token.head != token)


def test_uzbek_features_are_those_of_the_page_on_uzbek() -> None:
    """Six cases and two more of the rules, no singular of nouns, no positive polarity."""
    words = [token for doc in gold(PROSE.id, "uz") for token in doc if token.pos]
    nouns = [token for token in words if token.pos_ in ("NOUN", "PROPN")]
    cases = {value for token in words for value in token.morph.get("Case")}
    assert cases == {"Nom", "Gen", "Dat", "Acc", "Loc", "Abl", "Equ", "Ter"}
    assert not any("Sing" in token.morph.get("Number") for token in nouns)
    assert not any("Pos" in token.morph.get("Polarity") for token in words)
    assert sum(bool(token.morph.get("Case")) for token in nouns) > 0.99 * len(nouns)


@pytest.mark.shared
@pytest.mark.parametrize("lang", PROSE.languages)
def test_sentences_share_no_run_of_six_words_with_those_that_are_scored(mirror: object, lang: str) -> None:
    asked = Remembered(run=6)
    for of_lang, id, split in SCORED[lang]:
        for doc in gold(id, of_lang, split):
            asked.add([token.text for token in doc], lang)
    assert [doc.text for doc in every(lang) if asked.holds([t.text for t in doc], lang)] == []
