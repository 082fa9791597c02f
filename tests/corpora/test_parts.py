"""The parts of a divided test set: together the whole of it, no text in two of them."""

from __future__ import annotations

import pytest
from spacy.vocab import Vocab

from turkic_nlp.corpora import docs, sentences, text_key
from turkic_nlp.corpora.parts import PARTS
from turkic_nlp.errors import NoPart, UnknownSplit

DIVIDED = ["ud-kazakh-ktb", "ud-uzbek-ut"]


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


def test_a_corpus_that_is_not_divided_has_no_parts() -> None:
    with pytest.raises(UnknownSplit, match="T321"):
        sentences("ud-kyrgyz-ktmu", "product-test")


def test_a_sentence_of_an_unlisted_document_is_a_numbered_error(make, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    text = "# sent_id = new.txt:1:0\n# text = Ол\n1\tОл\tол\tPRON\t_\t_\t0\troot\t_\t_\n\n"
    make("conllu", {"test.conllu": text.encode()}, parts="test")
    monkeypatch.setattr("turkic_nlp.corpora.parts._places", lambda id: {})
    with pytest.raises(NoPart, match=r"T329.*new\.txt"):
        list(sentences("x", "product-test"))
