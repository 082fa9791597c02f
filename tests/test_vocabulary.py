"""The vocabulary of a pipeline stays small, however many words go through it, and what comes out stays the same."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import spacy
from folders import model_folder
from spacy.symbols import ORTH

import turkic_nlp
from turkic_nlp.annotate import annotate, vocabulary
from turkic_nlp.annotate.vocabulary import renew

LETTERS = "абвгдежзийклмнопрстуфхцчшыэюя"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def text(tmp_path):
    """Forty lines of which every fourth is new words and the others come again and again."""
    letters, lines = (
        random.Random(1),
        itertools.cycle(("Мен кітап оқыдым.", "Сен хат жаздың!", "Case=Nom Number")),
    )
    path = tmp_path / "in.txt"
    new = (" ".join("".join(letters.choices(LETTERS, k=7)) for _ in range(20)) for _ in range(10))
    path.write_text("\n".join(f"{line}\n{next(lines)}\n{next(lines)}\n{next(lines)}" for line in new))
    return path


@pytest.mark.parametrize("format", ["conllu", "jsonl", "spacy"])
def test_a_vocabulary_that_is_renewed_all_the_time_changes_no_byte(format, tiny, text, tmp_path, monkeypatch):
    nlp = turkic_nlp.load("kk", model=tiny)
    options = {"pipeline_for": lambda lang: nlp, "lang": "kk", "format": format, "batch_size": 3}
    annotate([text], tmp_path / "kept", **options)
    monkeypatch.setattr(vocabulary, "STRINGS", 1)
    first = nlp.vocab
    annotate([text], tmp_path / "renewed", **options)
    assert nlp.vocab is not first
    assert (tmp_path / "renewed").read_bytes() == (tmp_path / "kept").read_bytes()


def test_the_vocabulary_does_not_grow_over_many_batches_of_new_words(tiny, text, tmp_path, monkeypatch):
    nlp = turkic_nlp.load("kk", model=tiny)
    monkeypatch.setattr(vocabulary, "STRINGS", 300)
    sizes = []
    annotate(
        [text],
        tmp_path / "out.conllu",
        pipeline_for=lambda lang: nlp,
        lang="kk",
        batch_size=4,
        progress=lambda tally: sizes.append(len(nlp.vocab.strings)),
    )
    assert len(sizes) == 10
    assert max(sizes) < 600


def test_rules_of_the_user_outlive_the_vocabulary(monkeypatch):
    monkeypatch.setattr(vocabulary, "STRINGS", 1)
    nlp = turkic_nlp.blank("ky")
    nlp.tokenizer.add_special_case("ж.к.у.с.", [{ORTH: "ж.к."}, {ORTH: "у.с."}])
    nlp.vocab.lookups.add_table("mine", {"бир": "1"})
    before = [(t.text, t.like_num, t.is_stop, t.norm_) for t in nlp("Бул ж.к.у.с. 15-кылым, О. Бек!")]
    assert renew(nlp)
    assert [(t.text, t.like_num, t.is_stop, t.norm_) for t in nlp("Бул ж.к.у.с. 15-кылым, О. Бек!")] == before
    assert nlp.vocab.lookups.get_table("mine")["бир"] == "1"
    assert nlp.vocab.writing_system == turkic_nlp.blank("ky").vocab.writing_system


def with_vectors(nlp):
    nlp.vocab.set_vector("бир", np.ones(2, dtype=np.float32))


def with_a_component_that_may_hold_it(nlp):
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "X", "pattern": "бир"}])


@pytest.mark.parametrize("change", [with_vectors, with_a_component_that_may_hold_it])
def test_a_vocabulary_that_something_may_hold_on_to_is_left_alone(change, monkeypatch):
    monkeypatch.setattr(vocabulary, "STRINGS", 1)
    nlp = spacy.blank("ky")
    change(nlp)
    kept = nlp.vocab
    assert not renew(nlp)
    assert nlp.vocab is kept
