import json
from types import SimpleNamespace

import pytest
import transfer_matrix as matrix

from turkic_nlp.evaluation import Gold


@pytest.mark.parametrize("source", [*matrix.SOURCES, *matrix.PAIRS])
def test_every_test_set_that_is_scored_is_held_out(source):
    recipe = matrix.recipe_of(source, 2)
    assert set(recipe.held_out) == {test.name for test in matrix.tests_of(source)}
    assert recipe.plan.seed == 2 and list(recipe.corpora) == source.split("+")


def test_what_learns_a_part_of_a_test_set_is_scored_on_the_other_part():
    assert "ud-kazakh-ktb/test" not in matrix.recipe_of("kk", 1).held_out
    assert "ud-kazakh-ktb/product-test" in matrix.recipe_of("kk", 1).held_out
    assert "ud-kazakh-ktb/test" in matrix.recipe_of("tr", 1).held_out


@pytest.mark.parametrize(
    ("source", "test", "foreign"),
    [
        ("tr", "ud-kazakh-ktb/test", True),
        ("tr_boun", "ud-turkish-pud/test", False),
        ("tr+ky", "ud-kyrgyz-ktmu/test", False),
    ],
)
def test_a_source_in_the_language_of_the_test_is_not_foreign(source, test, foreign):
    assert matrix.foreign(source, test) is foreign


def test_a_sample_of_a_test_set_is_the_same_for_every_source():
    gold = Gold("x", "treebank", sentences=[SimpleNamespace(n=n) for n in range(1000)])
    chosen = matrix.sample(gold).sentences
    assert len(chosen) == matrix.TEST_SENTENCES and chosen == matrix.sample(gold).sentences
    assert matrix.sample(Gold("x", "treebank", sentences=chosen)).sentences == chosen


def test_the_table_marks_the_best_foreign_single_source(tmp_path, monkeypatch):
    rows = [
        {
            "source": source,
            "seed": seed,
            "scores": {"ud-kyrgyz-ktmu/test": {"upos": score + seed, "las": 1.0}},
        }
        for source, score in (("kk", 70.0), ("tr", 60.0), ("ky", 90.0), ("tr+en", 80.0))
        for seed in (1, 2)
    ]
    results, page = tmp_path / "rows.jsonl", tmp_path / "page.md"
    results.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setattr(matrix, "RESULTS", results)
    assert matrix.best_sources("upos") == {"ud-kyrgyz-ktmu/test": "kk"}
    assert "**71.5** ± 0.7" in matrix.table()
    page.write_text("a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n", encoding="utf-8")
    matrix.write_part(page, "x", "new\n")
    assert page.read_text(encoding="utf-8") == "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n"
