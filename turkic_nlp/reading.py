"""Docs to word vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc

from turkic_nlp.batching import budget
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.layout import Layout


def read_vectors(model: WordEncoder, docs: Sequence[Doc]) -> list[NDArray[np.float32]]:
    """The vectors of each Doc's tokens, ``[tokens, word_width]``; zeros for white space."""
    layout = Layout(docs)
    texts = zip(layout.sentence_texts(), layout.owners(layout.sentences[:-1]), strict=True)
    read = [model.pieces.sentence(words, docs[n].lang_) for words, n in texts]
    out = [np.zeros((len(doc), model.encoder.word_width), dtype=np.float32) for doc in docs]
    with torch.inference_mode():
        for parts, vectors in model.passes(read, budget(model.device)):
            starts, ends = [part.keep_from for part in parts], [part.keep_to for part in parts]
            sizes = [end - start for start, end in zip(starts, ends, strict=True)]
            found = torch.split(vectors.float().cpu(), sizes)
            for (n, tokens), rows in zip(layout.rows(starts, ends), found, strict=True):
                out[n][tokens] = rows.numpy()
    return out
