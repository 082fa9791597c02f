"""What a word and its neighbours say of its label: learned from words, kept as text, read back as it was."""

from __future__ import annotations

import numpy as np
import pytest
import spacy
import torch
from folders import refused
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from turkic_nlp.heads import HEADS
from turkic_nlp.heads.base import IGNORE
from turkic_nlp.heads.clues import CLUES, Clues, learned
from turkic_nlp.heads.crf import Chain, Example, Sums, Weights, likelihood
from turkic_nlp.heads.tagger import TagScores
from turkic_nlp.heads.word_clues import REACH, clues_of, shape
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.storage import read_head, write_head

VOCABS = {lang: spacy.blank(lang).vocab for lang in ("kk", "ky")}
UNIT = 1 / 8


def doc_of(*sentences: str, lang: str = "kk") -> Doc:
    words = [word for sentence in sentences for word in sentence.split(" ")]
    starts = [place == 0 for sentence in sentences for place in range(len(sentence.split(" ")))]
    return Doc(VOCABS[lang], words, sent_starts=starts)


def said(kept: dict[str, str], *docs: Doc, labels: int = 3) -> np.ndarray:
    names = ["O", "B-X", "I-X", "B-Y", "I-Y"][:labels]
    return np.stack([one.scores for one in Clues({"kk mine": kept}, names).recall(Layout(docs), "mine")])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Қазақстан", "Xxxx"),
        ("АҚШ-тың", "XXX-xxx"),
        ("2024", "999"),
        ("iPhone", "xXxxx"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_shapes(word, expected):
    assert shape(word) == expected


@pytest.mark.parametrize(
    ("clue", "expected"),
    [
        ("", [1, 1, 1]),
        ("=b", [0, 1, 0]),
        ("1=b", [1, 0, 0]),
        ("-1=b", [0, 0, 1]),
        ("2^c", [1, 0, 0]),
        ("1=", [0, 0, 1]),
        ("-1=", [1, 0, 0]),
        ("3#", [1, 1, 1]),
        ("#x", [1, 1, 1]),
        ("^b", [0, 1, 0]),
        ("-2$a", [0, 0, 1]),
    ],
)
def test_a_clue_speaks_of_the_word_at_its_distance(clue, expected):
    assert said({clue: "2:8"}, doc_of("a b c"))[:, 2].tolist() == expected


@given(st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5))
def test_no_clue_of_a_word_is_one_of_a_neighbour(one, two):
    places = zip(clues_of(one, "kk"), clues_of(two, "kk"), strict=True)
    mine, theirs = zip(*places, strict=True)
    for n, clues in enumerate(mine):
        assert not set(clues) & {clue for m, other in enumerate(theirs) if m != n for clue in other}


def test_no_clue_reaches_into_another_sentence_or_past_white_space():
    apart = said({"1=b": "0:4", "-1=a": "1:4"}, doc_of("a", "b"))
    assert not apart.any()
    spaced = Doc(VOCABS["kk"], ["a", "\n", "b"], sent_starts=[True, False, False])
    assert said({"1=b": "0:8"}, spaced)[:, 0].tolist() == [1.0, 0.0]


sentences_ = st.lists(st.text("аб1", min_size=1, max_size=3), min_size=1, max_size=6).map(" ".join)


@given(st.lists(st.lists(sentences_, min_size=1, max_size=3), min_size=1, max_size=4), st.data())
def test_what_is_said_is_the_sum_of_the_clues_around_and_batches_change_nothing(texts, data):
    docs = [doc_of(*text) for text in texts]
    words = {word for doc in docs for word in [token.text for token in doc]}
    known = sorted({clue for word in ["", *words] for own in clues_of(word, "kk") for clue in own})
    chosen = data.draw(st.lists(st.sampled_from(known), unique=True, max_size=8))
    weights = {clue: data.draw(st.integers(-9, 9)) for clue in chosen}
    kept = {clue: f"0:1 1:{weight}" for clue, weight in weights.items()}
    expected = []
    for doc in docs:
        for sentence in doc.sents:
            padded = [*[""] * REACH, *(token.text for token in sentence), *[""] * REACH]
            for place in range(len(sentence)):
                around = padded[place : place + 2 * REACH + 1]
                seen = [clue for n, word in enumerate(around) for clue in clues_of(word, "kk")[n]]
                expected.append(UNIT * sum(weights.get(clue, 0) for clue in seen))
    found = said(kept, *docs)
    assert found[:, 1].tolist() == pytest.approx(expected)
    assert np.array_equal(found, np.concatenate([said(kept, doc) for doc in docs]))


