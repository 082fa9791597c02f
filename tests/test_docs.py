"""The documentation tells the truth: its commands and files exist, its example prints what it shows."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
import typer
from speed_page import losses

from turkic_nlp.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
MODEL = pytest.mark.skipif(not any(ROOT.glob("models/*/meta.json")), reason="no trained model is here")


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands():
    group = typer.main.get_command(app)
    return {
        name: {option for p in command.params for option in p.opts}
        for name, command in group.commands.items()
    }


LINES = sorted(set(re.findall(r"^turkic-nlp (\S+)(.*)$", README, re.MULTILINE)))


def test_the_readme_shows_commands():
    assert len(LINES) >= 4


@pytest.mark.parametrize(("name", "rest"), LINES)
def test_a_command_of_the_readme_exists_with_its_options(name, rest):
    known = commands()
    assert name in known
    assert set(re.findall(r"(?<=\s)--?[a-z][\w-]*", rest)) <= known[name]


@pytest.mark.parametrize("page", PAGES)
def test_a_link_to_a_file_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_make_target_that_a_page_names_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / page).read_text(encoding="utf-8")))
    assert {name for name in named if f"\n{name}:" not in makefile} <= {"sure"}


def test_the_table_of_scores_has_a_column_a_language_and_tells_the_test_sets(generate, tmp_path):
    meta = tmp_path / "models" / "m" / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(
        '{"scores": [{"lang": "tk", "corpus": "ud-turkmen-tud-silver", "split": "dev", "sentences": 704,'
        ' "metric": "upos", "value": 90.04, "quality": "silver", "seed": 1, "release": "2.18"}]}',
        encoding="utf-8",
    )
    lines = generate.overview(tmp_path).splitlines()
    assert lines[0] == "| | Kazakh | Uzbek | Kyrgyz | Turkmen |"
    assert "| part of speech |  |  |  | 90.0* |" in lines
    assert "- Turkmen: ud-turkmen-tud-silver dev (704)." in lines


def test_a_model_card_names_every_corpus_with_its_licence(generate, tmp_path):
    meta = {
        "name": "small",
        "version": "0.1.0",
        "description": "Tags",
        "components": {"tagger": "tagger"},
        "data": [
            {
                "corpus": "kaznerd",
                "lang": "kk",
                "splits": ["validation"],
                "train": 1000,
                "quality": "gold",
                "licence": "CC-BY-4.0",
            }
        ],
        "held_out": ["kaznerd/test"],
        "versions": {"torch": "2.13.0"},
    }
    facts = meta["data"][0]
    more = facts | {"splits": ["more"]}
    meta["data"].append(more | {"train": 7})
    meta["data"].append(facts | {"corpus": "project-prose", "glosses": "project-glosses/ky-kk", "train": 5})
    later = [more | {"train": 8}, facts | {"train": 900}]
    meta["later"] = [{"recipe": "late", "heads": ["tagger"], "steps": 5, "data": later}]
    meta["styles"] = {"sentiment": {"kk": "reviews"}}
    (tmp_path / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    (tmp_path / "sentiment").mkdir()
    shares = {"shares": {"reviews": {"bad": 0.2, "good": 0.8}}}
    (tmp_path / "sentiment" / "settings.json").write_text(json.dumps(shares), encoding="utf-8")
    card = generate.model_card(tmp_path / "meta.json")
    assert "`reviews`: 20 percent bad, 80 percent good. That holds for Kazakh;" in card
    assert "| `kaznerd` | Kazakh | validation | 1,000 | gold | CC-BY-4.0 | [KazNERD" in card
    assert "| `project-prose` | Kazakh, glossed by `project-glosses/ky-kk` | validation | 5 |" in card
    assert "| `kaznerd` | Kazakh | more | 8 | gold | CC-BY-4.0 | [KazNERD" in card, "the largest of a split"
    assert "`kaznerd/test`" in card


def test_the_page_of_errors_is_fresh(generate):
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == generate.error_page()


@pytest.mark.model
@MODEL
def test_the_example_of_the_readme_prints_what_it_shows(generate):
    shown = README.partition(generate.EXAMPLE_BEGIN)[2].partition(generate.EXAMPLE_END)[0]
    assert shown.strip() == f"```\n{generate.printed(generate.example(README))}```"


def test_the_guide_to_annotate_names_every_field_of_a_token_and_every_format():
    from turkic_nlp.annotate.formats import FORMATS, TOKEN

    guide = (ROOT / "docs" / "annotate.md").read_text(encoding="utf-8")
    assert [name for name in TOKEN if f"`{name}`" not in guide] == []
    assert [name for name in FORMATS if f"**{name}**" not in guide] == []


def test_scores_of_several_models_make_no_table_of_precisions(tmp_path):
    folder = tmp_path / "benchmarks" / "results"
    folder.mkdir(parents=True)
    row = {"lang": "kk", "corpus": "x", "split": "test", "metric": "upos", "value": 90.0}
    for name, version in (("accuracy", "2"), ("bf16", "2"), ("int8", "2")):
        (folder / f"{name}.json").write_text(
            json.dumps({"version": version, "scores": [row]}), encoding="utf-8"
        )
    assert len(list(losses(tmp_path))) == 3
    (folder / "int8.json").write_text(json.dumps({"version": "1", "scores": [row]}), encoding="utf-8")
    with pytest.raises(ValueError, match="'int8': '1'"):
        list(losses(tmp_path))
