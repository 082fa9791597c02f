"""Memory that a run has freed goes back to the system."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

from turkic_nlp.annotate import heap

glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc"
)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@glibc
def test_freed_blocks_between_blocks_in_use_go_back(monkeypatch):
    monkeypatch.setattr(heap, "_last", [0.0])
    blocks = [bytes([number % 256]) * 3000 for number in range(40_000)]
    blocks = blocks[::100]
    before = resident()
    assert heap.give_back()
    assert before - resident() > 40e6
    assert len(blocks) == 400


@glibc
def test_it_is_not_done_for_every_batch(monkeypatch):
    monkeypatch.setattr(heap, "_last", [0.0])
    heap.give_back()
    assert not heap.give_back()


def test_elsewhere_nothing_is_asked_for(monkeypatch):
    monkeypatch.setattr(heap, "_last", [0.0])
    monkeypatch.setattr(heap, "_can", lambda: False)
    assert not heap.give_back()
