"""CoNLL-U: what is read is written back; a bad line is a numbered error; Docs go in and out."""

from __future__ import annotations

import gzip
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

from turkic_nlp import conllu
from turkic_nlp.conllu.check import cycle
from turkic_nlp.errors import (
    BadFeatures,
    ConlluError,
    TurkicError,
    UnreadableFile,
    UnwritableForm,
    WordsDiffer,
)

PLAIN = """\
# newdoc id = d
# sent_id = 1
# text = Ал үйдө эле.
1	Ал	ал	PRON	prn	Case=Nom|Number=Sing	2	nsubj	_	_
2	үйдө	үй	NOUN	n	Case=Loc|Number=Sing|NumType=Card	0	root	_	_
3	эле	э	AUX	cop	_	2	cop	_	SpaceAfter=No
4	.	.	PUNCT	sent	_	2	punct	_	_

"""
RANGES = """\
# text = кітаптағы бар-жоғы
1-2	кітаптағы	_	_	_	_	_	_	_	Translit=kitaptağy
1	кітапта	кітап	NOUN	n	Case=Loc	3	nmod	_	_
2	ғы	ғы	ADP	post	_	1	case	_	_
3	бар	бар	ADJ	adj	_	0	root	0:root	_
3.1	жоқ	жоқ	ADJ	_	_	_	_	0:root	CopyOf=3
3.2	жоқ	жоқ	ADJ	_	_	_	_	0:root	_
4-5	-жоғы	_	_	_	_	_	_	_	SpaceAfter=No
4	-	-	PUNCT	_	_	3	punct	_	_
5	жоғы	жоқ	ADJ	adj	Person=3	3	flat	_	_

"""
SAMPLES = {
    "plain": PLAIN,
    "ranges and empty nodes": RANGES,
    "two sentences": PLAIN + RANGES,
    "CRLF": (PLAIN + RANGES).replace("\n", "\r\n"),
    "no blank line at the end": PLAIN[:-1],
    "no newline at the end": PLAIN[:-2],
    "CRLF without the last newline": PLAIN.replace("\n", "\r\n")[:-4],
    "two blank lines between": PLAIN + "\n" + RANGES + "\n\n",
    "form and lemma with a space": "1\tбір нәрсе\tбір нәрсе\tPRON\t_\t_\t0\troot\t_\t_\n\n",
    "underscore as form": "1\t_\t_\tPUNCT\t_\t_\t0\troot\t_\t_\n\n",
    "only tags": "1\tYer\t_\tNOUN\t_\t_\t_\t_\t_\t_\n\n",
    "an empty node first": "0.1\tал\t_\t_\t_\t_\t_\t_\t_\t_\n1\tкелди\t_\t_\t_\t_\t0\troot\t_\t_\n\n",
    "line separators in a form": "1\ta\u2028b\x85c\x0b\t_\t_\t_\t_\t_\t_\t_\t_\n\n",
    "comments of any shape": "#\n# text =  two  spaces \n#x\n1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n\n",
    "unsorted features kept": "1\ta\t_\t_\t_\tTense=Past|Case=Nom\t_\t_\t_\t_\n\n",
    "nothing": "",
}


def text_of(sentences: object) -> str:
    return "".join(sentence.to_text() for sentence in sentences)  # type: ignore[attr-defined]


def one(text: str) -> conllu.Sentence:
    (sentence,) = conllu.parse(text.splitlines(keepends=True) if "\u2028" not in text else [text])
    return sentence


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
@pytest.mark.parametrize("packed", [False, True], ids=["plain file", "gzip"])
def test_what_is_read_is_written_back_byte_for_byte(text: str, packed: bool, tmp_path: Path) -> None:
    source, target = tmp_path / "in.conllu", tmp_path / ("out.conllu.gz" if packed else "out.conllu")
    data = text.encode()
    source.write_bytes(gzip.compress(data) if packed else data)
    count = conllu.write(conllu.read(source), target)
    written = target.read_bytes()
    assert (gzip.decompress(written) if packed else written) == data
    assert count == sum(1 for _ in conllu.read(target))