def test_clues_speak_in_the_languages_and_styles_they_were_learned_in():
    clues = Clues({"kk mine": {"=a": "1:8", "> O": "2:-8"}}, ["O", "B-X", "I-X"])
    both = [doc_of("a"), doc_of("a", lang="ky")]
    one, two = clues.recall(Layout(both), "mine")
    assert one.scores.tolist() == [0, 1, 0]
    assert one.after.tolist() == [[0, 0, -1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert not two.scores.any()
    assert two.after is None
    assert clues.recall(Layout(both), "other") is None
    assert clues.recall(Layout(both), None) is None


LABELS = ["O", "B-MONEY", "I-MONEY"]
SENTENCES = [(["Бағасы", number, "доллар"], [0, 1, 2]) for number in ("5", "70", "9")] * 20
SENTENCES += [(["Оған", number, "жыл"], [0, 0, 0]) for number in ("5", "70", "9")] * 20


def test_a_neighbour_decides_what_a_number_is():
    kept = learned(SENTENCES, "kk", Chain(LABELS))
    best = said(kept, doc_of("Құны 33 доллар"), doc_of("Бізге 33 жыл")).argmax(1)
    assert best.tolist() == [0, 1, 2, 0, 0, 0]
    assert kept == learned(SENTENCES, "kk", Chain(LABELS))


def test_a_word_alone_is_one_of_a_list_and_its_want_of_neighbours_says_nothing():
    listed = [([word], [int(word == "теңге")]) for word in ("теңге", "қала", "үйде")] * 20
    kept = learned(listed, "kk", Chain(LABELS))
    assert "=tenge" in kept
    assert not any(clue[0] in "-0123456789" for clue in kept if clue and not clue.startswith("> "))


def test_what_is_rare_or_has_no_gold_teaches_nothing():
    rare = [(["Бағасы", "Зымыран"], [0, 1])]
    kept = learned([*SENTENCES, *rare], "kk", Chain(LABELS))
    assert kept
    assert not any(shared_form("Зымыран", "kk") in clue for clue in kept)
    ignored = [(words, [0, -100, 0]) for words, _ in SENTENCES]
    assert learned([*SENTENCES, *ignored], "kk", Chain(LABELS)) == learned(SENTENCES, "kk", Chain(LABELS))
    assert learned(ignored, "kk", Chain(LABELS)) == learned([], "kk", Chain(LABELS)) == {}


def tags(*styles: str, **options) -> tuple:
    """A tagger that has seen plurals in *-lar*, and as many words that have none."""
    stems = ["ата", "бала", "дала", "жара", "қала", "сана", "тара", "шара"]
    words = [f"{stem}{end}" for stem in stems for end in ("лар", "")]
    docs = [
        Doc(
            VOCABS["kk"],
            ["бұл", word],
            pos=["PRON", "NOUN"],
            morphs=["", "Number=Plur" * word.endswith("лар")],
        )
        for word in words * 2
    ]
    settings = HEADS["tagger"].learn_settings(docs, width=4, **options)
    head = HEADS["tagger"]({**settings, "word_width": 4, "styles": ["mine"]}).eval()
    for style in styles:
        head.remember(docs, style)
    with torch.no_grad():
        head.out.weight.zero_()
        head.out.bias.zero_()
    return head, docs


@torch.no_grad()
def test_an_ending_tells_the_features_of_a_word_that_was_never_seen():
    head, _ = tags("mine")
    layout = Layout([doc_of("бұл апа", "бұл апалар", "бұл апаларға")])
    scores = head(torch.randn(6, 4), [2, 2, 2], 1)
    best = head.predict(head.weigh(scores, head.recall(layout, "mine")), [2, 2, 2])[:, 0]
    plural = "NOUN|Number=Plur"
    assert [head.bundles[row] for row in best] == ["PRON", "NOUN", "PRON", plural, "PRON", plural]


def test_a_tagger_says_what_its_values_get_in_the_style_and_language_of_the_clues():
    head, docs = tags("mine", "other", clued=["mine"])
    assert set(head.settings[CLUES]) == {"kk mine"}
    ky = Doc(VOCABS["ky"], ["бұл"])
    scores = TagScores(torch.zeros(3, len(head._names)), torch.zeros(len(head.bundles)))
    mine = head.weigh(scores, head.recall(Layout([docs[0], ky]), "mine")).values
    assert mine[:2].any(1).all()
    assert not mine[2].any()
    for style in ("other", None):
        assert torch.equal(
            head.weigh(scores, head.recall(Layout([docs[0], ky]), style)).values, scores.values
        )


def test_strings_inside_a_word_are_clues_where_they_are_wanted():
    plain, more = (clues_of("балалар", "kk", inside=inside) for inside in (False, True))
    own = set(more[REACH]) - set(plain[REACH])
    form = shared_form("балалар", "kk")
    assert own == {f"~{form[at : at + size]}" for size in (3, 4) for at in range(8 - size)}
    assert more[:REACH] + more[REACH + 1 :] == plain[:REACH] + plain[REACH + 1 :]


@given(st.integers(2, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_label_of_one_value_each_is_as_likely_as_in_a_chain_that_nothing_links(labels, size, seed):
    rng = np.random.default_rng(seed)
    clues = [np.asarray([0, 1 + n % 2]) for n in range(size)]
    examples = [Example(clues, rng.integers(0, labels, size))]
    of_clue = torch.from_numpy(rng.normal(size=(3, labels))).float()
    names = [str(n) for n in range(labels)]
    one = likelihood(Weights(of_clue, torch.zeros(0, labels)), examples, 0.7, Sums(names, torch.eye(labels)))
    two = likelihood(Weights(of_clue, torch.zeros(labels + 1, labels)), examples, 0.7, Chain(names))
    assert one == pytest.approx(two, rel=1e-4)


def entities(*styles: str, **options) -> list:
    words = ["Ол", "Астана", "қаласында"]
    docs = [Doc(VOCABS["kk"], words, ents=["O", "B-LOC", "O"]) for _ in range(40)]
    settings = HEADS["ner"].learn_settings(docs, width=4, **options)
    head = HEADS["ner"]({**settings, "word_width": 4, "styles": ["mine"]}).eval()
    for style in styles:
        head.remember(docs, style)
    return [head, docs]


@torch.no_grad()
def test_entities_are_found_by_clues_where_the_network_knows_nothing():
    head, docs = entities("mine")
    head.out.weight.zero_()
    head.out.bias.zero_()
    scores = head(torch.randn(3, 4), [3], 1)
    known = head.recall(Layout(docs[:1]), "mine")
    assert head.predict(head.weigh(scores, known), [3]).tolist() == [0, 1, 0]


@torch.no_grad()
def test_labels_follow_each_other_as_in_training():
    head, docs = entities()
    head._clues = Clues({"kk mine": {"> B-LOC": "2:160", "=Ол": "1:16"}}, head.labels)
    scores = head.weigh(torch.zeros(3, 3), head.recall(Layout(docs[:1]), "mine"))
    assert head.predict(scores, [3]).tolist()[:2] == [1, 2]


def test_a_head_keeps_its_clues_on_disk_and_those_of_other_styles(tmp_path):
    head, docs = entities("mine", "other")
    assert set(head.settings[CLUES]) == {"kk mine", "kk other"}
    write_head(head, tmp_path, style=None)
    again, _ = read_head("ner", tmp_path)
    for one, two in zip(*(each.recall(Layout(docs), "other") for each in (head, again)), strict=True):
        assert np.array_equal(one.scores, two.scores)
        assert np.array_equal(one.after, two.after)
        assert one.scores.any()


def test_tags_are_learned_from_the_words_that_have_some_and_entities_only_from_whole_sentences():
    half = [(["бұл", word], [IGNORE, row]) for row, word in enumerate(["апа", "апалар"])] * 20
    kept = learned(half, "kk", Sums(["one", "more"], torch.eye(2)))
    ending = kept[f"${shared_form('лар', 'kk')}"]
    weights = dict(map(int, pair.split(":")) for pair in ending.split())
    assert weights[1] > 0 > weights[0]
    assert learned(half, "kk", Chain(["one", "more"])) == {}


def test_a_recipe_says_whose_clues_are_learned():
    head, _ = entities("mine", "other", clued=["other"])
    assert set(head.settings[CLUES]) == {"kk other"}


@pytest.mark.parametrize(
    "kept",
    [
        {"kk mine": {"=a": "3:1"}},
        {"kk mine": {"=a": "1:x"}},
        {"kk mine": {"=a": ""}},
        {"kk mine": ["=a"]},
        [],
    ],
)
def test_damaged_clues_are_refused(tmp_path, kept):
    head, _ = entities("mine")
    assert refused(head, tmp_path, **{CLUES: kept})
