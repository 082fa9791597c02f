"""Pre-training: text in, an encoder folder out; an encoder that grows keeps what it has learned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import TEXT, word_encoder

from turkic_nlp.encoder import Encoder, RowDropout
from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import BadRecipe, EncoderNotFound, NoText, TooLittleText
from turkic_nlp.hub import language_head
from turkic_nlp.training.growth import depth_map, grow
from turkic_nlp.training.pretrain import read_plans, run
from turkic_nlp.training.pretraining import LanguageModel, parameter_groups
from turkic_nlp.training.raw_text import gather

RECIPE = """\
[text]
folder = "{folder}/text"
parallel = "{folder}/parallel"
languages = ["kk", "tr"]
pieces = 44
affixes = 40
skipgram = 0
frequent = 2

[encoder]
hidden_size = 16
num_hidden_layers = 3
num_attention_heads = 2
intermediate_size = 32

[schedule]
tokens = 3000
warmup = 500
rows = 4
length = 32
first_layers = 2
first_tokens = 1500
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    for lang in ("kk", "tr"):
        (tmp_path / "text" / lang).mkdir(parents=True)
        lines = [text for text, code in TEXT if code == lang] or ["Bu kitap çok güzel."]
        (tmp_path / "text" / lang / "a.txt").write_text(
            "\n".join([*lines, *lines, "бір екі үш"]), encoding="utf-8"
        )
    (tmp_path / "parallel" / "tr-kk").mkdir(parents=True)
    (tmp_path / "parallel" / "tr-kk" / "b.tsv").write_text(
        "Evde kimse yok\tҮйде ешкім жоқ\n", encoding="utf-8"
    )
    path = tmp_path / "pretrain.cfg"
    path.write_text(RECIPE.format(folder=tmp_path), encoding="utf-8")
    return path


