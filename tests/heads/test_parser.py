import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from turkic_nlp.heads import HEADS
from turkic_nlp.heads import trees as trees_
from turkic_nlp.heads.trees import are_trees, best_tree

SIZES = {"relations": ["ROOT", "nsubj"], "width": 8, "arc_width": 6, "relation_width": 4}
SIZES |= {"word_width": 4, "styles": []}


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
    ),
    st.integers(0, 4),
)
def test_the_tree_is_the_best_of_all_trees(scores, tries):
    """However many roots are tried before all are lowered."""
    size = len(scores)
    trees = (np.array(t) for t in np.ndindex(*[size + 1] * size) if all(h != i + 1 for i, h in enumerate(t)))
    best = max(scores[range(size), tree].sum() for tree in trees if is_tree(tree))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees_, "_TRIES", tries)
        found = best_tree(scores)
    assert is_tree(found)
    assert scores[range(size), found].sum() == pytest.approx(best, abs=1e-3)


def test_how_far_away_a_governor_is_counts_up_to_the_reach():
    head = HEADS["parser"]({**SIZES, "reach": 2})
    scores = torch.tensor([[10.0, 11.0, 12.0, 13.0, 14.0]]).repeat(1, 4, 1)  # of -2, -1, the root, 1, 2
    assert head._by_offset(scores)[0].tolist() == [
        [12, 12, 13, 14, 14],
        [12, 11, 12, 13, 14],
        [12, 10, 11, 12, 13],
        [12, 10, 10, 11, 12],
    ]


def test_a_parser_that_never_learned_distances_scores_without():
    torch.manual_seed(1)
    plain, far = HEADS["parser"](SIZES).eval(), HEADS["parser"]({**SIZES, "reach": 2}).eval()
    far.load_state_dict(plain.state_dict(), strict=False)
    with torch.no_grad():
        far.offset.weight.zero_()
        far.offset.bias.zero_()
    words, sizes = torch.randn(5, 4), [2, 3]
    assert plain.offset is None
    with torch.inference_mode():
        assert torch.equal(plain(words, sizes, 0).arcs, far(words, sizes, 0).arcs)
        far.offset.bias[3] = 50.0  # the word after
        assert far.predict(far(words, sizes, 0), sizes)[:, 0].tolist() == [2, 0, 2, 3, 0]
