"""Uzbek, in Latin and in Cyrillic letters."""

from __future__ import annotations

from turkic_nlp.lang._chars import APOSTROPHES
from turkic_nlp.lang._rules import PERCENT_INFIX, PERCENT_SUFFIX
from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words

# Particles stay with their word: keldi-ku, olsa-da, ota-yu.
_PARTICLE = "(?:ku|da|chi|a|u|yu|ya|mi|ку|да|чи|а|у|ю|я|ми)"
# Both halves of a pair are words, and so is a noun after a number, as in UD_Uzbek-UT:
# ota|-|ona, 2020|-|yil, but bir-biri.
_HYPHEN = rf"(?<=[\w{APOSTROPHES}])(?<!\b[Bb]ir)(?<!\b[Бб]ир)-(?=[^\W\d_])(?!{_PARTICLE}\b)"


class UzbekDefaults(TurkicDefaults):
    """The tables and the own rules of Uzbek."""

    suffixes = (*TurkicDefaults.suffixes, PERCENT_SUFFIX)
    infixes = (*TurkicDefaults.infixes, PERCENT_INFIX, _HYPHEN)
    tokenizer_exceptions = exceptions("uz")
    lex_attr_getters = lex_attr_getters("uz")
    stop_words = stop_words("uz")


class Uzbek(TurkicLanguage):
    """spaCy's language ``uz``."""

    lang = "uz"
    Defaults = UzbekDefaults
