"""evaluation: scores that can be worked out by hand, and gold that cannot be scored."""

from __future__ import annotations

import json

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from turkic_nlp import conllu, load
from turkic_nlp.errors import BadGold, NothingToScore, TurkicError, UnreadableFile
from turkic_nlp.evaluation import (
    evaluate,
    from_corpus,
    from_file,
    in_style_of,
    raw_texts,
    score_categories,
    score_entities,
    score_treebank,
)

GOLD = """\
# newdoc id = d1
# sent_id = 1
# text = Ал келди.
1\tАл\tал\tPRON\tprn\tCase=Nom\t2\tnsubj\t_\t_
2\tкелди\tкел\tVERB\tv\tTense=Past\t0\troot\t_\tSpaceAfter=No
3\t.\t.\tPUNCT\tsent\t_\t2\tpunct\t_\t_

# newpar
# sent_id = 2
# text = Ким?
1\tКим\tким\tPRON\tprn\tCase=Nom\t0\troot\t_\tSpaceAfter=No
2\t?\t?\tPUNCT\tsent\t_\t1\tpunct\t_\tSpaceAfter=No

# newdoc id = d2
# sent_id = 3
# text = барбы
1-2\tбарбы\t_\t_\t_\t_\t_\t_\t_\t_
1\tбар\tбар\tADJ\tadj\t_\t0\troot\t_\t_
2\tбы\tбы\tAUX\tqst\t_\t1\taux:q\t_\t_

"""
ANSWERS = {
    "ал": ("PRON", "prn", "Case=Nom", "ал"),
    "келди": ("VERB", "v", "Tense=Past", "кел"),
    "ким": ("PRON", "prn", "Case=Gen", "ким"),
    "бар": ("VERB", "adj", "", "бар"),
    "бы": ("AUX", "qst", "", "бы"),
    "барбы": ("VERB", "adj", "", "бар"),
}


@Language.component("knows_the_answers")
def knows_the_answers(doc: Doc) -> Doc:
    for token in doc:
        answer = ANSWERS.get(token.lower_, ("PUNCT", "sent", "", token.text))
        token.pos_, token.tag_, morph, token.lemma_ = answer
        token.set_morph(morph)
    return doc


@Language.component("hangs_all_on_the_second_word")
def hangs_all_on_the_second_word(doc: Doc) -> Doc:
    for sent in doc.sents:
        root = sent[min(1, len(sent) - 1)]
        for token in sent:
            token.head, token.dep_ = (
                root,
                "ROOT" if token.i == root.i else "punct" if token.is_punct else "nsubj",
            )
    return doc


@Language.component("finds_capitals")
def finds_capitals(doc: Doc) -> Doc:
    doc.ents = [Span(doc, t.i, t.i + 1, label="PER") for t in doc if t.is_title]
    return doc


@Language.component("likes_sports")
def likes_sports(doc: Doc) -> Doc:
    doc.cats = {"sports": 0.9 if "оюн" in doc.text else 0.2, "travel": 0.5, "health": 0.1}
    return doc


def pipeline(*components):
    nlp = spacy.blank("xx")
    for component in components:
        nlp.add_pipe(component)
    return nlp


@pytest.fixture
def gold():
    return list(conllu.parse(GOLD.splitlines(keepends=True)))


def test_gold_words_are_scored_as_the_task_of_2018_defines(gold):
    found = score_treebank(pipeline("knows_the_answers", "hangs_all_on_the_second_word"), gold)
    assert (found["tokens"], found["sents"], found["words_f1"], found["words"]) == (100, 100, 100, 7)
    # one wrong UPOS (бар), one wrong Case (Ким) of 7; heads are right in the first sentence alone
    assert found["upos"] == found["feats"] == pytest.approx(600 / 7, abs=1e-3)
    assert found["xpos"] == found["lemma"] == 100
    assert found["uas"] == found["las"] == pytest.approx(300 / 7, abs=1e-3)
    # content words: 4 in the gold, 6 in the answer, 2 right
    assert found["mlas"] == found["blex"] == 40


def test_raw_text_is_tokenized_and_split_by_the_pipeline_itself(gold):
    found = score_treebank(pipeline("sentencizer", "knows_the_answers"), gold, raw=True)
    assert (found["tokens"], found["sents"]) == (100, 100)
    assert found["words_f1"] == pytest.approx(100 * 2 * 5 / (7 + 6), abs=1e-3)
    assert found["las"] is None


