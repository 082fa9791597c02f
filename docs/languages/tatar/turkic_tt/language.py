"""Tatar."""

from __future__ import annotations

from typing import Any, ClassVar

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words


class TatarDefaults(TurkicDefaults):
    """The tables and the own rules of Tatar."""

    writing_system: ClassVar[dict[str, Any]] = {"direction": "ltr", "has_case": True, "has_letters": True}
    tokenizer_exceptions = exceptions("tt")
    lex_attr_getters = lex_attr_getters("tt")
    stop_words = stop_words("tt")


class Tatar(TurkicLanguage):
    """spaCy's language ``tt``."""

    lang = "tt"
    Defaults = TatarDefaults
