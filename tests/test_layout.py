"""The words, sentences and documents of a batch, against what spaCy says of each Doc alone."""

import spacy
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.layout import Layout, places

NLP = spacy.blank("kk")
NLP.add_pipe("turkic_sentences")
TEXTS = st.lists(st.text("аБ.  \n", max_size=12), max_size=5)


@given(TEXTS)
def test_sentences_are_those_of_each_doc_without_white_space(texts):
    layout = Layout([NLP(text) for text in texts])
    found = zip(layout.owners(layout.sentences[:-1]), layout.sentence_texts(), strict=True)
    whole = [
        (n, [t.text for t in sent if not t.is_space])
        for n, doc in enumerate(layout.docs)
        for sent in doc.sents
    ]
    assert list(found) == [(n, words) for n, words in whole if words]


@given(TEXTS)
def test_documents_are_those_that_have_words(texts):
    layout = Layout([NLP(text) for text in texts])
    words = [[t.i for t in doc if not t.is_space] for doc in layout.docs]
    assert layout.with_words == [n for n, some in enumerate(words) if some]
    for n, start, end in zip(layout.with_words, layout.documents, layout.documents[1:], strict=False):
        assert (layout.words[start:end] - layout.tokens[n]).tolist() == words[n]


def test_the_places_of_units_come_unit_by_unit():
    layout = Layout([NLP("Бір екі. Үш."), NLP("Төрт.")])
    assert layout.sentences.tolist() == [0, 3, 5, 7]
    assert places(layout.sentences, [2, 0]).tolist() == [5, 6, 0, 1, 2]
