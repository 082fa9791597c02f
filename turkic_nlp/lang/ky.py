"""Kyrgyz; takes the place of the class that spaCy has."""

from __future__ import annotations

from turkic_nlp.lang._rules import PERCENT_INFIX, PERCENT_SUFFIX
from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words

# What follows a number and a hyphen as its ending: 20-чы, 5-инчи, 3-сү, 10-дон.
_ENDING = (
    "(?:[иыуү]?нч[иыуү]|ч[иыуү]|[гкдт][аеоө]н?|[днт][иыуү]н?|с[иыуү]|[иыуү]н?|н"
    "|л[аеоө]р|д[аеоө]г[ыиуү]|л[ыиуү]к)+"
)
# The hyphen makes the number an ordinal and stays with it before a noun, as in UD_Kyrgyz-KTMU:
# 12-|августта.
_NUMBERED = rf"(?<=\d-)(?=[^\W\d_])(?!{_ENDING}\b)"
# UD_Kyrgyz-KTMU, the only Kyrgyz gold standard, cuts every decimal: 1|,2.
_DECIMAL = r"(?<=\d)(?=,\d)"


class KyrgyzDefaults(TurkicDefaults):
    """The tables and the own rules of Kyrgyz."""

    suffixes = (*TurkicDefaults.suffixes, PERCENT_SUFFIX)
    infixes = (*TurkicDefaults.infixes, PERCENT_INFIX, _NUMBERED, _DECIMAL)
    tokenizer_exceptions = exceptions("ky")
    lex_attr_getters = lex_attr_getters("ky")
    stop_words = stop_words("ky")


class Kyrgyz(TurkicLanguage):
    """spaCy's language ``ky``."""

    lang = "ky"
    Defaults = KyrgyzDefaults
