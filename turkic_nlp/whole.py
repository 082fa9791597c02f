"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from turkic_nlp.errors import OutputFailed, TurkicError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Another name beside ``path`` to write to; what is there at the end gets its own name.

    Raises:
        OutputFailed: the system refuses.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        if isinstance(error, TurkicError):  # of a file that is written within this one
            raise
        raise OutputFailed(str(path), error.strerror or str(error)) from error
