"""Glosses: words give way, trees stay."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from turkic_nlp.corpora import text_key
from turkic_nlp.errors import NoGlosses, UnknownSplit
from turkic_nlp.training.glosses import Glossary
from turkic_nlp.training.gold import gather_one, sent_id
from turkic_nlp.training.recipe import CorpusPlan

VOCAB = spacy.blank("kk").vocab
WORDS = [
    ("кыз", "NOUN", "қыз", ""),
    ("бала", "NOUN", "бала", ""),
    ("келди", "VERB", "келді", ""),
    ("менен", "CCONJ", "мен", ""),
    ("менен", "ADP", "+бен", "жз"),
    ("менен", "ADP", "+пен", "птқшс"),
    ("менен", "ADP", "+мен", ""),
]


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    columns = ("form", "upos", "gloss", "after")
    return Glossary.of("ky", [dict(zip(columns, row, strict=True)) for row in WORDS])


def sentence(text: str, upos: str, heads: list[int], deps: str) -> Doc:
    words = text.split()
    return Doc(VOCAB, words, pos=upos.split(), heads=heads, deps=deps.split())


@pytest.mark.parametrize(
    ("text", "upos", "heads", "deps", "glossed", "new_heads"),
    [
        ("Кыз келди .", "NOUN VERB PUNCT", [1, 1, 1], "nsubj ROOT punct", "Қыз келді .", [1, 1, 1]),
        ("КЫЗ келди", "NOUN VERB", [1, 1], "nsubj ROOT", "ҚЫЗ келді", [1, 1]),
        ("Кыз менен келди", "NOUN ADP VERB", [2, 0, 2], "obl case ROOT", "Қызбен келді", [1, 1]),
        ("Бала менен келди", "NOUN ADP VERB", [2, 0, 2], "obl case ROOT", "Баламен келді", [1, 1]),
        ("Кыт менен келди", "NOUN ADP VERB", [2, 0, 2], "obl case ROOT", "Кытпен келді", [1, 1]),
        # its head is not the word before: no ending of it
        ("келди менен", "VERB ADP", [0, 0], "ROOT case", "келдімен", [0]),
        ("кыз бала менен", "NOUN NOUN ADP", [0, 0, 0], "ROOT nmod case", "қыз бала менен", [0, 0, 0]),
        ("менен кыз", "ADP NOUN", [1, 1], "case ROOT", "менен қыз", [1, 1]),
        ("кыз менен бала", "NOUN CCONJ NOUN", [0, 2, 0], "ROOT cc conj", "қыз мен бала", [0, 2, 0]),
        # what hangs on the ending hangs on the word then
        ("кыз менен бала", "NOUN ADP NOUN", [0, 0, 1], "ROOT case nmod", "қызбен бала", [0, 0]),
        # a word of the text may begin with the mark of an ending
        ("+7 кыз +5", "NUM NOUN NUM", [1, 1, 1], "nummod ROOT nummod", "+7 қыз +5", [1, 1, 1]),
        # the same form as another part of speech has no gloss
        ("келди", "NOUN", [0], "ROOT", "келди", [0]),
    ],
)
def test_words_give_way_to_their_glosses(glossary, text, upos, heads, deps, glossed, new_heads):
    found = glossary.gloss(sentence(text, upos, heads, deps))
    assert [token.text for token in found] == glossed.split()
    assert [token.head.i for token in found] == new_heads
    assert not found.has_annotation("LEMMA")


def test_features_tags_comments_and_spaces_stay(glossary):
    words, features = ["Кыз", "менен", "келди", "."], ["Case=Nom", "", "Tense=Past", ""]
    doc = Doc(
        VOCAB,
        words,
        [True, True, False, False],
        tags=["n", "post", "v", "sent"],
        pos=["NOUN", "ADP", "VERB", "PUNCT"],
        morphs=features,
        heads=[2, 0, 2, 2],
        deps=["obl", "case", "ROOT", "punct"],
    )
    doc.user_data["comments"] = ["# sent_id = a-1"]
    found = glossary.gloss(doc)
    assert found.text == "Қызбен келді."
    assert [token.tag_ for token in found] == ["n", "v", "sent"]
    assert [str(token.morph) for token in found] == ["Case=Nom", "Tense=Past", ""]
    assert [token.dep_ for token in found] == ["obl", "ROOT", "punct"]
    assert sent_id(found) == "a-1"


def test_what_is_unset_stays_unset(glossary):
    found = glossary.gloss(Doc(VOCAB, ["кыз", "келди"], pos=["NOUN", "VERB"], sent_starts=[True, False]))
    assert [token.text for token in found] == ["қыз", "келді"]
    assert not any(map(found.has_annotation, ("MORPH", "DEP", "HEAD", "TAG")))


@given(
    st.lists(
        st.sampled_from(
            [("кыз", "NOUN"), ("бала", "NOUN"), ("менен", "ADP"), ("менен", "CCONJ"), (".", "PUNCT")]
        ),
        min_size=1,
        max_size=9,
    ).flatmap(
        lambda words: st.tuples(
            st.just(words), st.lists(st.integers(0, len(words) - 1), min_size=len(words), max_size=len(words))
        )
    )
)
def test_a_tree_stays_a_tree_of_the_same_roots(glossary, drawn):
    words, governors = drawn
    # a word's governor comes before it, and the first is the root: no cycles
    heads = [min(governor, max(0, place - 1)) for place, governor in enumerate(governors)]
    deps = ["ROOT" if head == place else "dep" for place, head in enumerate(heads)]
    doc = Doc(VOCAB, [word for word, _ in words], pos=[upos for _, upos in words], heads=heads, deps=deps)
    found = glossary.gloss(doc)
    joined = sum(
        upos == "ADP" and place > 0 and heads[place] == place - 1 for place, (_, upos) in enumerate(words)
    )
    assert len(found) == len(doc) - joined
    assert [token.i for token in found if token.head == token] == [0]
    kept = [token for token in doc if not (token.pos_ == "ADP" and token.i and token.head.i == token.i - 1)]
    assert [token.pos_ for token in found] == [token.pos_ for token in kept]


def test_a_glossed_corpus_has_the_trees_of_the_corpus():
    plan = CorpusPlan("project-prose", "ky", dev=0.05)
    glossed = CorpusPlan("project-prose", "kk", dev=0.05, glosses="project-glosses/ky-kk")
    before = {sent_id(doc): doc for doc in gather_one("ky", plan).train}
    after = gather_one("kk", glossed).train
    assert len(after) > 2500
    same = [doc for doc in after if len(doc) == len(before.get(sent_id(doc), ()))]
    assert len(same) > 0.7 * len(after)
    for doc in same:
        assert [token.head.i for token in doc] == [token.head.i for token in before[sent_id(doc)]]
    changed = sum(doc.text != before[sent_id(doc)].text for doc in same)
    assert changed > 0.95 * len(same)


def test_texts_are_held_out_before_and_after_they_are_glossed():
    plan = CorpusPlan("project-prose", "kk", glosses="project-glosses/ky-kk")
    kyrgyz = next(iter(gather_one("ky", CorpusPlan("project-prose", "ky")).train)).text
    kazakh = gather_one("kk", plan).train[5].text
    assert gather_one("kk", plan, {text_key(kyrgyz), text_key(kazakh)}).held_out == 2


@pytest.mark.parametrize(
    ("glosses", "error"), [("project-glosses/ky-uz", UnknownSplit), ("ud-kyrgyz-ktmu/test", NoGlosses)]
)
def test_a_word_list_that_is_none_is_an_error(glosses, error):
    with pytest.raises(error):
        gather_one("kk", CorpusPlan("project-prose", "kk", glosses=glosses))
