"""What a treebank gives to words of a kind has its say in the relations that the parser chooses."""

from __future__ import annotations

import numpy as np
import pytest
import spacy
import torch
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from turkic_nlp.heads import HEADS
from turkic_nlp.heads.usage import NOTHING, USED, WEIGHT, Usage, kind
from turkic_nlp.layout import Layout

WORDS = ["Бала", "кітапты", "оқыды"]
POS = ["NOUN", "NOUN", "VERB"]
MORPHS = ["Case=Nom", "Case=Acc", "VerbForm=Fin"]


def sentence(deps: list[str], *, tagged: bool = True) -> Doc:
    tags = {"pos": POS, "morphs": MORPHS} if tagged else {}
    return Doc(spacy.blank("kk").vocab, WORDS, heads=[2, 2, 2], deps=deps, **tags)


def parser(style: str, docs: list[Doc]):
    settings = HEADS["parser"].learn_settings(docs, width=8, arc_width=6, relation_width=4)
    head = HEADS["parser"]({**settings, "word_width": 8, "styles": ["mine", "other"]}).eval()
    head.remember(docs, style)
    return head


def test_kinds_are_counted_with_their_governors_and_sides():
    head = parser("mine", [sentence(["nsubj", "obj", "ROOT"])] * 3)
    rows = {name: head.relations.index(name) for name in ("nsubj", "obj")}
    assert head.settings[USED] == {
        "mine": {"NOUN|Acc||VERB|>": f"{rows['obj']}:3", "NOUN|Nom||VERB|>": f"{rows['nsubj']}:3"}
    }


@torch.inference_mode()
def test_what_was_counted_moves_a_relation_and_nothing_else():
    gold = sentence(["nsubj", "obj", "ROOT"])
    head = parser("mine", [gold] * 20 + [sentence(["obj", "nsubj", "ROOT"])])
    vectors = torch.randn(3, 8, generator=torch.Generator().manual_seed(3))
    scores = head(vectors, [3], 0)
    head.relation.zero_()  # of itself the parser knows no relation from another
    heads = head.predict(scores, [3])[:, 0]
    known = [one._replace(table=None) for one in head.recall(Layout([gold]), "mine")]
    weighed = head.weigh(scores, known)
    found = head.predict(weighed, [3])
    assert found[:, 0].tolist() == heads.tolist()
    shares = head._usage.shares(weighed.kinds, np.array([3, 3, 0]), [3])
    best = [head.relations[row] for row in shares.argmax(1)[:2]]
    assert best == ["nsubj", "obj"]
    assert shares[0].max() == pytest.approx(WEIGHT * np.log(20.5 / 22))
    assert not shares[2].any()  # nothing is known of the root


@pytest.mark.parametrize(("style", "tagged"), [("other", True), (None, True), ("mine", False)])
def test_nothing_is_known_of_another_style_or_of_words_without_tags(style, tagged):
    head = parser("mine", [sentence(["nsubj", "obj", "ROOT"])])
    found = head.recall(Layout([sentence(["nsubj", "obj", "ROOT"], tagged=tagged)]), style)
    if tagged:
        assert found is None
    else:
        kinds = [one.kind for one in found]
        assert kinds == [NOTHING] * 3
        assert not head._usage.shares(kinds, np.array([3, 3, 0]), [3]).any()


def test_treebanks_without_tags_leave_nothing():
    head = parser("mine", [sentence(["nsubj", "obj", "ROOT"], tagged=False)])
    assert USED not in head.settings


@pytest.mark.parametrize(
    "kept",
    [{"NOUN|Acc||VERB|>": "9:1"}, {"NOUN|Acc||VERB|>": "1:0"}, {"NOUN|Acc||VERB|>": "x"}, {"NOUN": "1:1"}],
)
def test_counts_that_no_head_can_have_kept_are_refused(kept):
    with pytest.raises(ValueError):
        Usage({"mine": kept}, 5)


@given(st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=5), min_size=1, max_size=4))
def test_units_side_by_side_are_as_each_alone(units):
    usage = Usage({"mine": {"NOUN|Acc||VERB|>": "1:3", "VERB|||NOUN|<": "2:2 0:1"}}, 4)
    pairs = [("NOUN", "Case=Acc"), ("VERB", ""), ("ADJ", "")]
    kinds = [[usage._kind("mine", *pairs[n % 3]) for n in unit] for unit in units]
    governors = [np.array([n % (len(unit) + 1) for n in unit]) for unit in units]
    sizes = [len(unit) for unit in units]
    whole = usage.shares([one for unit in kinds for one in unit], np.concatenate(governors), sizes)
    alone = [usage.shares(one, of, [len(one)]) for one, of in zip(kinds, governors, strict=True)]
    assert np.array_equal(whole, np.concatenate(alone))


def test_a_kind_is_part_of_speech_case_and_verb_form():
    assert kind("VERB", "Case=Abl|Number=Sing|VerbForm=Part") == "VERB|Abl|Part"
    assert kind("PUNCT", "") == kind("PUNCT", "_") == "PUNCT||"
