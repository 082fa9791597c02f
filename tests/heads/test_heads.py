"""Every head learns eight sentences by heart and writes back exactly what it read."""

import json
from itertools import pairwise, product

import numpy as np
import pytest
import spacy
import torch
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from tiny import gold_docs, word_encoder

from turkic_nlp.components import HeadPipe
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadWordList, CorruptModel
from turkic_nlp.heads import HEADS
from turkic_nlp.heads.base import IGNORE, evenly
from turkic_nlp.heads.lemma import BEST, NONE
from turkic_nlp.layout import Layout
from turkic_nlp.pretokenized import bare
from turkic_nlp.storage import read_head, write_head

VIEWS = {
    "tagger": lambda doc: [(t.pos_, t.tag_, str(t.morph)) for t in doc],
    "lemmatizer": lambda doc: [t.lemma_ for t in doc],
    "parser": lambda doc: [(t.dep_, t.head.i) for t in doc],
    "ner": lambda doc: [(t.ent_iob_, t.ent_type_) for t in doc],
    "textcat": lambda doc: {label for label, share in doc.cats.items() if share > 0.5},
}


SHARES = {"labels": ["bad", "good"], "exclusive": True, "width": 8, "word_width": 4, "styles": ["a", "b"]}


def test_a_classifier_follows_the_shares_of_a_style_when_it_reads_and_not_when_it_learns():
    torch.manual_seed(1)
    plain = HEADS["textcat"](SHARES).eval()
    told = HEADS["textcat"]({**SHARES, "shares": {"b": {"bad": 0.2, "good": 0.8}}}).eval()
    told.load_state_dict(plain.state_dict())
    words, sizes = torch.randn(5, 4), [2, 3]
    for style, shift in ((0, [0.0, 0.0]), (1, [0.0, 0.0]), (2, np.log([0.4, 1.6]))):
        expected = plain(words, sizes, style) + torch.tensor(shift).float()
        assert torch.allclose(told(words, sizes, style), expected)
    for head in (plain, told):
        head.train()
        head.project.dropout.p = 0.0
    assert torch.equal(told(words, sizes, 2), plain(words, sizes, 2))


@pytest.mark.parametrize("shares", [{"b": {"bad": 0.2}}, {"b": {"bad": 0.0, "good": 1.0}}, ["b"], {"b": 1}])
def test_shares_that_are_none_are_refused(tmp_path, shares):
    write_head(HEADS["textcat"](SHARES), tmp_path, style=None)
    settings = json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"))
    (tmp_path / "settings.json").write_text(json.dumps({**settings, "shares": shares}), encoding="utf-8")
    with pytest.raises(CorruptModel, match="T402"):
        read_head("textcat", tmp_path)


@pytest.fixture(scope="module")
def words() -> WordEncoder:
    return word_encoder()


def encoded(words, docs):
    with torch.no_grad():
        parts = [[token.text for token in doc] for doc in docs]
        return words(parts, ["kk"] * len(parts), 4096)


def train(words, task, docs, steps=150):
    torch.manual_seed(1)
    settings = HEADS[task].learn_settings(docs, word_width=words.encoder.word_width, styles=["tiny"])
    head = HEADS[task](settings)
    vectors, sizes = torch.cat(encoded(words, docs)), [len(doc) for doc in docs]
    gold = [head.gold(doc) for doc in docs]
    optimiser = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        head.loss(head(vectors, sizes, 1), gold).backward()
        optimiser.step()
    return head.eval()


@pytest.mark.parametrize("task", HEADS)
def test_a_head_learns_by_heart_and_survives_saving(words, task, tmp_path):
    docs = gold_docs()
    head = train(words, task, docs)
    write_head(head, tmp_path, style="tiny")
    again, style = read_head(task, tmp_path)
    for pipe in (HeadPipe(task, task, head, "tiny"), HeadPipe(task, task, again, style)):
        guesses = [bare(doc) for doc in docs]
        for guess, vectors in zip(guesses, encoded(words, docs), strict=True):
            guess.tensor = vectors.numpy()
        pipe.annotate(guesses)
        assert [VIEWS[task](guess) for guess in guesses] == [VIEWS[task](doc) for doc in docs]


