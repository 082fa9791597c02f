"""What a single word says of its label and of those of its neighbours: its form, affixes, shape, and lists of names."""

from __future__ import annotations

import re

from turkic_nlp.heads.gazetteer import Gazetteer
from turkic_nlp.scripts.shared import shared_form

REACH = 3
"""Words to the left and right that are looked at."""
INSIDE = "~"
_AFFIX = 5
"""Letters of the longest starts and ends."""
_LETTERS = (3, 4)
"""Letters of strings inside a word."""
_REPEATED = re.compile(r"(.)\1{2,}")


def shape(word: str) -> str:
    """Capitals, small letters and digits of a word as X, x and 9, at most three alike in a row."""
    kinds = ("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word)
    return _REPEATED.sub(r"\1\1\1", "".join(kinds))


def clues_of(
    word: str, lang: str, *, inside: bool = False, names: Gazetteer | None = None
) -> list[list[str]]:
    """What a word says of the word three places to its right, and so on to three places to its left.

    Marks tell what a clue is: ``=form``, ``^start``, ``$end``, ``#shape``, where strings inside a word are wanted,
    ``~string``, and with lists of names ``@class``; ``1=form`` is the next word's.
    """
    form, look = shared_form(word, lang), shape(word)
    sizes = range(1, 1 + min(len(form), _AFFIX))
    starts, ends = [f"^{form[:size]}" for size in sizes], [f"${form[-size:]}" for size in sizes]
    own = ["", f"={form}", f"#{look}", f"#{look[:2]}^{form[:_AFFIX]}", *starts, *ends]
    if inside:
        own += [f"{INSIDE}{form[at : at + size]}" for size in _LETTERS for at in range(len(form) - size + 1)]
    listed = [f"@{look[:1]}{one}" for one in names(form, lang)] if names else []
    own += listed
    far = [f"#{look}", f"^{form[:_AFFIX]}", f"${form[-3:]}"]
    near = [f"={form}", *far, *listed]
    of_other = {offset: near if abs(offset) == 1 else far for offset in range(-REACH, REACH + 1) if offset}
    return [
        [f"{offset}{clue}" for clue in of_other[offset]] if offset else own
        for offset in range(-REACH, REACH + 1)
    ]
