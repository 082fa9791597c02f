"""Mistakes fall into the right kinds, are counted once, and their pages come out the same every time."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import mistake_pages
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mistakes import entities, trees, words
from mistakes.entities import Entity
from mistakes.tally import Tally, chosen, context

from turkic_nlp.conllu import Sentence, Word

ROOT = Path(__file__).parent.parent

LEMMAS = [
    ("kk", "Нысанның", "нысан", "Нысан", "case"),
    ("uz", "choʻli", "choʻl", "cho'l", "spelling"),
    ("kk", "бе", "ма", "бе", "unlike the form"),
    ("kk", "барша", "барша", "бар", "form expected"),
    ("ky", "Жумуртка", "жумуртка", "жумурт", "form expected"),
    ("kk", "жатыр", "жат", "жатыр", "nothing cut"),
    ("tk", "galarlar", "gal", "ga", "cut too much"),
    ("kk", "көмегімен", "көмек", "көмегі", "cut too little"),
    ("kk", "кітабы", "кітап", "кітаб", "cut too little"),
    ("tk", "synlaýardy", "synla", "synlamak", "ending"),
]


@pytest.mark.parametrize(("lang", "form", "gold", "guess", "kind"), LEMMAS)
def test_a_wrong_lemma_is_of_the_kind_that_its_cut_tells(lang, form, gold, guess, kind):
    assert words.lemma_kind(form, gold, guess, lang) == kind


def test_every_kind_of_lemma_mistake_has_a_name_on_the_page():
    assert {row[-1] for row in LEMMAS} == set(mistake_pages.LEMMA_KINDS)


FEATURES = [
    ("Case=Nom|Number=Sing", "Case=Nom|Number=Sing", []),
    ("Case=Nom", "_", [("Case", "missed", "Nom", "none")]),
    ("_", "Case=Nom", [("Case", "spurious", "none", "Nom")]),
    ("Case=Nom", "Case=Acc", [("Case", "wrong", "Nom", "Acc")]),
    ("Number[psor]=Sing", "_", []),
    ("Case=Nom", "Tense=Past", [("Case", "missed", "Nom", "none"), ("Tense", "spurious", "none", "Past")]),
]


@pytest.mark.parametrize(("gold", "guess", "errors"), FEATURES)
def test_a_feature_is_missed_spurious_or_wrong_and_only_universal_ones_count(gold, guess, errors):
    assert list(words.feature_errors(gold, guess)) == errors


@pytest.mark.parametrize(
    ("value", "name"),
    [(1, "1"), (2, "2"), (3, "3-4"), (4, "3-4"), (5, "5-8"), (8, "5-8"), (9, "9 or more"), (99, "9 or more")],
)
def test_a_number_falls_into_the_class_whose_last_value_it_does_not_pass(value, name):
    assert trees.binned(value, trees.DISTANCES) == name


def test_the_first_class_of_lengths_begins_at_one():
    assert trees.binned(1, trees.LENGTHS) == trees.binned(5, trees.LENGTHS) == "1-5"


GOLD = [
    Word("1", "Үй", "үй", "NOUN", "_", "Case=Nom", "2", "nsubj"),
    Word("2", "жанды", "жан", "VERB", "_", "Tense=Past", "0", "root"),
    Word("3", ".", ".", "PUNCT", "_", "_", "2", "punct"),
]
GUESS = [
    Word("1", "Үй", "үй", "NOUN", "_", "Case=Acc", "2", "obj"),
    Word("2", "жанды", "жанды", "NOUN", "_", "_", "0", "root"),
    Word("3", ".", ".", "PUNCT", "_", "_", "1", "punct"),
]


@pytest.fixture
def pairs():
    return words.pairs_of(Sentence(GOLD), Sentence(GUESS))


def test_each_column_of_a_sentence_is_counted_by_the_rules_of_the_scorer(pairs):
    assert words.accuracy(pairs) == {
        "words": 3, "upos": 66.7, "feats": 33.3, "lemma": 66.7, "uas": 66.7, "las": 33.3
    }  # fmt: skip


def test_a_mistake_stands_in_the_table_of_its_kind_and_in_no_other(pairs):
    [upos] = words.parts_of_speech(pairs)["rows"]
    assert (upos["gold"], upos["guess"], upos["count"], upos["share"]) == ("VERB", "NOUN", 1, 100.0)
    [lemma] = words.lemmas(pairs, "kk")["rows"]
    assert (lemma["kind"], lemma["verbs"], lemma["nouns"]) == ("nothing cut", 1, 0)
    [label] = trees.relations(pairs)["rows"]
    assert (label["gold"], label["guess"]) == ("nsubj", "obj")
    [head] = trees.attachments(pairs)["rows"]
    assert (head["relation"], head["rate"]) == ("punct", 100.0)
    assert head["examples"][0] == {
        "before": "Үй жанды", "word": ".", "after": "", "gold": "жанды", "guess": "Үй"
    }  # fmt: skip


def test_a_lemma_that_gold_lacks_cannot_be_wrong():
    [pair] = words.pairs_of(Sentence([Word("1", "а", "_")]), Sentence([Word("1", "а", "б")]))
    assert pair.right["lemma"]


def test_a_subtype_is_no_mistake():
    gold, guess = (Word("1", "а", head="0", deprel=name) for name in ("nmod:poss", "nmod"))
    assert words.pairs_of(Sentence([gold]), Sentence([guess]))[0].right["las"]


def test_known_words_are_found_in_the_shared_orthography_and_punctuation_is_left_out(pairs):
    rows = words.by_known(pairs, {"üy"}, "kk")
    assert [(row["group"], row["words"]) for row in rows] == [("known", 1), ("unknown", 1)]


def test_sentences_and_distances_without_a_word_have_no_row(pairs):
    assert [row["group"] for row in trees.by_length([pairs])] == ["1-5"]
    assert [(row["group"], row["words"]) for row in trees.by_distance(pairs)] == [("root", 1), ("1", 2)]
    assert [row["group"] for row in trees.by_part_of_speech(pairs)] == ["NOUN", "PUNCT", "VERB"]


ENTITIES = [
    ([(0, 2, "PER")], [(0, 2, "PER")], ["right"]),
    ([(0, 2, "PER")], [(0, 2, "LOC")], ["type"]),
    ([(0, 2, "PER")], [(0, 1, "PER")], ["borders"]),
    ([(0, 2, "PER")], [(1, 3, "LOC")], ["borders"]),
    ([(0, 2, "PER")], [], ["missed"]),
    ([(0, 2, "PER")], [(2, 3, "PER")], ["missed", "spurious"]),
    ([(0, 1, "PER"), (1, 2, "PER")], [(0, 2, "PER")], ["borders", "borders"]),
    ([(0, 3, "ORG")], [(0, 1, "LOC"), (1, 3, "ORG")], ["borders"]),
]


@pytest.mark.parametrize(("gold", "guess", "kinds"), ENTITIES)
def test_an_entity_is_right_of_another_type_of_other_borders_missed_or_spurious(gold, guess, kinds):
    sides = ([Entity(*entity) for entity in side] for side in (gold, guess))
    assert [case.kind for case in entities.cases(*sides)] == kinds


@pytest.mark.parametrize(
    ("guess", "side"), [((0, 5), "longer"), ((2, 3), "shorter"), ((0, 3), "shifted"), ((3, 6), "shifted")]
)
def test_wrong_borders_lie_outside_inside_or_across(guess, side):
    assert entities.borders(Entity(1, 4, "ORG"), Entity(*guess, "ORG")) == side


def test_labels_of_another_corpus_are_renamed_or_left_out():
    found = [Entity(0, 1, "GPE"), Entity(1, 2, "DATE"), Entity(2, 3, "LOC")]
    assert entities.read_as(found, {"GPE": "LOC"}) == [Entity(0, 1, "LOC"), Entity(2, 3, "LOC")]
    assert entities.read_as(found, {}) == found


@st.composite
def spans(draw):
    cuts = sorted(draw(st.sets(st.integers(0, 12))))
    return [Entity(a, b, draw(st.sampled_from("PL"))) for a, b in pairwise(cuts) if draw(st.booleans())]


@given(spans(), spans())
def test_every_gold_entity_is_judged_once_and_no_guess_that_touches_one_is_spurious(gold, guess):
    found = list(entities.cases(gold, guess))
    assert [case.gold for case in found if case.gold] == gold
    assert sum(case.kind == "right" for case in found) == len(set(gold) & set(guess))
    report = entities.report([(["w"] * 12, gold, guess)])
    assert report["errors"] == sum(case.kind != "right" for case in found)


def test_a_tally_puts_the_commonest_first_and_equals_by_name():
    tally = Tally("name")
    for name in "cabb":
        tally.add(name, example=context([name], 0))
    assert [(row["name"], row["count"], row["share"]) for row in tally.rows()] == [
        ("b", 2, 50.0), ("a", 1, 25.0), ("c", 1, 25.0)
    ]  # fmt: skip


@given(st.lists(st.sampled_from("абвгде"), min_size=1), st.randoms())
def test_examples_do_not_depend_on_the_order_and_show_different_words(letters, random):
    examples = [context(["x", letter, "y"], 1) for letter in letters]
    shuffled = random.sample(examples, len(examples))
    assert chosen(examples) == chosen(shuffled)
    assert len({example["word"] for example in chosen(examples)}) == len(chosen(examples))


def test_nothing_in_an_example_is_read_as_markdown():
    row = mistake_pages.table(["a", "b"], [[mistake_pages.safe("x|y *z* <b>"), "1"]])
    assert row.splitlines()[-1] == r"| x\|y \*z\* \<b\> | 1 |"
    assert row.splitlines()[1] == "| --- | ---: |"


def test_a_page_has_the_explanation_that_was_written_and_a_section_for_each_set(tmp_path):
    results = json.loads((ROOT / "benchmarks" / "results" / "errors.json").read_text(encoding="utf-8"))
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "docs" / "mistakes").mkdir(parents=True)
    results["sets"] = [facts for facts in results["sets"] if facts["lang"] == "kk"]
    (tmp_path / "benchmarks" / "results" / "errors.json").write_text(json.dumps(results), encoding="utf-8")
    (tmp_path / "docs" / "mistakes" / "kk.why.md").write_text("Because.\n", encoding="utf-8")
    [(path, text)] = mistake_pages.pages(tmp_path, {"kk": "Kazakh"})
    assert path == tmp_path / "docs" / "mistakes" / "kk.md"
    titles = [line for line in text.splitlines() if line.startswith("#")]
    assert titles[:2] == ["# What the model gets wrong in Kazakh", "## Why"]
    assert titles[2:] == [f"## {facts['corpus']} {facts['split']}" for facts in results["sets"]]
    assert "\n\nBecause.\n\n" in text


def test_there_are_no_pages_before_there_are_results(tmp_path):
    assert list(mistake_pages.pages(tmp_path, {})) == []
