"""The parts of a divided test set: together the whole of it, no text in two of them."""

from __future__ import annotations

import hashlib

import pytest
from spacy.vocab import Vocab

from turkic_nlp.corpora import docs, load, sentences, text_key
from turkic_nlp.corpora.catalog import PARTS, card, folder
from turkic_nlp.errors import NoPart, UnknownSplit

DIVIDED = ["ud-kazakh-ktb", "ud-uzbek-ut"]
DIGESTS = {
    "ud-kazakh-ktb": "ab4ede7b498e4ca2a0c19a8690f1b175e911df4cfbc3c23eec6b69f240bf0ca2",
    "ud-uzbek-ut": "5d2dd2749285b0ea84bfc86864fac6be6f108df8dd61c7bd1aa0543fc4e07dae",
}
LIST = {
    "a.txt": [(1, 2, "product-train"), (3, 9, "product-test")],
    "b.txt": [(1, 9, "product-dev")],
    "*": [(1, 9999, "product-train")],
}
TEXTS = {
    "a.txt:1:0": "Бір",
    "a.txt:2:17": "Екі",
    "a.txt:3:40": "Үш",
    "b.txt:1:0": "«Бір»",
    "b.txt:2:9": "үш!",
    "new.txt:7:0": "Төрт",
}
EXPECTED = {
    "product-test": ["a.txt:3:40"],
    "product-dev": ["b.txt:1:0"],
    "product-train": ["a.txt:2:17", "new.txt:7:0"],
}


@pytest.mark.shared
@pytest.mark.parametrize("id", DIVIDED)
def test_parts_cover_the_test_set_and_share_no_text(mirror: object, id: str) -> None:
    parts = {part: list(sentences(id, part)) for part in PARTS}
    keys = {part: {text_key(s.text or "") for s in found} for part, found in parts.items()}
    whole = {text_key(s.text or "") for s in sentences(id, "test")}
    assert set().union(*keys.values()) == whole
    assert sum(map(len, keys.values())) == len(whole)
    words = {part: sum(len(s.words) for s in found) for part, found in parts.items()}
    shares = [words[part] / sum(words.values()) for part in PARTS]
    assert shares == pytest.approx([0.3, 0.1, 0.6], abs=0.06)


@pytest.mark.shared
def test_a_part_gives_docs_like_a_split(mirror: object) -> None:
    found = list(docs("ud-kazakh-ktb", "product-dev", Vocab()))
    assert len(found) == len(list(sentences("ud-kazakh-ktb", "product-dev")))
    assert found[0].has_annotation("DEP")


@pytest.mark.shared
def test_the_parts_are_tables_too(mirror: object) -> None:
    tables = load("ud-uzbek-ut")
    assert {part: len(tables[part.replace("-", "_")]) for part in PARTS} == {
        "product-test": 150,
        "product-dev": 50,
        "product-train": 300,
    }


@pytest.mark.parametrize("id", DIVIDED)
def test_a_division_never_changes(id: str) -> None:
    data = (folder() / "splits" / f"{id}.tsv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGESTS[id]


@pytest.mark.parametrize("id", DIVIDED)
def test_an_unknown_split_of_a_divided_treebank_is_told_the_parts(id: str) -> None:
    with pytest.raises(UnknownSplit, match=r"T321.*product-train"):
        card(id).file("product")


def treebank(texts: dict[str, str]) -> bytes:
    block = "# sent_id = {}\n# text = {}\n1\t{}\t_\tX\t_\t_\t0\troot\t_\t_\n\n"
    return "".join(block.format(name, text, text) for name, text in texts.items()).encode()


def test_documents_stay_whole_and_repeated_texts_stay_in_the_part_that_tests(make, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    make("conllu", {"test.conllu": treebank(TEXTS)}, parts="test")
    monkeypatch.setattr("turkic_nlp.corpora.parts._places", lambda id: LIST)
    assert {part: [s.sent_id for s in sentences("x", part)] for part in PARTS} == EXPECTED


def test_a_corpus_that_is_not_divided_has_no_parts() -> None:
    with pytest.raises(UnknownSplit, match="T321"):
        sentences("ud-kyrgyz-ktmu", "product-test")


def test_a_sentence_of_an_unlisted_document_is_a_numbered_error(make, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    make("conllu", {"test.conllu": treebank({"new.txt:1:0": "Ол"})}, parts="test")
    monkeypatch.setattr("turkic_nlp.corpora.parts._places", lambda id: {})
    with pytest.raises(NoPart, match=r"T329.*new\.txt"):
        list(sentences("x", "product-test"))
