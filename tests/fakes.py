"""A pipeline in the place of the real one: it splits at full stops and tags by the first letter."""

from __future__ import annotations

import functools
import os
import time

import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc, Span

import turkic_nlp
from turkic_nlp.components import HeadPipe
from turkic_nlp.errors import UnknownLanguage

KNOWN = ("kk", "uz", "ky", "tk")


@Language.component("fake_annotation")
def annotate(doc: Doc) -> Doc:
    if "катастрофа" in doc.text:
        raise ValueError("the fake does not like this text.")
    for token in doc:
        capital = token.text[:1].isupper()
        token.pos_ = "PUNCT" if token.is_punct else "PROPN" if capital else "NOUN"
        token.lemma_ = token.text.lower()
        token.head = token.sent[0]
        token.dep_ = "ROOT" if token.i == token.sent.start else "dep"
    doc.ents = [Span(doc, t.i, t.i + 1, label="PER") for t in doc if t.text == "Айгүл"]
    return doc


class Topics:
    labels = ("sports", "travel")

    def __call__(self, doc: Doc) -> Doc:
        doc.cats = {**doc.cats, "sports": 0.25, "travel": 0.75}
        return doc


@Language.factory("fake_topics", assigns=["doc.cats"])
def topics(nlp: Language, name: str) -> Topics:
    return Topics()


@functools.cache
def pipeline_for(lang: str) -> Language:
    if lang not in KNOWN:
        raise UnknownLanguage(lang, ", ".join(KNOWN))
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("fake_annotation")
    nlp.add_pipe("fake_topics", name="textcat")
    return nlp


def sharing_pipeline_for(lang: str) -> Language:
    """The shipped pipeline, for a worker that shares the weights and has one thread."""
    nlp = turkic_nlp.load(lang)
    heads = [pipe.head for _, pipe in nlp.pipeline if isinstance(pipe, HeadPipe)]
    modules = [nlp.get_pipe("encoder").model.encoder, *heads]
    assert all(weights.is_shared() for module in modules for weights in module.parameters())
    assert torch.get_num_threads() == 1
    return nlp


def slow_pipeline_for(lang: str) -> Language:
    time.sleep(0.01)
    return pipeline_for(lang)


def dying_pipeline_for(lang: str) -> Language:
    """What the system does to a process that takes too much memory."""
    os._exit(9)
