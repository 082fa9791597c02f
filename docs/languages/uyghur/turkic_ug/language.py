"""Uyghur, in Arabic letters."""

from __future__ import annotations

from typing import Any, ClassVar

from turkic_nlp.lang._rules import DASH_INFIX
from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words

# The treebank takes "؟!" for one mark.
_QUESTION_AND_CALL = "[!?؟]{2,}"


class UyghurDefaults(TurkicDefaults):
    """The tables and the own rules of Uyghur."""

    writing_system: ClassVar[dict[str, Any]] = {"direction": "rtl", "has_case": False, "has_letters": True}
    prefixes = (_QUESTION_AND_CALL, *TurkicDefaults.prefixes)
    suffixes = (_QUESTION_AND_CALL, *TurkicDefaults.suffixes)
    # A dash without spaces joins a pair, "ئاتا–ئانا": one word.
    infixes = tuple(rule for rule in TurkicDefaults.infixes if rule != DASH_INFIX)
    tokenizer_exceptions = exceptions("ug")
    lex_attr_getters = lex_attr_getters("ug")
    stop_words = stop_words("ug")


class Uyghur(TurkicLanguage):
    """spaCy's language ``ug``."""

    lang = "ug"
    Defaults = UyghurDefaults
