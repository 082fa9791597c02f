"""What the project wrote to learn from, words, trees, entities, topics: sound, in reach, apart from test sets."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
import spacy
from spacy.parts_of_speech import IDS
from spacy.tokens import Doc

from turkic_nlp.corpora import card, docs, text_key
from turkic_nlp.corpora.catalog import folder
from turkic_nlp.corpora.check import check
from turkic_nlp.training.text import Remembered

WORDS, EVERYDAY, ENTITIES, TOPICS = (
    card(f"project-{name}") for name in ("words", "everyday", "entities", "topics")
)
NONE_OF_IT = {"PRON", "DET"}
"""project-pronouns has these, in sentences."""


def gold(id: str, lang: str, split: str = "train") -> list[Doc]:
    return list(docs(id, split, spacy.blank(lang).vocab, lang=lang))


def rows(lang: str) -> Iterator[dict[str, str]]:
    with (folder() / WORDS.id / f"{lang}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.mark.usefixtures("nothing_but_the_package")
@pytest.mark.parametrize("id", [WORDS.id, EVERYDAY.id, ENTITIES.id, TOPICS.id])
def test_the_package_has_all_that_the_card_counts(id: str) -> None:
    findings = check(id)
    assert len(findings) == len(card(id).files)
    assert all(finding.ok for finding in findings)


@pytest.mark.parametrize("lang", WORDS.languages)
def test_an_analysis_stands_once_and_is_whole(lang: str) -> None:
    found = [tuple(row.values()) for row in rows(lang)]
    assert len(found) == len(set(found)) > 1500
    for form, lemma, upos, *_ in found:
        assert form and lemma and form == form.strip() and lemma == lemma.strip()
        assert upos in IDS and upos not in NONE_OF_IT


@pytest.mark.parametrize("lang", WORDS.languages)
def test_every_form_is_one_word_of_the_tokenizer(lang: str) -> None:
    nlp = spacy.blank(lang)
    assert [row["form"] for row in rows(lang) if len(nlp.make_doc(row["form"])) != 1] == []


@pytest.mark.parametrize("lang", EVERYDAY.languages)
def test_everyday_sentences_are_trees_and_as_the_tokenizer_cuts_them(lang: str) -> None:
    nlp = spacy.blank(lang)
    for split in EVERYDAY.splits:
        found = gold(EVERYDAY.id, lang, split)
        assert sum(
            [token.text for token in nlp.make_doc(d.text)] == [t.text for t in d] for d in found
        ) > 0.97 * len(found)
        for doc in found:
            assert [token.dep_ for token in doc if token.head == token] == ["ROOT"]
            assert not any(token.head.pos_ == "PUNCT" for token in doc if token.head != token)


@pytest.mark.parametrize("lang", EVERYDAY.languages)
def test_everyday_sentences_that_are_scored_share_no_run_of_five_words_with_those_that_teach(
    lang: str,
) -> None:
    taught = Remembered(run=5)
    for doc in gold(EVERYDAY.id, lang):
        taught.add([token.text for token in doc], lang)
    asked = gold(EVERYDAY.id, lang, "test")
    assert len({text_key(doc.text) for doc in asked}) == len(asked) >= 100
    assert not any(taught.holds([token.text for token in doc], lang) for doc in asked)


@pytest.mark.parametrize("lang", ENTITIES.languages)
def test_no_sentence_with_entities_stands_twice_or_in_the_set_that_is_scored(lang: str) -> None:
    taught = [text_key(doc.text) for doc in gold(ENTITIES.id, lang)]
    assert len(taught) == len(set(taught)) >= 1790
    assert not set(taught) & {text_key(doc.text) for doc in gold("project-ner", lang, "test")}


@pytest.mark.parametrize("lang", ENTITIES.languages)
def test_the_set_that_is_scored_shares_no_run_of_six_words_with_them(lang: str) -> None:
    asked = Remembered(run=6)
    for doc in gold("project-ner", lang, "test"):
        asked.add([token.text for token in doc], lang)
    assert not any(asked.holds([token.text for token in doc], lang) for doc in gold(ENTITIES.id, lang))


@pytest.mark.parametrize("lang", TOPICS.languages)
def test_every_topic_has_as_many_texts_and_none_stands_twice(lang: str) -> None:
    found = gold(TOPICS.id, lang)
    assert len({text_key(doc.text) for doc in found}) == len(found)
    sizes = [sum(doc.cats[label] for doc in found) for label in TOPICS.labels]
    assert min(sizes) == max(sizes) >= 60


@pytest.mark.shared
@pytest.mark.parametrize("lang", TOPICS.languages)
def test_the_texts_share_no_run_of_eight_words_with_those_that_are_scored(mirror: object, lang: str) -> None:
    asked = Remembered(run=8)
    for split in ("dev", "test"):
        for doc in gold("sib-200", lang, split):
            asked.add([token.text for token in doc], lang)
    assert not any(asked.holds([token.text for token in doc], lang) for doc in gold(TOPICS.id, lang))
