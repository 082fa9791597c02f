"""Uzbek."""

from __future__ import annotations

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words


class UzbekDefaults(TurkicDefaults):
    """The tables of Uzbek."""

    tokenizer_exceptions = exceptions("uz")
    lex_attr_getters = lex_attr_getters("uz")
    stop_words = stop_words("uz")


class Uzbek(TurkicLanguage):
    """spaCy's language ``uz``."""

    lang = "uz"
    Defaults = UzbekDefaults
