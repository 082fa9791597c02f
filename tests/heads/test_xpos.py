"""A tagger writes no XPOS that the treebank of its style lacks."""

import pytest
import spacy
import torch
from folders import refused
from spacy.tokens import Doc

from turkic_nlp.components import HeadPipe
from turkic_nlp.heads import HEADS
from turkic_nlp.storage import read_head, write_head

VOCAB = spacy.blank("tk").vocab
WORDS = ["kitap", "okady", "."]


def sentence(*tags):
    return Doc(VOCAB, words=WORDS, pos=["NOUN", "VERB", "PUNCT"], tags=list(tags))


LETTERS = [sentence("N", "V", "Y")] * 2
NAMES = [sentence("noun", "verb", "punct")] * 2
STRAY = [sentence("", "", ""), sentence("", "", "Y")]


def a_tagger(**by_style):
    torch.manual_seed(3)
    tagger = HEADS["tagger"]
    docs = [doc for found in by_style.values() for doc in found]
    settings = tagger.learn_settings(docs, width=8)
    head = tagger({**settings, "word_width": 4, "styles": sorted(by_style)}).eval()
    for style, found in by_style.items():
        head.remember(found, style)
    return head


def tags(head, style):
    docs = [Doc(VOCAB, words=["bir", *WORDS]) for _ in range(20)]
    for doc in docs:
        doc.tensor = torch.randn(len(doc), 4).numpy() * 9
    HeadPipe("tagger", "tagger", head, style).annotate(docs)
    assert all(token.pos_ for doc in docs for token in doc)
    return {token.tag_ for doc in docs for token in doc}


@pytest.mark.parametrize("saved", [False, True])
def test_every_style_has_its_own_xpos_and_a_treebank_without_has_none(tmp_path, saved):
    head = a_tagger(letters=LETTERS, names=NAMES, stray=STRAY)
    if saved:
        write_head(head, tmp_path, style=None)
        head, _ = read_head("tagger", tmp_path)
    assert tags(head, "letters") <= {"N", "V", "Y"}
    assert tags(head, "names") <= {"noun", "verb", "punct"}
    assert len(tags(head, "letters")) > 1
    assert tags(head, "stray") == {""}


def test_a_head_that_kept_none_may_write_any():
    head = a_tagger(letters=LETTERS, stray=STRAY)
    del head.settings["tags"]
    again = HEADS["tagger"](head.settings).eval()
    assert tags(again, "stray") <= {"N", "V", "Y"}


def test_a_model_that_never_saw_an_xpos_writes_none():
    assert tags(a_tagger(stray=STRAY), "stray") == {""}


@pytest.mark.parametrize("kept", [{"a": ["no such"]}, {"a": "N"}, {"a": [["N"]]}, {"a": None}, ["N"], "N", 3])
def test_xpos_that_the_head_does_not_have_are_refused(tmp_path, kept):
    assert refused(a_tagger(letters=LETTERS), tmp_path, tags=kept)
