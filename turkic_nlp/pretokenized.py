"""Words and sentences that are given, as those of a treebank are, made ready for a pipeline."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp import conllu


def words_only(sentence: conllu.Sentence, nlp: Language) -> Doc:
    """A Doc of one sentence's syntactic words and nothing else: what a pipeline may see of gold."""
    gold = conllu.to_doc(sentence, nlp.vocab, words="syntactic")
    return bare(gold, starts=[place == 0 for place in range(len(gold))])


def bare(doc: Doc, *, starts: list[bool] | None = None) -> Doc:
    """A Doc with the words, spaces and sentences of another (or these ``starts``), and none of its annotation."""
    starts = starts or [bool(token.is_sent_start) for token in doc]
    return Doc(doc.vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc], sent_starts=starts)
