"""CoNLL-U, lossless: what is read is written back byte for byte; spaCy Docs go in and out.

The PyPI library ``conllu`` is not underneath because version 6 does not give back UD_Kyrgyz-KTMU or any file
with CRLF byte for byte, names no line in its errors, and reads a quarter as many words a second.
"""

from __future__ import annotations

from turkic_nlp.conllu.docs import fill, from_doc, to_doc
from turkic_nlp.conllu.format import Sentence, Word, parse, read, write

__all__ = ["Sentence", "Word", "fill", "from_doc", "parse", "read", "to_doc", "write"]
