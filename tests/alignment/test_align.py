"""Aligning and diagnosing, end to end, with a tiny encoder and model."""

from __future__ import annotations

import builtins
import json
import re
import sys
from itertools import pairwise

import pytest
import torch
from tiny import TEXT, recipe_in
from typer.testing import CliRunner

from turkic_nlp import cli
from turkic_nlp.alignment.run import align
from turkic_nlp.cli import app
from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import BadAlignment, MissingExtra, NoTaskHead, OtherCheckpoint, TooFewPairs
from turkic_nlp.training.run import run
from turkic_nlp.weights import read_tensors

SETTINGS = {"steps": 4, "checkpoint_minutes": 0.0, "batch_pieces": 80, "links": "simalign"}


@pytest.fixture
def place(tmp_path):
    recipe_in(tmp_path, tasks=["tagger"], steps=4, every=2, dev=0.3)
    lines = [f"{one} {n}\t{other} {n}\n" for n in range(20) for (one, _), (other, _) in pairwise(TEXT)]
    (tmp_path / "a.tsv").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "kk.txt").write_text(
        "".join(f"Мен үлкен өзен көрдім {n} рет .\n" for n in range(30)), encoding="utf-8"
    )
    return tmp_path


def aligned(place, output, start="encoder", data="a.tsv", pair="kk-ky", report=None, **settings):
    return align(
        place / start,
        data=[place / data],
        pairs=[pair],
        output=place / output,
        settings={**SETTINGS, **settings},
        report=report,
    )