@pytest.mark.parametrize("task", HEADS)
def test_a_doc_without_annotation_has_no_gold(words, task):
    docs = gold_docs()
    settings = HEADS[task].learn_settings(docs, word_width=8, styles=[])
    assert HEADS[task](settings).gold(bare(docs[0])) is None


@pytest.mark.parametrize("task", HEADS)
def test_damaged_settings_are_a_numbered_error(task, tmp_path):
    (tmp_path / "settings.json").write_text(json.dumps({"styles": []}), encoding="utf-8")
    with pytest.raises(CorruptModel, match="T402"):
        read_head(task, tmp_path)


def test_entities_begin_with_b_whatever_the_scores():
    docs = gold_docs()
    head = HEADS["ner"](HEADS["ner"].learn_settings(docs, word_width=8, styles=[]))
    scores = torch.tensor([[0.0, 1.0, 5.0], [0.0, 1.0, 5.0], [5.0, 0.0, 4.0]])
    assert head.predict(scores, [3]).tolist() == [1, 2, 0]


def test_tags_are_only_ever_a_bundle_that_training_has_seen():
    docs = gold_docs()
    head = HEADS["tagger"](HEADS["tagger"].learn_settings(docs, word_width=8, styles=[])).eval()
    seen = {(token.pos_, str(token.morph)) for doc in docs for token in doc}
    vectors = torch.randn(200, 8, generator=torch.Generator().manual_seed(1)) * 20
    guess = Doc(docs[0].vocab, ["сөз"] * 200)
    head.annotate(Layout([guess]), head.predict(head(vectors, [200], 0), [200]))
    found = {(token.pos_, str(token.morph)) for token in guess}
    assert found <= seen
    assert len(found) > 1


def test_a_word_without_a_upos_teaches_a_tagger_nothing():
    head = HEADS["tagger"]({**HEADS["tagger"].learn_settings(gold_docs()), "word_width": 4, "styles": []})
    doc = gold_docs()[0]
    before = head.gold(doc)
    assert (before != IGNORE).all()
    doc[1].pos_ = ""
    after = head.gold(doc)
    assert (after[1] == IGNORE).all()
    assert torch.equal(after[[0, 2, 3]], before[[0, 2, 3]])


def test_a_form_with_one_lemma_in_all_sentences_keeps_it_and_one_with_two_does_not():
    vocab = spacy.blank("kk").vocab
    sentences = [("алма", "алма"), ("алды", "ал"), ("алды", "алды"), ("алды", "ал"), ("балаға", "бала")]
    docs = [Doc(vocab, words=[form, "."], lemmas=[lemma, "."]) for form, lemma in sentences]
    paradigm = [Doc(vocab, words=["барды"], lemmas=["бар"])]  # of a list of forms, not of a sentence
    settings = HEADS["lemmatizer"].learn_settings([*docs, *docs, *paradigm], width=8)
    assert settings["agreed"] == {"kk": "алма балаға"}
    assert settings["pairs"]["kk"]["алды"] == "ал"
    whole = [
        Doc(vocab, words=[form], lemmas=[lemma], pos=["VERB"])
        for form, lemma in (("барды", "бар"), ("алма", "ал"))
    ]
    known = HEADS["lemmatizer"].learn_settings([*docs, *docs, *whole], width=8)
    assert known["agreed"] == {"kk": "балаға барды"}, "a list with parts of speech counts like sentences"
    head = HEADS["lemmatizer"]({**settings, "word_width": 4, "styles": []}).eval()
    cut_all = head.scripts.index("l;2;")
    labels = np.zeros(3, dtype=BEST)
    labels["rows"] = NONE
    labels["rows"][:, 0] = cut_all
    doc = Doc(vocab, words=["алма", "барды", "балаға"])
    head.annotate(Layout([doc]), labels)
    assert [t.lemma_ for t in doc] == ["алма", "бар", "бала"]


