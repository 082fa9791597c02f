"""The pipelines that ship: four languages, one model, offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import turkic_nlp
from turkic_nlp import corpora
from turkic_nlp.errors import UnknownLanguage, UnknownModel
from turkic_nlp.pipeline import DEFAULT_MODEL, LANGUAGES, model_folder, models
from turkic_nlp.resources import data_dir

SAMPLES = data_dir("corpora") / "samples"
ROWS = [
    ("kk", "Айгүл Алматыға келді.", {"Айгүл": "PROPN", "келді": "VERB", ".": "PUNCT"}, "келді"),
    ("ky", "Балдар мектепке барышты.", {"мектепке": "NOUN", "барышты": "VERB"}, "барышты"),
    ("uz", "Bolalar maktabga borishdi.", {"maktabga": "NOUN", "borishdi": "VERB"}, "borishdi"),
    ("uz", "Болалар мактабга боришди.", {"мактабга": "NOUN", "боришди": "VERB"}, "боришди"),
    ("tk", "Çagalar mekdebe gitdiler.", {"mekdebe": "NOUN", "gitdiler": "VERB"}, "gitdiler"),
]


@pytest.mark.parametrize(("lang", "text", "tags", "root"), ROWS)
def test_a_plain_sentence_gets_the_plain_analysis(lang, text, tags, root):
    doc = turkic_nlp.load(lang)(text)
    assert {token.text: token.pos_ for token in doc if token.text in tags} == tags
    assert [token.text for token in doc if token.dep_ == "ROOT"] == [root]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sample_texts_are_annotated_whole_and_a_stream_equals_single_calls(lang):
    nlp = turkic_nlp.load(lang)
    texts = (SAMPLES / f"{lang}.txt").read_text(encoding="utf-8").splitlines()
    for doc, text in zip(nlp.pipe(texts), texts, strict=True):
        assert doc.text == text
        assert all(token.pos_ and token.lemma_ and token.dep_ for token in doc)
        alone = nlp(text)
        assert [(t.pos_, t.lemma_, t.head.i, t.dep_) for t in alone] == [
            (t.pos_, t.lemma_, t.head.i, t.dep_) for t in doc
        ]


def test_languages_share_one_copy_of_the_weights():
    one, two = turkic_nlp.load("kk"), turkic_nlp.load("uz")
    assert one.get_pipe("encoder").model is two.get_pipe("encoder").model
    assert one.get_pipe("parser").head is two.get_pipe("parser").head


def test_components_can_be_left_out():
    assert turkic_nlp.load("ky", disable=["ner", "textcat", "sentiment"]).pipe_names == [
        "sentences",
        "encoder",
        "tagger",
        "lemmatizer",
        "parser",
    ]


def test_an_unknown_language_or_model_is_an_error_that_lists_what_there_is():
    with pytest.raises(UnknownLanguage, match="kk, ky, tk, uz"):
        turkic_nlp.load("xx")
    with pytest.raises(UnknownModel, match=DEFAULT_MODEL):
        turkic_nlp.load("kk", model="none")


def test_blank_is_a_tokenizer_alone():
    nlp = turkic_nlp.blank("tk")
    assert nlp.pipe_names == []
    assert [token.text for token in nlp("Salam, dünýä!")] == ["Salam", ",", "dünýä", "!"]


@pytest.mark.parametrize("name", models())
def test_a_model_that_ships_is_small_and_learned_only_what_it_may(name):
    folder: Path = model_folder(name)
    size = sum(path.stat().st_size for path in folder.rglob("*") if "training" not in path.parts)
    assert size <= 40 * 1024**2
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    for facts in meta["data"]:
        assert corpora.card(facts["corpus"]).trainable
        for split in facts["splits"]:
            assert f"{facts['corpus']}/{split}" not in meta["held_out"]
