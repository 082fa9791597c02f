"""turkic-nlp new-language: the project installs, its tests pass, and the language loads as the package's own do."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from folders import model_folder

import turkic_nlp
from turkic_nlp.cli import main
from turkic_nlp.errors import BadTables, UnknownLanguage
from turkic_nlp.project import new_language
from turkic_nlp.resources import TABLES_GROUP
from turkic_nlp.scripts import shared_form
from turkic_nlp.scripts.native import native

ROOT = Path(__file__).resolve().parents[2]
USE = """
import json, sys, pytest, spacy, turkic_nlp
from pathlib import Path
from turkic_nlp.packaging import package
from turkic_nlp.scripts import shared_form
assert pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[1]]) == 0
nlp = turkic_nlp.load("tt", model=sys.argv[2])
assert type(nlp).__name__ == type(spacy.blank("tt")).__name__ == "Tatar"
doc = nlp("Мин китап укыдым. Ул б.э.к. килде.")
assert "".join(t.text_with_ws for t in doc) == doc.text and all(t.pos_ for t in doc)
assert [t.text for t in doc if t.is_stop] == ["Мин", "Ул"]
assert [t.text for t in doc if "." in t.text] == [".", "б.э.к.", "."]
assert shared_form("жыр", "tt") == "zzır"
meta = json.loads((package("tt", sys.argv[2], Path("packages")) / "meta.json").read_text("utf-8"))
assert meta["requirements"][1:] == ["spacy-turkic-tt"]
"""


def test_the_project_installs_and_the_language_loads_with_its_own_tables(tmp_path):
    folder = new_language("tt", like="kk", output=tmp_path / "tatar", name="Tatar")
    tables = folder / "turkic_tt" / "tables"
    table = (tables / "shared.tt.tsv").read_text(encoding="utf-8")
    assert "rows begun from tt" in table
    (tables / "shared.tt.tsv").write_text(table.replace("\nж\tc\t\n", "\nж\tzz\t\n"), encoding="utf-8")
    for name, row in [("abbreviations", "б.э.к.\tinner\tбезнең эрага кадәр"), ("stop_words", "мин син ул")]:
        path = tables / f"{name}.tt.tsv"
        path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    site = tmp_path / "site"
    subprocess.run([*pip, "--no-build-isolation", "--target", str(site), str(folder)], check=True)
    model = model_folder(tmp_path / "model")
    path = os.pathsep.join([str(site), str(ROOT)])
    subprocess.run(
        [sys.executable, "-c", USE, str(folder), str(model)],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )


@pytest.mark.parametrize(
    ("lang", "like", "seed"), [("tt", "kk", "tt"), ("ug", "uz", "ug"), ("kaa", "kk", "kk")]
)
def test_the_shared_table_starts_from_what_the_package_knows(lang, like, seed, tmp_path):
    folder = new_language(lang, like=like, output=tmp_path / lang)
    table = (folder / f"turkic_{lang}" / "tables" / f"shared.{lang}.tsv").read_text(encoding="utf-8")
    assert table.startswith(f"# {lang.capitalize()} -> shared orthography; rows begun from {seed}\n")
    assert not [path for path in folder.rglob("*") if path.is_file() and "$" in path.read_text("utf-8")]
    assert [path.name for path in tmp_path.iterdir()] == [lang]


@pytest.fixture
def call(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["turkic-nlp", "new-language", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


ERRORS = [
    (["Tatar", "--like", "kk"], "T611"),
    (["kk", "--like", "ky"], "T611"),
    (["tt", "--like", "fi"], "T101"),
    (["tt", "--like", "kk", "--name", "my tatar"], "T611"),
]


@pytest.mark.parametrize(("arguments", "number"), ERRORS)
def test_what_is_no_new_language_is_one_numbered_line_and_nothing_is_written(
    arguments, number, call, tmp_path
):
    code, _, err = call(*arguments, "-o", tmp_path / "out")
    assert (code, err[1:5], err.count("\n")) == (1, number, 1)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_to_do_next_and_replaces_nothing(call, tmp_path):
    arguments = ("ba", "--like", "kk", "-o", tmp_path / "out")
    assert "README.md says what to fill" in call(*arguments)[1]
    assert call(*arguments)[2].startswith("[T601]")


HEADER = "source\ttarget\tcontext\n"
TABLES = [
    ("qa", f"{HEADER}а\ta\n", r"shared\.qa\.tsv:2: 'а\\ta' is no row"),
    ("qb", f"{HEADER}\ta\t\n", "is no row"),
    ("qc", f"{HEADER}а\ta\tV_\n", "no letter class 'V'"),
    ("qf", f"{HEADER}а\ta\t\nа\te\t#_\nа\to\t\n", r"qf\.tsv:4: 'а' has a row already, line 2"),
]


@pytest.fixture
def added(monkeypatch):
    def add(lang, tables):
        module = types.ModuleType(f"turkic_{lang}")
        module.TABLES = tables
        monkeypatch.setitem(sys.modules, module.__name__, module)
        point = EntryPoint(lang, f"{module.__name__}:TABLES", TABLES_GROUP)
        monkeypatch.setattr("turkic_nlp.resources.added_languages", lambda: {lang: point})

    return add


@pytest.mark.parametrize(("lang", "text", "said"), TABLES)
def test_a_broken_table_is_named_with_its_line(lang, text, said, added, tmp_path):
    (tmp_path / f"shared.{lang}.tsv").write_text(text, encoding="utf-8")
    added(lang, tmp_path)
    with pytest.raises(BadTables, match=said):
        shared_form("ана", lang)


def test_an_added_language_says_how_it_writes_the_letters_of_the_shared_orthography(added, tmp_path):
    (tmp_path / "native.qe.tsv").write_text("# qe\nshared\tback\tfront\na\tا\tا\nk\tق\tك\n", encoding="utf-8")
    added("qe", tmp_path)
    assert (native("ak", "تاش", "qe"), native("k", "كۆل", "qe")) == ("اق", "ك")


def test_tables_that_are_no_folder_are_named(added, tmp_path):
    added("qd", tmp_path / "none")
    with pytest.raises(BadTables, match=r"T105.*turkic_qd:TABLES"):
        shared_form("ана", "qd")


def test_a_language_that_nobody_adds_is_unknown():
    with pytest.raises(UnknownLanguage, match="T101"):
        turkic_nlp.blank("qq")