def weights(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.safetensors")}


def stop_at(step):
    def report(row):
        if row.get("step") == step:
            raise KeyboardInterrupt

    return report


@pytest.mark.parametrize("loss", ["token", "xlco", "tlm"])
def test_an_aligned_encoder_is_one_that_training_starts_from_and_says_what_it_read(place, loss):
    folder = aligned(place, "aligned", loss=loss)
    facts = json.loads((folder / "pretraining.json").read_text(encoding="utf-8"))["alignment"]
    assert facts["plan"]["loss"] == loss
    assert facts["data"]["files"] == {"a.tsv": 80}
    assert set(facts["before"]) == set(facts["after"])
    assert weights(folder) != weights(place / "encoder")
    read_folder(folder)
    model = run(place / "recipe.cfg", output=place / "model", overrides={"model.encoder": str(folder)})
    assert json.loads((model / "meta.json").read_text(encoding="utf-8"))["pretraining"]["alignment"] == facts


@pytest.mark.parametrize("loss", ["xlco", "l2"])
def test_an_interrupted_alignment_ends_with_the_same_weights(place, loss, monkeypatch):
    from turkic_nlp.alignment import run as module

    whole = aligned(place, "whole", loss=loss)
    step = module._set_rates

    def interrupt(optimiser, number, plan):
        if number == 2:
            raise KeyboardInterrupt
        step(optimiser, number, plan)

    monkeypatch.setattr(module, "_set_rates", interrupt)
    with pytest.raises(KeyboardInterrupt):
        aligned(place, "twice", loss=loss)
    assert not (place / "twice" / "model.safetensors").exists()
    monkeypatch.undo()
    assert weights(aligned(place, "twice", loss=loss)) == weights(whole)


def test_other_seeds_align_otherwise(place):
    assert weights(aligned(place, "one", loss="sentence")) != weights(
        aligned(place, "two", loss="sentence", seed=2)
    )


@pytest.mark.parametrize(("part", "kept"), [("lower", (0, 1)), ("upper", (1, 0))])
def test_a_frozen_half_is_the_same_to_the_bit(place, part, kept):
    before = read_tensors(place / "encoder" / "model.safetensors")
    after = read_tensors(aligned(place, "aligned", loss="mlm", masked=0.5, freeze=part) / "model.safetensors")
    frozen, free = (f"encoder.layer.{n}." for n in kept)
    halved = {name: value.half().float() for name, value in before.items()}
    assert all(torch.equal(after[name], halved[name]) for name in after if name.startswith(frozen))
    assert not all(torch.equal(after[name], halved[name]) for name in after if name.startswith(free))


@pytest.mark.parametrize("mode", ["joint", "alternate"])
def test_an_alignment_while_training_gives_a_model_and_goes_on_after_a_break(place, mode):
    whole = aligned(place, "whole", start="recipe.cfg", mode=mode, loss="xlco")
    with pytest.raises(KeyboardInterrupt):
        aligned(place, "twice", start="recipe.cfg", mode=mode, loss="xlco", report=stop_at(2))
    assert weights(aligned(place, "twice", start="recipe.cfg", mode=mode, loss="xlco")) == weights(whole)
    meta = json.loads((whole / "meta.json").read_text(encoding="utf-8"))
    assert meta["alignment"]["plan"]["mode"] == mode
    assert weights(whole) != weights(run(place / "recipe.cfg", output=place / "plain"))


def test_a_weight_of_nought_trains_as_if_there_were_no_alignment(place):
    plain = run(place / "recipe.cfg", output=place / "plain")
    assert weights(
        aligned(place, "joint", start="recipe.cfg", mode="joint", loss="sentence", weight=0)
    ) == weights(plain)


def test_translit_needs_no_translations(place):
    folder = aligned(place, "aligned", data="kk.txt", pair="kk-plain", loss="translit")
    facts = json.loads((folder / "pretraining.json").read_text(encoding="utf-8"))["alignment"]
    assert facts["data"]["files"] == {"kk-plain": 30}


def test_what_does_not_go_together_is_refused(place):
    with pytest.raises(BadAlignment, match="joint or alternate"):
        aligned(place, "x", start="recipe.cfg")
    with pytest.raises(BadAlignment, match="2 or more"):
        aligned(place, "x", freeze="lower")
    with pytest.raises(BadAlignment, match="encoder_rate"):
        align(
            place / "recipe.cfg",
            data=[place / "a.tsv"],
            pairs=["kk-ky"],
            output=place / "x",
            settings={"mode": "joint"},
            overrides={"training.encoder_rate": 0.0},
        )


def test_a_checkpoint_of_another_loss_is_a_numbered_error(place):
    aligned(place, "aligned", loss="mlm")
    with pytest.raises(OtherCheckpoint, match="T506"):
        aligned(place, "aligned", loss="sentence")


def on_the_line(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_aligns(place):
    done = on_the_line(
        "align", place / "encoder", "--data", place / "a.tsv", "--pair", "kk-ky", "-o", place / "out",
        "--loss", "sentence", "--freeze", "lower", "--set", "alignment.steps=2", "--set", "alignment.layer=2",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "The encoder is in" in done.output
    facts = json.loads((place / "out" / "pretraining.json").read_text(encoding="utf-8"))
    assert (facts["alignment"]["plan"]["steps"], facts["alignment"]["plan"]["freeze"]) == (2, "lower")


def test_the_command_refuses_in_one_red_line(place, monkeypatch, capsys):
    line = [
        "turkic-nlp",
        "align",
        place / "encoder",
        "--data",
        place / "a.tsv",
        "--pair",
        "kk-ky",
        "-o",
        place / "x",
    ]
    for more, message in ((["--loss", "nice"], "T540"), (["--set", "training.seed=1"], "alignment.KEY")):
        monkeypatch.setattr(sys, "argv", [str(word) for word in (*line, *more)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 1
        shown = capsys.readouterr().err
        assert message in shown
        assert len(shown.strip().splitlines()) == 1


@pytest.fixture
def model(place):
    run(place / "recipe.cfg", output=place / "model")
    return place / "model"


def diagnosed(place, *more):
    return on_the_line(
        "diagnose", place / "model", "--data", place / "a.tsv", "--pair", "kk-ky", "-o", place / "report",
        "--sentences", 20, "--set", 'alignment.links="simalign"', *more,
    )  # fmt: skip


def test_the_command_diagnoses_and_draws_a_page(place, model):
    pytest.importorskip("matplotlib")
    gold = ("--component", "tagger", "--gold", place / "gold.conllu", "--lang", "kk")
    done = diagnosed(place, *gold)
    assert done.exit_code == 0, (done.output, done.exception)
    found = json.loads((place / "report" / "diagnosis.json").read_text(encoding="utf-8"))
    assert len(found["pairs"]["kk-ky"]["layers"]) == 3
    row = found["gradients"]["kk-ky"]["all"]
    assert all(row[key] is not None for key in ("task_align", "null_task_task", "null_random", "norm_ratio"))
    assert (place / "report" / "diagnosis.png").read_bytes().startswith(b"\x89PNG")
    html = (place / "report" / "diagnosis.html").read_text(encoding="utf-8")
    assert re.search(r'src="data:image/png;base64,iVBOR', html)
    assert "null task task" in html


def test_without_matplotlib_the_page_is_refused_and_the_figures_are_not(place, model, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert isinstance(diagnosed(place).exception, MissingExtra)
    assert not (place / "report").exists()
    assert diagnosed(place, "--no-plots").exit_code == 0
    assert {path.name for path in (place / "report").iterdir()} == {"diagnosis.json"}


def test_a_diagnosis_that_cannot_be_made_says_why(place, model):
    gold = ("--gold", place / "gold.conllu", "--lang", "kk", "--no-plots")
    assert isinstance(diagnosed(place, "--component", "ner", *gold).exception, NoTaskHead)
    assert isinstance(diagnosed(place, "--component", "tagger", "--no-plots").exception, BadAlignment)
    (place / "a.tsv").write_text("бир эки уч\tбір екі үш\n", encoding="utf-8")
    assert isinstance(diagnosed(place, "--no-plots").exception, TooFewPairs)
