import pytest
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.heads.edits import apply_script, edit_script

ROWS = [
    ("kk", "бағы", "бақ", "l;2;~k"),
    ("ky", "бағы", "бак", "l;2;~k"),
    ("tr", "ağacı", "ağaç", "l;2;~ç"),
    ("kk", "мектебі", "мектеп", "l;2;~p"),
    ("uz", "yurtining", "yurt", "l;5;"),
    ("uz", "qishlogʻida", "qishloq", "l;5;~k"),
    ("tk", "kitabyň", "kitap", "l;3;~p"),
    ("kk", "Алматыда", "Алматы", "k;2;"),
    ("kk", "Ол", "ол", "l;0;"),
    ("tr", "IŞIK", "ışık", "l;0;"),
    ("kk", "АҚШ-тың", "АҚШ", "k;4;"),
]


@pytest.mark.parametrize(("lang", "form", "lemma", "script"), ROWS)
def test_a_script_says_what_to_cut_and_what_to_add(lang, form, lemma, script):
    assert edit_script(form, lemma, lang) == script
    assert apply_script(form, script, lang) == lemma


LETTERS = st.text("абвгғқңөұүіaboʻgşчшсеи-АБҚ", min_size=1, max_size=8)


@given(LETTERS, LETTERS, st.sampled_from(["kk", "ky", "uz", "tk", "tr"]))
def test_applying_a_script_gives_the_lemma_back(form, lemma, lang):
    assert apply_script(form, edit_script(form, lemma, lang), lang) == lemma


@given(LETTERS, st.integers(0, 50))
def test_a_script_that_cuts_too_much_never_gives_an_empty_lemma(form, cut):
    assert apply_script(form, f"l;{cut};", "kk")
