"""CoNLL-U, lossless: what is read is written back byte for byte; spaCy Docs go in and out.

The PyPI library ``conllu`` is not underneath because version 6 rewrites comments (``# text =  x`` of
UD_Kyrgyz-KTMU loses a space) and CRLF, names no line in its errors, and is several times slower.
"""

from __future__ import annotations

from turkic_nlp.conllu.docs import fill, from_doc, to_doc
from turkic_nlp.conllu.format import Sentence, Word, parse, read, write

__all__ = ["Sentence", "Word", "fill", "from_doc", "parse", "read", "to_doc", "write"]
