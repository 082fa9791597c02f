"""Models on encoders from the hub: trained by a recipe, or begun by a component of the user's own."""

from __future__ import annotations

import json

import pytest
import torch
from tiny import huggingface_folder, other_folder
from typer.testing import CliRunner

import turkic_nlp
from turkic_nlp.cli import app
from turkic_nlp.errors import BadOption
from turkic_nlp.hub import read_encoder

IOB2 = "".join(
    f"{name}\tB-PER\nкітап\tO\nоқыдым\tO\n.\tO\n\n"
    for name in ("Айгүл", "Асан", "Бақыт", "Гүлназ", "Дана", "Ержан")
)
RECIPE = """\
[model]
name = "mine"
version = "0.1.0"
description = "Persons"
license = "MIT"
encoder = "nowhere"

[training]
steps = 3
encoder_rate = 0.01
average = 0.0
layer_decay = 0.9
evaluate_every = 100

[held_out]
sets = []

[heads]

[heads.ner]
task = "ner"

[corpora]

[corpora.mine]
id = "mine"
lang = "kk"
files = ["{data}"]
"""
TEXT = "Айгүл кітап оқыдым. Асан келді."


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "train.iob2"
    path.write_text(IOB2, encoding="utf-8")
    return path


def carried_out(*arguments):
    found = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert found.exit_code == 0, found.exception
    return found.output


@pytest.mark.parametrize("family", ["xlm-roberta", "modernbert"])
def test_a_recipe_is_carried_out_on_another_encoder_which_learns_too(family, data, tmp_path):
    hub = (
        huggingface_folder(tmp_path / "hub")
        if family == "xlm-roberta"
        else other_folder(tmp_path / "hub", family)
    )
    recipe = tmp_path / "mine.cfg"
    recipe.write_text(RECIPE.format(data=data), encoding="utf-8")
    carried_out("train", recipe, "--encoder", hub, "--output", tmp_path / "model")
    nlp = turkic_nlp.load("kk", model=tmp_path / "model")
    assert nlp(TEXT).tensor.shape[1] == 64
    before, after = (
        read_encoder(path).encoder.state_dict() for path in (hub, tmp_path / "model" / "encoder")
    )
    changed = {name for name in before if not torch.allclose(before[name], after[name], atol=1e-3)}
    layers = {"0", "1"}
    assert layers <= {part for name in changed for part in name.split(".")}


def test_a_component_begins_a_model_on_an_encoder_that_stays_as_it_is(data, tmp_path):
    hub = huggingface_folder(tmp_path / "hub")
    options = ["--lang", "kk", "--data", data, "--dev-share", "0", "--set", "training.steps=4"]
    carried_out("new-component", "ner", *options, "--encoder", hub, "--output", tmp_path / "model")
    nlp = turkic_nlp.load("kk", model=tmp_path / "model")
    assert nlp.pipe_names == ["sentences", "encoder", "ner"]
    expected = read_encoder(hub)
    with torch.inference_mode():
        vectors = expected([["Айгүл", "кітап"]], ["kk"], 100)[0]
    assert torch.allclose(torch.from_numpy(nlp("Айгүл кітап").tensor), vectors, atol=1e-2)
    meta = json.loads((tmp_path / "model" / "meta.json").read_text(encoding="utf-8"))
    assert meta["encoder"] == "hub"
    assert [path.name for path in tmp_path.glob(".encoder-*")] == []


def test_a_component_has_a_model_or_an_encoder(data, tmp_path):
    options = ["--lang", "kk", "--data", str(data), "--encoder", "x", "--model", "turkic_small"]
    found = CliRunner().invoke(app, ["new-component", "ner", *options, "--output", str(tmp_path / "model")])
    assert isinstance(found.exception, BadOption)
