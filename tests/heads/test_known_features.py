"""A tagger writes no features that its style does not give to the part of speech, nor those that a language lacks."""

from __future__ import annotations

import pytest
import spacy
import torch
from folders import refused
from spacy.tokens import Doc

from turkic_nlp.components import HeadPipe
from turkic_nlp.heads import HEADS
from turkic_nlp.heads.known_features import FEATURES, LEAST, features_of, fitting, in_language
from turkic_nlp.storage import read_head, write_head

VOCABS = {lang: spacy.blank(lang).vocab for lang in ("kk", "ky")}


def sentence(lang: str, *morphs: str, pos: tuple[str, ...] = ("NOUN", "VERB")) -> Doc:
    return Doc(VOCABS[lang], words=["а", "б"], pos=list(pos), morphs=list(morphs))


RICH = [
    sentence("kk", "Case=Nom|Gender=Fem|Number=Sing", "Tense=Past"),
    sentence("kk", "Case=Dat", ""),
] * LEAST
PLAIN = [sentence("ky", "Case=Nom", "Tense=Past"), sentence("kk", "Case=Dat|Gender=Fem", "")] * LEAST
BARE = [sentence("ky", "", "")]
SOME = [sentence("kk", "Case=Loc", "", pos=("NOUN", ""))]


def test_whole_sentences_say_what_a_style_has_and_others_add_to_it():
    found = features_of([*PLAIN, *BARE, *SOME], "mine")
    assert found == {
        "kk mine": "NOUN|Case=Dat NOUN|Case=Loc NOUN|Gender=Fem",
        "ky mine": "NOUN|Case=Nom VERB|Tense=Past",
    }
    assert features_of(BARE * LEAST, "mine") == features_of(SOME * LEAST, "mine") == {}


def test_a_few_sentences_do_not_tell_what_a_style_lacks():
    enough = PLAIN[: LEAST // 2]
    assert features_of(enough, "mine")
    assert features_of(enough[:-1], "mine") == {}


def test_a_style_has_the_bundles_whose_every_value_it_gives_to_the_part_of_speech():
    bundles = ["NOUN", "NOUN|Case=Nom", "NOUN|Case=Nom|Tense=Past", "VERB|Case=Nom", "X"]
    table = fitting({"ky mine": "NOUN|Case=Nom VERB|Tense=Past"}, ["mine", "other"], bundles)
    assert table.tolist() == [[True] * 5, [True, True, False, False, True], [True] * 5]


def test_a_language_has_the_features_that_it_has_in_any_style():
    kept = {
        "ky one": "NOUN|Case=Nom",
        "ky two": "VERB|Tense=Past",
        "kk one": "NOUN|Case=Nom NOUN|Gender=Fem VERB|Tense=Past",
    }
    bundles = ["NOUN", "NOUN|Case=Dat|Gender=Fem", "VERB|Tense=Fut"]
    assert in_language(kept, "ky", bundles) == ["", "Case=Dat", "Tense=Fut"]
    whole = ["", "Case=Dat|Gender=Fem", "Tense=Fut"]
    assert in_language(kept, "kk", bundles) == in_language({}, "ky", bundles) == whole


def a_tagger(**by_style: list[Doc]):
    torch.manual_seed(3)
    kind = HEADS["tagger"]
    docs = [doc for found in by_style.values() for doc in found]
    settings = kind.learn_settings(docs, width=8, clued=[])
    head = kind({**settings, "word_width": 4, "styles": sorted(by_style)}).eval()
    for style, found in by_style.items():
        head.remember(found, style)
    return head


def written(head, lang: str, style: str | None) -> set[str]:
    """Pairs of a part of speech and a value in what the head makes of noise, in a batch with the other language."""
    torch.manual_seed(1)
    docs = [Doc(VOCABS[one], words=[f"{n}", f"{n}х"]) for n in range(60) for one in ("kk", "ky")]
    for doc in docs:
        doc.tensor = torch.randn(len(doc), 4).numpy() * 9
    HeadPipe("tagger", "tagger", head, style).annotate(docs)
    tokens = [token for doc in docs if doc.lang_ == lang for token in doc]
    return {f"{token.pos_}|{one}" for token in tokens for one in str(token.morph).split("|") if one}


@pytest.mark.parametrize("saved", [False, True])
def test_every_style_keeps_to_its_own_values_and_every_language_to_its_features(tmp_path, saved):
    head = a_tagger(rich=RICH, plain=PLAIN)
    if saved:
        write_head(head, tmp_path, style=None)
        head, _ = read_head("tagger", tmp_path)
    rich = {"NOUN|Case=Nom", "NOUN|Case=Dat", "NOUN|Gender=Fem", "NOUN|Number=Sing", "VERB|Tense=Past"}
    assert written(head, "kk", "rich") == rich
    assert written(head, "kk", "plain") == rich - {"NOUN|Number=Sing"}
    assert written(head, "ky", "rich") == rich - {"NOUN|Number=Sing", "NOUN|Gender=Fem"}
    assert written(head, "ky", None) == rich - {"NOUN|Number=Sing", "NOUN|Gender=Fem"}


def test_a_head_that_kept_none_may_write_any():
    head = a_tagger(rich=RICH, plain=PLAIN)
    del head.settings[FEATURES]
    again = HEADS["tagger"](head.settings).eval()
    again.load_state_dict(head.state_dict())
    assert "NOUN|Number=Sing" in written(again, "ky", "plain")


@pytest.mark.parametrize(
    "kept", [["NOUN|Case=Nom"], {"ky plain": ["NOUN|Case=Nom"]}, {"ky plain": 1}, "NOUN"]
)
def test_damaged_features_are_refused(tmp_path, kept):
    assert refused(a_tagger(rich=RICH), tmp_path, **{FEATURES: kept})
