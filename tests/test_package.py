"""A model becomes a Python package of one language: pip installs it, spacy.load opens it, and nothing has changed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import spacy
from folders import model_folder

import turkic_nlp
from turkic_nlp.cli import main
from turkic_nlp.packaging import package

# spaCy's packager leaves the files that it wrote for the garbage collector to close
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TEXTS = ["Мен кітап оқыдым. Сен хат жаздың!", "Ол  келді.", ""]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = model_folder(tmp_path_factory.mktemp("model"))
    path = folder / "meta.json"
    data = [
        {"corpus": "kaznerd", "licence": "CC-BY-4.0"},
        {"corpus": "mine", "glosses": "project-glosses/ky-kk"},
    ]
    meta = json.loads(path.read_text(encoding="utf-8")) | {"version": "0.2.0", "data": data}
    path.write_text(json.dumps(meta), encoding="utf-8")
    (folder / "README.md").write_text("# The card of a tiny model\n", encoding="utf-8")
    return folder


def view(doc):
    return doc.to_json(), doc.tensor.tolist(), [token.lemma_ for token in doc]


def test_a_package_is_installed_by_pip_and_opened_by_spacy_and_says_the_same(model, tmp_path, monkeypatch):
    folder = package("kk", str(model), tmp_path / "packages")
    assert folder.name == "kk_tiny-0.2.0"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    place = tmp_path / "site"
    subprocess.run([*pip, "--no-build-isolation", "--target", str(place), str(folder)], check=True)
    monkeypatch.syspath_prepend(str(place))
    nlp, origin = spacy.load("kk_tiny"), turkic_nlp.load("kk", model=model)
    assert nlp.pipe_names == origin.pipe_names
    assert [view(doc) for doc in nlp.pipe(TEXTS)] == [view(doc) for doc in origin.pipe(TEXTS)]


def test_a_package_requires_this_one_names_its_sources_and_carries_the_card(model, tmp_path):
    folder = package("uz", str(model), tmp_path, name="my_model")
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert (meta["lang"], meta["name"], meta["version"]) == ("uz", "my_model", "0.2.0")
    assert [name.partition(">")[0] for name in meta["requirements"]] == ["spacy-turkic"]
    assert [(s["name"], s["license"]) for s in meta["sources"]] == [
        ("kaznerd", "CC-BY-4.0"),
        ("mine", "unstated"),
        ("project-glosses", "CC0-1.0"),
    ]
    assert "tiny model" in (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.rglob("*.py")] == ["setup.py", "__init__.py"]
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.fixture
def call(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["turkic-nlp", "package", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


def test_the_command_says_how_to_install_and_replaces_nothing_unasked(model, tmp_path, call):
    arguments = (model, "--lang", "ky", "--output", tmp_path)
    code, out, _ = call(*arguments)
    assert (code, "pip install" in out, 'spacy.load("ky_tiny")' in out) == (0, True, True)
    code, _, err = call(*arguments)
    assert code == 1
    assert err.startswith("[T601]")
    assert call(*arguments, "--force")[0] == 0


ERRORS = [
    (["--lang", "xx"], "T101"),
    (["--lang", "kk", "--name", "my model"], "T611"),
    (["--lang", "kk", "--name", "class"], "T611"),
    (["--lang", "kk", "--name", "../up"], "T611"),
]


@pytest.mark.parametrize(("arguments", "number"), ERRORS)
def test_what_cannot_be_packed_is_one_numbered_line_and_leaves_nothing(
    model, tmp_path, call, arguments, number
):
    code, _, err = call(model, "-o", tmp_path, *arguments)
    assert (code, err[1:5], err.count("\n")) == (1, number, 1)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_a_file_is_named(model, tmp_path, call):
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = call(model, "--lang", "kk", "-o", tmp_path / "file")
    assert (code, err[1:5]) == (1, "T603")
