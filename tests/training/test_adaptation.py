"""An encoder goes on learning from raw text: what it starts from, what it keeps, what a broken-off run comes to."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch
from tiny import huggingface_folder, other_folder, piece_model, word_encoder

from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import (
    BadOption,
    EncoderNotFound,
    FixedVocabulary,
    NoText,
    NothingNew,
    OtherRun,
    OutputExists,
    OutputFailed,
    TooLittleToAdapt,
    WrongEncoder,
)
from turkic_nlp.hub import language_head, read_encoder
from turkic_nlp.pieces import PAD, collate
from turkic_nlp.training import adaptation, checkpoint, masked_loss, pretraining
from turkic_nlp.training.adaptation import Adaptation, adapt
from turkic_nlp.training.divided_text import divide
from turkic_nlp.training.masked_loss import held_out_loss
from turkic_nlp.training.pretraining import LanguageModel
from turkic_nlp.training.text import words_of
from turkic_nlp.training.vocabulary import add_pieces, missing_pieces

LINE = "kitap okadym sen hat ýazdyň ol gördi mekdep çaga gyzyl gül uly kiçi şäher"
WORDS = LINE.split()
SCHEDULE = {"rate": 3e-3, "rows": 4, "length": 40}


def quiet(row):
    pass


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """150 different lines of Turkmen words."""
    rng = random.Random(1)
    path = tmp_path_factory.mktemp("text") / "a.txt"
    lines = [" ".join(rng.choice(WORDS) for _ in range(rng.randint(4, 9))) for _ in range(150)]
    path.write_text("\n".join([*lines, *lines[:20], "kitap"]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """An XLM-R checkpoint with its language head, as transformers publishes it."""
    from transformers import XLMRobertaForMaskedLM

    folder = huggingface_folder(tmp_path_factory.mktemp("hub"))
    XLMRobertaForMaskedLM.from_pretrained(folder).eval().save_pretrained(folder)
    return folder


def plan_of(hub, path, **more):
    return Adaptation(**{"encoder": str(hub), "lang": "tk", "text": (path,), "schedule": SCHEDULE, **more})


@pytest.fixture(scope="module")
def adapted(hub, text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "plain"
    return folder, adapt(plan_of(hub, text, epochs=6.0), folder, report=quiet)


@pytest.fixture(scope="module")
def grown(hub, text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "grown"
    return folder, adapt(plan_of(hub, text, new_pieces=12, epochs=2.0), folder, report=quiet)


def test_held_out_text_is_guessed_better_afterwards(adapted):
    _, facts = adapted
    assert facts["after"]["loss"] < facts["before"]["loss"] - 0.2
    assert facts["after"]["hidden_words"] == facts["before"]["hidden_words"]
    assert facts["language_head"] == "of the checkpoint"


def test_the_loss_is_that_of_transformers(hub):
    from transformers import XLMRobertaForMaskedLM

    words = read_encoder(hub)
    model = LanguageModel(words.encoder, language_head(str(hub))).eval()
    theirs = XLMRobertaForMaskedLM.from_pretrained(hub).eval()
    batch = collate([words.pieces.sentence(line.split(), "tk") for line in ("kitap okadym sen", "ol gördi")])
    at, targets = torch.tensor([2, 3]), torch.tensor([5, 9])
    with torch.inference_mode():
        scores = theirs(input_ids=batch.ids, attention_mask=(batch.ids != PAD).long()).logits.flatten(0, 1)[
            at
        ]
        expected = torch.nn.functional.cross_entropy(scores, targets)
        assert torch.allclose(model(batch, at, targets), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["adapted", "grown"])
def test_transformers_and_we_read_the_same_from_what_is_written(kind, request):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    folder, _ = request.getfixturevalue(kind)
    words = read_encoder(folder)
    theirs, report = AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
    assert not report["missing_keys"] | report["unexpected_keys"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    line = "kitap okadym ýazdyň şäher"
    ids = tokenizer(line, add_special_tokens=False)["input_ids"]
    assert [id_ for word in line.split() for id_ in words.vocabulary(word)] == ids
    assert tokenizer.mask_token_id == words.vocabulary.mask
    batch = collate([words.pieces.sentence(line.split(), "tk")])
    with torch.inference_mode():
        expected = theirs.eval().roberta(input_ids=batch.ids).last_hidden_state
        assert torch.allclose(words.encoder(batch), expected, atol=1e-5)


def test_new_pieces_are_used_and_counted(hub, grown):
    folder, facts = grown
    before, after = read_encoder(hub).vocabulary, read_encoder(folder).vocabulary
    assert facts["added_pieces"] == len(after) - len(before) > 0
    assert max(id_ for word in WORDS for id_ in after(word)) >= len(before)
    assert sum(len(after(word)) for word in WORDS) < sum(len(before(word)) for word in WORDS)


@pytest.mark.parametrize("own", [False, True])
def test_a_new_piece_starts_from_the_mean_of_what_it_was_made_of(hub, own):
    words = word_encoder() if own else read_encoder(hub)
    model = LanguageModel(words.encoder, None if own else language_head(str(hub)))
    with torch.no_grad():
        model.bias.copy_(torch.randn_like(model.bias))
    table, bias, old = (
        words.encoder.pieces.weight.detach().clone(),
        model.bias.detach().clone(),
        words.vocabulary,
    )
    pieces = [("▁kitaby", -1.5), ("tapy", -2.0)]
    parts = [old("kitaby"), old("tapy")[1:]]
    new = add_pieces(words, model, pieces)
    assert len(new.vocabulary) == len(old) + 2 == len(model.bias) == new.encoder.config.vocab_size
    for id_, made_of in zip((old.room, old.room + 1), parts, strict=True):
        assert torch.allclose(new.encoder.pieces.weight[id_], table[made_of].mean(0))
        assert torch.allclose(model.bias[id_], bias[made_of].mean())
    assert new.vocabulary("kitaby") == [old.room]
    assert torch.equal(new.encoder.pieces.weight[new.vocabulary.mask], table[old.mask])
    for word in ("hat", "qala"):
        kept = [new.encoder.pieces.weight[id_] for id_ in new.vocabulary(word)]
        assert all(torch.equal(row, table[id_]) for row, id_ in zip(kept, old(word), strict=True))


def test_an_encoder_of_our_own_with_new_pieces_is_written_and_read(text, tmp_path):
    word_encoder().to_disk(tmp_path / "ours")
    facts = adapt(plan_of(tmp_path / "ours", text, new_pieces=5, epochs=0.5), tmp_path / "out", report=quiet)
    words = read_folder(tmp_path / "out")
    assert facts["language_head"] == "fresh"
    assert len(words.vocabulary) == len(piece_model()) + facts["added_pieces"]
    assert words.pieces.affixes


class Killed(BaseException):
    pass


@pytest.mark.parametrize("new_pieces", [0, 12])
def test_an_interrupted_run_comes_to_the_weights_of_an_undisturbed_one(
    hub, text, tmp_path, monkeypatch, new_pieces
):
    plan = plan_of(
        hub, text, epochs=2.0, new_pieces=new_pieces, schedule={**SCHEDULE, "checkpoint_minutes": 0.0}
    )
    adapt(plan, tmp_path / "whole", report=quiet)
    calls = []

    def dying(path, parts, rest):
        checkpoint.write_state(path, parts, rest)
        calls.append(rest["seen"])
        if len(calls) == 4:
            raise Killed

    monkeypatch.setattr(pretraining, "write_state", dying)
    with pytest.raises(Killed):
        adapt(plan, tmp_path / "broken", report=quiet)
    assert not (tmp_path / "broken").exists()
    adapt(plan, tmp_path / "broken", report=quiet)
    assert len(calls) > 5
    assert calls == sorted(set(calls)) or calls[-1] == calls[-2]
    one, other = (read_encoder(tmp_path / name).encoder.state_dict() for name in ("whole", "broken"))
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    assert not (tmp_path / "broken.partial").exists()


def test_a_full_disk_at_a_checkpoint_is_a_numbered_error_and_the_run_goes_on_later(
    hub, text, tmp_path, monkeypatch
):
    plan = plan_of(hub, text, epochs=0.5)
    whole = torch.save

    def full(state, path):
        Path(path).write_bytes(b"half")
        raise RuntimeError("[enforce fail] PytorchStreamWriter failed writing file")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputFailed, match=r"T603.*mlm\.pt"):
        adapt(plan, tmp_path / "out", report=quiet)
    monkeypatch.setattr(torch, "save", whole)
    adapt(plan, tmp_path / "out", report=quiet)
    assert (tmp_path / "out" / "adaptation.json").is_file()


def test_held_out_lines_are_no_training_lines(text):
    found = divide([text], "tk")
    train = {tuple(found.train.types[n][0] for n in line[:-1]) for line in found.train.lines()}
    held = {tuple(line) for line in found.held_out}
    assert len(held) == 8
    assert not train & held
    every = {tuple(words_of(line)) for line in text.read_text(encoding="utf-8").splitlines()} - {("kitap",)}
    assert len(train | held) == len(every) - found.facts["lines"]["dropped_as_held_out"]


def test_what_is_there_is_not_replaced_unasked(hub, text, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputExists, match="T601"):
        adapt(plan_of(hub, text), tmp_path / "out", report=quiet)
    adapt(plan_of(hub, text, epochs=0.1), tmp_path / "out", force=True, report=quiet)
    (tmp_path / "new.partial").mkdir()
    (tmp_path / "new.partial" / "run.json").write_text('{"lang": "kk"}', encoding="utf-8")
    with pytest.raises(OtherRun, match=r"T607.*lang"):
        adapt(plan_of(hub, text), tmp_path / "new", report=quiet)


def no_lines(folder):
    (folder / "a.txt").write_text("bir iki\n" * 500, encoding="utf-8")
    return folder / "a.txt"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda folder: {"text": (no_lines(folder),)}, TooLittleToAdapt),
        (lambda folder: {"text": (folder / "none.txt",)}, BadOption),
        (lambda folder: {"text": (folder,)}, NoText),
        (lambda folder: {"encoder": str(other_folder(folder / "bert", "bert"))}, WrongEncoder),
        (lambda folder: {"encoder": str(folder / "nowhere")}, EncoderNotFound),
        (lambda folder: {"epochs": 0.0}, BadOption),
        (lambda folder: {"schedule": {"speed": 3}}, BadOption),
        (lambda folder: {"schedule": {"rate": "fast"}}, BadOption),
        (lambda folder: {"schedule": {"first_layers": 2}}, BadOption),
    ],
)
def test_what_cannot_be_adapted_is_a_numbered_error(hub, text, tmp_path, change, error):
    with pytest.raises(error, match=r"\[T\d\d\d\]"):
        adapt(plan_of(hub, text, **change(tmp_path)), tmp_path / "out", report=quiet)
    assert list(tmp_path.glob("out*")) == []


def test_only_a_unigram_vocabulary_takes_new_pieces(hub, tmp_path):
    words = read_encoder(other_folder(tmp_path, "bert"))
    with pytest.raises(FixedVocabulary, match=r"T520.*WordPiece"):
        words.vocabulary.extended([("a", -1.0)])


def test_a_text_without_a_new_piece_is_a_numbered_error(hub):
    vocabulary = read_encoder(hub).vocabulary
    whole = vocabulary.extended(missing_pieces(dict.fromkeys(WORDS, 9), vocabulary, 10_000))
    with pytest.raises(NothingNew, match="T521"):
        missing_pieces(dict.fromkeys(WORDS, 9), whole, 10_000)


def test_the_command_tells_what_it_brought(hub, text, tmp_path):
    from typer.testing import CliRunner

    from turkic_nlp.cli import app

    options = ["--lang", "tk", "--text", str(text), "--encoder", str(hub), "--output", str(tmp_path / "out")]
    found = CliRunner().invoke(app, ["adapt", *options, "--epochs", "0.2", "--set", "schedule.rows=4"])
    assert found.exit_code == 0, found.output
    facts = json.loads((tmp_path / "out" / "adaptation.json").read_text(encoding="utf-8"))
    assert f"{facts['before']['bits_per_character']} bits a character before" in found.output
    assert facts["schedule"]["rows"] == 4
    assert adaptation.schedule_of({}) == {}


@pytest.mark.parametrize("copies", [1, 40])
def test_a_line_longer_than_the_encoder_reads_at_once_is_measured_in_windows(hub, copies):
    words = read_encoder(str(hub))
    model = LanguageModel(words.encoder, language_head(str(hub)))
    lines = [WORDS * copies, WORDS]
    longest = sum(len(part.ids) for part in words.pieces.sentence(lines[0], "tk"))
    assert (longest > words.pieces.limit) == (copies > 1)
    found = held_out_loss(model, words, lines, "tk")
    assert found["hidden_words"] == sum(
        len(masked_loss._chosen(len(line), n)) for n, line in enumerate(lines)
    )
    assert 0 < found["loss"] < 10
