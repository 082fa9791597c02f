"""Entities by span and texts by class against gold Docs, and what all scoring shares."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.scorer import PRFScore, Scorer
from spacy.tokens import Doc, Span
from spacy.training import Example

from turkic_nlp.errors import NothingToScore
from turkic_nlp.pretokenized import bare

Scores = dict[str, Any]
BATCH = 64
_TASKS = frozenset({"tagger", "lemmatizer", "parser", "ner", "textcat", "sentiment"})


def score_entities(nlp: Language, gold: Sequence[Doc], *, same_as: Mapping[str, str] | None = None) -> Scores:
    """Precision, recall and F1 of whole entities in percent, ``p r f``, and per label, on gold words.

    ``same_as`` puts the pipeline's labels into those of the gold (``{"PERSON": "PER"}``); with it, an entity whose
    label is neither a key nor a value there does not count. Without it labels are compared as they are.
    """
    start = time.perf_counter()
    with without_other_tasks(nlp, {"ner"}):
        system = list(nlp.pipe(map(bare, gold), batch_size=BATCH))
    seconds = time.perf_counter() - start
    if same_as:
        _rename(system, same_as)
    examples = [Example(mine, theirs) for mine, theirs in zip(system, gold, strict=True)]
    found = Scorer.score_spans(examples, "ents")
    per_type = found.get("ents_per_type") or {}
    labels = {label: _percent(per_type[label]) for label in sorted(per_type)}
    whole = {key: 100 * (found.get(f"ents_{key}") or 0.0) for key in "prf"}
    return {**_rounded(whole), "labels": labels, **_counts(gold, seconds)}


def _rename(docs: Sequence[Doc], same_as: Mapping[str, str]) -> None:
    names = {label: label for label in same_as.values()} | dict(same_as)
    for doc in docs:
        kept = [ent for ent in doc.ents if ent.label_ in names]
        doc.set_ents([Span(doc, ent.start, ent.end, names[ent.label_]) for ent in kept], default="outside")


def score_categories(nlp: Language, gold: Sequence[Doc]) -> Scores:
    """``accuracy`` and ``macro_f1`` in percent, and per label. The texts are tokenized anew.

    Where every text has one label the pipeline's best one counts, else all from 0.5 on, and a text is right
    if all its labels are. The macro average is over the labels that the gold knows; other labels, of other
    classifiers, are not looked at.
    """
    start = time.perf_counter()
    known = sorted({label for doc in gold for label in doc.cats})
    with without_other_tasks(nlp, {"textcat", "sentiment"}):
        found = [doc.cats for doc in nlp.pipe((doc.text for doc in gold), batch_size=BATCH)]
    system = [{label: cats[label] for label in known if label in cats} for cats in found]
    if not any(system):
        raise NothingToScore(", ".join(known[:6]), ", ".join(nlp.pipe_names))
    seconds = time.perf_counter() - start
    wanted = [{label for label, value in doc.cats.items() if value >= 0.5} for doc in gold]
    single = all(len(labels) == 1 for labels in wanted)
    got = [_chosen(cats, single=single) for cats in system]
    per_label = {label: PRFScore() for label in known}
    for mine, theirs in zip(got, wanted, strict=True):
        for label in known:
            per_label[label].score_set(mine & {label}, theirs & {label})
    right = sum(mine == theirs for mine, theirs in zip(got, wanted, strict=True))
    summary = {
        "accuracy": 100 * right / max(1, len(gold)),
        "macro_f1": 100 * sum(score.fscore for score in per_label.values()) / max(1, len(known)),
    }
    labels = {label: _percent(score.to_dict()) for label, score in per_label.items()}
    return {**_rounded(summary), "labels": labels, **_counts(gold, seconds)}


def _chosen(cats: dict[str, float], *, single: bool) -> set[str]:
    if single:
        return {max(cats, key=cats.__getitem__)} if cats else set()
    return {label for label, score in cats.items() if score >= 0.5}


def without_other_tasks(nlp: Language, wanted: set[str]) -> Any:
    """A context in which those of our components are off that have no part in the score.

    Raises NothingToScore (T614) where none of the wanted ones is there.
    """
    names = set(nlp.pipe_names)
    if names & _TASKS and not names & wanted:
        raise NothingToScore(", ".join(sorted(wanted)), ", ".join(nlp.pipe_names))
    return nlp.select_pipes(disable=sorted((_TASKS - wanted) & names))


def _percent(scores: dict[str, float]) -> dict[str, float]:
    return _rounded({key: 100 * scores[key] for key in "prf"})


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 4) for key, value in scores.items()}


def _counts(gold: Sequence[Doc], seconds: float) -> dict[str, float]:
    return {"words": sum(map(len, gold)), "texts": len(gold), "seconds": round(seconds, 3)}
