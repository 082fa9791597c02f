"""The threads of the CPU: each takes a pass of its own, as two passes side by side are faster than one on two threads.

Torch can share the work of one matrix product among threads, and does for a pass that is alone. The threads wait for
each other after every product, which passes do not.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from threading import Barrier, Lock
from typing import TypeVar

import torch

T = TypeVar("T")
BRISK = 1e-4
"""Seconds after which a thread hands Python on. A pass has hundreds of steps of a few milliseconds and needs Python
between them; with Python's own 5 ms it would wait longer than it works whenever another thread writes to Docs."""


def side_by_side(
    run: Callable[[list[int]], T], groups: Sequence[list[int]], device: torch.device
) -> Iterator[T]:
    """What ``run`` makes of each group, in their order; on a CPU in as many threads as torch may use.

    Passes that are learned from, and those of other devices, come one after the other. No more are handed out than the
    threads have to do next: so the few passes of a head, which a thread waits for, do not queue behind all those of
    the encoder, which reads ahead.
    """
    threads = torch.get_num_threads()
    if device.type != "cpu" or min(threads, len(groups)) < 2 or not torch.is_inference_mode_enabled():
        yield from map(run, groups)
        return
    pool, reads = _pool(threads), torch.inference_mode()(run)
    handed: deque[Future[T]] = deque()
    for group in groups:
        handed.append(pool.submit(reads, group))
        if len(handed) > threads:
            yield handed.popleft().result()
    while handed:
        yield handed.popleft().result()


def one_ahead(items: Iterable[T], work: Callable[[T], None]) -> Iterator[tuple[T, Exception | None]]:
    """Each item in its turn when ``work`` is done with it, and what it raised, while a thread works on the next.

    So a GPU, or a core, reads the next batch while Python writes the last one to its Docs.
    """
    with _brisk(), ThreadPoolExecutor(1) as thread:
        before: tuple[T, Future[None]] | None = None
        for item in items:
            now = item, thread.submit(work, item)
            if before:
                yield before[0], _raised(before[1])
            before = now
        if before:
            yield before[0], _raised(before[1])


def _raised(future: Future[None]) -> Exception | None:
    try:
        future.result()
    except Exception as error:
        return error
    return None


_streams: list[float] = []
_lock = Lock()


@contextmanager
def _brisk() -> Iterator[None]:
    """Let threads hand Python on after BRISK seconds, until the last stream has ended."""
    with _lock:
        _streams.append(_streams[0] if _streams else sys.getswitchinterval())
        sys.setswitchinterval(BRISK)
    try:
        yield
    finally:
        with _lock:
            usual = _streams.pop()
            if not _streams:
                sys.setswitchinterval(usual)


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads in which torch has no others to help."""
    together = Barrier(threads)

    def begin() -> None:
        torch.get_num_threads()  # or torch would set the number of this thread when it is first asked for
        torch.set_num_threads(1)
        together.wait()

    pool = ThreadPoolExecutor(threads, "turkic_nlp", begin)
    for started in [pool.submit(int) for _ in range(threads)]:
        started.result()
    torch.set_num_threads(threads)  # what a thread says holds for those that begin after it
    return pool


def _in_child() -> None:
    # a forked process has none of its parent's threads; torch would wait for them for ever
    _pool.cache_clear()
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
