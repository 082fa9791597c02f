"""What a head has found of words, kept for the next time that they come by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

MOST = 30_000
"""Words of a style and language that are kept; then it begins anew, so that memory stays flat."""

Found = TypeVar("Found")


class KeptWords(Generic[Found]):
    """What was found of words, by style and language; words that are new are looked up together."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, Found]] = {}

    def __call__(
        self,
        words: Sequence[str],
        lang: str,
        style: str,
        find: Callable[[list[str], str, str], Iterable[Found]],
    ) -> Mapping[str, Found]:
        """What is found of each of ``words``; ``find`` gives it for the new ones of a language and style, in order."""
        known = self._found.setdefault((style, lang), {})
        if len(known) >= MOST:
            known.clear()
        if new := sorted(set(words).difference(known)):
            known.update(zip(new, find(new, lang, style), strict=True))
        return known

    def forget(self) -> None:
        """Begin anew, where what words mean to the head has changed."""
        self._found.clear()
