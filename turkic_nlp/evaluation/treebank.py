"""Treebanks against gold, by the official scorer of CoNLL 2018 (PyPI ``udtools``)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from spacy.language import Language
from udtools import udeval

from turkic_nlp import conllu
from turkic_nlp.errors import BadGold
from turkic_nlp.evaluation.tasks import BATCH, Scores, without_other_tasks
from turkic_nlp.pretokenized import words_only

METRICS = {
    "tokens": "Tokens",
    "sents": "Sentences",
    "words_f1": "Words",
    "upos": "UPOS",
    "xpos": "XPOS",
    "feats": "UFeats",
    "lemma": "Lemmas",
    "uas": "UAS",
    "las": "LAS",
    "mlas": "MLAS",
    "blex": "BLEX",
}
"""Our key and the official scorer's name of each metric; all are F1 in percent."""
_COLUMNS = {
    "upos": "upos",
    "xpos": "xpos",
    "feats": "feats",
    "lemma": "lemma",
    "uas": "head",
    "las": "deprel",
}
_TREES = ("uas", "las", "mlas", "blex")


def score_treebank(
    nlp: Language, gold: Sequence[conllu.Sentence], *, raw: bool = False, name: str = ""
) -> Scores:
    """F1 in percent of every metric of CoNLL 2018, None for what the gold lacks; ``words``, ``seconds`` too.

    The pipeline gets gold words and sentences or, with ``raw``, the bare text: one per ``# newdoc``. Heads
    that the gold or the pipeline lacks are scored as a flat tree and the tree metrics are None. Raises
    BadGold (T613) for gold that the official scorer refuses, such as two roots.
    """
    start = time.perf_counter()
    with without_other_tasks(nlp, {"tagger", "lemmatizer", "parser"}):
        system = list(_from_raw(nlp, gold) if raw else _from_words(nlp, gold))
    seconds = time.perf_counter() - start
    lacks = {key for key, column in _COLUMNS.items() if _is_empty(gold, column) or _is_empty(system, column)}
    if lacks & {"uas", "las"}:
        lacks.update(_TREES)
    scores = _official(gold, system, name)
    found: Scores = {key: None if key in lacks else scores[key] for key in METRICS}
    count = sum(len(sentence.words) for sentence in gold)
    return {**found, "words": count, "sentences": len(gold), "seconds": round(seconds, 3)}


def _from_words(nlp: Language, gold: Sequence[conllu.Sentence]) -> Iterator[conllu.Sentence]:
    docs = nlp.pipe((words_only(sentence, nlp) for sentence in gold), batch_size=BATCH)
    return (conllu.fill(sentence, doc) for sentence, doc in zip(gold, docs, strict=True))


def _from_raw(nlp: Language, gold: Sequence[conllu.Sentence]) -> Iterator[conllu.Sentence]:
    for doc in nlp.pipe(raw_texts(gold, nlp), batch_size=BATCH):
        yield from conllu.from_doc(doc)


def raw_texts(gold: Iterable[conllu.Sentence], nlp: Language) -> Iterator[str]:
    """The text of each document (``# newdoc``), spaced as in the gold, a blank line before ``# newpar``."""
    text = ""
    for sentence in gold:
        starts = {
            line.lstrip("# ").split("=")[0].split()[0] for line in sentence.comments if line.lstrip("# ")
        }
        if "newdoc" in starts and text:
            yield text
            text = ""
        elif "newpar" in starts and text:
            text = f"{text.rstrip(' ')}\n\n"
        text += _text(sentence, nlp)
    if text:
        yield text


def _text(sentence: conllu.Sentence, nlp: Language) -> str:
    text: str = conllu.to_doc(sentence, nlp.vocab, words="surface").text
    glued = sentence.tokens[-1].misc_value("SpaceAfter") == "No"
    return text.rstrip(" ") + ("" if glued else " ")


def _is_empty(sentences: Sequence[conllu.Sentence], column: str) -> bool:
    return all(getattr(word, column) == "_" for sentence in sentences for word in sentence.words)


def _official(
    gold: Sequence[conllu.Sentence], system: Sequence[conllu.Sentence], name: str
) -> dict[str, float]:
    try:
        loaded = [udeval.load_conllu(io.StringIO(_scorable(side)), name, {}) for side in (gold, system)]
        found = udeval.evaluate(*loaded)
    except udeval.UDError as error:
        raise BadGold(
            name, " ".join(str(error).split()).rstrip("."), "one tree with one root per sentence"
        ) from error
    return {key: round(100 * found[official].f1, 4) for key, official in METRICS.items()}


def _scorable(sentences: Iterable[conllu.Sentence]) -> str:
    """As text, with a flat tree where heads are missing: the scorer reads nothing without a tree."""
    return "".join(_with_tree(sentence).to_text() for sentence in sentences)


def _with_tree(sentence: conllu.Sentence) -> conllu.Sentence:
    sentence = replace(sentence, newline="\n", end="\n\n")
    if all(word.head != "_" for word in sentence.words):
        return sentence
    rows = [
        replace(row, head="0" if row.id == "1" else "1", deprel="root" if row.id == "1" else "dep")
        if row.id.isdecimal()
        else row
        for row in sentence.rows
    ]
    return replace(sentence, rows=rows)
