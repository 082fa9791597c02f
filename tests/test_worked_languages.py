"""The three languages of docs/languages install beside the package, and their own tests pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from turkic_nlp.scripts.native import native_table
from turkic_nlp.scripts.shared import table_of

ROOT = Path(__file__).resolve().parents[1]
PROJECTS = {"az": "azerbaijani", "tt": "tatar", "ug": "uyghur"}
FOLDERS = {lang: ROOT / "docs" / "languages" / name for lang, name in PROJECTS.items()}


def test_each_installs_and_passes_its_own_tests(tmp_path):
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
    ]
    site = tmp_path / "site"
    subprocess.run([*pip, "--target", str(site), *map(str, FOLDERS.values())], check=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    tests = [str(folder / "tests") for folder in FOLDERS.values()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, *tests]
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("lang", "kind"), [("az", "shared"), ("tt", "shared"), ("az", "native")])
def test_where_the_encoder_was_trained_with_a_table_the_example_has_the_same_rows(lang, kind):
    own = FOLDERS[lang] / f"turkic_{lang}" / "tables" / f"{kind}.{lang}.tsv"
    ours = table_of(lang) if kind == "shared" else native_table(lang, "Latn")
    rows = [path.read_text(encoding="utf-8").splitlines()[1:] for path in (own, ours)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("lang", PROJECTS)
def test_what_is_written_for_a_shared_letter_is_read_as_that_letter(lang):
    """Of the two forms, for back and for front vowels, one at least; ı is i where the alphabet has but one."""
    tables = FOLDERS[lang] / f"turkic_{lang}" / "tables"
    read = {source: target for source, target, context in _rows(tables / f"shared.{lang}.tsv") if not context}
    lost = {
        letter
        for letter, *forms in _rows(tables / f"native.{lang}.tsv")
        if letter not in (read.get(form, form) for form in forms)
    }
    assert lost <= {"ı"}


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]
