"""Aligners, distances and gradients: hand-made cases and the nulls."""

from __future__ import annotations

import pytest
import torch
from tiny import TEXT, gold_docs, word_encoder

from turkic_nlp.alignment import gradients as slopes
from turkic_nlp.alignment.bitext import Pair
from turkic_nlp.alignment.links import awesome, mutual, one_to_one, simalign
from turkic_nlp.alignment.measures import cka, distance, measure, retrieval, separability, unification
from turkic_nlp.alignment.views import hidden, read, read_layers
from turkic_nlp.errors import TooFewPairs
from turkic_nlp.heads import HEADS
from turkic_nlp.pieces import collate

TABLES = [
    ([[9, 1, 0], [1, 8, 0], [0, 2, 7]], [(0, 0), (1, 1), (2, 2)]),
    # the second row likes the first column, which likes the first row: no link
    ([[9, 1, 0], [8, 3, 0], [0, 0, 7]], [(0, 0), (2, 2)]),
    ([[0, 5], [6, 0]], [(0, 1), (1, 0)]),
    ([[1, 2, 3]], [(0, 2)]),
]


@pytest.mark.parametrize(("scores", "wanted"), TABLES)
def test_words_are_linked_that_choose_each_other(scores, wanted):
    assert [tuple(row) for row in torch.nonzero(mutual(torch.tensor(scores))).tolist()] == wanted


def test_awesome_takes_all_above_its_threshold_on_both_sides_and_simalign_one():
    one, other = torch.eye(3) * 6, torch.eye(3)[:, :] * 1.0
    assert awesome(one, other).equal(torch.ones(3, 3, dtype=torch.bool))
    assert awesome(one, other, 0.1).equal(torch.eye(3, dtype=torch.bool))
    assert simalign(one, other).equal(torch.eye(3, dtype=torch.bool))


def test_only_words_with_a_single_link_are_kept():
    table = torch.tensor([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]], dtype=torch.bool)
    assert one_to_one(table).tolist() == [[1, 2]]


def rows(count=12, width=30, seed=0):
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def turned(width=30):
    return torch.linalg.qr(rows(width, width, 5))[0]


def test_the_same_sentences_are_at_the_best_of_every_figure():
    one = rows()
    assert retrieval(one, one) == 100
    assert cka(one, one) == pytest.approx(1, abs=1e-5)
    assert distance(one, one) > 0.8
    assert unification(one, one) == pytest.approx(distance(one, one), abs=1e-5)


def test_shuffled_sentences_are_nowhere_near():
    one = rows()
    assert retrieval(one, one.roll(1, 0)) == 0
    assert distance(one, one.roll(1, 0)) < 0


def test_distance_is_worked_out_by_hand():
    one, other = torch.eye(2), torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    # own: (1 + 0.8) / 2, others: (0.6 + 0) / 2
    assert distance(one, other) == pytest.approx(0.6)
    assert distance(one[:1], other[:1]) == 0


def test_cka_does_not_see_a_rotation_nor_a_scale_and_sees_noise():
    one = rows(60)
    assert cka(one, 3 * one @ turned()) == pytest.approx(1, abs=1e-4)
    assert cka(one, rows(60, seed=9)) < 0.7


def test_a_language_with_a_mean_of_its_own_is_told_apart_until_the_mean_is_taken_away():
    one, other = rows(40), rows(40, seed=3) + 3
    assert separability(one, other) == 100
    assert separability(one - one.mean(0), other - other.mean(0)) < 80


WORDS = word_encoder()
SENTENCES = [(text.split(), lang) for text, lang in TEXT]


def test_reading_layer_by_layer_gives_what_the_encoder_gives():
    batch = collate([WORDS.pieces.sentence(*sentence) for sentence in SENTENCES])
    with torch.no_grad():
        assert torch.allclose(list(hidden(WORDS.encoder, batch))[-1], WORDS.encoder(batch), atol=1e-5)
    views = read_layers(WORDS, SENTENCES, budget=40)
    expected = WORDS([words for words, _ in SENTENCES], [lang for _, lang in SENTENCES], 1000)
    assert len(views) == 3
    assert torch.allclose(views[-1].words, torch.cat(expected), atol=1e-4)
    one = read(WORDS, [WORDS.pieces.sentence(*sentence) for sentence in SENTENCES], 1)
    assert torch.allclose(views[1].words, one.words, atol=1e-4)
    assert torch.allclose(views[1].first, one.first, atol=1e-4)


def test_a_measure_has_a_row_for_every_layer_and_needs_two_pairs():
    pairs = [Pair(tuple(words), tuple(words), (lang, lang)) for words, lang in SENTENCES]
    found = measure(WORDS, pairs, aligner="simalign")
    assert len(found["layers"]) == 3
    assert found["layers"][2]["retrieval"] == 100
    again = measure(WORDS, pairs, word_links=torch.tensor(found["links"]))
    assert again == found
    with pytest.raises(TooFewPairs, match="T544"):
        measure(WORDS, pairs[:1])


def task(start, stop):
    docs = gold_docs()
    torch.manual_seed(0)
    kind = HEADS["tagger"]
    head = kind({**kind.learn_settings(docs), "word_width": WORDS.encoder.word_width, "styles": []})
    return slopes.task_loss(WORDS, head, docs[start:stop], "kk", "")


def test_the_gradients_of_the_same_batch_agree_and_a_random_vector_with_none():
    one = slopes.gradient(task(0, 4), WORDS.encoder)
    found = slopes.compare(one, one, one, one, weight=0.5, seed=0)
    assert set(found) == {"embeddings", "1", "2", "all"}
    size = len(torch.cat(list(one.values())))
    for row in found.values():
        assert row["null_task_task"] == pytest.approx(1, abs=1e-4)
        assert row["task_mixed"] == pytest.approx(1, abs=1e-4)
        assert row["norm_ratio"] == pytest.approx(1, abs=1e-4)
    assert abs(found["all"]["null_random"]) < 5 / size**0.5


def test_a_mixed_gradient_turns_away_as_its_weight_grows():
    one, other = slopes.gradient(task(0, 4), WORDS.encoder), slopes.gradient(-task(0, 4), WORDS.encoder)
    mixed = [slopes.compare(one, one, other, other, weight=w, seed=0)["all"]["task_mixed"] for w in (0.5, 2)]
    assert mixed == pytest.approx([1, -1], abs=1e-3)


def test_a_layer_that_a_loss_does_not_reach_has_no_cosine_with_it():
    one = slopes.gradient(task(0, 4), WORDS.encoder)
    none = {name: torch.zeros_like(value) for name, value in one.items()}
    found = slopes.compare(one, one, none, none, weight=1, seed=0)["2"]
    assert found["task_align"] is None
    assert found["norm_ratio"] == 0
