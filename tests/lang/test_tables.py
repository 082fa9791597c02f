"""The tables beside this file, a line a test: linguists extend them without Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp.lang.examples import examples
from turkic_nlp.lang.sentences import sentence_starts

CODES = ["kk", "uz", "ky", "tk"]
Split = Callable[[Doc], list[str]]
Blanks = dict[str, Language]
HERE = Path(__file__).parent


def lines(name: str) -> list[object]:
    return [
        pytest.param(code, line.split("\t"), id=f"{code}:{line[:30]}")
        for code in CODES
        for line in (HERE / code / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("# ")
    ]


def plain(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\s", " ")


@pytest.mark.parametrize(("code", "columns"), lines("tokens.tsv"))
def test_a_text_has_the_tokens_of_the_table(code: str, columns: list[str], blanks: Blanks) -> None:
    text, tokens = columns
    assert [token.text for token in blanks[code](plain(text))] == list(map(plain, tokens.split(" ")))


@pytest.mark.parametrize(("code", "columns"), lines("sentences.tsv"))
def test_a_text_has_the_sentences_of_the_table(
    code: str, columns: list[str], blanks: Blanks, sentences: Split
) -> None:
    expected = list(map(plain, columns))
    text = "".join(sentence if sentence.endswith("\n") else sentence + " " for sentence in expected).rstrip()
    assert sentences(blanks[code](text)) == [sentence.strip() for sentence in expected]


@pytest.mark.parametrize("code", CODES)
def test_every_example_is_one_sentence(code: str, blanks: Blanks, sentences: Split) -> None:
    assert len(examples(code)) >= 6
    for text in examples(code):
        assert sentences(blanks[code](text)) == [text]


@pytest.mark.parametrize("code", CODES)
def test_every_line_of_the_samples_is_a_paragraph_of_whole_sentences(
    code: str, blanks: Blanks, sentences: Split
) -> None:
    text = (HERE.parents[1] / f"corpora/samples/{code}.txt").read_text(encoding="utf-8")
    found = [sentence for sentence in sentences(blanks[code](text)) if sentence]
    assert len(text.splitlines()) <= len(found) <= len(text.splitlines()) + 2


def test_the_rule_for_sentences_needs_no_component(blanks: Blanks) -> None:
    nlp = blanks["uz"]
    assert sentence_starts(nlp("Suv bor. Non yoʻq.")) == [True, False, False, True, False, False]
    assert sentence_starts(nlp("")) == []
