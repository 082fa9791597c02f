"""What the project wrote to learn from: words, glosses, trees, prose, entities, topics; sound, apart from test sets."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

import pytest
import spacy
from spacy.parts_of_speech import IDS
from spacy.tokens import Doc

from turkic_nlp.corpora import card, docs, text_key
from turkic_nlp.corpora.catalog import folder
from turkic_nlp.corpora.check import check
from turkic_nlp.heads.edits import lower
from turkic_nlp.training.glosses import Glossary
from turkic_nlp.training.text import Remembered

WORDS, GLOSSES, EVERYDAY, KYRGYZ, PROSE, ENTITIES, TOPICS = (
    card(f"project-{name}")
    for name in ("words", "glosses", "everyday", "kyrgyz", "prose", "entities", "topics")
)
NONE_OF_IT = {"PRON", "DET"}
"""project-pronouns has these, in sentences."""
CASES = ("Nom", "Gen", "Dat", "Acc", "Loc", "Abl")
SCORED = {
    "kk": [("kk", "ud-kazakh-ktb", "product-dev"), ("kk", "ud-kazakh-ktb", "product-test")],
    "uz": [("uz", "ud-uzbek-ut", "test"), ("uz", "ud-uzbek-uzudt", "test")],
    "ky": [("kk", "ud-kazakh-ktb", "test"), ("ky", "ud-kyrgyz-ktmu", "test")],
    "tk": [("tk", "ud-turkmen-tud-silver", "dev")],
}
"""The test sets that the prose of a language must stay apart from."""


def gold(id: str, lang: str, split: str = "train") -> list[Doc]:
    several = len(card(id).languages) > 1
    return list(docs(id, split, spacy.blank(lang).vocab, lang=lang if several else None))


TAGGED = [("uz", "train"), ("uz", "ut")]
"""The parts of the prose that have no trees; the second has the sentences of the first, with other tags."""


def prose(lang: str) -> list[Doc]:
    """That of all splits."""
    splits = dict.fromkeys(file.split for file in PROSE.files if file.lang == lang and file.split != "ut")
    return [doc for split in splits for doc in gold(PROSE.id, lang, split)]


def are_trees(found: list[Doc]) -> bool:
    """One root each, and no mark governs."""
    roots = ([token.dep_ for token in doc if token.head == token] for doc in found)
    governors = (token.head.pos_ for doc in found for token in doc if token.head != token)
    return all(one == ["ROOT"] for one in roots) and "PUNCT" not in governors


def labels(found: list[Doc]) -> set[str]:
    """The classes of their entities."""
    return {span.label_ for doc in found for span in doc.ents}


def sharing(found: list[Doc], others: Iterable[Doc], lang: str, run: int = 6) -> list[str]:
    """The texts that share a run of so many words with other ones."""
    known = Remembered(run=run)
    for doc in others:
        known.add([token.text for token in doc], lang)
    return [doc.text for doc in found if known.holds([token.text for token in doc], lang)]


def share_as_cut(found: list[Doc], lang: str) -> float:
    """How many are cut into words as the tokenizer cuts them."""
    nlp = spacy.blank(lang)
    as_cut = [[t.text for t in nlp.make_doc(doc.text)] == [t.text for t in doc] for doc in found]
    return sum(as_cut) / len(as_cut)


def rows(name: str, id: str = WORDS.id) -> Iterator[dict[str, str]]:
    with (folder() / id / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.mark.usefixtures("nothing_but_the_package")
@pytest.mark.parametrize(
    "id", [WORDS.id, GLOSSES.id, EVERYDAY.id, KYRGYZ.id, PROSE.id, ENTITIES.id, TOPICS.id]
)
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


@pytest.mark.parametrize("split", GLOSSES.splits)
def test_a_word_has_one_gloss_and_it_is_one_word(split: str) -> None:
    found = list(rows(split, GLOSSES.id))
    assert len({(row["form"], row["upos"], row["after"]) for row in found}) == len(found) > 10_000
    for row in found:
        assert row["upos"] in IDS and row["form"] == lower(row["form"], split[:2])
        assert re.fullmatch(r"\+?[\w-]+", row["gloss"]) and row["gloss"] == row["gloss"].lower()


@pytest.mark.shared
def test_glossed_prose_shares_no_run_of_six_words_with_what_is_scored(mirror: object) -> None:
    """Read in Kazakh too, sentences that teach it without a Kazakh treebank have nothing of the one that is scored."""
    glossary = Glossary.read("project-glosses/ky-kk")
    glossed = [glossary.gloss(doc) for split in ("train", "product") for doc in gold(PROSE.id, "ky", split)]
    assert sharing(glossed, gold("ud-kazakh-ktb", "kk", "test"), "kk") == []


@pytest.mark.parametrize("lang", EVERYDAY.languages)
def test_everyday_sentences_are_trees_and_as_the_tokenizer_cuts_them(lang: str) -> None:
    for split in EVERYDAY.splits:
        found = gold(EVERYDAY.id, lang, split)
        assert share_as_cut(found, lang) > 0.97
        assert are_trees(found)


@pytest.mark.parametrize("lang", EVERYDAY.languages)
def test_everyday_sentences_that_are_scored_share_no_run_of_five_words_with_those_that_teach(
    lang: str,
) -> None:
    asked = gold(EVERYDAY.id, lang, "test")
    assert len({text_key(doc.text) for doc in asked}) == len(asked) >= 100
    assert sharing(asked, gold(EVERYDAY.id, lang), lang, run=5) == []


@pytest.mark.parametrize("split", KYRGYZ.splits)
def test_kyrgyz_sentences_are_those_of_everyday_in_the_manner_of_the_kazakh_treebank(split: str) -> None:
    """Auxiliaries, adpositions and cases, which UD_Kyrgyz-KTMU has few of; no gender."""
    found = gold(KYRGYZ.id, "ky", split)
    assert [doc.text for doc in found] == [doc.text for doc in gold(EVERYDAY.id, "ky", split)]
    assert are_trees(found)
    words = [token for doc in found for token in doc]
    nouns = [token for token in words if token.pos_ in ("NOUN", "PROPN", "PRON")]
    assert {"aux", "cop", "case", "acl:relcl"} < {token.dep_ for token in words}
    assert sum(bool(token.morph.get("Case")) for token in nouns) > 0.97 * len(nouns)
    assert {case for token in nouns for case in token.morph.get("Case")} == {*CASES}
    assert not any(token.morph.get("Gender") for token in words)


@pytest.mark.parametrize("lang", PROSE.languages)
def test_no_prose_stands_twice_and_most_is_as_the_tokenizer_cuts_it(lang: str) -> None:
    """Kyrgyz words are cut as UD_Kazakh-KTB cuts its own, and Uzbek ones not at hyphens."""
    found = prose(lang)
    assert len({text_key(doc.text) for doc in found}) == len(found) >= 600
    assert share_as_cut(found, lang) > 0.85


def test_prose_has_trees_but_for_uzbek_tags() -> None:
    """Two splits of Uzbek have parts of speech and features alone."""
    with_trees = [file for file in PROSE.files if (file.lang, file.split) not in TAGGED]
    assert len(with_trees) == len(PROSE.files) - len(TAGGED)
    for file in with_trees:
        assert are_trees(gold(PROSE.id, file.lang, file.split))


def test_uzbek_sentences_have_tags_in_two_manners() -> None:
    """UD_Uzbek-UT gives nouns a number and no possessor, verbs no active voice, genitives Poss."""
    own, as_ut = (gold(PROSE.id, "uz", split) for _, split in TAGGED)
    assert [doc.text for doc in own] == [doc.text for doc in as_ut]
    words = [token for doc in as_ut for token in doc if token.pos]
    nouns = [token for token in words if token.pos_ in ("NOUN", "PROPN")]
    assert all(token.morph.get("Case") and token.morph.get("Number") for token in nouns)
    assert not any(token.morph.get("Person[psor]") for token in words)
    assert {value for token in words for value in token.morph.get("Voice")} == {"Pass"}
    assert all(token.morph.get("Poss") for token in nouns if token.morph.get("Case") == ["Gen"])


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
def test_prose_shares_no_run_of_six_words_with_what_is_scored(mirror: object, lang: str) -> None:
    asked = [doc for of_lang, id, split in SCORED[lang] for doc in gold(id, of_lang, split)]
    assert sharing(prose(lang), asked, lang) == []


@pytest.mark.parametrize("lang", card("project-ner").languages)
def test_no_sentence_with_entities_stands_twice_or_in_the_set_that_is_scored(lang: str) -> None:
    taught = [text_key(doc.text) for doc in gold(ENTITIES.id, lang)]
    assert len(taught) == len(set(taught)) >= 1790
    assert not set(taught) & {text_key(doc.text) for doc in gold("project-ner", lang, "test")}


@pytest.mark.parametrize("lang", card("project-ner").languages)
def test_the_set_that_is_scored_shares_no_run_of_six_words_with_them(lang: str) -> None:
    assert sharing(gold(ENTITIES.id, lang), gold("project-ner", lang, "test"), lang) == []


@pytest.mark.shared
def test_kazakh_ones_have_all_classes_of_kaznerd_and_no_text_or_run_of_words_of_its_test_set(
    mirror: object,
) -> None:
    found, asked = gold(ENTITIES.id, "kk"), gold("kaznerd", "kk", "test")
    taught = [text_key(doc.text) for doc in found]
    assert len(taught) == len(set(taught)) >= 1550
    assert not set(taught) & {text_key(doc.text) for doc in asked}
    assert sharing(found, asked, "kk") == []
    assert labels(found) == labels(gold("kaznerd", "kk", "dev"))


@pytest.mark.parametrize("lang", TOPICS.languages)
def test_every_topic_has_as_many_texts_and_none_stands_twice(lang: str) -> None:
    found = gold(TOPICS.id, lang)
    assert len({text_key(doc.text) for doc in found}) == len(found)
    sizes = [sum(doc.cats[label] for doc in found) for label in TOPICS.labels]
    assert min(sizes) == max(sizes) >= 60


@pytest.mark.shared
@pytest.mark.parametrize("lang", TOPICS.languages)
def test_the_texts_share_no_run_of_eight_words_with_those_that_are_scored(mirror: object, lang: str) -> None:
    asked = [doc for split in ("dev", "test") for doc in gold("sib-200", lang, split)]
    assert sharing(gold(TOPICS.id, lang), asked, lang, run=8) == []
