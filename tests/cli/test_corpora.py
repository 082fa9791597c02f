"""turkic-nlp corpora: list, show, get, check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turkic_nlp.cli import app
from turkic_nlp.corpora import cards, listing
from turkic_nlp.errors import NotFetchable, UnknownCorpus


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["corpora", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_shows_licence_quality_and_whether_weights_may_learn_from_it() -> None:
    lines = run("list", "--lang", "uz", "--task", "upos").splitlines()
    assert lines[0].split() == list(listing.HEADER)
    (uzbekpos,) = [line.split() for line in lines if line.startswith("uz-uzbekpos")]
    assert {"CC-BY-NC-ND-4.0", "gold", "no", "download"} <= set(uzbekpos)
    assert lines[-1] == f"{len(cards('uz', 'upos'))} corpora"


def test_the_list_as_json_has_every_card_of_the_task() -> None:
    listed = json.loads(run("list", "--task", "ner", "--json"))
    assert [found["id"] for found in listed] == [found.id for found in cards(task="ner")]
    kaznerd = next(found for found in listed if found["id"] == "kaznerd")
    assert kaznerd["files"][0]["counts"]["sentences"] == 11167


def test_a_list_of_nothing_is_no_error() -> None:
    assert run("list", "--lang", "tlh").endswith("0 corpora\n")


def test_show_tells_the_original_from_the_mirrors_copy() -> None:
    shown = run("show", "ud-kazakh-ktb")
    assert "1,047 sentences, 10,007 words" in shown
    assert "797 sentences, 7,570 words: 250 of the 1047" in shown
    assert json.loads(run("show", "ud-kazakh-ktb", "--json"))["licence"] == "CC-BY-SA-4.0"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["show", "nope"], UnknownCorpus),
        (["get", "kyrgyz-ner"], NotFetchable),
        (["check", "til-corpus"], NotFetchable),
    ],
)
def test_what_cannot_be_had_is_a_numbered_error(arguments: list[str], error: type[Exception]) -> None:
    result = CliRunner().invoke(app, ["corpora", *arguments])
    assert isinstance(result.exception, error)


@pytest.mark.shared
def test_get_prints_where_the_files_are(mirror: Path) -> None:
    assert (
        run("get", "sib-200", "--lang", "ky").splitlines()[0] == f"train\t{mirror}/sib-200/kir_Cyrl/train.tsv"
    )


@pytest.mark.shared
def test_check_recounts_and_says_what_is_cut_or_broken(mirror: Path) -> None:
    assert "cut" in run("check", "ud-kazakh-ktb")
    assert "not readable, T303" in run("check", "ud-turkic-parallel-others")


@pytest.mark.shared
def test_check_ends_with_1_where_the_card_is_wrong(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turkic_nlp.corpora.check.count", lambda *_: {"sentences": 1})
    result = CliRunner().invoke(app, ["corpora", "check", "kaznerd"])
    assert result.exit_code == 1
    assert "differs" in result.output
