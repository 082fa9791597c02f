"""Where pairs come from: files, folders, other spellings; what is left out, and what is refused."""

from __future__ import annotations

import pytest
from tiny import word_encoder

from turkic_nlp.alignment.bitext import languages_of, read_bitext
from turkic_nlp.alignment.plan import layer_of, make_plan
from turkic_nlp.alignment.spellings import differs, read_spellings, respell
from turkic_nlp.errors import BadAlignment, BadBitext, EmptyBitext, NothingToAlign

TABLE = "Ev çok büyük .\tҮй өте үлкен .\nEv çok  büyük .\tҮй өте үлкен .\nEvet\tИә\nO geldi bugün\tО geldi бүгін\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tr-kk").mkdir()
    (tmp_path / "tr-kk" / "a.tsv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def test_a_folder_gives_each_pair_once_in_either_direction(folder):
    found = read_bitext([folder], ["tr-kk"])
    assert [pair.langs for pair in found.train] == [("tr", "kk")] * 2
    assert (found.repeated, found.unfit, found.files) == (1, 1, {"tr-kk/a.tsv": 2})
    turned = read_bitext([folder], ["kk-tr"])
    assert [(pair.other, pair.one) for pair in turned.train] == [(p.one, p.other) for p in found.train]


def test_two_files_side_by_side_are_a_table(folder):
    columns = zip(*(line.split("\t") for line in TABLE.splitlines()), strict=True)
    for name, column in zip(("a.txt", "b.txt"), columns, strict=True):
        (folder / name).write_text("\n".join(column) + "\n", encoding="utf-8")
    two = read_bitext([folder / "a.txt", folder / "b.txt"], ["tr-kk"])
    assert two.train == read_bitext([folder / "tr-kk" / "a.tsv"], ["tr-kk"]).train


def test_dev_shares_no_source_sentence_with_train(tmp_path):
    lines = [f"cümle {n} burada\tсөйлем {n} {k} мұнда\n" for n in range(60) for k in (1, 2)]
    (tmp_path / "a.tsv").write_text("".join(lines), encoding="utf-8")
    found = read_bitext([tmp_path / "a.tsv"], ["tr-kk"], dev=0.3)
    assert {pair.one for pair in found.dev}.isdisjoint(pair.one for pair in found.train)
    assert len(found.dev) + len(found.train) == 120
    assert 10 < len(found.dev) < 70


def test_sentences_of_evaluation_sets_are_left_out(mirror, tmp_path):
    from turkic_nlp import corpora
    from turkic_nlp.pipeline import blank

    docs = corpora.docs("ud-kyrgyz-ktmu", "test", blank("ky").vocab)
    doc = next(doc for doc in docs if len(doc) > 12)
    turkish = "Bu bir cümle değildir hiç " * (len(doc) // 6)
    (tmp_path / "a.tsv").write_text(f"{turkish}\t{doc.text}\nBir iki üç\tбир эки үч\n", "utf-8")
    found = read_bitext([tmp_path / "a.tsv"], ["tr-ky"], ["ud-kyrgyz-ktmu/test"])
    assert (found.held_out, len(found.train)) == (1, 1)


@pytest.mark.parametrize(
    ("files", "pairs", "error", "message"),
    [
        ({"a.tsv": "no tab\n"}, ["tr-kk"], BadBitext, r"a\.tsv:1: 'no tab'"),
        ({"a.txt": "x\ny\n", "b.txt": "z\n"}, ["tr-kk"], BadBitext, r"b\.txt:2: the file ends"),
        ({"a.tsv": "bir\tбір\n"}, ["tr-kk"], EmptyBitext, "T542.*1 too short"),
        ({"a.tsv": "bir\tбір\n"}, ["trkk"], BadAlignment, "two languages"),
        ({"a.tsv": "bir\tбір\n"}, ["tr-kk", "tr-ky"], BadAlignment, "one pair"),
        ({"a.txt": "bir\n"}, ["tr-kk"], BadAlignment, "two text files"),
        ({}, ["tr-kk"], BadAlignment, "files or a folder"),
        ({"none.tsv": None}, ["tr-kk"], BadBitext, "cannot be read"),
    ],
)
def test_data_that_will_not_do_is_one_error_that_says_why(tmp_path, files, pairs, error, message):
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        read_bitext([tmp_path / name for name in files], pairs)


def test_a_folder_without_the_pair_is_named(folder):
    with pytest.raises(BadAlignment, match="tr-uz"):
        read_bitext([folder], ["tr-uz"])


def test_a_language_may_have_a_script():
    assert languages_of("tr-uz-Cyrl") == ("tr", "uz-Cyrl")


SPELLED = [
    ("Қазақстан ұлы", "kk", "plain", "Казакстан улы"),
    ("Oʻzbekiston", "uz", "plain", "Ozbekiston"),
    ("Aşgabat şäher", "tk", "plain", "Asgabat saher"),
    ("İstanbul ılık ĞÜ", "tr", "plain", "Istanbul ilik GU"),
    ("Шаҳар", "uz", "Latn", "Shahar"),
]


@pytest.mark.parametrize(("text", "lang", "alphabet", "wanted"), SPELLED)
def test_a_text_in_another_spelling(text, lang, alphabet, wanted):
    assert respell(text, lang, alphabet) == wanted


def test_the_shared_orthography_reads_both_alphabets_of_uzbek_alike_and_that_is_an_error(tmp_path):
    words = word_encoder()
    assert differs(words, "Oʻzbekiston poytaxti", "Ўзбекистон пойтахти", "uz") == 0
    (tmp_path / "uz.txt").write_text("Oʻzbekiston poytaxti Toshkent\n" * 30, encoding="utf-8")
    with pytest.raises(NothingToAlign, match=r"T543.*only 0 of 30.*'shared'"):
        read_spellings(words, [tmp_path / "uz.txt"], ["uz-Cyrl"])


def test_a_native_orthography_reads_them_apart(tmp_path):
    words = word_encoder()
    words.pieces.orthography = "native"
    (tmp_path / "uz").mkdir()
    (tmp_path / "uz" / "a.txt").write_text("Oʻzbekiston poytaxti Toshkent\n", encoding="utf-8")
    found = read_spellings(words, [tmp_path], ["uz-Cyrl"])
    assert found.train[0].other == ("Ўзбекистон", "пойтахти", "Тошкент")
    assert found.train[0].langs == ("uz", "uz")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "tokn"}, "loss = 'tokn'.*token, sentence"),
        ({"mode": "after"}, "pre, joint, alternate"),
        ({"lamda": 1}, "one of the settings"),
        ({"tau": 0}, "a number from"),
        ({"steps": 1.5}, "a whole number"),
        ({"queue": True}, "a whole number"),
        ({"bf16": 1}, "true or false"),
        ({"weight": float("nan")}, "a number from"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings, message):
    with pytest.raises(BadAlignment, match=message):
        make_plan(settings)


@pytest.mark.parametrize(
    ("layer", "layers", "wanted"), [(0, 12, 8), (0, 6, 4), (0, 2, 1), (0, 1, 1), (5, 6, 5)]
)
def test_two_thirds_of_the_way_up_unless_a_layer_is_named(layer, layers, wanted):
    assert layer_of(make_plan({"layer": layer}), layers) == wanted


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(BadAlignment, match="1 to 6"):
        layer_of(make_plan({"layer": 7}), 6)
