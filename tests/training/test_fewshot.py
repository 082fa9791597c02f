"""Few-shot curves: nested subsets, the fit, the advice, and the command that goes on where it was."""

from __future__ import annotations

import json
import math
import sys
from itertools import product

import numpy as np
import pytest
from folders import model_folder
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.cli import main
from turkic_nlp.errors import MissingExtra
from turkic_nlp.training import curve_plot, fewshot
from turkic_nlp.training.curve import Curve, advice, fit

SIZES = [10, 30, 100, 300, 1000]


@given(st.integers(0, 300), st.integers(0, 20))
def test_an_order_has_every_text_once_and_is_the_same_again(texts, seed):
    order = fewshot.nested(texts, seed)
    assert sorted(order) == list(range(texts))
    assert order == fewshot.nested(texts, seed)


def test_seeds_draw_different_texts():
    assert len({tuple(fewshot.nested(100, seed)[:10]) for seed in range(9)}) == 9


@given(st.floats(-50, 60), st.floats(0.5, 15))
def test_a_logarithm_is_found_again(a, b):
    curve = fit(SIZES, [a + b * math.log(n) for n in SIZES])
    for n in (10, 200, 4000):
        assert curve.at(n) == pytest.approx(a + b * math.log(n), abs=0.5)
    assert fit(SIZES, [a + b * math.log(n) for n in SIZES], "log").b == pytest.approx(b, abs=1e-6)


@given(st.floats(60, 100), st.floats(20, 200), st.floats(0.2, 1.2))
def test_a_curve_that_levels_off_is_found_again(a, b, c):
    scores = [a - b * n**-c for n in SIZES]
    found = fit(SIZES, scores)
    assert found.kind == "power"
    for n in (10, 200, 4000):
        assert found.at(n) == pytest.approx(a - b * n**-c, abs=0.5)


@given(st.floats(0, 90), st.floats(1, 12), st.sampled_from([*SIZES, 5000]))
def test_texts_for_is_the_inverse_of_at(a, b, n):
    for curve in (Curve("log", a, b), Curve("power", a, b, 0.4)):
        assert curve.texts_for(curve.at(n)) == pytest.approx(n, rel=1e-4)


@pytest.mark.parametrize(
    "curve", [Curve("log", 50, 0), Curve("log", 50, -1), Curve("power", 80, 9, 0.5), Curve("log", 0, 1e-6)]
)
def test_a_score_that_is_never_reached_takes_no_end_of_texts(curve):
    assert math.isinf(curve.texts_for(95))


def test_three_sizes_make_a_logarithm():
    assert fit([10, 30, 100], [10.0, 20.0, 90.0]).kind == "log"


@given(st.lists(st.floats(0, 100), min_size=5, max_size=5))
def test_no_curve_levels_off_above_a_hundred(scores):
    assert fit(SIZES, scores, "power").a <= 100 + 1e-9


def test_the_advice_counts_from_the_last_size_and_has_the_spread_of_the_seeds():
    rows = [[10 + b * math.log(n) for n in SIZES] for b in (9.0, 10.0, 11.0)]
    curve, ways = advice(SIZES, rows, target=100)
    assert [way.goal for way in ways] == ["+1", "+5", "100"]
    exact = 1000 * (math.exp(1 / 10) - 1)
    assert ways[0].more == pytest.approx(exact, rel=0.15)
    assert ways[0].low < ways[0].more < ways[0].high
    assert [way.far for way in ways] == [False, False, curve.texts_for(100) > 4000]
    assert "over seeds" in ways[0].text()


def test_a_goal_far_beyond_the_texts_is_called_a_guess_and_one_above_a_hundred_is_none():
    rows = [[10 + 5 * math.log(n) for n in SIZES]] * 2
    _, ways = advice(SIZES, rows, target=70)
    assert [way.far for way in ways] == [False, False, True]
    assert ways[2].text().endswith("a guess, as it is beyond 4 times what was measured")
    assert [way.goal for way in advice(SIZES, [[96, 97, 98, 98.5, 99.5]] * 2)[1]] == []


def test_a_target_that_is_reached_takes_no_more():
    rows = [[10 + 10 * math.log(n) for n in SIZES]] * 2
    assert advice(SIZES, rows, target=40)[1][-1].more == 0


def test_a_curve_that_levels_off_says_so():
    rows = [[80 - 100 * n**-0.9 for n in SIZES]] * 2
    way = advice(SIZES, rows, target=90)[1][-1]
    assert math.isinf(way.more)
    assert "levels off" in way.text()


