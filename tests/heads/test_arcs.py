"""What tags say of governors: learned from sentences, kept as text, added to what the parser says."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import spacy
import torch
from folders import refused
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from tiny import gold_docs

from turkic_nlp.heads import HEADS
from turkic_nlp.heads.arcs import ARCS, Arcs, Sentence, Word, learned, said, word_of
from turkic_nlp.layout import Layout
from turkic_nlp.storage import read_head, write_head

VOCAB = spacy.blank("ky").vocab
TAGS = ["NOUN", "VERB", "ADV", "PUNCT", "PROPN"]
sentences = st.lists(st.sampled_from(TAGS), min_size=1, max_size=7)


def words(*pos: str) -> list[Word]:
    return [word_of(one, "") for one in pos]


def table_of(*gold: tuple[list[Word], list[int]]) -> np.ndarray:
    kept = learned([Sentence(known, np.asarray(governors)) for known, governors in gold])
    return Arcs({"mine": kept}).table("mine")


# an adverb hangs on the verb after it, however far, and a name on the verb
GOLD = [
    (words("PROPN", "ADV", "VERB"), [3, 3, 0]),
    (words("PROPN", "ADV", "NOUN", "VERB"), [4, 4, 4, 0]),
    (words("ADV", "NOUN", "VERB", "PUNCT"), [3, 3, 0, 3]),
    (words("NOUN", "VERB"), [2, 0]),
] * 10


def alone(table, known):
    return said(table, known, np.asarray([len(known)]))[0]


def test_tags_tell_governors_in_sentences_that_were_never_seen():
    scores = alone(table_of(*GOLD), words("PROPN", "PROPN", "ADV", "NOUN", "VERB", "PUNCT"))
    scores[range(6), range(1, 7)] = -99
    assert scores.argmax(1).tolist() == [5, 5, 5, 5, 0, 5]


def test_the_same_sentences_give_the_same_table_and_one_gives_none():
    sentence = [Sentence(words("NOUN", "VERB"), np.asarray([2, 0]))]
    assert learned(sentence) is learned([]) is None
    assert learned(sentence * 2) == learned(sentence * 2)


@given(st.lists(sentences, min_size=1, max_size=5))
def test_what_is_said_of_a_sentence_does_not_depend_on_those_beside_it(texts):
    table = np.random.default_rng(0).integers(-9, 9, 1 << 18).astype(np.int8)
    units = [words(*text) for text in texts]
    sizes = np.asarray([len(unit) for unit in units])
    together = said(table, [word for unit in units for word in unit], sizes)
    for unit, found in zip(units, together, strict=True):
        size = len(unit)
        assert np.array_equal(found[:size, : size + 1], alone(table, unit))
        assert not found[range(size), range(1, size + 1)].any()


@given(sentences, st.integers(0, 6), st.sampled_from(TAGS))
def test_a_word_outside_two_others_says_nothing_of_their_arc(text, place, other):
    table = np.random.default_rng(0).integers(-9, 9, 1 << 18).astype(np.int8)
    longer = alone(table, words(*text, other))
    assert np.array_equal(longer[:-1, :-1], alone(table, words(*text)))


def parser(*styles: str):
    docs = [
        Doc(VOCAB, ["Айгүл", "бат", "келди"], pos=["PROPN", "ADV", "VERB"], heads=[2, 2, 2], deps=deps)
        for deps in [["nsubj", "advmod", "ROOT"]] * 20
    ]
    settings = HEADS["parser"].learn_settings(docs, width=8, arc_width=4, relation_width=4)
    head = HEADS["parser"]({**settings, "word_width": 4, "styles": ["mine", "other"]}).eval()
    for style in styles:
        head.remember(docs, style)
    return head, docs


@torch.no_grad()
def test_a_parser_that_knows_nothing_follows_the_tags_and_only_in_their_style():
    head, docs = parser("mine")
    scores = head(torch.zeros(3, 4), [3], 1)
    scores = scores._replace(arcs=torch.zeros_like(scores.arcs))
    known = head.weigh(scores, head.recall(Layout(docs[:1]), "mine"))
    assert head.predict(known, [3])[:, 0].tolist() == [3, 3, 0]
    assert head.recall(Layout(docs[:1]), "other") is None


def test_words_without_tags_teach_nothing_of_governors():
    head, docs = parser()
    bare = [Doc(VOCAB, ["бат", "келди"], heads=[1, 1], deps=["advmod", "ROOT"]) for _ in docs]
    head.remember(bare, "mine")
    assert ARCS not in head.settings


def test_a_head_keeps_its_tables_on_disk_and_those_of_other_styles(tmp_path):
    head, docs = parser("mine", "other")
    write_head(head, tmp_path, style=None)
    again, _ = read_head("parser", tmp_path)
    for one, two in zip(*(each.recall(Layout(docs), "other") for each in (head, again)), strict=True):
        assert np.array_equal(one.table, two.table)
        assert one.kind == two.kind
        assert one.word == two.word


@pytest.mark.parametrize(
    "kept",
    [
        {"mine": ""},
        {"mine": "AAAA"},
        {"mine": "?"},
        {"mine": 3},
        {"mine": base64.b64encode(bytes(9)).decode()},
        [],
    ],
)
def test_damaged_tables_are_refused(tmp_path, kept):
    head, _ = parser("mine")
    assert refused(head, tmp_path, **{ARCS: kept})


def test_gold_of_the_tests_is_learned_from():
    docs = gold_docs()
    settings = HEADS["parser"].learn_settings(docs, width=8, arc_width=4, relation_width=4)
    head = HEADS["parser"]({**settings, "word_width": 4, "styles": ["mine"]}).eval()
    head.remember(docs, "mine")
    assert head.recall(Layout(docs), "mine")[0].table.any()
