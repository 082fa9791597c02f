"""What training saw of a form has its say, and no more than its say."""

import json

import numpy as np
import pytest
import spacy
import torch
from folders import refused
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from tiny import gold_docs

from turkic_nlp.components import HeadPipe
from turkic_nlp.heads import HEADS
from turkic_nlp.heads.memory import NEVER, PRIOR, Memory, Sightings, to_keep
from turkic_nlp.heads.tagger import MARGIN, Recalled, TagScores
from turkic_nlp.layout import Layout
from turkic_nlp.learning import fresh_head
from turkic_nlp.storage import read_head, write_head

SIZES = {"word_width": 4, "styles": ["a", "b"]}


def a_tagger():
    torch.manual_seed(1)
    return HEADS["tagger"]({**HEADS["tagger"].learn_settings(gold_docs(), width=8), **SIZES}).eval()


TAGGER = a_tagger()
VALUES, BUNDLES = TAGGER.out.out_features, len(TAGGER.bundles)


def brute_force(scores, sightings):
    """PRIOR times the share of every bundle, plus the sightings: the values of the definition."""
    table = (scores.values @ TAGGER._values + scores.usual).double()
    shares = PRIOR * table.softmax(-1).numpy()
    for word, one in enumerate(sightings):
        np.add.at(shares[word], list(one.rows), one.counts)
    return shares


def of_words(n):
    counts = st.dictionaries(st.integers(0, BUNDLES - 1), st.integers(1, 9), max_size=3)
    one = counts.map(lambda found: Sightings(tuple(found), tuple(found.values())))
    return st.tuples(st.integers(0, 10_000), st.lists(one, min_size=n, max_size=n))


@given(st.integers(1, 6).flatmap(of_words))
def test_the_chosen_bundle_has_the_most_sightings_when_the_head_counts_for_some(drawn):
    seed, sightings = drawn
    draw = torch.Generator().manual_seed(seed)
    # all parts of speech are likely, so that none is left out
    values = torch.rand(len(sightings), VALUES, generator=draw) * MARGIN / 4
    scores = TagScores(values, torch.rand(BUNDLES, generator=draw))
    known = [Recalled(one) for one in sightings]
    found = TAGGER.predict(TAGGER.weigh(scores, known), [len(sightings)])[:, 0]
    shares = brute_force(scores, sightings)
    assert np.allclose(shares[range(len(found)), found], shares.max(1), atol=1e-4)


def test_without_sightings_nothing_changes():
    scores = TAGGER(torch.randn(7, 4), [3, 4], 1)
    weighed = TAGGER.weigh(scores, [Recalled(NEVER)] * 7)
    assert np.array_equal(TAGGER.predict(weighed, [3, 4]), TAGGER.predict(scores, [3, 4]))


def test_what_was_seen_often_wins_even_as_an_unlikely_part_of_speech():
    values = torch.zeros(2, VALUES)
    values[:, 0] = 9 * MARGIN
    last = BUNDLES - 1
    known = [Recalled(Sightings((last,), (5,))), Recalled(NEVER)]
    weighed = TAGGER.weigh(TagScores(values, torch.zeros(BUNDLES)), known)
    found = TAGGER.predict(weighed, [2])[:, 0]
    assert found[0] == last
    assert found[1] != last


def test_forms_are_compared_in_the_shared_orthography_and_within_a_style():
    memory = Memory({"a": to_keep([("kitap", 1), ("kitap", 1), ("kitap", 0)])}, [7, 7])

    def recalled(lang, words, style):
        return memory.recall(Layout([Doc(spacy.blank(lang).vocab, words=words)]), style)

    both = Sightings((0, 1), (1, 2))
    assert recalled("ky", ["Китап", "\n", "тоо"], "a") == [both, NEVER]
    assert recalled("tk", ["kitap"], "a") == [both]
    assert recalled("ky", ["китап"], "b") == recalled("ky", ["китап"], None) == [NEVER]
    assert recalled("ky", ["китап"], "a") == [both]