@pytest.mark.parametrize(("script", "lemma"), [("l;0;", "сүт"), ("k;0;", "Сүт")])
def test_what_all_sentences_say_of_a_capital_word_is_written_small_where_the_script_says_so(script, lemma):
    """One treebank keeps the capital of a sentence's first word; another does not."""
    seen = {"Сүт": "Сүт", "сүт": "сүт", "Ош": "Ош"}
    kept = {"pairs": {"ky": seen}, "agreed": {"ky": "Сүт сүт Ош"}, "lemmas": [], "words": {}, "styles": []}
    head = HEADS["lemmatizer"]({"scripts": [script], "width": 8, "word_width": 8, **kept}).eval()
    labels = np.zeros(2, dtype=BEST)
    labels["rows"][:, 1:] = NONE
    doc = Doc(spacy.blank("ky").vocab, words=["Сүт", "Ош"])
    head.annotate(Layout([doc]), labels)
    assert [token.lemma_ for token in doc] == [lemma, "Ош"]


def test_a_form_of_several_lemmas_gets_that_of_its_part_of_speech():
    vocab = spacy.blank("uz").vocab
    rows = [("olma", "olma", "NOUN"), ("olma", "ol", "VERB"), ("ot", "ot", "NOUN"), ("ot", "ot", "VERB")]
    rows += [("yoz", "yoz", "NOUN"), ("yoz", "yoz", "VERB"), ("yoz", "yo", "VERB")]
    docs = [Doc(vocab, words=[form], lemmas=[lemma], pos=[pos]) for form, lemma, pos in rows]
    settings = HEADS["lemmatizer"].learn_settings([*docs, *docs], width=8)
    assert settings["by_tag"] == {"uz": {"olma NOUN": "olma", "olma VERB": "ol", "yoz NOUN": "yoz"}}
    head = HEADS["lemmatizer"]({**settings, "word_width": 4, "styles": []}).eval()
    labels = np.zeros(3, dtype=BEST)
    labels["rows"] = NONE
    labels["rows"][:, 0] = head.scripts.index("l;2;")
    for tags, lemmas in ((["NOUN", "VERB", "ADJ"], ["olma", "ol", "ol"]), (None, ["ol", "ol", "ol"])):
        doc = Doc(vocab, words=["olma"] * 3, pos=tags)
        head.annotate(Layout([doc]), labels)
        assert [token.lemma_ for token in doc] == lemmas


def test_a_doubtful_lemma_is_the_one_that_raw_text_knows(tmp_path):
    words = tmp_path / "words.tsv"
    words.write_text("kk\tжалғасты\nkk\tжалғас\n", encoding="utf-8")
    docs = gold_docs()
    settings = HEADS["lemmatizer"].learn_settings(docs, words=str(words), word_width=8, styles=[])
    head = HEADS["lemmatizer"]({**settings, "scripts": ["l;2;", "l;3;"]})
    guess = Doc(spacy.blank("kk").vocab, ["жалғасты"])
    best = np.array([([1, 0] + [NONE] * 4, [-0.4, -1.1] + [0.0] * 4)], dtype=BEST)
    head.annotate(Layout([guess]), best)
    assert guess[0].lemma_ == "жалғас"


@pytest.mark.parametrize(("known", "lemma"), [({}, "уна"), ({"улар": "у"}, "у")])
def test_raw_text_vouches_for_a_single_letter_only_where_it_is_the_lemma_of_a_longer_form(known, lemma):
    words = Doc(spacy.blank("uz").vocab, ["унади"])
    kept = {"pairs": {"uz": known}, "lemmas": [], "words": {"uz": "у"}, "word_width": 8, "styles": []}
    head = HEADS["lemmatizer"]({"scripts": ["l;2;", "l;4;"], "width": 8, **kept})
    best = np.array([([0, 1] + [NONE] * 4, [0.0, -1.5] + [0.0] * 4)], dtype=BEST)
    head.annotate(Layout([words]), best)
    assert words[0].lemma_ == lemma


