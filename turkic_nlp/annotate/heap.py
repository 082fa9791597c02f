"""Memory that was freed goes back to the system, so that a long run takes what a batch takes.

The C library keeps freed blocks for later. The matrices of a batch have other sizes each time, words are kept between
them, and the gaps add up (``benchmarks/soak.py`` shows it).
"""

from __future__ import annotations

import ctypes
import sys
import time

EVERY = 5.0
"""Seconds between two times at least; one takes milliseconds, and the next batch asks for the memory anew."""

_last = [0.0]


def give_back() -> bool:
    """Hand freed memory back if EVERY seconds have passed, where the C library can (glibc); tell whether it did."""
    now = time.monotonic()
    if now - _last[0] < EVERY or not _can():
        return False
    _last[0] = now
    return bool(ctypes.CDLL(None).malloc_trim(0))


def _can() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")
