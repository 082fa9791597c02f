"""Turkmen, in Latin and in Cyrillic letters."""

from __future__ import annotations

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words


class TurkmenDefaults(TurkicDefaults):
    """The tables and the own rules of Turkmen."""

    tokenizer_exceptions = exceptions("tk")
    lex_attr_getters = lex_attr_getters("tk")
    stop_words = stop_words("tk")


class Turkmen(TurkicLanguage):
    """spaCy's language ``tk``."""

    lang = "tk"
    Defaults = TurkmenDefaults
