"""The random field beside all ways to label a sentence, counted out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.heads.crf import Chain, Example, Weights, best_paths, fitted, likelihood

LABELS, CLUES = 3, 5
FIELD = Chain([str(label) for label in range(LABELS)])


def weights_of(seed: int) -> Weights:
    rng = torch.Generator().manual_seed(seed)
    return Weights(torch.randn(CLUES, LABELS, generator=rng), torch.randn(LABELS + 1, LABELS, generator=rng))


def example(clues: list[list[int]], labels: list[int]) -> Example:
    return Example([np.asarray(own, dtype=np.int64) for own in clues], np.asarray(labels, dtype=np.int64))


def score(weights: Weights, clues: list[list[int]], labels: tuple[int, ...], factor: float = 1.0) -> float:
    of_words = sum(
        float(weights.of_clue[clue, label]) for own, label in zip(clues, labels, strict=True) for clue in own
    )
    before = [LABELS, *labels[:-1]]
    return factor * (of_words + sum(float(weights.after[pair]) for pair in zip(before, labels, strict=True)))


sentences = st.lists(st.lists(st.integers(0, CLUES - 1), max_size=3), min_size=1, max_size=4)


@given(st.lists(sentences, min_size=1, max_size=3), st.integers(0, 99), st.sampled_from([0.3, 1.0]))
def test_likelihood_is_that_among_all_ways_to_label(texts, seed, factor):
    weights, rng = weights_of(seed), np.random.default_rng(seed)
    examples, expected = [], 0.0
    for clues in texts:
        gold = tuple(rng.integers(0, LABELS, len(clues)).tolist())
        ways = [score(weights, clues, way, factor) for way in product(range(LABELS), repeat=len(clues))]
        expected += score(weights, clues, gold, factor) - np.logaddexp.reduce(ways)
        examples.append(example(clues, list(gold)))
    assert likelihood(weights, examples, factor, FIELD) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@given(st.lists(sentences, min_size=1, max_size=3), st.integers(0, 99))
def test_the_best_path_is_the_best_of_all(texts, seed):
    weights = weights_of(seed)
    tables = [np.stack([weights.of_clue[own].sum(0).numpy() for own in clues]) for clues in texts]
    found = best_paths(tables, weights.after.numpy())
    for clues, path in zip(texts, found, strict=True):
        ways = product(range(LABELS), repeat=len(clues))
        best = max(score(weights, clues, way) for way in ways)
        assert score(weights, clues, tuple(path.tolist())) == pytest.approx(best, abs=1e-4)


def test_no_units_have_no_paths():
    assert best_paths([], np.zeros((LABELS + 1, LABELS), dtype=np.float32)) == []


def test_it_learns_what_clues_and_neighbours_tell_the_same_each_time():
    # clue 0 is label 1, what follows it is label 2 whatever it looks like, all else is label 0
    examples = [example([[1], [0], [1], [1]], [0, 1, 2, 0]), example([[1], [1], [0], [1]], [0, 0, 1, 2])] * 40
    weights = fitted(examples, CLUES, FIELD)
    tables = [np.stack([weights.of_clue[own].sum(0).numpy() for own in one.clues]) for one in examples[:2]]
    paths = best_paths(tables, weights.after.numpy())
    assert [path.tolist() for path in paths] == [[0, 1, 2, 0], [0, 0, 1, 2]]
    again = fitted(examples, CLUES, FIELD)
    assert all(torch.equal(one, two) for one, two in zip(weights, again, strict=True))
    assert not weights.of_clue[2:].any()  # of clues that never came nothing is learned