NAMES, THINGS, VERBS = ("Айгүл", "Асан", "Мен"), ("кітап", "хат", "алма", "нан"), ("алды", "көрді", "жазды")
ROWS = list(product(NAMES, THINGS, VERBS))


def iob2(rows):
    return "\n".join(f"{a} {'O' if a == 'Мен' else 'B-PERSON'}\n{b} O\n{c} O\n" for a, b, c in rows)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def call(monkeypatch, capsys, tmp_path, model):
    (tmp_path / "data.iob2").write_text(iob2(ROWS), encoding="utf-8")
    (tmp_path / "test.iob2").write_text(iob2(ROWS[::6]), encoding="utf-8")
    (tmp_path / "other.iob2").write_text("Ол B-GOD\nкелді O\n", encoding="utf-8")
    (tmp_path / "one.iob2").write_text(iob2(ROWS[:1]), encoding="utf-8")
    usual = fewshot.usual_settings
    monkeypatch.setattr(fewshot, "usual_settings", lambda train: usual(train, 8))

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        line = ["turkic-nlp", "fewshot-curve", "ner", "--lang", "kk", "--model", str(model), *arguments]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


USUAL = (
    "--data",
    "data.iob2",
    "--test",
    "test.iob2",
    "-o",
    "out",
    "--sizes",
    "5,10",
    "--seeds",
    "1,2",
    "--no-plot",
)


def test_the_command_writes_the_curve_and_goes_on_with_missing_cells(call, tmp_path, monkeypatch):
    code, out, err = call(*USUAL)
    assert (code, err) == (0, "")
    result = json.loads((tmp_path / "out" / "curve.json").read_text(encoding="utf-8"))
    assert list(result["sizes"]) == ["5", "10", "30"]  # six of 36 are the test's
    assert (result["texts"], result["test_texts"], result["seeds"]) == (30, 6, [1, 2])
    assert result["now"] is not None
    assert "the model now" in out
    path = tmp_path / "out" / "cells.jsonl"
    whole = path.read_text(encoding="utf-8")
    path.write_text("".join(whole.splitlines(keepends=True)[:-1]), encoding="utf-8")
    calls = []
    score = fewshot.Bench.score
    monkeypatch.setattr(fewshot.Bench, "score", lambda *a, **kw: calls.append(kw) or score(*a, **kw))
    assert call(*USUAL)[0] == 0
    assert calls == [{"seed": 2, "label_reg": 0.0}]
    assert path.read_text(encoding="utf-8") == whole
    assert json.loads((tmp_path / "out" / "curve.json").read_text(encoding="utf-8")) == result
    assert call(*USUAL, "--label-reg", "0.1")[2].startswith("[T607]")
    path.write_text("[]\n", encoding="utf-8")
    assert call(*USUAL)[2].startswith("[T607]")
    assert call(*USUAL, "--force", "--label-reg", "0.1")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sizes", "5,x"], "[T611]"),
        (["--sizes", "0,5"], "[T611]"),
        (["--seeds", "-1"], "[T611]"),
        (["--sizes", "1000"], "[T552]"),
        (["--test", "none.iob2"], "[T310]"),
        (["--data", "one.iob2", "--test", "other.iob2"], "[T552]"),
    ],
)
def test_what_gives_no_curve_is_one_numbered_line(arguments, said, call):
    usual = [*USUAL]
    for option in arguments[::2]:
        at = usual.index(option)
        del usual[at : at + 2]
    code, _, err = call(*usual, *arguments)
    assert (code, err.count("\n"), err.startswith(said)) == (1, 1, True)


def test_texts_without_anything_to_learn_have_no_score(model):
    from tiny import gold_docs

    from turkic_nlp.encoding import read_folder
    from turkic_nlp.training.gold import Gold
    from turkic_nlp.training.recipe import CorpusPlan

    docs = gold_docs()
    bench = fewshot.Bench("ner", read_folder(model / "encoder"), Gold("x", CorpusPlan("x", "kk"), docs, docs))
    assert bench.score([0, 1], seed=1) is None


def test_a_picture_is_drawn(tmp_path):
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    rows = [
        {"texts": size, "seed": seed, "score": float(seed + np.log(size))}
        for size in SIZES
        for seed in (1, 2)
    ]
    result = {"task": "ner", "lang": "kk", **fewshot.summary(rows, SIZES, (1, 2), None)}
    curve_plot.draw(result, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_extra_is_named_before_anything_is_trained(call, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = call(*USUAL[:-1])
    assert (code, err[:6], "spacy-turkic[plots]" in err) == (1, "[T505]", True)
    assert not (tmp_path / "out").exists()
    with pytest.raises(MissingExtra):
        curve_plot.check_extra()
