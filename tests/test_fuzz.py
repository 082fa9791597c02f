"""A short run of every fuzz target; ``benchmarks/fuzz.py`` is the long one."""

from __future__ import annotations

import pytest
from fuzz_targets import SEEDS, TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = {"weights": 40, "documents": 40, "resumed": 40, "text": 60}
FOUND = [
    ("card", bytes([5, 10])),  # a licence that is a list
    ("card", bytes([16, 13])),  # a split that is a table
    ("card", bytes([16, 3])),  # a split that is a number
    ("card", b"#x = " + b"[" * 5000),
    ("treebank", b"# text = x\n0.1\ta\ta\tX\t_\t_\t_\t_\t0:x\t_\n\n"),  # no words, an empty node alone
]
"""Inputs that were bugs."""


@st.composite
def mutants(draw, name):
    """A seed with a few places overwritten, cut out or grown."""
    data = draw(st.sampled_from(SEEDS[name]()))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=6)) + data[at + draw(st.integers(0, 9)) :]
    return data


@pytest.mark.parametrize("name", [*TARGETS])
def test_whatever_the_input_nothing_but_numbered_errors_comes_out(name):
    @settings(
        max_examples=EXAMPLES.get(name, 150),
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(mutants(name) | st.binary(max_size=200))
    def run(data):
        TARGETS[name](data)

    run()


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_once_a_bug_is_none_any_more(name, data):
    TARGETS[name](data)
