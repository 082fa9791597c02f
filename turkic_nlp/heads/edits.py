"""Edit scripts: how a form becomes its lemma, as a label that many words of many languages share.

A script is ``case;cut;ending``: lower the form or not, cut so many letters from its end, add an ending. An ending
that starts with ``~`` is in the shared orthography and is written back by the rules of the language, so that
*бағы -> бақ* and *ağacı -> ağaç* teach each other; an ending that this cannot express is spelt out.
"""

from __future__ import annotations

from turkic_nlp.scripts.native import native
from turkic_nlp.scripts.shared import shared_form

LOWER, KEEP = "l", "k"


def lower(text: str, lang: str) -> str:
    """Lower case by the language's own rule: Turkish and Azerbaijani I is ı, everywhere İ is i."""
    return text.translate(_DOTLESS if lang in ("tr", "az", "crh") else _DOTTED).lower()


_DOTLESS = {ord("I"): "ı", ord("İ"): "i"}
_DOTTED = {ord("İ"): "i"}


def edit_script(form: str, lemma: str, lang: str) -> str:
    """The script that makes ``lemma`` from ``form``; ``apply_script`` gives the lemma back exactly."""
    case = KEEP if _common(form, lemma) >= min(1, len(lemma)) and form[:1] != form[:1].lower() else LOWER
    base = form if case == KEEP else lower(form, lang)
    kept = _common(base, lemma)
    cut, ending = len(base) - kept, lemma[kept:]
    if ending:
        folded = f"{case};{cut};~{shared_form(ending, lang)}"
        if apply_script(form, folded, lang) == lemma:
            return folded
    return f"{case};{cut};{ending}"


def lowers(script: str) -> bool:
    """Whether a script writes small letters."""
    return script.startswith(f"{LOWER};")


def apply_script(form: str, script: str, lang: str) -> str:
    """The lemma of ``form`` by a script; a script that cuts more than there is cuts all but the ending."""
    case, cut, ending = script.split(";", 2)
    base = form if case == KEEP else lower(form, lang)
    stem = base[: max(0, len(base) - int(cut))]
    if ending.startswith("~"):
        ending = native(ending[1:], stem or base, lang)
    return (stem + ending) or base


def rest(form: str, lemma: str) -> str:
    """What a form has after the letters that it begins with as its lemma does."""
    return form[_common(form, lemma) :]


def _common(left: str, right: str) -> int:
    size = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        size += 1
    return size
