"""Language detection: alphabets of all four languages, near relatives, and texts without a language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.langid import UNDETERMINED, detect_language, ngrams, table

TEXTS = [
    ("kk", "Бүгін Алматыда күн суық, сондықтан балалар үйде отыр."),
    ("ky", "Бүгүн Бишкекте күн суук, ошондуктан балдар үйдө отурат."),
    ("uz", "Bugun Toshkentda havo sovuq, shuning uchun bolalar uyda oʻtiribdi."),
    ("uz", "Бугун Тошкентда ҳаво совуқ, шунинг учун болалар уйда ўтирибди."),
    ("tk", "Şu gün Aşgabatda howa sowuk, şonuň üçin çagalar öýde otyrlar."),
    ("tr", "Bugün Ankara'da hava soğuk, bu yüzden çocuklar evde oturuyor."),
    ("az", "Bu gün Bakıda hava soyuqdur, ona görə də uşaqlar evdə oturublar."),
    ("tt", "Бүген Казанда һава салкын, шуңа күрә балалар өйдә утыралар."),
    ("en", "It is cold in London today, so the children are sitting at home."),
    ("ru", "Сегодня в Москве холодно, поэтому дети сидят дома."),
]


@pytest.mark.parametrize(("lang", "text"), TEXTS)
def test_a_sentence_is_recognised(lang, text):
    assert detect_language(text) == lang


@pytest.mark.parametrize(("lang", "text"), TEXTS)
def test_capitals_do_not_change_the_language(lang, text):
    assert detect_language(text.upper()) == lang


@pytest.mark.parametrize("shape", "ʻ’‘ʼ`'")
def test_every_shape_of_the_uzbek_apostrophe_counts_the_same(shape):
    assert ngrams(f"o{shape}zbek") == ngrams("o'zbek")


@pytest.mark.parametrize("text", ["", " \n", "12 345,6", "!?", "日本語", "\x00"])
def test_without_letters_there_is_no_language(text):
    assert detect_language(text) == UNDETERMINED


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_gets_an_answer_that_the_table_knows(text):
    known = {lang for langs, _ in table().values() for lang in langs}
    assert detect_language(text) in known | {UNDETERMINED}


def test_every_row_of_the_table_has_a_weight_for_every_language():
    for langs, weights in table().values():
        assert {len(row) for row in weights.values()} == {len(langs)}
        assert all(min(row) == 0 for part, row in weights.items() if part)
