"""The project's own entities: valid IOB2, three labels, one size, nothing twice, and in reach without a mirror."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from spacy.vocab import Vocab

from turkic_nlp import scripts
from turkic_nlp.corpora import card, docs, files, text_key
from turkic_nlp.corpora.catalog import folder
from turkic_nlp.corpora.check import count

CARD = card("project-ner")
SCRIPT = {"uz": scripts.Script.LATN, "ky": scripts.Script.CYRL, "tk": scripts.Script.LATN}
TAGS = {"O", *(f"{place}-{label}" for place in "BI" for label in ("PER", "LOC", "ORG"))}

Block = list[tuple[str, str]]


pytestmark = pytest.mark.usefixtures("nothing_but_the_package")


@pytest.fixture(params=CARD.languages)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def path_of(lang: str) -> Path:
    return folder() / "project-ner" / f"{lang}.iob2"


def lines_of(lang: str) -> list[str]:
    return path_of(lang).read_text(encoding="utf-8").split("\n")


def sentences(lang: str) -> list[Block]:
    """Read here with no help from the reader, which mends wrong tags."""
    text = "\n".join(line for line in lines_of(lang) if not line.startswith("# "))
    cells = ([tuple(line.split("\t")) for line in block.split("\n")] for block in text.strip().split("\n\n"))
    return list(cells)  # type: ignore[arg-type]


def test_there_are_150_sentences_and_none_stands_twice(lang: str) -> None:
    keys = [text_key(" ".join(word for word, _ in block)) for block in sentences(lang)]
    assert len(keys) == len(set(keys)) == 150


def test_every_line_is_one_word_and_one_of_seven_tags(lang: str) -> None:
    for block in sentences(lang):
        assert all(len(line) == 2 and line[0] == line[0].strip() != "" and line[1] in TAGS for line in block)
        assert not any(" " in word for word, _ in block)


def test_an_entity_begins_with_b_and_goes_on_with_its_own_label(lang: str) -> None:
    for block in sentences(lang):
        tags = ["O", *(tag for _, tag in block)]
        wrong = [(a, b) for a, b in pairwise(tags) if b[0] == "I" and a[1:] != b[1:]]
        assert not wrong, block


def test_about_one_sentence_in_seven_has_no_entity_and_all_labels_occur(lang: str) -> None:
    blocks = sentences(lang)
    empty = sum(all(tag == "O" for _, tag in block) for block in blocks)
    assert 15 <= empty <= 30
    for label in CARD.labels:
        assert sum(tag == f"B-{label}" for block in blocks for _, tag in block) >= 30


def test_the_words_are_in_the_script_of_the_language(lang: str) -> None:
    text = " ".join(word for block in sentences(lang) for word, _ in block)
    assert scripts.detect_script(text) == SCRIPT[lang]
    assert lang != "uz" or not set(text) & set("'’‘`"), "apostrophes are U+02BB and U+02BC"


def test_the_head_of_a_file_says_who_made_it_and_its_licence(lang: str) -> None:
    head = " ".join(line for line in lines_of(lang) if line.startswith("# "))
    assert "project-annotated, not by native speakers" in head
    assert "CC0-1.0" in head


def test_gold_docs_come_without_a_mirror_or_the_network(lang: str) -> None:
    found = list(docs("project-ner", "test", Vocab(), lang=lang))
    assert len(found) == 150
    assert {ent.label_ for doc in found for ent in doc.ents} == set(CARD.labels)


def test_the_counts_of_a_file_are_those_of_the_card(lang: str) -> None:
    path = files("project-ner", lang=lang)["test"]
    assert path == path_of(lang)
    assert CARD.file("test", lang).counts == count(CARD, CARD.file("test", lang), path)


def test_labels_of_kaznerd_are_read_as_labels_that_the_set_has() -> None:
    assert set(CARD.same_as.values()) == set(CARD.labels)
    assert not set(CARD.same_as) & set(CARD.labels)
