import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.batching import by_budget, in_memory


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 500))
def test_every_item_is_in_exactly_one_batch_and_no_batch_of_several_exceeds_the_budget(lengths, budget):
    batches = by_budget(lengths, budget)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_the_longest_come_first_and_likes_stay_together():
    assert by_budget([1, 9, 2, 8], 18) == [[1, 3], [2, 0]]


def test_a_group_that_does_not_fit_is_halved_until_it_does_and_nothing_is_lost(caplog):
    def run(group):
        if len(group) > 3:
            raise torch.OutOfMemoryError
        return [10 * index for index in group]

    assert in_memory(run, list(range(11))) == [10 * index for index in range(11)]
    assert "Out of memory with 11 items" in caplog.text


def test_an_item_that_does_not_fit_alone_is_an_error():
    def run(group):
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        in_memory(run, [1, 2])
