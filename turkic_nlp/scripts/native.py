"""Back from the shared orthography: a few letters, such as a lemma's last ones, written as the language writes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from turkic_nlp.resources import added_tables

_TABLES = Path(__file__).parent / "tables" / "native"
_FRONT = frozenset("eiöüäəәеэиіөүёەۆۈ")
_BACK = frozenset("aıouаоуұыāūاوۇ")


def native(shared: str, like: str, lang: str) -> str:
    """``shared`` in the script of the word ``like``; the word's last clear vowel decides between q and k, ğ and g.

    Letters that the language's table lacks stay. The way back is not unique, so callers check that it gives what they
    want (``shared_form`` merges letters).
    """
    column = next((vowel in _FRONT for vowel in reversed(like.lower()) if vowel in _FRONT | _BACK), False)
    letters = _letters(lang, "Cyrl" if any("Ѐ" <= char <= "ӿ" for char in like) else "Latn")
    return "".join(letters[char][column] if char in letters else char for char in shared)


def native_table(lang: str, script: str) -> Path:
    """The file with the letters of a language, which need not be there; an added language has one for its script."""
    added = added_tables(lang)
    return added / f"native.{lang}.tsv" if added else _TABLES / f"{lang}-{script}.tsv"


@cache
def _letters(lang: str, script: str) -> dict[str, tuple[str, str]]:
    path = native_table(lang, script)
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()[2:]
    return {shared: (back, front) for shared, back, front in (line.split("\t") for line in lines)}
