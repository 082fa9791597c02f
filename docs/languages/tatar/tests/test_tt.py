"""Tatar: the text stays, and every letter of the table has a form in the shared orthography."""

import unicodedata

import pytest
from turkic_tt import TABLES

import turkic_nlp
from turkic_nlp.scripts import shared_form

SENTENCE = "Габдулла Тукай 1886 елда Казан артындагы Кушлавыч авылында туган."

FORMS = {
    "китап": "kitap",
    "биш": "biş",
    "дүрт": "dürt",
    "җир": "yir",
    "әҗәл": "ecel",
    "яңа": "yana",
    "һава": "hava",
}
TOKENS = {
    "Әнвәр һ.б. килде.": ["Әнвәр", "һ.б.", "килде", "."],
    "«Казан»да 1886 елның 26 апрелендә": ["«", "Казан", "»", "да", "1886", "елның", "26", "апрелендә"],
}

LINES = (TABLES / "shared.tt.tsv").read_text(encoding="utf-8").splitlines()
ROWS = [line.split("\t") for line in LINES if line and not line.startswith("#")][1:]
LETTERS = [source for source, target, _ in ROWS if target and source.isalpha()]


def test_tokens_join_to_the_text():
    doc = turkic_nlp.blank("tt")(SENTENCE)
    assert "".join(token.text_with_ws for token in doc) == SENTENCE
    assert doc[-1].text == SENTENCE[-1]


def test_every_letter_of_the_table_is_read_as_latin():
    read = {letter: shared_form(letter, "tt") for letter in LETTERS}
    assert {a: b for a, b in read.items() for c in b if not unicodedata.name(c).startswith("LATIN")} == {}


def test_words_look_like_their_kin():
    assert {word: shared_form(word, "tt") for word in FORMS} == FORMS


@pytest.mark.parametrize("text", TOKENS)
def test_marks_are_cut_off_and_words_stay_whole(text):
    assert [token.text for token in turkic_nlp.blank("tt")(text)] == TOKENS[text]


def test_number_words_and_stop_words_are_known():
    number, stop = "унынчы", "белән"
    doc = turkic_nlp.blank("tt")(f"{number} {stop}")
    assert [(token.like_num, token.is_stop) for token in doc] == [(True, False), (False, True)]
