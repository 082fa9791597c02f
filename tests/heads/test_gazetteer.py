"""Lists of names: their classes by form, the endings that may follow, and what they tell of a name never met."""

from __future__ import annotations

import pytest
import spacy
import torch
from folders import refused
from spacy.tokens import Doc

from turkic_nlp.heads import HEADS
from turkic_nlp.heads.gazetteer import ENDINGS, NAMES, Gazetteer, classes_by_form
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.storage import read_head, write_head

ROWS = [
    {"name": "Абай", "class": "given"},
    {"name": "Абай", "class": "gpe"},
    {"name": "Астана", "class": "gpe"},
    {"name": "Астана банкі", "class": "organisation"},
    {"name": "Қарағанды", "class": "gpe"},
    {"name": "Қарағандыбай", "class": "given"},
    {"name": "Ош", "class": "gpe"},
    {"name": "ЭКСПО-2017", "class": "event"},
    {"name": "Союз 7", "class": "product"},
]
NAMED = Gazetteer(classes_by_form(ROWS, "kk"), {"kk": "da nın", "uz": "da"})


def test_a_name_has_all_its_classes_and_the_words_of_longer_names_say_so():
    assert classes_by_form(ROWS, "kk") == {
        "abay": "given gpe",
        "astana": "+organisation gpe",
        "banki": "+organisation",
        "karagandı": "gpe",
        "karagandıbay": "given",
        "oş": "gpe",
        "ekspo-2017": "event",
        "soyuz": "product",
    }


@pytest.mark.parametrize(
    ("word", "lang", "classes"),
    [
        ("Абай", "kk", ["given", "gpe"]),
        ("АБАЙДА", "kk", ["given", "gpe"]),
        ("Абай-да", "kk", ["given", "gpe"]),
        ("Абайдың", "kk", []),  # an ending that was not met
        ("Қарағандыбайда", "kk", ["given"]),  # the longest name
        ("Abayda", "uz", ["given", "gpe"]),
        ("Абай", "ky", []),  # nothing was learned in this language
        ("Ошта", "kk", []),  # too short to tell
        ("", "kk", []),
    ],
)
def test_a_word_has_the_classes_of_the_longest_name_before_a_known_ending(word, lang, classes):
    assert list(NAMED(shared_form(word, lang), lang)) == classes


def doc_of(text: str, *ents: str) -> Doc:
    return Doc(
        spacy.blank("kk").vocab, text.split(), ents=list(ents) or None, sent_starts=[True, False, False]
    )


def test_endings_are_those_that_several_entities_have():
    names = ["Абайда", "Астанада", "Қарағандыда", "Абайдың", "Астанадан", "Ошта"]
    docs = [doc_of(f"Ол {name} тұрады", "O", "B-GPE", "O") for name in names]
    docs.append(doc_of("Абайға Астанаға Қарағандыға", "O", "O", "O"))
    assert Gazetteer(classes_by_form(ROWS, "kk"), {}).endings_of(docs) == {"kk": "da"}
    assert NAMED.endings_of(docs) == {"kk": "da nın"}


PLACES, OTHERS = (
    [f"{first}{last}" for first in "АБВГДЕЖЗ" for last in ends] for ends in (("баба", "дада"), ("рол", "сул"))
)
LISTED = {shared_form(name, "kk"): "gpe" for name in PLACES}


def entities(names: dict[str, str] | None):
    """A head that has met places and as many other words with a capital; its network says nothing."""
    docs = [doc_of(f"Бұл {name} екен", "O", "B-GPE", "O") for name in PLACES]
    docs += [doc_of(f"Бұл {name} екен", "O", "O", "O") for name in OTHERS]
    settings = HEADS["ner"].learn_settings(docs, names=names, width=8)
    head = HEADS["ner"]({**settings, "word_width": 4, "styles": ["mine"]}).eval()
    torch.nn.init.zeros_(head.out.weight)
    torch.nn.init.zeros_(head.out.bias)
    head.remember(docs, "mine")
    return head


@torch.no_grad()
def labels_of(head, text: str) -> list[int]:
    doc = doc_of(text)
    scores = head(torch.zeros(3, 4), [3], 1)
    return list(head.predict(head.weigh(scores, head.recall(Layout([doc]), "mine")), [3]))


def test_a_listed_name_that_was_never_met_is_found():
    known = {**LISTED, "kökşe": "gpe"}
    assert labels_of(entities(known), "Бұл Көкше екен") == [0, 1, 0]
    assert labels_of(entities(LISTED), "Бұл Көкше екен") == [0, 0, 0]


def test_a_head_keeps_its_names_on_disk(tmp_path):
    head = entities({**LISTED, "kökşe": "gpe"})
    write_head(head, tmp_path, style=None)
    again, _ = read_head("ner", tmp_path)
    assert again.settings[NAMES] == head.settings[NAMES]
    assert again.settings[ENDINGS] == head.settings[ENDINGS]
    assert labels_of(again, "Бұл Көкше екен") == [0, 1, 0]


@pytest.mark.parametrize(
    "kept", [{NAMES: ["a"]}, {NAMES: {"a": 1}}, {ENDINGS: "da"}, {ENDINGS: {"kk": None}}]
)
def test_damaged_names_are_refused(tmp_path, kept):
    assert refused(entities(LISTED), tmp_path, **kept)
