"""Task heads: torch modules on top of the encoder's word vectors, one task a file."""

from __future__ import annotations

from turkic_nlp.heads.base import IGNORE, Head
from turkic_nlp.heads.lemma import LemmaHead
from turkic_nlp.heads.ner import NerHead
from turkic_nlp.heads.parser import ParserHead
from turkic_nlp.heads.tagger import TaggerHead
from turkic_nlp.heads.textcat import TextcatHead

HEADS: dict[str, type[Head]] = {
    "tagger": TaggerHead,
    "lemmatizer": LemmaHead,
    "parser": ParserHead,
    "ner": NerHead,
    "textcat": TextcatHead,
}

__all__ = ["HEADS", "IGNORE", "Head"]