def test_a_doubtful_lemma_is_the_one_that_cuts_a_known_ending():
    vocab = spacy.blank("uz").vocab
    pairs = {"kelsin": "kel", "kitobga": "kitob", "oldi": "ol"}
    docs = [Doc(vocab, words=[form, "."], lemmas=[lemma, "."]) for form, lemma in pairs.items()]
    settings = HEADS["lemmatizer"].learn_settings(docs, word_width=8, styles=[])
    assert settings["endings"] == {"uz": "di ga sin"}
    head = HEADS["lemmatizer"]({**settings, "scripts": ["l;3;", "l;4;"]})
    best = np.array([([1, 0] + [NONE] * 4, [0.0, -1.5] + [0.0] * 4)], dtype=BEST)
    for lang, text, lemma in (("uz", "yopsin", "yop"), ("uz", "xatni", "x"), ("tr", "yapsin", "ya")):
        guess = Doc(spacy.blank(lang).vocab, [text])
        head.annotate(Layout([guess]), best)
        assert guess[0].lemma_ == lemma


def test_a_common_noun_gets_a_small_letter_where_that_is_the_rule():
    def gold(form: str, pos: str, lemma: str) -> Doc:
        return Doc(spacy.blank("kk").vocab, words=[form, "."], pos=[pos, "PUNCT"], lemmas=[lemma, "."])

    names = [gold("Алматыда", "PROPN", "Алматы")] * 9
    small = [gold("Балаға", "NOUN", "бала")] * 4 + [gold("Үйде", "NOUN", "Үй"), *names]
    large = [gold("Балаға", "NOUN", "бала"), *[gold("Үйде", "NOUN", "Үй")] * 4, *names]
    settings = HEADS["lemmatizer"].learn_settings(small + large, word_width=8)
    head = HEADS["lemmatizer"]({**settings, "styles": ["large", "small", "tiny"]}).eval()
    for style, docs in (("large", large), ("small", small), ("tiny", small)):
        head.remember(docs, style)
    words = ["Далада", "Астанада", "КСРО", "Ә.", "жерде", "Далада"]
    doc = Doc(spacy.blank("kk").vocab, words, pos=["NOUN", "PROPN", "NOUN", "NOUN", "NOUN", ""])
    assert head.recall(Layout([doc]), "large") is None
    for style in ("small", "another"):
        found = head.recall(Layout([doc]), style)
        assert found == [True, *[False] * 5]
    scores = torch.randn(6, len(head.scripts), generator=torch.Generator().manual_seed(1))
    best = head.weigh(scores.clone(), found).argmax(-1).tolist()
    assert head.scripts[best[0]].startswith("l;")
    assert best[1:] == scores.argmax(-1).tolist()[1:]


def test_a_broken_word_list_is_a_numbered_error(tmp_path):
    (tmp_path / "words.tsv").write_text("жалғас\n", encoding="utf-8")
    with pytest.raises(BadWordList, match="T507"):
        HEADS["lemmatizer"].learn_settings(gold_docs(), words=str(tmp_path / "words.tsv"))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_entities_are_the_best_valid_labels_of_all(seed, sizes):
    head = HEADS["ner"]({"types": ["LOC", "PER"], "word_width": 4, "styles": [], "width": 4})
    scores = torch.randn(sum(sizes), 5, generator=torch.Generator().manual_seed(seed))
    found = np.split(head.predict(scores, sizes), np.cumsum(sizes)[:-1])
    for labels, part in zip(found, np.split(scores.numpy(), np.cumsum(sizes)[:-1]), strict=True):
        paths = [path for path in product(range(5), repeat=len(part)) if is_valid(path)]
        best = max(paths, key=lambda path: sum(part[word, label] for word, label in enumerate(path)))
        assert labels.tolist() == list(best)


def is_valid(path):
    return all(
        label % 2 or not label or before in (label, label - 1) for before, label in pairwise([0, *path])
    )


@given(st.integers(0, 500), st.integers(1, 100))
def test_items_are_drawn_evenly(size, most):
    found = evenly(range(size), most)
    assert len(found) <= most
    assert size <= most or len(found) >= most / 2
    gaps = {two - one for one, two in pairwise(found)}
    assert len(gaps) <= 1
    assert size > most or list(found) == list(range(size))