def test_raw_text_is_one_text_per_newdoc_with_paragraphs_apart(gold):
    assert list(raw_texts(gold, spacy.blank("xx"))) == ["Ал келди.\n\nКим?", "барбы "]


def test_what_gold_or_pipeline_lacks_has_no_score(gold):
    for sentence in gold:
        for word in sentence.words:
            word.xpos = word.head = word.deprel = "_"
    found = score_treebank(pipeline("knows_the_answers"), gold)
    assert [key for key, value in found.items() if value is None] == ["xpos", "uas", "las", "mlas", "blex"]
    assert found["lemma"] == 100


def test_the_pipeline_sees_nothing_of_the_gold_annotation(gold):
    found = score_treebank(pipeline(), gold)
    assert all(found[key] is None for key in ("upos", "xpos", "feats", "lemma", "uas", "las"))


def test_gold_with_two_roots_is_refused_with_a_number(gold):
    gold[0].words[0].head = "0"
    with pytest.raises(BadGold, match="T613"):
        score_treebank(pipeline("knows_the_answers"), gold, name="mine.conllu")


def test_entities_count_whole_and_per_label():
    vocab = spacy.blank("xx").vocab
    gold = [
        Doc(
            vocab, ["Айгүл", "Ошко", "барды"], ents=["B-PER", "B-LOC", "O"], sent_starts=[True, False, False]
        ),
        Doc(vocab, ["ал", "күлдү"], ents=["O", "O"], sent_starts=[True, False]),
    ]
    found = score_entities(pipeline("finds_capitals"), gold)
    assert (found["p"], found["r"], found["f"]) == (50, 50, 50)
    assert found["labels"]["PER"] == {"p": 50, "r": 100, "f": pytest.approx(66.6667)}
    assert found["labels"]["LOC"]["f"] == 0
    assert found["words"] == 5


@Language.component("speaks_kaznerd")
def speaks_kaznerd(doc: Doc) -> Doc:
    labels = {"Nodira": "PERSON", "Xivada": "GPE", "Arkda": "FACILITY", "vazir": "POSITION", "Artel": "ORG"}
    doc.ents = [Span(doc, t.i, t.i + 1, label=labels[t.text]) for t in doc if t.text in labels]
    return doc


SAME_AS = {"PERSON": "PER", "GPE": "LOC", "FACILITY": "LOC", "ORGANISATION": "ORG"}
KAZNERD = [  # same_as; p, r and f of the whole; labels
    (SAME_AS, (100, 100, 100), {"PER", "LOC", "ORG"}),
    ({"PERSON": "PER"}, (100, 25, 40), {"PER", "LOC", "ORG"}),
    (None, (20, 25, pytest.approx(22.2222)), {"PER", "LOC", "ORG", "PERSON", "GPE", "FACILITY", "POSITION"}),
]


@pytest.mark.parametrize(("same_as", "whole", "labels"), KAZNERD)
def test_labels_of_another_set_count_as_the_card_says_and_others_not_at_all(same_as, whole, labels):
    nlp = pipeline("speaks_kaznerd")
    words = ["Nodira", "vazir", "Xivada", "Arkda", "Artel"]
    gold = [
        Doc(nlp.vocab, words, ents=["B-PER", "O", "B-LOC", "B-LOC", "B-ORG"], sent_starts=[1, 0, 0, 0, 0])
    ]
    found = score_entities(nlp, gold, same_as=same_as)
    assert (found["p"], found["r"], found["f"]) == whole
    assert set(found["labels"]) == labels


def test_a_corpus_is_scored_in_its_own_labels():
    nlp = spacy.blank("uz")
    nlp.add_pipe("finds_capitals")
    gold = from_corpus("project-ner", "test", nlp)
    assert (gold.task, len(gold.docs), gold.same_as["PERSON"]) == ("ner", 150, "PER")
    assert set(evaluate(nlp, gold)["labels"]) == {"PER", "LOC", "ORG"}


def cats(vocab, text, **values):
    doc = Doc(vocab, text.split())
    doc.cats = values
    return doc


