"""Scores on dev: what model selection looks at, never a test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from spacy.tokens import Doc
from spacy.training import Example

from turkic_nlp.components import EncoderPipe, HeadPipe
from turkic_nlp.pretokenized import bare
from turkic_nlp.training.gold import Gold
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.recipe import HeadPlan

_KEYS = {
    "tagger": ("pos_acc", "morph_acc"),
    "lemmatizer": ("lemma_acc",),
    "parser": ("dep_las",),
    "ner": ("ents_f",),
    "textcat": ("cats_macro_f",),
}


def score_dev(
    model: Joint, golds: Sequence[Gold], heads: Mapping[str, HeadPlan], most: int
) -> dict[str, float]:
    """Scores in percent per corpus and task on at most ``most`` dev Docs a corpus, and their ``mean``."""
    model.eval()
    scores: dict[str, float] = {}
    for gold in golds:
        chosen = gold.dev[:most]
        names = [name for name in heads if not gold.plan.tasks or name in gold.plan.tasks]
        names = [name for name in names if any(model.head(name).gold(doc) is not None for doc in chosen)]
        scores |= _score_corpus(model, gold, chosen, names, heads) if names else {}
    return {"mean": round(fmean(scores.values()), 3) if scores else 0.0, **scores}


def _score_corpus(
    model: Joint, gold: Gold, chosen: Sequence[Doc], names: Sequence[str], heads: Mapping[str, HeadPlan]
) -> dict[str, float]:
    guesses = [bare(doc) for doc in chosen]
    EncoderPipe("encoder", model.words).annotate(guesses)
    scores: dict[str, float] = {}
    for name in names:
        pipe = HeadPipe(name, heads[name].task, model.head(name), gold.style)
        found = scores_of(pipe, guesses, chosen)
        scores |= {f"{gold.name}.{key}": value for key, value in found.items()}
    return scores


def scores_of(pipe: HeadPipe, guesses: Sequence[Doc], gold: Sequence[Doc]) -> dict[str, float]:
    """The main scores of a component's task in percent; ``guesses`` have their vectors and are annotated here."""
    pipe.annotate(guesses)
    found = pipe.score([Example(guess, doc) for guess, doc in zip(guesses, gold, strict=True)])
    return {key: round(100 * found[key], 2) for key in _KEYS[pipe.task] if found.get(key) is not None}
