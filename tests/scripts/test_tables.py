"""Every line of tests/scripts/<lang>.tsv holds, with and without offsets, and the tables are well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from turkic_nlp.errors import BrokenTable
from turkic_nlp.scripts import alphabets, transliterate
from turkic_nlp.scripts.routes import languages, table
from turkic_nlp.scripts.table import TABLES, read_table

HERE = Path(__file__).parent
ROWS = [
    (path.stem, *row)
    for path in sorted(HERE.glob("*.tsv"))
    for row in [line.split("\t") for line in path.read_text("utf-8").splitlines()][1:]
]
NAMES = sorted(TABLES.glob("*.*.*.tsv"))


@pytest.mark.parametrize(("lang", "text", "source", "target", "expected"), ROWS)
def test_a_word_is_written_as_its_alphabet_wants(lang, text, source, target, expected):
    assert transliterate(text, lang=lang, source=source, target=target) == expected
    output, places = transliterate(text, lang=lang, source=source, target=target, offsets=True)
    assert (output, len(places)) == (expected, len(expected))


def test_every_language_and_alphabet_has_lines():
    tested = {(lang, name) for lang, _, source, target, _ in ROWS for name in (source, target)}
    assert {(lang, name) for lang in languages() for name in alphabets(lang)} <= tested


@pytest.mark.parametrize("path", NAMES, ids=lambda path: path.stem)
def test_a_table_names_its_standard_and_has_no_row_twice(path):
    rows = read_table(path)
    assert rows.facts["title"] and rows.facts["standard"]
    keys = [(row.source, row.context) for row in rows.rows]
    assert len(keys) == len(set(keys))
    assert rows.pattern.groups == len(rows.rules)


def test_every_table_has_one_for_the_way_back():
    names = {tuple(path.stem.split(".")) for path in NAMES}
    assert names == {(lang, target, source) for lang, source, target in names}
    assert table("uz", "Cyrl", "Latn").letters[ord("ш")] == "sh"


@pytest.mark.parametrize("row", ["а\ta", "а\ta\tV\t", "а\ta\tN*_\t", "а\ta\t\tmaybe"])
def test_a_row_out_of_format_is_a_numbered_error(row, tmp_path):
    path = tmp_path / "uz.Cyrl.Latn.tsv"
    path.write_text(f"source\ttarget\tcontext\tlossy\n{row}\n", encoding="utf-8")
    with pytest.raises(BrokenTable, match=r"\[T104\]"):
        read_table(path).pattern.match("а")


def test_a_table_without_its_columns_is_a_numbered_error(tmp_path):
    path = tmp_path / "uz.Cyrl.Latn.tsv"
    path.write_text("а\ta\n", encoding="utf-8")
    with pytest.raises(BrokenTable):
        read_table(path)