W = "{}\tx\t_\t_\t_\t_\t{}\t_\t_\t_"
BAD = [
    ("T301", 1, "1\tx\t_\t_"),
    ("T301", 2, f"{W.format(1, 0)}\n2 x _ _ _ _ 1 _ _ _"),
    ("T301", 1, W.format(1, 0) + "\t_"),
    ("T302", 1, "1\tx\t\t_\t_\t_\t0\t_\t_\t_"),
    ("T302", 1, "\t\t\t\t\t\t\t\t\t"),
    ("T303", 1, W.format(2, 0)),
    ("T303", 2, f"{W.format(1, 0)}\n{W.format(3, 1)}"),
    ("T303", 2, f"{W.format(1, 0)}\n{W.format('x', 1)}"),
    ("T303", 2, f"{W.format(1, 0)}\n{W.format('1.2', '_')}"),
    ("T303", 2, f"{W.format(1, 0)}\n{W.format('01', 0)}"),
    ("T303", 1, f"{W.format('1-1', '_')}\n{W.format(1, 0)}"),
    ("T303", 1, f"{W.format('1-3', '_')}\n{W.format(1, 0)}\n{W.format(2, 1)}"),
    (
        "T303",
        3,
        f"{W.format('1-2', '_')}\n{W.format(1, 0)}\n{W.format('2-3', '_')}\n{W.format(2, 1)}",
    ),
    ("T303", 2, f"{W.format('1-2', '_')}\n{W.format('1-3', '_')}\n{W.format(1, 0)}"),
    ("T304", 1, W.format(1, 2)),
    ("T304", 1, W.format(1, 1)),
    ("T304", 2, f"# c\n{W.format(1, -1)}"),
    ("T304", 1, W.format(1, "root")),
    ("T304", 1, W.format(1, "9" * 5000)),
    ("T304", 1, W.format(1, "00")),
    ("T303", 1, W.format("9" * 5000, 0)),
    ("T303", 1, f"{W.format('١-٢', '_')}\n{W.format(1, 0)}\n{W.format(2, 1)}"),
    ("T305", 2, f"{W.format(1, 0)}\n{W.format(1, 0)}"),
    ("T305", 2, f"{W.format(1, 0)}\n# sent_id = 2"),
    ("T306", 1, "# sent_id = 1\n"),
    ("T306", 4, f"{W.format(1, 0)}\n\n\n# end\n"),
    ("T307", 1, f"\n{W.format(1, 0)}"),
    ("T309", 2, f"{W.format(1, 0)}\n{W.format(2, 1)}\r"),
]


@pytest.mark.parametrize(("code", "line", "text"), BAD)
def test_a_bad_line_is_a_numbered_error_with_file_and_line(
    code: str, line: int, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.conllu"
    path.write_bytes(f"{text}\n\n".encode())
    with pytest.raises(ConlluError) as caught:
        list(conllu.read(path))
    assert (caught.value.code, caught.value.line) == (code, line)
    assert str(caught.value).startswith(f"[{code}] {path}:{line}:")


def test_the_sentences_before_a_bad_line_are_delivered_first(tmp_path: Path) -> None:
    path = tmp_path / "bad.conllu"
    path.write_text(PLAIN + "broken\n", encoding="utf-8")
    sentences = conllu.read(path)
    assert next(sentences).sent_id == "1"
    with pytest.raises(ConlluError):
        next(sentences)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"1\t\xff\t", "T308"),
        (b"\x1f\x8b\x08broken", "T310"),
        (None, "T310"),
        (gzip.compress(b"#" * 99)[:-9], "T310"),
    ],
    ids=["not UTF-8", "broken gzip", "no file", "gzip cut short"],
)
def test_an_unreadable_file_is_a_numbered_error(data: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.conllu"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(TurkicError) as caught:
        list(conllu.read(path))
    assert caught.value.code == code
    assert str(path) in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        list(conllu.read(tmp_path))


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield one(PLAIN)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        conllu.write(broken(), tmp_path / "out.conllu")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_sentences_go_to_an_open_file_too() -> None:
    file = io.StringIO()
    assert conllu.write(conllu.parse(io.StringIO(PLAIN + RANGES)), file) == 2
    assert file.getvalue() == PLAIN + RANGES


column = st.text(
    st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), min_size=1, max_size=6
)


