"""A vocabulary that does not grow with the input.

spaCy keeps every word it ever saw, with its shape, prefix, suffix and lemma: 0.6 KB a word. Its own remedy,
``nlp.memory_zone()``, forgets the words at the end of a block, but the cells that they took in its hash maps are not
used again: some 50 bytes a word that add up without end. A new vocabulary leaves nothing behind; see
``benchmarks/soak.py --vocabulary``.
"""

from __future__ import annotations

import gc

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from turkic_nlp.pipe import Pipe

STRINGS = 100_000
"""Beyond this many strings, those of about 50,000 different words in 35 MB, a vocabulary is put away."""


def renew(nlp: Language) -> bool:
    """Give a pipeline a new, empty vocabulary where its own has more than STRINGS strings; tell whether it did.

    The lexical attributes, tables and tokenizer rules stay as they are; Docs made before keep the old vocabulary.
    Attributes set on single words (``nlp.vocab["x"].is_stop = True``) are lost. A pipeline with components that are
    not this package's, and may therefore hold on to the vocabulary, another tokenizer, or word vectors is left alone.
    """
    if len(nlp.vocab.strings) <= STRINGS or not _is_replaceable(nlp):
        return False
    nlp.vocab = _emptied(nlp.vocab)
    nlp.tokenizer = _moved(nlp.tokenizer, nlp.vocab)
    gc.collect()  # the old one is in a circle of references
    return True


def _is_replaceable(nlp: Language) -> bool:
    ours = all(isinstance(pipe, Pipe) for _, pipe in nlp.pipeline)
    return ours and type(nlp.tokenizer) is Tokenizer and not len(nlp.vocab.vectors)


def _emptied(vocab: Vocab) -> Vocab:
    return Vocab(
        lex_attr_getters=vocab.lex_attr_getters,  # type: ignore[attr-defined]
        lookups=vocab.lookups,
        oov_prob=vocab.cfg["oov_prob"],
        vectors_name=vocab.vectors.name,
        writing_system=vocab.writing_system,
        get_noun_chunks=vocab.get_noun_chunks,
    )


def _moved(tokenizer: Tokenizer, vocab: Vocab) -> Tokenizer:
    return Tokenizer(
        vocab,
        rules=tokenizer.rules,
        prefix_search=tokenizer.prefix_search,
        suffix_search=tokenizer.suffix_search,
        infix_finditer=tokenizer.infix_finditer,
        token_match=tokenizer.token_match,
        url_match=tokenizer.url_match,
        faster_heuristics=tokenizer.faster_heuristics,
        max_cache_size=tokenizer.max_cache_size,
    )