def test_classes_count_by_the_best_label_where_every_text_has_one():
    nlp = pipeline("likes_sports")
    gold = [
        cats(nlp.vocab, "оюн бүттү", sports=1, travel=0, health=0),
        cats(nlp.vocab, "жол алыс", sports=0, travel=1, health=0),
        cats(nlp.vocab, "дары жок", sports=0, travel=0, health=1),
    ]
    found = score_categories(nlp, gold)
    assert found["accuracy"] == pytest.approx(66.6667)
    assert found["macro_f1"] == pytest.approx(100 * (1 + 2 / 3 + 0) / 3, abs=1e-3)
    assert found["labels"]["travel"] == {"p": 50, "r": 100, "f": pytest.approx(66.6667)}


def test_classes_count_from_one_half_on_where_a_text_has_several():
    nlp = pipeline("likes_sports")
    gold = [
        cats(nlp.vocab, "оюн жолу", sports=1, travel=1, health=0),
        cats(nlp.vocab, "дары", sports=0, travel=0, health=1),
    ]
    assert score_categories(nlp, gold)["accuracy"] == 50


JSONL = [{"text": "дары", "label": "health"}, {"text": "жол", "label": "travel"}]
FILES = [
    ("gold.txt", "Айгүл B-PER\nкелди O\n\nОшко B-LOC\n", "ner", {"f": 50}),
    ("gold.iob2", "Айгүл\tx\tB-PER\nкелди\tx\tO\n", "ner", {"f": 100}),
    ("gold.tsv", "text\tlabel\nоюн\tsports\nжол\ttravel\n", "textcat", {"accuracy": 100}),
    ("gold.csv", 'label,text\nsports,"оюн, дагы"\n', "textcat", {"accuracy": 100}),
    ("gold.jsonl", "\n".join(map(json.dumps, JSONL)), "textcat", {"accuracy": 50}),
    ("gold.conllu", GOLD, "treebank", {"tokens": 100}),
]


@pytest.mark.parametrize(("name", "text", "task", "scores"), FILES)
def test_the_suffix_of_a_file_says_its_task(name, text, task, scores, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    nlp = pipeline("finds_capitals", "likes_sports")
    gold = from_file(tmp_path / name, nlp)
    assert gold.task == task
    assert evaluate(nlp, gold).items() >= scores.items()


BAD = [
    ("gold.tsv", b"text\tclass\na\tb\n", "columns text and label"),
    ("gold.jsonl", b'{"text": \n', "T613"),
    ("gold.csv", b"text,label\n\xff,a\n", "not UTF-8"),
    ("gold.tsv", b"", "nothing is in it"),
    ("gold.conllu", b"1\tx\n\n", "T301"),
    ("gold.txt", b"\xd0\x90 X-PER\n", "X-PER"),
]


@pytest.mark.parametrize(("name", "data", "said"), BAD)
def test_a_file_that_is_no_gold_is_a_numbered_error(name, data, said, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TurkicError, match=said):
        from_file(tmp_path / name, pipeline())


@pytest.mark.parametrize("name", ["none.conllu", "none.tsv", "none.txt"])
def test_a_missing_file_is_a_numbered_error(name, tmp_path):
    with pytest.raises(UnreadableFile, match="T310"):
        from_file(tmp_path / name, pipeline())


def test_a_pipeline_without_the_head_that_is_asked_for_is_an_error(gold):
    nlp = pipeline()
    nlp.add_pipe("likes_sports", name="textcat")
    with pytest.raises(NothingToScore, match="T614"):
        score_treebank(nlp, gold)


@pytest.mark.parametrize(
    ("corpus", "style"),
    [
        ("project-everyday", "ud-kyrgyz-ktmu"),
        ("project-kyrgyz", "ud-kazakh-ktb"),
        ("ud-kazakh-ktb", "ud-kazakh-ktb"),
        ("ud-kyrgyz-ktmu", "ud-kyrgyz-ktmu"),
        ("project-ner", None),
    ],
)
def test_a_corpus_without_a_style_of_its_own_is_scored_in_the_manner_that_its_card_names(corpus, style):
    nlp = load("ky")
    parser, lemmatizer = nlp.get_pipe("parser"), nlp.get_pipe("lemmatizer")
    before, lemmas = parser.style, lemmatizer.style
    in_style_of(nlp, corpus)
    assert parser.style == (style or before)
    assert (lemmatizer.style == lemmas) == (corpus.startswith("project-"))
