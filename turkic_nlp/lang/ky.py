"""Kyrgyz."""

from __future__ import annotations

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words


class KyrgyzDefaults(TurkicDefaults):
    """The tables of Kyrgyz."""

    tokenizer_exceptions = exceptions("ky")
    lex_attr_getters = lex_attr_getters("ky")
    stop_words = stop_words("ky")


class Kyrgyz(TurkicLanguage):
    """spaCy's language ``ky``."""

    lang = "ky"
    Defaults = KyrgyzDefaults
