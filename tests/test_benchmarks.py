"""The bookkeeping of the benchmarks: what is run, what is summed up."""

from __future__ import annotations

import ablation
import accuracy
import numpy as np
import pytest
import retrieval


def test_the_first_cells_of_the_ablation_make_whole_rows():
    cells = list(ablation.cells([1, 2]))
    assert len(set(cells)) == len(cells) == 36
    assert {(cell.start, cell.seed) for cell in cells[:12]} == {("random", 1), ("random", 2)}


def test_a_finished_cell_is_known_by_its_line():
    cell = ablation.Cell("shared", "mlm", "tr", 3)
    assert ablation.cell_of({**cell._asdict(), "steps": 600, "scores": {}}) == cell


def test_the_table_of_the_ablation_has_mean_and_spread_over_seeds():
    scores = {corpus: {"upos": 50.0, "feats": 1.0, "las": 2.0} for _, corpus, _ in ablation.SETS}
    rows = [
        {**ablation.Cell("shared", "mlm", "tr", seed)._asdict(), "scores": scores | {"ud-kazakh-ktb": found}}
        for seed, found in ((1, scores["ud-kazakh-ktb"]), (2, scores["ud-kazakh-ktb"] | {"upos": 52.0}))
    ]
    text = ablation.table(rows)
    assert "| shared | mlm | 2 | 51.0 ± 1.4 | 50.0 ± 0.0 |" in text
    assert "All treebanks" not in text


def test_scores_of_seeds_are_summed_up_by_set_and_metric():
    row = {"lang": "kk", "corpus": "x", "split": "test", "metric": "las", "sentences": 3}
    (found,) = accuracy.summary([row | {"value": 40.0, "seed": 1}, row | {"value": 44.0, "seed": 2}])
    assert found["value"] == 42.0
    assert found["sd"] == pytest.approx(2.8284)
    assert found["seeds"] == {"1": 40.0, "2": 44.0}


def test_a_translation_is_found_where_only_the_languages_differ():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(20, 8)).astype(np.float32)
    other = one + 30 * np.eye(8, dtype=np.float32)[0]
    assert retrieval.top1(one, one) == 100.0
    assert retrieval.top1(one, other) < 100.0
    assert retrieval.top1(one, other, method="centred") == 100.0
    assert retrieval.top1(one, other, method="centred csls") == 100.0


def test_a_sentence_that_is_near_to_everything_is_passed_over_by_csls():
    queries = np.eye(12, dtype=np.float32) + 0.5
    targets = np.eye(12, dtype=np.float32)
    targets[0] = 1.0
    assert retrieval.top1(queries, targets) < 50.0
    assert retrieval.top1(queries, targets, method="csls") > 90.0


def test_the_mean_of_retrieval_is_over_the_pairs_without_english():
    pairs = [
        {"from": one, "to": other, **dict.fromkeys(retrieval.METHODS, value)}
        for one, other, value in (
            ("kk", "ky", 40.0),
            ("ky", "kk", 50.0),
            ("kk", "en", 1.0),
            ("en", "kk", 2.0),
        )
    ]
    assert retrieval.mean_scores(pairs) == dict.fromkeys(retrieval.METHODS, 45.0)


def test_a_model_that_learned_a_part_of_a_test_set_is_scored_on_the_rest():
    meta = {"data": [{"corpus": "ud-kazakh-ktb", "splits": ["train", "product-train"]}]}
    found = list(accuracy.sets_of(meta))
    assert ("kk", "ud-kazakh-ktb", "product-test") in found
    assert ("uz", "ud-uzbek-ut", "test") in found
