"""Scores against gold: treebanks by the official CoNLL-2018 scorer, entities by span, texts by class."""

from __future__ import annotations

from spacy.language import Language

from turkic_nlp.corpora.own import TASKS
from turkic_nlp.evaluation.gold import Gold, from_corpus, from_file, in_style_of
from turkic_nlp.evaluation.tasks import Scores, score_categories, score_entities
from turkic_nlp.evaluation.treebank import METRICS, raw_texts, score_treebank

__all__ = [
    "METRICS",
    "TASKS",
    "Gold",
    "Scores",
    "evaluate",
    "from_corpus",
    "from_file",
    "in_style_of",
    "raw_texts",
    "score_categories",
    "score_entities",
    "score_treebank",
]


def evaluate(nlp: Language, gold: Gold, *, raw: bool = False) -> Scores:
    """Scores in percent of a pipeline on gold of any task; ``raw`` gives it bare text (treebanks only)."""
    if gold.task == "treebank":
        return score_treebank(nlp, gold.sentences, raw=raw, name=gold.name)
    if gold.task == "ner":
        return score_entities(nlp, gold.docs, same_as=gold.same_as)
    return score_categories(nlp, gold.docs)