@st.composite
def sentences(draw: st.DrawFn) -> str:
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    count = draw(st.integers(1, 6))
    lines = [f"#{draw(column)}" for _ in range(draw(st.integers(0, 2)))]
    number = 1
    while number <= count:
        last = draw(st.integers(number, count))
        if last > number:
            lines.append("\t".join([f"{number}-{last}", *(draw(column) for _ in range(5)), "_", *"___"]))
        for at in range(number, last + 1):
            head = draw(st.sampled_from(["_", *(str(h) for h in range(count + 1) if h != at)]))
            lines.append(
                "\t".join([str(at), *(draw(column) for _ in range(5)), head, *(draw(column) for _ in "123")])
            )
            lines += ["\t".join([f"{at}.1", *(draw(column) for _ in range(5)), "_", *"___"])] * draw(
                st.integers(0, 1) if at == last else st.just(0)
            )
        number = last + 1
    return newline.join(lines) + newline * 2


@given(st.lists(sentences(), max_size=3))
@settings(max_examples=80)
def test_any_valid_text_survives_reading_and_writing(texts: list[str]) -> None:
    text = "".join(texts)
    assert text_of(conllu.parse(io.StringIO(text, newline="\n"))) == text


@given(
    st.sampled_from(list(SAMPLES.values())),
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from([*"\t\n\r_-.#0129 ", "", "\x00", "٣", "\ufeff"])),
        max_size=4,
    ),
)
@settings(max_examples=50)
def test_a_damaged_text_is_read_or_refused_with_a_number(text: str, damage: list[tuple[int, str]]) -> None:
    for at, new in damage:
        text = text[:at] + new + text[at + 1 :]
    try:
        found = list(conllu.parse(io.StringIO(text, newline="\n")))
    except ConlluError as error:
        assert error.code.startswith("T30")
        return
    assert text_of(found) == text
    for sentence in found:
        for words in ("surface", "syntactic"):
            with suppress(BadFeatures, UnwritableForm):
                conllu.from_doc(conllu.to_doc(sentence, Vocab(), words=words))


@given(st.lists(st.integers(0, 8), min_size=1, max_size=8))
def test_a_cycle_is_found_exactly_where_a_word_never_reaches_a_root(heads: list[int]) -> None:
    heads = [head % (len(heads) + 1) for head in heads]

    def lost(word: int) -> bool:
        for _ in heads:
            word = heads[word - 1] if word else 0
        return word != 0

    found = cycle(heads)
    assert (found is not None) == any(lost(word) for word in range(1, len(heads) + 1))
    assert found is None or lost(found)


# --- Docs --------------------------------------------------------------------------------------


def test_a_gold_doc_has_every_column_and_spacys_root() -> None:
    doc = conllu.to_doc(one(PLAIN), Vocab())
    assert doc.text == "Ал үйдө эле. "
    assert [token.pos_ for token in doc] == ["PRON", "NOUN", "AUX", "PUNCT"]
    assert [token.tag_ for token in doc] == ["prn", "n", "cop", "sent"]
    assert [token.lemma_ for token in doc] == ["ал", "үй", "э", "."]
    assert [token.dep_ for token in doc] == ["nsubj", "ROOT", "cop", "punct"]
    assert [token.head.i for token in doc] == [1, 1, 1, 1]
    assert [str(token.morph) for token in doc][2:] == ["", ""]
    assert all(token.has_morph() for token in doc)
    assert len(list(doc.sents)) == 1
    assert doc.user_data["comments"][1] == "# sent_id = 1"


@pytest.mark.parametrize("attribute", ["TAG", "MORPH", "LEMMA", "DEP", "ENT_IOB"])
def test_a_column_that_a_corpus_lacks_stays_unset(attribute: str) -> None:
    doc = conllu.to_doc(one(SAMPLES["only tags"]), Vocab())
    assert doc.has_annotation("POS")
    assert doc.has_annotation("SENT_START") or len(doc) == 1
    assert not doc.has_annotation(attribute)


def test_an_unknown_upos_and_a_cycle_stay_unset() -> None:
    doc = conllu.to_doc(one("1\ta\t_\tUX\t_\t_\t2\tdep\t_\t_\n2\tb\t_\tX\t_\t_\t1\tdep\t_\t_\n\n"), Vocab())
    assert [token.pos_ for token in doc] == ["", "X"]
    assert not doc.has_annotation("DEP")


