"""Azerbaijani."""

from __future__ import annotations

from typing import Any, ClassVar

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words


class AzerbaijaniDefaults(TurkicDefaults):
    """The tables and the own rules of Azerbaijani."""

    writing_system: ClassVar[dict[str, Any]] = {"direction": "ltr", "has_case": True, "has_letters": True}
    tokenizer_exceptions = exceptions("az")
    lex_attr_getters = lex_attr_getters("az")
    stop_words = stop_words("az")


class Azerbaijani(TurkicLanguage):
    """spaCy's language ``az``."""

    lang = "az"
    Defaults = AzerbaijaniDefaults
