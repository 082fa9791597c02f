"""Kazakh."""

from __future__ import annotations

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words


class KazakhDefaults(TurkicDefaults):
    """The tables of Kazakh."""

    tokenizer_exceptions = exceptions("kk")
    lex_attr_getters = lex_attr_getters("kk")
    stop_words = stop_words("kk")


class Kazakh(TurkicLanguage):
    """spaCy's language ``kk``."""

    lang = "kk"
    Defaults = KazakhDefaults
