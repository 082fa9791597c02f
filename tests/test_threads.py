"""Passes side by side: in order, one thread each, and only where nothing is learned."""

from __future__ import annotations

import os
import sys
import threading

import pytest
import torch

from turkic_nlp.threads import BRISK, one_ahead, side_by_side

CPU = torch.device("cpu")
GROUPS = [[n] for n in range(8)]


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def where(group: list[int]) -> tuple[int, str, int, bool]:
    reading = torch.is_inference_mode_enabled()
    return group[0], threading.current_thread().name, torch.get_num_threads(), reading


def test_each_pass_has_a_thread_of_its_own_and_results_keep_their_order(two_threads):
    with torch.inference_mode():
        found = list(side_by_side(where, GROUPS, CPU))
    assert [number for number, *_ in found] == list(range(8))
    assert {(threads, reading) for _, _, threads, reading in found} == {(1, True)}
    assert threading.current_thread().name not in {name for _, name, _, _ in found}
    assert torch.get_num_threads() == 2
    in_a_new_thread: list[int] = []
    thread = threading.Thread(target=lambda: in_a_new_thread.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert in_a_new_thread == [2]


@pytest.mark.parametrize("reason", ["learning", "one thread", "one pass", "another device"])
def test_otherwise_passes_run_one_after_the_other_where_they_were_asked_for(two_threads, reason):
    if reason == "one thread":
        torch.set_num_threads(1)
    device = torch.device("meta") if reason == "another device" else CPU
    groups = GROUPS[:1] if reason == "one pass" else GROUPS
    with torch.inference_mode(reason != "learning"):
        found = list(side_by_side(where, groups, device))
    assert {name for _, name, _, _ in found} == {threading.current_thread().name}


def test_passes_of_another_component_do_not_queue_behind_all_of_those_that_read_ahead(two_threads):
    began: list[int] = []
    first_done, other_done = threading.Event(), threading.Event()

    def slow(group: list[int]) -> int:
        began.append(group[0])
        if group[0] == 0:
            first_done.set()
        if group[0] == 1:
            assert other_done.wait(20)
        return group[0]

    def ahead() -> None:
        with torch.inference_mode():
            assert list(side_by_side(slow, [[n] for n in range(50)], CPU)) == list(range(50))

    thread = threading.Thread(target=ahead)
    thread.start()
    assert first_done.wait(20)
    with torch.inference_mode():
        assert list(side_by_side(where, GROUPS, CPU))
    assert max(began) < 10
    other_done.set()
    thread.join()
    assert began[-1] == 49


def test_an_error_in_a_pass_reaches_the_caller(two_threads):
    with torch.inference_mode(), pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda group: 1 // group[0], GROUPS, CPU))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_process_does_not_wait_for_threads_that_it_does_not_have(two_threads):
    with torch.inference_mode():
        list(side_by_side(where, GROUPS, CPU))
    child = os.fork()
    if not child:
        torch.set_num_threads(2)
        with torch.inference_mode():
            done = list(side_by_side(where, GROUPS, CPU))
        os._exit(0 if len(done) == 8 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_work_goes_one_item_ahead_and_errors_come_with_their_item():
    done: list[int] = []

    def work(item):
        if item == 2:
            raise ValueError("two")
        done.append(item)

    seen = [(item, type(error), len(done)) for item, error in one_ahead(iter([1, 2, 3, 4]), work)]
    assert [(item, kind) for item, kind, _ in seen] == [
        (1, type(None)),
        (2, ValueError),
        (3, type(None)),
        (4, type(None)),
    ]
    assert done == [1, 3, 4]


def test_no_items_no_work():
    assert list(one_ahead([], len)) == []


def test_python_is_handed_on_briskly_while_any_stream_runs_and_as_before_afterwards():
    usual = sys.getswitchinterval()
    one, two = one_ahead(iter([1, 2, 3]), id), one_ahead(iter([1, 2, 3]), id)
    next(one)
    next(two)
    list(one)
    assert sys.getswitchinterval() == pytest.approx(BRISK)
    two.close()  # left half way
    assert sys.getswitchinterval() == pytest.approx(usual)
