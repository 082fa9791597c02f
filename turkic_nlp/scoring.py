"""spaCy's own scores of each task, as ``nlp.evaluate`` asks a component for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spacy.scorer import Scorer
from spacy.training import Example

from turkic_nlp.heads import Head


def _value(token: Any, attr: str) -> Any:
    """The value of an attribute; the key of ``morph``, whose objects do not compare with spaCy's missing values."""
    found = getattr(token, attr)
    return found.key if attr == "morph" else found


def _score_tags(examples: list[Example], head: Head) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for attr in ("pos", "tag", "morph"):
        scores |= Scorer.score_token_attr(examples, attr, getter=_value)
    return scores


def _score_tree(examples: list[Example], head: Head) -> dict[str, Any]:
    return dict(Scorer.score_deps(examples, "dep", ignore_labels=()))


def _score_cats(examples: list[Example], head: Head) -> dict[str, Any]:
    several = not head.settings["exclusive"]
    return dict(Scorer.score_cats(examples, "cats", labels=head.settings["labels"], multi_label=several))


SCORES: dict[str, Callable[[list[Example], Head], dict[str, Any]]] = {
    "tagger": _score_tags,
    "lemmatizer": lambda examples, _: Scorer.score_token_attr(examples, "lemma"),
    "parser": _score_tree,
    "ner": lambda examples, _: Scorer.score_spans(examples, "ents"),
    "textcat": _score_cats,
}