@pytest.mark.parametrize("feats", ["Case", "Case=", "=Nom", "A=b||C=d", "A=b=c", "|"])
def test_features_that_are_no_pairs_are_a_numbered_error(feats: str) -> None:
    with pytest.raises(BadFeatures, match="T313"):
        conllu.to_doc(one(f"1\ta\t_\t_\t_\t{feats}\t_\t_\t_\t_\n\n"), Vocab())


def test_two_roots_are_kept() -> None:
    doc = conllu.to_doc(one("1\ta\t_\t_\t_\t_\t0\troot\t_\t_\n2\tb\t_\t_\t_\t_\t0\troot\t_\t_\n\n"), Vocab())
    assert [token.dep_ for token in doc] == ["ROOT", "ROOT"]


def test_spaces_follow_the_text_where_the_corpus_forgot_them() -> None:
    forgotten = PLAIN.replace("SpaceAfter=No", "_")
    assert conllu.to_doc(one(forgotten), Vocab()).text == "Ал үйдө эле. "
    assert (
        conllu.to_doc(one(forgotten.replace("# text = Ал", "# text = Ол")), Vocab()).text == "Ал үйдө эле . "
    )


def test_a_surface_doc_keeps_the_inner_words_of_a_range() -> None:
    doc = conllu.to_doc(one(RANGES), Vocab(), words="surface")
    assert [token.text for token in doc] == ["кітаптағы", "бар", "-жоғы"]
    assert doc.text == "кітаптағы бар-жоғы"
    assert [token.dep_ for token in doc] == ["nmod", "ROOT", "punct"]
    assert [word["form"] for word in doc[0]._.words] == ["кітапта", "ғы"]
    assert doc[1]._.words is None


@pytest.mark.parametrize("words", ["surface", "syntactic"])
@pytest.mark.parametrize("text", [PLAIN, RANGES], ids=["plain", "ranges"])
def test_doc_and_back_keeps_all_but_the_empty_nodes(text: str, words: conllu.docs.Words) -> None:
    sentence = one(text)
    (back,) = conllu.from_doc(conllu.to_doc(sentence, Vocab(), words=words))
    kept = sentence.words if words == "syntactic" else [row for row in sentence.rows if not row.is_empty]
    assert [key(row) for row in back.rows] == [key(row) for row in kept]
    assert back.comments == sentence.comments


def key(row: conllu.Word) -> tuple[str, ...]:
    return (row.id, row.form, row.lemma, row.upos, row.xpos, row.feats, row.head, row.deprel)


def test_a_word_that_hangs_on_the_second_word_of_a_range_stays_there() -> None:
    text = (
        "1-2\tal'un\t_\t_\t_\t_\t_\t_\t_\t_\n1\tal\t_\tX\t_\t_\t0\troot\t_\t_\n"
        "2\tun\t_\tX\t_\t_\t1\tdep\t_\t_\n3\tx\t_\tX\t_\t_\t2\tdep\t_\t_\n\n"
    )
    (back,) = conllu.from_doc(conllu.to_doc(one(text), Vocab(), words="surface"))
    assert [row.head for row in back.rows] == ["_", "0", "1", "2"]


@pytest.mark.parametrize("text", [PLAIN, RANGES, PLAIN.replace("\n", "\r\n"), SAMPLES["only tags"]])
def test_filling_a_sentence_from_its_own_gold_doc_changes_nothing(text: str) -> None:
    sentence = one(text)
    assert conllu.fill(sentence, conllu.to_doc(sentence, Vocab())).to_text() == sentence.to_text()


def test_filling_leaves_the_gold_sentence_alone_and_writes_what_is_unset_as_underscore() -> None:
    sentence = one(RANGES)
    bare = Doc(Vocab(), [word.form for word in sentence.words])
    filled = conllu.fill(sentence, bare)
    assert sentence.to_text() == RANGES
    assert {key(row)[2:] for row in filled.words} == {("_",) * 6}
    assert [row.id for row in filled.rows] == [row.id for row in sentence.rows]
    assert [row.misc for row in filled.rows] == [row.misc for row in sentence.rows]


def test_filling_from_another_doc_is_refused() -> None:
    with pytest.raises(WordsDiffer, match="5 words and the Doc 1"):
        conllu.fill(one(RANGES), Doc(Vocab(), ["х"]))


