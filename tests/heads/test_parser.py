import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from turkic_nlp.heads.parser import are_trees, best_tree


def is_tree(heads):
    return bool(are_trees(np.array([heads]), np.ones((1, len(heads)), dtype=bool))[0])


SCORES = st.integers(1, 7).flatmap(
    lambda n: arrays(np.float32, (n, n + 1), elements=st.floats(-20, 20, width=32))
)


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ([0], True),
        ([2, 0], True),
        ([0, 0], False),
        ([2, 1], False),
        ([1], False),
        ([3, 1, 0], True),
        ([2, 3, 2, 0], False),
    ],
)
def test_a_tree_has_one_root_and_no_cycle(heads, expected):
    assert is_tree(heads) is expected


@given(SCORES)
def test_any_scores_give_a_tree_with_one_root(scores):
    assert is_tree(best_tree(scores))


@settings(max_examples=60)
@given(
    st.integers(1, 4).flatmap(
        lambda n: arrays(np.float32, (n, n + 1), elements=st.integers(-9, 9).map(float))
    )
)
def test_the_tree_is_the_best_of_all_trees(scores):
    size = len(scores)
    trees = (np.array(t) for t in np.ndindex(*[size + 1] * size) if all(h != i + 1 for i, h in enumerate(t)))
    best = max(scores[range(size), tree].sum() for tree in trees if is_tree(tree))
    assert scores[range(size), best_tree(scores)].sum() == pytest.approx(best, abs=1e-3)