def test_text_becomes_an_encoder_and_a_rerun_changes_nothing(recipe: Path, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = []
    folder = run(recipe, tmp_path / "out", overrides={}, report=rows.append)
    words = read_folder(folder)
    assert words.encoder.config.num_hidden_layers == 3
    assert (tmp_path / "out" / "mlm-shallow.pt").is_file()
    facts = json.loads((folder / "pretraining.json").read_text(encoding="utf-8"))
    assert facts["files"]["parallel/tr-kk/b.tsv/kk"]["words"] == 3
    again = read_folder(run(recipe, tmp_path / "out", overrides={}, report=rows.append))
    for name, value in words.encoder.state_dict().items():
        assert torch.equal(value, again.encoder.state_dict()[name])


def test_an_encoder_goes_on_where_it_was(recipe: Path, tmp_path: Path) -> None:
    first = run(recipe, tmp_path / "first", overrides={}, report=lambda row: None)
    rows: list[dict[str, Any]] = []
    overrides = {"encoder.start": str(first), "schedule.tokens": 40_000}
    folder = run(recipe, tmp_path / "second", overrides=overrides, report=rows.append)
    begun, gone_on = read_folder(first), read_folder(folder)
    assert gone_on.pieces.sentence(["Кітап", "бар"], "kk") == begun.pieces.sentence(["Кітап", "бар"], "kk")
    assert not torch.equal(gone_on.encoder.pieces.weight, begun.encoder.pieces.weight)
    earlier, later = (
        json.loads((place / "pretraining.json").read_text(encoding="utf-8")) for place in (first, folder)
    )
    own = max(row["tokens"] for row in rows if "loss" in row)
    assert later["tokens"] == earlier["tokens"] + own
    assert later["loss"][: len(earlier["loss"])] == earlier["loss"]
    assert later["loss"][-1][0] > earlier["tokens"]
    assert set(later["files"]) == set(earlier["files"])


def test_an_encoder_goes_on_with_its_language_head(recipe: Path, tmp_path: Path) -> None:
    first = run(recipe, tmp_path / "first", overrides={}, report=lambda row: None)
    overrides = {"encoder.start": str(first), "schedule.tokens": 1, "schedule.rate": 1e-9}
    later = language_head(str(run(recipe, tmp_path / "second", overrides=overrides, report=lambda row: None)))
    head = language_head(str(first))
    assert set(head) == {"bias", "dense.weight", "dense.bias", "layer_norm.weight", "layer_norm.bias"}
    assert head["bias"].abs().sum() > 0
    for name, weight in head.items():
        torch.testing.assert_close(later[name], weight, atol=1e-6, rtol=1e-3)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_what_a_gpu_has_read_goes_on_on_a_cpu(recipe: Path, tmp_path: Path) -> None:
    for tokens, device in ((2000, "cuda"), (4000, "cpu")):
        overrides = {"schedule.tokens": tokens, "schedule.first_tokens": 1000}
        folder = run(recipe, tmp_path / "out", overrides=overrides, device=device, report=lambda row: None)
        assert read_folder(folder).encoder.pieces.weight.isfinite().all()


def test_an_encoder_to_start_from_that_is_not_there_is_a_numbered_error(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderNotFound, match=r"T\d+.*nowhere"):
        run(recipe, tmp_path / "out", overrides={"encoder.start": str(tmp_path / "nowhere")}, report=print)


def test_frequent_words_are_listed_by_language(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "text" / "kk" / "c.txt").write_text("Көл Көл бар.\nбар КӨЛ\nжоқ", encoding="utf-8")
    folder = run(recipe, tmp_path / "out", overrides={"schedule.tokens": 1600}, report=lambda row: None)
    listed = (folder / "words.tsv").read_text(encoding="utf-8").splitlines()
    assert "kk\tкөл" in listed
    assert "kk\tешкім" not in listed


@pytest.mark.parametrize(
    ("orthography", "form", "size"), [("archiphonemic", "kitaptar", 36), ("lower", "кітаптар", 54)]
)
def test_an_encoder_may_read_another_orthography(
    recipe: Path, tmp_path: Path, orthography: str, form: str, size: int
) -> None:
    overrides = {"text.orthography": orthography, "text.pieces": size, "schedule.tokens": 1600}
    words = read_folder(run(recipe, tmp_path / "out", overrides=overrides, report=lambda row: None))
    assert words.pieces.form("Кітаптар", "kk") == form
    assert any(
        words.pieces.word(word, "kk").affixes for word in ["Мен", "кітап", "оқыдым", "сен", "хат", "жаздың"]
    )


def test_an_unknown_orthography_is_a_numbered_error(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match=r"T501.*archiphonemic"):
        run(recipe, tmp_path / "out", overrides={"text.orthography": "runes"}, report=lambda row: None)


def test_a_line_is_read_once_whether_its_signs_are_set_apart_or_not(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "text" / "kk" / "b.txt").write_text("Кел, отыр!\nКел , отыр !\nКел отыр", encoding="utf-8")
    plan, _, _ = read_plans(recipe, {})
    assert gather(plan, lambda row: None).files["kk/b.txt"] == len(["Кел", ",", "отыр", "!", "Кел", "отыр"])


def test_a_language_without_text_is_a_numbered_error(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "text" / "tr" / "a.txt").unlink()
    with pytest.raises(NoText, match="T50"):
        run(recipe, tmp_path / "out", overrides={}, report=lambda row: None)


def test_a_vocabulary_larger_than_the_text_is_a_numbered_error(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(TooLittleText, match=r"T508.* 500 pieces"):
        run(recipe, tmp_path / "out", overrides={"text.pieces": 500}, report=lambda row: None)


@given(st.integers(1, 12), st.integers(0, 12))
def test_every_layer_is_copied_and_their_order_stays(small: int, more: int) -> None:
    origin = depth_map(small, small + more)
    assert origin == sorted(origin)
    assert set(origin) == set(range(small))
    assert len(origin) == small + more


def test_growth_copies_weights_and_moments() -> None:
    small = LanguageModel(word_encoder().encoder)
    large = LanguageModel(Encoder(replace(small.encoder.config, num_hidden_layers=3)))
    optimiser = torch.optim.AdamW(parameter_groups(small), lr=0.1)
    sum((p + 1).square().sum() for p in small.parameters()).backward()
    optimiser.step()
    state = {"model": small.state_dict(), "optimiser": optimiser.state_dict(), "seen": 7}
    grown = grow(state, small, large, parameter_groups)
    large.load_state_dict(grown["model"])
    theirs = torch.optim.AdamW(parameter_groups(large), lr=0.1)
    theirs.load_state_dict(grown["optimiser"])
    layers = large.encoder.layers.layers
    for ours, copied in zip(layers[1].parameters(), layers[2].parameters(), strict=True):
        assert torch.equal(ours, copied)
        assert torch.equal(theirs.state[ours]["exp_avg"], theirs.state[copied]["exp_avg"])
        assert theirs.state[ours]["exp_avg"].any()


def test_a_row_loses_the_same_features_at_every_position() -> None:
    drop = RowDropout(0.5)
    torch.manual_seed(1)
    out = drop(torch.ones(64, 5, 32))
    assert torch.equal(out, out[:, :1].expand_as(out))
    assert set(out.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(out[0], out[1])
    assert torch.equal(drop.eval()(torch.ones(2, 3, 4)), torch.ones(2, 3, 4))
