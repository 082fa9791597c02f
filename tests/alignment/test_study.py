"""The bookkeeping of the alignment study: its cells, its correlation, its tables."""

from __future__ import annotations

import alignment_study
import alignment_table
import pytest


def result(loss, seed, score, likeness):
    rows = [dict.fromkeys(alignment_table.FIGURES, likeness)] * 2
    return {
        "loss": loss,
        "seed": seed,
        "steps": 5,
        "layer": 1,
        "upos": dict.fromkeys(alignment_table.TREEBANKS, score),
        "topic": dict.fromkeys((*alignment_table.LANGUAGES, "tr"), score),
        "figures": {f"tr-{lang}": rows for lang in alignment_table.LANGUAGES},
    }


RESULTS = [
    *(result("none", seed, 50.0, 0.1) for seed in (1, 2, 3)),
    *(result("token", seed, 50.0 + seed - 2, 0.1 + seed / 10) for seed in (1, 2, 3)),
]
WEIGHTS = {"share": 0.3, "weights": {"token": 0.1}}


def test_a_seed_is_whole_before_the_next():
    cells = list(alignment_study.cells([4, 5]))
    assert len(set(cells)) == 2 * len(alignment_study.LOSSES)
    assert {cell.seed for cell in cells[: len(alignment_study.LOSSES)]} == {4}
    assert cells[0].loss == "none"


def test_a_table_has_mean_spread_and_how_many_seeds_gained():
    text = "\n".join(alignment_table.lines(RESULTS, WEIGHTS))
    assert "| none | 50.0 ± 0.0 |" in text
    assert "| token | 50.0 ± 1.0 (1+ 1−) |" in text
    assert "| retrieval | +1.00 (" in text


def test_a_cell_that_two_processes_finished_counts_once():
    assert list(alignment_table.unique([*RESULTS, result("none", 1, 0.0, 0.0)])) == RESULTS


def test_the_page_keeps_what_is_around_the_tables(tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "alignment.md"
    page.write_text(f"a\n{alignment_table.BEGIN}\nold\n{alignment_table.END}\nz\n", encoding="utf-8")
    alignment_table.write_table(tmp_path, RESULTS, WEIGHTS)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("a\n<!--") and text.endswith("-->\nz\n")
    assert "old" not in text and "6 runs of 5 steps" in text


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 99], 1.0),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1.0),
        # ranks 1 2.5 2.5 4 against 1 2 3 4: 4.5 / sqrt(4.5 * 5)
        ([1, 2, 2, 3], [1, 2, 3, 4], 0.9486833),
        ([1, 1, 1], [1, 2, 3], 0.0),
    ],
)
def test_spearman_is_worked_out_by_hand(one, other, wanted):
    assert alignment_table.spearman(one, other) == pytest.approx(wanted)


def test_the_interval_holds_the_correlation_of_runs_that_all_agree():
    runs, figures, scores = alignment_table.changes(RESULTS, "topic", "retrieval", last=True)
    assert len(runs) == 12
    assert sorted(set(runs)) == [0, 1, 2]
    low, high = alignment_table.interval(runs, figures, scores)
    assert low <= alignment_table.spearman(figures, scores) <= high == 1.0
