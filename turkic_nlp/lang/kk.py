"""Kazakh, in Cyrillic and in Latin letters."""

from __future__ import annotations

from turkic_nlp.lang._turkic import TurkicDefaults, TurkicLanguage, exceptions, lex_attr_getters, stop_words

# What follows a number and a hyphen as its ending: 20-шы, 2-ншісі, 35-те, 5-еуі, 100-деген.
_ENDING = (
    "(?:[ыі]?нш[ыі]|с[ыі]нш[ыі]|ш[ыі]|с[ыі]|[ае]у|[дтл][ае]р|[дтнғгқк][ае]н?|[днт][ыі]ң?|[ыі]н?|н|[дт][ае]ғ[ыі]|д[ае]г[іы]"
    "|[дт][ае]й|[дтл][ыі][қк]|[мбп]ен|ған|ген|ақ|ау)+"
)
# A noun after the hyphen is a word of its own: 2-жартысында, 30-жылдары.
_NUMBERED = rf"(?<=\d)-(?=[^\W\d_])(?!{_ENDING}\b)"


class KazakhDefaults(TurkicDefaults):
    """The tables and the own rules of Kazakh."""

    infixes = (*TurkicDefaults.infixes, _NUMBERED)
    tokenizer_exceptions = exceptions("kk")
    lex_attr_getters = lex_attr_getters("kk")
    stop_words = stop_words("kk")


class Kazakh(TurkicLanguage):
    """spaCy's language ``kk``."""

    lang = "kk"
    Defaults = KazakhDefaults
