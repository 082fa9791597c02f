"""turkic-nlp evaluate: a table for people, JSON for programs."""

from __future__ import annotations

import json
import sys

import fakes  # noqa: F401 (registers its component)
import pytest
import spacy

from turkic_nlp.cli import main
from turkic_nlp.errors import UnknownLanguage
from turkic_nlp.pipeline import load as shipped

GOLD = (
    "# text = Ал келди\n1\tАл\tал\tPRON\t_\t_\t2\tnsubj\t_\t_\n2\tкелди\tкел\tVERB\t_\t_\t0\troot\t_\t_\n\n"
)


@pytest.fixture(autouse=True)
def fake_model(monkeypatch):
    def load(lang, *, model=None, disable=(), device="cpu", precision="fp32"):
        if lang != "ky":
            raise UnknownLanguage(lang, "ky")
        nlp = spacy.blank("xx")
        nlp.add_pipe("fake_annotation")
        nlp.meta.update(name="fake", version="1.0")
        return nlp

    monkeypatch.setattr("turkic_nlp.pipeline.load", load)


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.conllu"
    path.write_text(GOLD, encoding="utf-8")
    return path


@pytest.fixture
def call(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["turkic-nlp", "evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


def test_json_on_stdout_has_the_keys_of_the_task(gold, call):
    code, out, err = call(gold, "--lang", "ky", "--json", "-")
    assert (code, err) == (0, "")
    scores = json.loads(out)
    assert " ".join(list(scores)[:11]) == "tokens sents words_f1 upos xpos feats lemma uas las mlas blex"
    assert (scores["tokens"], scores["upos"], scores["words"], scores["xpos"]) == (100, 0, 2, None)
    assert scores["seconds"] >= 0
    assert scores["model"] == "fake 1.0"


def test_people_get_a_table_and_json_goes_to_a_file_too(gold, tmp_path, call):
    code, out, _ = call(gold, "--lang", "ky", "--json", tmp_path / "scores.json")
    assert code == 0
    assert "tokens" in out
    assert "100.00" in out
    assert json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))["words"] == 2


def test_entities_are_shown_per_label(tmp_path, call):
    (tmp_path / "gold.iob2").write_text("Айгүл B-PER\nкелди O\n", encoding="utf-8")
    _, out, _ = call(tmp_path / "gold.iob2", "--lang", "ky")
    assert "PER" in out
    assert "P" in out


def test_a_split_of_the_catalog_stands_in_for_a_file(gold, call, monkeypatch):
    monkeypatch.setattr("turkic_nlp.corpora.parts.fetch", lambda card, file: gold)
    code, out, _ = call("--corpus", "ud-kyrgyz-ktmu", "--split", "test", "--lang", "ky", "--json", "-")
    assert code == 0
    assert json.loads(out)["gold"] == "ud-kyrgyz-ktmu test"


@pytest.mark.parametrize("corpus", ["ud-uzbek-uzudt", "ud-uzbek-ut"])
def test_a_corpus_is_scored_in_its_own_style(gold, call, monkeypatch, corpus):
    monkeypatch.setattr("turkic_nlp.corpora.parts.fetch", lambda card, file: gold)
    monkeypatch.setattr("turkic_nlp.pipeline.load", shipped)
    used = []
    monkeypatch.setattr(
        "turkic_nlp.evaluation.evaluate",
        lambda nlp, gold, raw: {"tagger": used.append(nlp.get_pipe("tagger").style)},
    )
    assert call("--corpus", corpus, "--lang", "uz")[0] == 0
    assert used == [corpus]


ERRORS = [
    ([], "T611"),
    (["gold.conllu", "--corpus", "sib-200"], "T611"),
    (["gold.conllu", "--task", "magic"], "T611"),
    (["missing.conllu"], "T310"),
    (["gold.conllu", "--lang", "xx"], "T101"),
    (["--corpus", "ud-klingon"], "T3"),
    (["gold.conllu", "--json", "no/such/file.json"], "T603"),
]


@pytest.mark.parametrize(("arguments", "number"), ERRORS)
def test_an_error_is_one_line_with_its_number_and_exit_code_1(arguments, number, gold, monkeypatch, call):
    monkeypatch.chdir(gold.parent)
    code, out, err = call("--lang", "ky", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith(f"[{number}")
    assert err.count("\n") == 1