def test_a_users_text_gets_ids_text_and_spaces() -> None:
    doc = Doc(
        Vocab(),
        ["\n", "Ал", "келди", ".", "\n\n ", "Ким", "?"],
        [False, True, False, False, False, False, False],
        sent_starts=[True, False, False, False, False, True, False],
        ents=["O", "B-PERSON", "O", "O", "O", "O", "O"],
    )
    first, second = conllu.from_doc(doc, first=7, prefix="d-")
    assert first.comments == ["# sent_id = d-7", "# text = Ал келди."]
    assert second.comments == ["# sent_id = d-8", "# text = Ким?"]
    assert [row.misc for row in first.rows] == [
        r"NER=B-PERSON|SpacesBefore=\n",
        "SpaceAfter=No",
        r"SpacesAfter=\n\n\s",
    ]
    assert [row.misc for row in second.rows] == ["SpaceAfter=No", "_"]
    assert [row.head for row in first.rows] == ["_"] * 3


def test_entities_in_misc_come_back_as_entities() -> None:
    doc = Doc(Vocab(), ["Алма", "Ата", "шаары"], ents=["B-GPE", "I-GPE", "O"])
    (sentence,) = conllu.from_doc(doc)
    back = conllu.to_doc(sentence, Vocab())
    assert [(ent.text, ent.label_) for ent in back.ents] == [("Алма Ата", "GPE")]
    assert back[2].ent_iob_ == "O"


def test_whitespace_that_governs_or_is_the_root_is_passed_over() -> None:
    doc = Doc(Vocab(), ["a", " ", "b"], heads=[1, 2, 2], deps=["x", "y", "ROOT"])
    (sentence,) = conllu.from_doc(doc)
    assert [row.head for row in sentence.rows] == ["2", "0"]
    doc = Doc(Vocab(), ["a", " "], heads=[1, 1], deps=["x", "ROOT"])
    assert [row.head for row in conllu.from_doc(doc)[0].rows] == ["0"]


@pytest.mark.parametrize("words", [[], [" ", "\n"]])
def test_a_doc_without_words_has_no_sentences(words: list[str]) -> None:
    assert conllu.from_doc(Doc(Vocab(), words)) == []


def test_a_form_with_a_tab_is_refused() -> None:
    with pytest.raises(UnwritableForm, match="T312"):
        conllu.from_doc(Doc(Vocab(), ["a\tb"]))


UNESCAPE = {"s": " ", "t": "\t", "r": "\r", "n": "\n", "p": "|", "\\": "\\"}


def rebuilt(sentences: list[conllu.Sentence]) -> str:
    """The text as MISC describes it."""

    def spaces(value: str) -> str:
        chars = iter(value)
        return "".join(UNESCAPE[next(chars)] if char == "\\" else char for char in chars)

    text = ""
    for row in (row for sentence in sentences for row in sentence.tokens):
        after = "" if row.misc_value("SpaceAfter") == "No" else spaces(row.misc_value("SpacesAfter") or r"\s")
        text += spaces(row.misc_value("SpacesBefore") or "") + row.form + after
    return text


@given(
    st.lists(st.sampled_from(["сөз", "x|y", "a\\b", " ", "\n", "\t ", "\u2029", "."]), min_size=1), st.data()
)
def test_the_text_of_a_doc_can_be_rebuilt_from_its_rows(words: list[str], data: st.DataObject) -> None:
    flags = st.lists(st.booleans(), min_size=len(words), max_size=len(words))
    doc = Doc(Vocab(), words, data.draw(flags), sent_starts=data.draw(flags))
    written = conllu.from_doc(doc)
    if written:
        assert rebuilt(written).removesuffix(" ") == doc.text.removesuffix(" ")
        assert text_of(conllu.parse(io.StringIO(text_of(written), newline="\n"))) == text_of(written)


@pytest.mark.shared
def test_every_valid_treebank_of_the_mirror_comes_back_byte_for_byte(mirror: Path) -> None:
    from turkic_nlp.corpora import cards, files

    seen = 0
    for found in (found for found in cards() if found.reader == "conllu" and found.files):
        for file, path in zip(found.files, files(found.id).values(), strict=True):
            if file.fault or file.bytes > 4_000_000:
                continue
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            assert text_of(conllu.read(path)).encode() == data, path
            seen += 1
    assert seen >= 40
