"""Readers: rows, gold Docs, Examples and tables of every kind of corpus."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

from turkic_nlp.corpora import Card, card, docs, examples, gold, load, text_key, without
from turkic_nlp.corpora.check import check
from turkic_nlp.errors import BadRow, NoDocs, NotFetchable, NotUtf8

Make = Callable[..., Card]


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, data)
    return file.getvalue()


TREE = """\
# sent_id = 1
# text = Ал келди.
1	Ал	ал	PRON	_	Case=Nom	2	nsubj	_	_
2	келди	кел	VERB	_	_	0	root	_	SpaceAfter=No
3	.	.	PUNCT	_	_	2	punct	_	_

""".encode()
IOB = "Алма B-GPE\nАта I-GPE\nжақсы O\n\nОл O\n".encode()


def test_a_treebank_gives_gold_docs_rows_and_counts(make: Make) -> None:
    make("conllu", {"train.conllu.gz": gzip.compress(TREE)})
    (doc,) = docs("x", "train", Vocab())
    assert [token.dep_ for token in doc] == ["nsubj", "ROOT", "punct"]
    table = load("x")["train"]
    assert table[0]["tokens"] == ["Ал", "келди", "."]
    assert table[0]["head"] == ["2", "0", "2"]
    assert table[0]["text"] == "Ал келди."
    assert check("x")[0].found == {"sentences": 1, "words": 3, "tokens": 3}


ENTITY_FILES = {
    "spaces": (IOB, {"word": 0, "tag": 1}),
    "tabs and no last newline": (IOB.replace(b" ", b"\t").rstrip(), {"word": 0, "tag": 1}),
    "CRLF": (IOB.replace(b"\n", b"\r\n"), {"word": 0, "tag": 1}),
    "IO tags": (IOB.replace(b"B-", b"I-"), {"word": 0, "tag": 1}),
    "more columns": (
        "Алма X I B-GPE\nАта X I I-GPE\nжақсы X I O\n\nОл X I O\n".encode(),
        {"word": 0, "tag": 3},
    ),
    "with ids and comments": (
        "# text = Алма Ата жақсы\n1\tАлма\tB-GPE\n2\tАта\tI-GPE\n3\tжақсы\tO\n\n1\tОл\tO\n".encode(),
        {"word": 1, "tag": 2},
    ),
    "grouped": (
        "Sentence\tWord\tTag\n0\tАлма\tB-GPE\n0\tАта\tI-GPE\n0\tжақсы\tO\n1\tОл\tO\n".encode(),
        {"group": 0, "word": 1, "tag": 2},
    ),
    "document marks": (b"-DOCSTART- O\n\n" + IOB, {"word": 0, "tag": 1}),
}


@pytest.mark.parametrize(("data", "columns"), ENTITY_FILES.values(), ids=ENTITY_FILES.keys())
def test_entities_are_read_whatever_the_columns(make: Make, data: bytes, columns: dict[str, int]) -> None:
    make("iob2", {"train.txt": data}, columns=columns)
    first, second = docs("x", "train", Vocab())
    assert [(ent.text, ent.label_) for ent in first.ents] == [("Алма Ата", "GPE")]
    assert first[2].ent_iob_ == second[0].ent_iob_ == "O"
    assert first.has_unknown_spaces
    assert not first.has_annotation("POS")
    assert load("x")["train"]["tags"][:] == [["B-GPE", "I-GPE", "O"], ["O"]]


def test_neighbouring_entities_stay_two() -> None:
    from turkic_nlp.corpora.readers import _iob2

    tags = ["I-A", "I-A", "I-B", "B-B", "O", "I-A"]
    assert list(_iob2(tags, Path("x"), 1)) == ["B-A", "I-A", "B-B", "B-B", "O", "B-A"]


@pytest.mark.parametrize(
    ("line", "says"), [("Алма", "2 or more"), ("Алма X-GPE", "B-LABEL"), ("Алма B-", "B-LABEL")]
)
def test_a_bad_entity_line_is_a_numbered_error(make: Make, line: str, says: str) -> None:
    make("iob2", {"train.txt": f"Ол O\n{line}\n".encode()}, columns={"word": 0, "tag": 1})
    with pytest.raises(BadRow, match="T327") as caught:
        list(docs("x", "train", Vocab()))
    assert says in str(caught.value)


CSV = 'id,text,label\n1,"Бірінші, ""екінші"".\nҮшінші",pos\n2,Жаман,neg\n'.encode()
TEXTS = ['Бірінші, "екінші".\nҮшінші', "Жаман"]
CLASS_FILES = {
    "train.csv": CSV,
    "train.csv.gz": gzip.compress(CSV),
    "train.zip": zipped("train.csv", CSV),
    "train.jsonlines": (
        '{"text":"Бірінші, \\"екінші\\".\\nҮшінші","label":"pos"}\n{"text":"Жаман","label":"neg"}\n'
    ).encode(),
}


@pytest.mark.parametrize(("name", "data"), CLASS_FILES.items(), ids=CLASS_FILES.keys())
def test_classes_are_read_from_every_format(make: Make, name: str, data: bytes) -> None:
    make("classes", {name: data}, columns={"text": "text", "label": "label"}, labels=("neg", "pos"))
    found = list(docs("x", "train", Vocab()))
    assert [doc.text for doc in found] == TEXTS
    assert [doc.cats for doc in found] == [{"neg": 0.0, "pos": 1.0}, {"neg": 1.0, "pos": 0.0}]
    assert not found[0].has_annotation("ENT_IOB")


def test_a_tsv_file_with_quotes_and_a_byte_order_mark_is_read_as_it_stands(make: Make) -> None:
    data = '\ufeffcategory\ttext\nsports\t"Ол" деди\n'.encode()
    make("classes", {"a.tsv": data}, columns={"text": "text", "label": "category"}, labels=("sports",))
    assert [doc.text for doc in docs("x", "a", Vocab())] == ['"Ол" деди']


def test_several_labels_of_one_text_are_all_set(make: Make) -> None:
    make(
        "classes",
        {"a.csv": b'text,label\nx,"b,c"\ny,\n'},
        columns={"text": "text", "label": "label"},
        labels=("a", "b", "c"),
        separator=",",
    )
    first, second = docs("x", "a", Vocab())
    assert first.cats == {"a": 0.0, "b": 1.0, "c": 1.0}
    assert set(second.cats.values()) == {0.0}


def test_an_unknown_label_and_a_missing_column_are_numbered_errors(make: Make) -> None:
    make("classes", {"a.csv": CSV}, columns={"text": "text", "label": "label"}, labels=("pos",))
    with pytest.raises(BadRow, match=r"neg.*Expected pos"):
        list(docs("x", "a", Vocab()))
    make("classes", {"a.csv": CSV}, columns={"text": "body", "label": "label"}, labels=("pos",))
    with pytest.raises(BadRow, match="body"):
        list(docs("x", "a", Vocab()))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_bytes_that_are_no_utf8_are_a_numbered_error(make: Make, name: str) -> None:
    make("classes", {name: b"text,label\n\xff,pos\n"}, columns={"text": "text"}, labels=("pos",))
    with pytest.raises(NotUtf8, match="T308"):
        list(docs("x", "a", Vocab()))


def test_pairs_are_tables_without_docs(make: Make) -> None:
    make("table", {"a.tsv": b"# note\nal\t\xd0\xb0\xd0\xbb\r\n"}, columns={"latn": 0, "cyrl": 1})
    assert load("x")["a"][0] == {"latn": "al", "cyrl": "ал"}
    with pytest.raises(NoDocs, match=r"load\(id\)"):
        docs("x", "a", Vocab())


def test_paradigms_are_tables_and_docs_of_one_word_with_its_lemma(make: Make) -> None:
    rows = "# note\nал\tалды\tV;PST\r\nал\tалып алды\tV;PFV\r\n\tалды\tV\r\n"
    make("table", {"a.tsv": rows.encode()}, columns={"lemma": 0, "form": 1, "features": 2})
    assert load("x")["a"][0] == {"lemma": "ал", "form": "алды", "features": "V;PST"}
    (doc,) = docs("x", "a", Vocab())
    assert [(token.text, token.lemma_) for token in doc] == [("алды", "ал")]
    assert not doc.has_annotation("POS")


def test_a_list_of_words_may_say_more_of_them_than_lemmas(make: Make) -> None:
    lines = [
        "form lemma upos feats xpos",
        "бар бар ADJ _ adj",
        "барды бар VERB Tense=Past v",
        "ғой ғой PART  ",
    ]
    rows = "".join(line.replace(" ", "\t") + "\n" for line in lines)
    columns = {name: name for name in ("form", "lemma", "upos", "feats", "xpos")}
    make("table", {"a.tsv": rows.encode()}, columns=columns)
    words = [token for doc in docs("x", "a", Vocab()) for token in doc]
    assert [(w.lemma_, w.pos_, w.tag_, str(w.morph), w.has_morph()) for w in words] == [
        ("бар", "ADJ", "adj", "", True),
        ("бар", "VERB", "v", "Tense=Past", True),
        ("ғой", "PART", "", "", False),
    ]


def test_the_ending_of_an_infinitive_is_no_part_of_the_lemma_of_a_doc(make: Make, tmp_path: Path) -> None:
    made = make("table", {"a.tsv": b"kelmoq\tkeldi\tV;PST\n"}, columns={"lemma": 0, "form": 1, "features": 2})
    file = replace(made.files[0], infinitive="moq")
    (doc,) = gold._word_docs(made, file, tmp_path / "mirror/x/a.tsv", Vocab())
    assert [(token.text, token.lemma_) for token in doc] == [("keldi", "kel")]
    assert card("unimorph-uzb").file("uzb_verbs").infinitive == "moq"


def test_where_lemmas_are_verbal_nouns_docs_have_the_stem_of_the_past(make: Make, tmp_path: Path) -> None:
    rows = "суроо\tсурайм\tV;PRS\nсуроо\tсурaды\tV;PST\nалуу\tалам\tV;PRS\n"  # a Latin a
    made = make("table", {"a.tsv": rows.encode()}, columns={"lemma": 0, "form": 1, "features": 2})
    file = replace(made.files[0], stem_form="V;PST", look_alikes=True)
    found = list(gold._word_docs(made, file, tmp_path / "mirror/x/a.tsv", Vocab()))
    words = [("сурайм", "сура"), ("сурады", "сура"), ("алам", "алуу")]
    assert [(token.text, token.lemma_) for doc in found for token in doc] == words


@pytest.mark.shared
def test_the_kyrgyz_verbs_are_cyrillic_and_their_lemmas_stems(mirror: Path) -> None:
    words = [token for doc in docs("unimorph-kir", "kir", Vocab()) for token in doc]
    assert len(words) > 2500
    assert not any("a" <= letter <= "z" for token in words for letter in token.text + token.lemma_)
    assert all(token.text.startswith(token.lemma_[:-1]) for token in words)


def test_labels_may_be_renamed_to_what_they_mean(make: Make) -> None:
    rename = {"0": "negative", "1": "positive"}
    columns = {"text": "text", "label": "label"}
    make("classes", {"a.csv": b"text,label\ngood,1\n"}, rename, labels=("0", "1"), columns=columns)
    (doc,) = docs("x", "a", Vocab())
    assert doc.cats == {"negative": 0.0, "positive": 1.0}
    assert load("x")["a"][0]["labels"] == ["1"]


def test_entity_labels_may_be_renamed_too(make: Make) -> None:
    make("iob2", {"a.txt": b"Ankara B-LOC\n. O\n"}, {"LOC": "LOCATION"}, columns={"word": 0, "tag": 1})
    (doc,) = docs("x", "a", Vocab())
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Ankara", "LOCATION")]


def test_files_of_no_known_form_are_neither_tables_nor_docs(make: Make) -> None:
    make("files", {"a.lexc": b"x\n"})
    with pytest.raises(NoDocs, match=r"files\(id\)"):
        docs("x", "a", Vocab())
    with pytest.raises(NoDocs):
        load("x")


def test_a_corpus_that_lies_elsewhere_has_no_docs() -> None:
    with pytest.raises(NotFetchable):
        docs("ud-uzbek-tuecl", "test", Vocab())


def test_examples_pair_gold_with_the_bare_words(make: Make) -> None:
    make("conllu", {"train.conllu": TREE})
    nlp = spacy.blank("xx")
    (example,) = examples("x", "train", nlp)
    assert [token.text for token in example.predicted] == ["Ал", "келди", "."]
    assert not example.predicted.has_annotation("POS")
    assert example.get_aligned("POS", as_string=True) == ["PRON", "VERB", "PUNCT"]


# --- the same text ------------------------------------------------------------------------------

SAME = [
    ("Oʻzbekiston, bu!", "o'zbekiston bu"),
    ("ШАҲАР  –  катта", "шаҳар катта"),
    ("yil.", "  Yil"),
    ("café", "cafe\u0301"),
]
DIFFERENT = [("2019", "2020"), ("ал", "алды"), ("!!!", "???"), ("", ".")]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_texts_that_differ_in_spelling_marks_only_are_the_same(left: str, right: str) -> None:
    assert text_key(left) == text_key(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_texts_that_differ_in_words_are_not_the_same(left: str, right: str) -> None:
    assert text_key(left) != text_key(right)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_spaces_never_change_the_key(text: str) -> None:
    assert text_key(f" {text}\n") == text_key(text)


def test_without_leaves_only_unseen_texts_in_order() -> None:
    texts = [Doc(Vocab(), words) for words in (["a"], ["b", "."], ["c"])]
    others = [Doc(Vocab(), ["B"])]
    assert [doc[0].text for doc in without(texts, others)] == ["a", "c"]


# --- the real ones ------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("id", "split", "lang", "count"),
    [
        ("ud-kyrgyz-ktmu", "train", None, 1258),
        ("kaznerd", "test", None, 9603),
        ("sib-200", "train", "tk", 701),
        ("ky-news-multilabel", "test", None, 500),
        ("uz-uzbekpos", "all", None, 4412),
        ("uner-english-ewt", "dev", None, 2001),
        ("tr-atisner", "test", None, 889),
        ("uz-app-sentiment", "manual-neg", None, 1634),
    ],
)
def test_a_real_corpus_gives_as_many_docs_as_its_source_counts(
    mirror: Path, id: str, split: str, lang: str | None, count: int
) -> None:
    assert sum(1 for _ in docs(id, split, Vocab(), lang=lang)) == count


@pytest.mark.shared
def test_the_two_halves_of_ktmu_share_88_sentences_or_more(mirror: Path) -> None:
    train, test = (list(docs("ud-kyrgyz-ktmu", split, Vocab())) for split in ("train", "test"))
    assert len(train) - len(list(without(train, test))) >= 88


@pytest.mark.shared
@pytest.mark.parametrize(
    "id", ["ud-kazakh-ktb", "ud-turkish-ulu", "kardes-nlu", "unimorph-uzb", "translit-udhr"]
)
def test_the_counts_of_a_card_are_found_again(mirror: Path, id: str) -> None:
    assert [finding.split for finding in check(id) if not finding.ok] == []
