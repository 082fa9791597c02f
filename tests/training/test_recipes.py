"""Every recipe of the repository can be read, and names corpora and splits that the catalog has."""

from __future__ import annotations

from pathlib import Path

import pytest

from turkic_nlp import corpora
from turkic_nlp.corpora.parts import PARTS
from turkic_nlp.errors import EmptyCorpus
from turkic_nlp.training.gold import gather_one
from turkic_nlp.training.pretrain import read_plans
from turkic_nlp.training.recipe import CorpusPlan, read_recipe

ROOT = Path(__file__).resolve().parents[2]
FOUND = [
    path
    for place in ("models/*", "benchmarks/recipes", "docs/languages/*")
    for path in ROOT.glob(f"{place}/*.cfg")
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def check(id: str, split: str, lang: str | None) -> None:
    card = corpora.card(id)
    if split in PARTS:
        assert card.parts
    else:
        card.file(split, lang if len(card.languages) > 1 else None)


@pytest.mark.parametrize("path", [p for p in FOUND if p.name != "pretrain.cfg"], ids=name_of)
def test_a_training_recipe_names_what_is_there(path: Path) -> None:
    recipe = read_recipe(path)
    for plan in recipe.corpora.values():
        assert corpora.card(plan.id).trainable
        assert set(plan.tasks) <= set(recipe.heads)
        for split in (*plan.splits, *plan.dev_splits):
            check(plan.id, split, plan.written_in)
        if plan.glosses:
            check(*plan.glosses.split("/"), plan.written_in)
    for name in recipe.held_out:
        id_, split, *lang = name.split("/")
        check(id_, split, lang[0] if lang else None)


@pytest.mark.parametrize("path", [p for p in FOUND if p.name == "pretrain.cfg"], ids=name_of)
def test_a_pretraining_recipe_names_what_is_there(path: Path) -> None:
    plan, _, schedule = read_plans(path, {})
    assert schedule.first_tokens < schedule.tokens
    for name in (*plan.held_out, *plan.corpora):
        check(*name.split("/"))


@pytest.mark.parametrize("path", [p for p in FOUND if p.name == "pretrain.cfg"], ids=name_of)
def test_the_treebanks_of_a_pretraining_recipe_can_be_read_to_their_end(path: Path, mirror: Path) -> None:
    plan, _, _ = read_plans(path, {})
    for name in plan.corpora:
        if name.startswith("ud-"):
            id_, split, _ = name.split("/")
            assert list(corpora.sentences(id_, split))


def test_splits_of_the_catalog_for_dev_teach_nothing(mirror):
    plan = CorpusPlan(id="ud-turkmen-tud-silver", lang="tk", splits=("dev",), dev_splits=("dev",))
    with pytest.raises(EmptyCorpus) as told:
        gather_one("tk", plan)
    assert told.value.repeated >= corpora.card(plan.id).file("dev").counts["sentences"]


def test_the_shipped_encoder_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "languages" / "uyghur" / "uyghur.cfg").read_text(encoding="utf-8")
    (tmp_path / "my.cfg").write_text(text, encoding="utf-8")
    assert (read_recipe(tmp_path / "my.cfg").encoder_folder / "pieces.model").is_file()
