"""Label regularisation: what it draws together, where its gradient ends, and that it is nothing when it is off."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import gold_docs

from turkic_nlp.errors import NoLabelBag
from turkic_nlp.heads import HEADS, IGNORE
from turkic_nlp.training.label_reg import TASKS, bags, check_task, distance, loss_of, texts

WIDTH = 16


def lesson(task, seed=0):
    """A head, its gold and random word vectors."""
    torch.manual_seed(seed)
    docs = gold_docs()
    head = HEADS[task](
        {**HEADS[task].learn_settings(docs, width=8), "word_width": WIDTH, "styles": []}
    ).eval()
    sizes = [len(doc) for doc in docs]
    return head, torch.randn(sum(sizes), WIDTH), sizes, [head.gold(doc) for doc in docs]


@pytest.mark.parametrize("task", HEADS)
def test_off_is_the_loss_of_the_head_to_the_bit(task):
    head, words, sizes, gold = lesson(task)
    assert torch.equal(loss_of(head, words, sizes, 0, gold, 0.0), head.loss(head(words, sizes, 0), gold))


@pytest.mark.parametrize("task", TASKS)
def test_on_it_adds_its_weight_times_the_distance(task):
    head, words, sizes, gold = lesson(task)
    plain, one, two = (loss_of(head, words, sizes, 0, gold, weight) for weight in (0.0, 1.0, 2.0))
    assert one > plain
    assert torch.allclose(two - plain, 2 * (one - plain), rtol=1e-4)


@pytest.mark.parametrize("task", TASKS)
def test_its_gradient_reaches_the_vectors_and_stops_at_the_labels(task):
    head, words, sizes, gold = lesson(task)
    plain = loss_of(head, words, sizes, 0, gold, 0.0)
    more = loss_of(head, words, sizes, 0, gold, 1.0) - plain
    project, out = torch.autograd.grad(more, [head.project.linear.weight, head.out.weight], retain_graph=True)
    assert project.abs().sum() > 1e-6
    assert out.abs().max() < 1e-6


def test_the_labels_take_no_gradient_even_where_they_could():
    vectors, labels = torch.randn(4, 3, requires_grad=True), torch.rand(4, 2, requires_grad=True)
    distance(vectors, labels).backward()
    assert vectors.grad is not None
    assert labels.grad is None


@given(st.integers(2, 6), st.integers(1, 5), st.floats(0.1, 10), st.integers(0, 99))
def test_only_directions_count_and_like_geometry_costs_nothing(rows, columns, scale, seed):
    labels = torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed)) + 0.01
    assert distance(labels * scale, labels) < 1e-6
    turned = torch.cat([torch.zeros(rows, 2), labels], 1)
    assert distance(turned, labels) < 1e-6


def test_one_text_alone_costs_nothing():
    assert distance(torch.randn(1, 3), torch.rand(1, 2)) == 0


@pytest.mark.parametrize(("task", "columns"), [("ner", 2), ("textcat", 3), ("tagger", 6)])
def test_the_bag_counts_labels_and_marks_texts_without_any(task, columns):
    head, _, _, gold = lesson(task)
    found = bags(head, gold)
    assert found.shape == (len(gold), columns)
    assert bool((found.sum(1) >= 1).all())
    if task == "ner":
        assert found.tolist() == [[0, 1]] * 6 + [[1, 0]] * 2


def test_an_entity_counts_once_and_unknown_words_do_not():
    head, _, _, _ = lesson("ner")
    assert bags(head, [torch.tensor([1, 2, 2, 0, 1, IGNORE])]).tolist() == [[2, 0]]


def test_a_text_is_the_mean_of_its_words():
    hidden = torch.tensor([[1.0], [3.0], [5.0]])
    assert texts(hidden, [2, 1]).tolist() == [[2], [5]]
    assert texts(hidden, [7, 0, 1]).tolist() == [[1], [3], [5]]


@pytest.mark.parametrize("task", sorted(set(HEADS) - set(TASKS)))
def test_a_task_without_labels_of_texts_is_refused(task):
    with pytest.raises(NoLabelBag, match="T551"):
        check_task(task)
