"""What n-grams say of a class: the definition, the shared orthography, and when they have no say."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
import spacy
import torch
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from turkic_nlp.components import HeadPipe
from turkic_nlp.heads import HEADS, grams, textcat
from turkic_nlp.heads.grams import BUCKETS, Grams, buckets, learned
from turkic_nlp.layout import Layout
from turkic_nlp.learning import fresh_head
from turkic_nlp.storage import read_head, write_head

SETTINGS = {"labels": ["far", "near"], "exclusive": True, "width": 8, "word_width": 4, "styles": ["a", "b"]}
TEXTS = ["жол алыс", "алыс шаар", "жакын үй", "үй жакын эле"]
GOLD = ["far", "far", "near", "near"]


def doc(text, label=None, lang="ky"):
    words = [word or "\n" for word in text.split(" ")]
    found = Doc(spacy.blank(lang).vocab, words=words)
    found.cats = {name: float(name == label) for name in SETTINGS["labels"]} if label else {}
    found.tensor = np.zeros((len(found), 4), dtype=np.float32)
    return found


def docs(lang="ky"):
    return [doc(text, label, lang) for text, label in zip(TEXTS, GOLD, strict=True)]


def a_head(style="a"):
    torch.manual_seed(1)
    head = HEADS["textcat"](dict(SETTINGS)).eval()
    head.remember(docs(), style)
    return head


def definition(texts, labels, classes, asked):
    """Complement naive Bayes as Rennie et al. (2003) write it, n-gram by n-gram, without the sharpness."""
    bags = [Counter(gram for word in text for gram in buckets(word, "ky")) for text in texts]
    spread = Counter(gram for bag in bags for gram in bag)
    rarity = {gram: log((len(texts) + 1) / count) for gram, count in spread.items()}
    weighed = [{gram: count * rarity[gram] for gram, count in bag.items()} for bag in bags]
    lengths = [sqrt(sum(value**2 for value in bag.values())) or 1.0 for bag in weighed]
    scores = []
    for label in range(classes):
        others = Counter()
        for bag, length, of in zip(weighed, lengths, labels, strict=True):
            others.update({gram: value / length for gram, value in bag.items() if of != label})
        mass = sum(others.values()) + 0.1 * BUCKETS
        of_asked = [gram for word in asked for gram in buckets(word, "ky")]
        said = [-rarity[gram] * log((others[gram] + 0.1) / mass) for gram in of_asked if gram in rarity]
        scores.append(sum(said) / sqrt(max(len(of_asked), 1)))
    return np.asarray(scores) - np.mean(scores)


WORDS = st.lists(st.sampled_from(["үй", "жол", "шаар", "алыс", "жакын", "тоо"]), min_size=1, max_size=5)


@given(st.lists(st.tuples(WORDS, st.integers(0, 2)), min_size=2, max_size=6), WORDS)
def test_scores_are_those_of_the_definition_up_to_their_sharpness(gold, asked):
    texts, labels = zip(*gold, strict=True)
    table = learned([(text, "ky") for text in texts], labels, 3)
    found = Grams([(asked, "ky")]).scores(table)[0]
    wanted = definition(texts, labels, 3, asked)
    factor = np.abs(found).max() / max(np.abs(wanted).max(), 1e-12)
    assert factor <= grams._FACTORS[-1] * 1.001
    assert np.allclose(found, wanted * factor, atol=1e-6)


def test_sharp_where_words_tell_the_class_and_dull_where_they_do_not():
    draw = np.random.default_rng(1)
    words, labels = draw.integers(0, 2, (2, 400))
    scores = np.eye(2)[words]
    assert grams._sharpness(scores, words) == grams._FACTORS[-1]
    assert grams._sharpness(scores, labels) < 0.3


@given(st.lists(st.tuples(WORDS, st.integers(0, 2), st.sampled_from(["ky", "tk"])), min_size=2, max_size=8))
def test_a_file_sorted_by_class_teaches_the_same(gold):
    by_class = sorted(gold, key=lambda one: one[1])
    tables = [
        learned([(text, lang) for text, _, lang in order], [label for _, label, _ in order], 3)
        for order in (gold, by_class)
    ]
    assert np.allclose(*tables, atol=1e-9)


def test_translations_in_the_same_order_are_in_the_same_half():
    texts = [(("a",), "ky"), (("b",), "ky"), (("c",), "ky"), (("d",), "tk"), (("e",), "tk"), (("f",), "tk")]
    assert grams._first_half(texts, [0, 1, 0] * 2).tolist() == [True, True, False] * 2


def test_the_copies_of_a_text_are_in_the_same_half():
    texts = [((word,), "ky") for word in "abcabcd"]
    assert grams._first_half(texts, [0] * 7).tolist() == [True, True, False, True, True, False, False]


def test_a_text_that_stands_twice_counts_more():
    gold = [("far", 0), ("near", 1), ("fast", 0), ("neat", 1)]
    tables = [
        learned([([word], "tk") for word, _ in texts], [label for _, label in texts], 2)
        for texts in (gold, [*gold, gold[0]])
    ]
    assert not np.allclose(*tables)


def test_what_one_language_teaches_is_said_of_another_in_its_script():
    head = a_head()
    said = [
        head.recall(Layout([doc(text, lang=lang)]), "a")[0] for text, lang in [("алыс", "ky"), ("alys", "tk")]
    ]
    assert np.array_equal(*said)
    assert said[0].argmax() == SETTINGS["labels"].index("far")


def test_a_head_says_what_the_table_says_after_saving_too(tmp_path):
    head = a_head()
    write_head(head, tmp_path, style="a")
    again, _ = read_head("textcat", tmp_path)
    texts = [*docs(), doc(" алыс "), doc("башка")]
    wanted = Grams([([t.text for t in one if not t.is_space], "ky") for one in texts]).scores(
        head.grams[0].double().numpy()
    )
    for known in (head, again):
        assert np.allclose(known.recall(Layout(texts), "a"), wanted, atol=1e-4)
        assert known.recall(Layout(texts), "b") is None
        assert known.recall(Layout(texts), None) is None


def test_n_grams_decide_where_the_network_does_not_in_any_batches():
    head = a_head()
    torch.nn.init.zeros_(head.out.weight)
    pipe = HeadPipe("textcat", "textcat", head, "a")
    guesses = [doc(" "), *(doc(f" {text} ") for text in TEXTS)]
    pipe.annotate(guesses)
    alone = [one.copy() for one in guesses]
    for one in alone:
        pipe.annotate([one])
    assert [one.cats for one in alone] == [one.cats for one in guesses]
    assert [max(one.cats, key=one.cats.get) for one in guesses[1:]] == GOLD


def test_each_style_has_its_own_and_the_last_gold_counts():
    head = a_head()
    first = head.recall(Layout(docs()), "a")
    turned = [doc(text, label) for text, label in zip(TEXTS, reversed(GOLD), strict=True)]
    head.remember(turned, "b")
    assert head.settings[textcat.GRAMS] == ["a", "b"]
    assert np.array_equal(head.recall(Layout(docs()), "a"), first)
    assert np.allclose(head.recall(Layout(docs()), "b"), -np.asarray(first), atol=1e-3)
    head.remember(turned, "a")
    assert head.settings[textcat.GRAMS] == ["b", "a"]
    assert np.array_equal(head.recall(Layout(docs()), "a"), head.recall(Layout(docs()), "b"))


def test_a_head_made_for_examples_without_a_style_knows_their_n_grams():
    head = fresh_head("textcat", "textcat", docs(), 4, None)
    assert head.recall(Layout(docs()), None) is not None


@pytest.mark.parametrize(
    ("settings", "limit"),
    [({"exclusive": False}, {}), ({}, {"_MOST_TEXTS": 3}), ({}, {"_MOST_LABELS": 1})],
)
def test_no_say_for_several_labels_many_texts_or_many_labels(monkeypatch, settings, limit):
    for name, value in limit.items():
        monkeypatch.setattr(textcat, name, value)
    head = HEADS["textcat"]({**SETTINGS, **settings}).eval()
    head.remember(docs(), "a")
    assert head.recall(Layout(docs()), "a") is None
    assert "grams" not in head.state_dict()


def test_the_network_counts_for_half_only_beside_n_grams():
    head = a_head()
    words = torch.randn(3, 4)
    of_a, of_b = (head(words, [3], head.style(style)) for style in ("a", "b"))
    head.settings[textcat.GRAMS] = ["b"]
    assert torch.allclose(head(words, [3], head.style("a")), 2 * of_a)
    assert torch.allclose(head(words, [3], head.style("b")), of_b / 2)
