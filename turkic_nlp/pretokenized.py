"""Words and sentences that are given, as those of a treebank are, made ready for a pipeline."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp import conllu


def words_only(sentence: conllu.Sentence, nlp: Language) -> Doc:
    """A Doc of one sentence's syntactic words and nothing else: what a pipeline may see of gold."""
    gold = conllu.to_doc(sentence, nlp.vocab, words="syntactic")
    starts = [True] + [False] * (len(gold) - 1)
    return Doc(nlp.vocab, [t.text for t in gold], [bool(t.whitespace_) for t in gold], sent_starts=starts)
