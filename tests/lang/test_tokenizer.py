"""Laws of the tokenizer: any input, saving and loading, entry points."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from turkic_nlp.errors import LoneSurrogate
from turkic_nlp.lang.kk import Kazakh
from turkic_nlp.lang.ky import Kyrgyz
from turkic_nlp.lang.sentences import sentence_starts
from turkic_nlp.lang.tk import Turkmen
from turkic_nlp.lang.uz import Uzbek

CLASSES = {"kk": Kazakh, "uz": Uzbek, "ky": Kyrgyz, "tk": Turkmen}
BLANKS = {code: language() for code, language in CLASSES.items()}
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
MARKS = st.text(st.sampled_from("аӘғoʻgʼ'’‘`.,!?…-–«»\"()%$№#@:/0123 \n\t\u200f\u200d\0😀🇰🇿"), max_size=40)


@pytest.mark.parametrize("code", CLASSES)
@settings(max_examples=150)
@given(text=ANYTHING | MARKS)
def test_joined_tokens_are_the_text_for_any_text(code: str, text: str) -> None:
    doc = BLANKS[code](text)
    assert "".join(token.text_with_ws for token in doc) == text


@pytest.mark.parametrize("code", CLASSES)
@settings(max_examples=150)
@given(text=ANYTHING | MARKS)
def test_any_text_has_a_start_per_token_and_none_inside_white_space(code: str, text: str) -> None:
    doc = BLANKS[code](text)
    starts = sentence_starts(doc)
    assert len(starts) == len(doc)
    assert starts[:1] == [True] * bool(doc)
    assert not any(start and token.is_space for token, start in zip(doc[1:], starts[1:], strict=True))


@pytest.mark.parametrize("pattern", ["а", "!", ".,", "'ʼ", "а.Б", "1,", "a-", "😀", "a@", '"(', ". ", '. " '])
def test_a_long_text_takes_linear_time(pattern: str) -> None:
    text = pattern * (200_000 // len(pattern))
    before = time.process_time()
    doc = BLANKS["uz"](text)
    sentence_starts(doc)
    assert time.process_time() - before < 5
    assert doc.text == text


def test_a_text_longer_than_the_limit_of_spacy_is_tokenized() -> None:
    assert len(BLANKS["kk"]("сөз " * 260_000)) == 260_000


@pytest.mark.parametrize("text", ["", " ", "\0", "\u200f", "\n\n", "а\0б"])
def test_an_empty_or_strange_text_is_a_doc(text: str) -> None:
    assert BLANKS["ky"](text).text == text


def test_a_lone_surrogate_is_a_numbered_error_that_says_where() -> None:
    with pytest.raises(LoneSurrogate, match=r"\[T150\] Character 3 of the text is U\+D800"):
        BLANKS["kk"]("сөз\ud800")


@pytest.mark.parametrize("code", CLASSES)
def test_a_saved_pipeline_tokenizes_as_before(code: str, tmp_path: Path) -> None:
    text = "Қ.К. Тоқаев, va h.k., 80%га, 2020-yil, 1,8 ж.б. ş.m. togʻ’"
    BLANKS[code].to_disk(tmp_path)
    loaded = CLASSES[code]().from_disk(tmp_path)
    assert [token.text for token in loaded(text)] == [token.text for token in BLANKS[code](text)]
    again: Language = pickle.loads(pickle.dumps(loaded))
    assert [token.text for token in again(text)] == [token.text for token in loaded(text)]


def test_spacy_finds_the_languages_without_an_import_of_ours() -> None:
    script = "import spacy; print(*(type(spacy.blank(code)).__module__ for code in ('kk', 'uz', 'ky', 'tk')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == [f"turkic_nlp.lang.{code}" for code in CLASSES], done.stderr


def test_a_pipeline_saved_by_spacy_loads_by_spacy(tmp_path: Path) -> None:
    nlp = spacy.blank("ky")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert isinstance(loaded, Kyrgyz)
    texts = ["2030-жылга карата.", "Б.О. Жакыпов"] * 3
    words = [[token.text for token in doc] for doc in loaded.pipe(texts)]
    assert words == [[token.text for token in nlp(text)] for text in texts]


@pytest.mark.parametrize(
    ("code", "numbers", "others"),
    [
        ("kk", "2 1,8 11.05 XIX бес бесінші Үш 20-шы млрд.", "сөз L C ж. Алматы-2"),
        ("uz", "5 12,5 toʻrt to'rt To‘rtinchi бешинчи XV", "soʻz MIX da"),
        ("ky", "7 ½ ,5 2021- жети жетинчи 10-дон", "сөз D"),
        ("tk", "9 dokuz dokuzynjy 1995-nji Altynjy", "söz altyn"),
    ],
)
def test_number_words_are_like_numbers(code: str, numbers: str, others: str) -> None:
    vocab = BLANKS[code].vocab
    assert [word for word in numbers.split() if not vocab[word].like_num] == []
    assert [word for word in others.split() if vocab[word].like_num] == []


def test_a_stop_word_is_one_in_any_shape_of_its_apostrophe() -> None:
    assert all(BLANKS["uz"].vocab[word].is_stop for word in ("boʻlib", "bo'lib", "bo‘lib", "bo’lib", "Va"))
    assert BLANKS["kk"].vocab["және"].is_stop
    assert not BLANKS["kk"].vocab["мектеп"].is_stop
