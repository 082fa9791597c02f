"""CoNLL-U, lossless: what is read is written back byte for byte; spaCy Docs go in and out.

The PyPI library ``conllu`` is not used underneath because it reorders and rewrites columns (its output differs
from UD_Kyrgyz-KTMU, and for a file with CRLF on every line), loses line numbers, and is several times slower.
"""

from __future__ import annotations

from turkic_nlp.conllu.docs import fill, from_doc, to_doc
from turkic_nlp.conllu.format import Sentence, Word, parse, read, write

__all__ = ["Sentence", "Word", "fill", "from_doc", "parse", "read", "to_doc", "write"]