@given(st.dictionaries(st.integers(0, 3), st.integers(1, 9), min_size=1))
def test_sightings_of_several_parts_of_speech_leave_the_word_to_its_sentence(found):
    kinds = [7, 7, 8, 9]
    memory = Memory(
        {"a": to_keep((("kitap", row) for row, count in found.items() for _ in range(count)))}, kinds
    )
    ((rows, counts),) = memory.recall(Layout([Doc(spacy.blank("tk").vocab, words=["kitap"])]), "a")
    most = sum(found.values()) if set(found) <= {0, 1} or len(found) == 1 else PRIOR
    assert sum(counts) == pytest.approx(min(most, sum(found.values())))
    assert dict(zip(rows, np.divide(counts, sum(counts)), strict=True)) == pytest.approx(
        {row: count / sum(found.values()) for row, count in found.items()}
    )


def test_a_tagger_remembers_what_it_learned_by_style_and_after_saving(tmp_path):
    head, docs = a_tagger(), gold_docs()
    head.remember(docs[:4], "a")
    write_head(head, tmp_path, style="a")
    again, _ = read_head("tagger", tmp_path)
    layout = Layout(docs[:4])
    seen, still = ([one.seen for one in each.recall(layout, "a")] for each in (head, again))
    assert seen == still
    assert NEVER not in seen
    assert set(head.recall(layout, "b")) == {Recalled(NEVER)}
    kept = again.settings["seen"]["a"]
    assert sum(int(pair.split(":")[1]) for value in kept.values() for pair in value.split()) == sum(
        map(len, docs[:4])
    )


def test_sightings_go_with_their_words_through_any_batches():
    head, docs = a_tagger(), gold_docs()
    head.remember(docs, "a")
    pipe = HeadPipe("tagger", "tagger", head, "a")
    guesses = [Doc(doc.vocab, words=[" ", *(t.text for t in doc)]) for doc in docs]
    for doc in guesses:
        doc.tensor = np.zeros((len(doc), 4), dtype=np.float32)
    pipe.annotate(guesses)
    alone = [doc.copy() for doc in guesses]
    for doc in alone:
        pipe.annotate([doc])
    assert [[str(t.morph) for t in doc] for doc in alone] == [[str(t.morph) for t in doc] for doc in guesses]
    right = [
        t.pos_ == g.pos_
        for guess, gold in zip(guesses, docs, strict=True)
        for t, g in zip(guess[1:], gold, strict=True)
    ]
    assert np.mean(right) > 0.9  # from the form alone, as all vectors are the same


def test_a_head_made_for_examples_without_a_style_remembers_them():
    docs = gold_docs()
    head = fresh_head("tagger", "tagger", docs, 4, None)
    assert NEVER not in [one.seen for one in head.recall(Layout(docs), None)]
    assert set(head.recall(Layout(docs), "a")) == {Recalled(NEVER)}


@pytest.mark.parametrize(
    "kept",
    ["", "1", "1:0", "-1:2", "1:2:3", "1:x", "1:2  1:2", "9999:1", "1:99999999999999999999", 3, ["1:1"]],
)
def test_sightings_that_are_none_are_refused(tmp_path, kept):
    head = a_tagger()
    head.remember(gold_docs(), "a")
    assert refused(head, tmp_path, seen={"a": {"söz": kept}})


def test_a_folder_that_keeps_all_in_its_settings_is_read_as_before(tmp_path):
    head, docs = a_tagger(), gold_docs()
    head.remember(docs, "a")
    write_head(head, tmp_path, style="a")
    (tmp_path / "kept.json.gz").unlink()
    (tmp_path / "settings.json").write_text(json.dumps({"style": "a", **head.settings}), encoding="utf-8")
    again, style = read_head("tagger", tmp_path)
    assert style == "a"
    assert again.settings == head.settings
