"""turkic-nlp new-component: one command from a file to a model, and nothing else in the model changes."""

from __future__ import annotations

import json
import shutil
import sys
from itertools import product

import pytest
import torch
from folders import model_folder
from tiny import gold_docs, interrupt_at

import turkic_nlp
from turkic_nlp import conllu
from turkic_nlp.cli import main
from turkic_nlp.cli.progress import progress
from turkic_nlp.packaging import package
from turkic_nlp.training.component import new_component, own_plan
from turkic_nlp.training.run import run

NAMES = ("Айгүл", "Асан", "Дана", "Мен", "Сен", "Ол")
THINGS = ("кітап", "хат", "алма", "нан")
VERBS = ("алды", "көрді", "жазды")
ROWS = list(product(NAMES, THINGS, VERBS))
IOB2 = "\n".join(
    f"{name} {'O' if len(name) == 3 and name[0] in 'МСО' else 'B-HERO'}\n{thing} B-THING\n{verb} O\n"
    for name, thing, verb in ROWS
)
JSONL = "\n".join(
    json.dumps({"text": f"{name} {thing} {verb}.", "label": "food" if thing in ("алма", "нан") else "paper"})
    for name, thing, verb in ROWS
)
TEXTS = ["Айгүл кітап алды.", "Ол нан көрді. Сен хат жаздың!", ""]
FEW = {"training.steps": 24}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def data(tmp_path):
    (tmp_path / "heroes.iob2").write_text(IOB2, encoding="utf-8")
    (tmp_path / "topics.jsonl").write_text(JSONL, encoding="utf-8")
    sentences = [s for doc in gold_docs() for s in conllu.from_doc(doc)]
    conllu.write(sentences, tmp_path / "trees.conllu")
    return tmp_path


def weights(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.safetensors")}


def others(nlp, name):
    nlp.remove_pipe(name)
    return [doc.to_json() | {"tensor": doc.tensor.tolist()} for doc in nlp.pipe(TEXTS)]


@pytest.mark.parametrize(("lora", "steps"), [(0, 200), (4, 60)])
def test_entities_of_ones_own_are_learned_and_all_else_stays_to_the_bit(lora, steps, model, data):
    folder = data / "my_ner"
    plan = own_plan("kk", [data / "heroes.iob2"], dev_share=0.2)
    settings = {"training.steps": steps}
    path = new_component("ner", plan, model=str(model), output=folder, lora=lora, overrides=settings)
    assert (folder / "ner" / "adapter").exists() == bool(lora)
    assert ("adapter of rank 4" in (folder / "README.md").read_text(encoding="utf-8")) == bool(lora)
    assert path == folder / "ner.cfg"
    nlp, origin = turkic_nlp.load("kk", model=folder), turkic_nlp.load("kk", model=model)
    assert nlp.get_pipe("ner").labels == ("HERO", "THING")
    assert ("Айгүл", "HERO") in [(ent.text, ent.label_) for ent in nlp("Айгүл алма көрді").ents]
    assert others(nlp, "ner") == others(origin, "ner")
    before = {key: value for key, value in weights(model).items() if not key.startswith("ner/")}
    assert {key: weights(folder)[key] for key in before} == before


def test_the_recipe_of_a_component_repeats_it_to_the_bit(model, data):
    folder = data / "my_ner"
    path = new_component(
        "ner",
        own_plan("kk", [data / "heroes.iob2"], dev_share=0.2),
        model=str(model),
        output=folder,
        overrides=FEW,
    )
    first = weights(folder)
    shutil.rmtree(folder / "training")
    assert weights(run(path)) == first


# spaCy's packager leaves the files that it wrote for the garbage collector to close
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_model_tells_what_it_is_and_can_be_packed(model, data):
    folder = data / "topics"
    plan = own_plan("kk", [data / "topics.jsonl"], dev_share=0.3)
    new_component("textcat", plan, model=str(model), output=folder, name="topic", overrides=FEW)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert (meta["name"], meta["components"]["topic"]) == ("topics", "textcat")
    stage = meta["later"][-1]
    assert stage["data"][0]["files"] == ["topics.jsonl"]
    assert stage["data"][0]["train"] + stage["data"][0]["dev"] == len(ROWS)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"{stage['dev_scores']['topic.cats_macro_f']:.1f}" in card
    assert set(turkic_nlp.load("kk", model=folder)("Дана нан алды.").cats) >= {"food", "paper"}
    assert package("kk", str(folder), data).name == "kk_topics-0.1.0"


def test_a_second_component_goes_into_the_same_folder(model, data):
    folder = data / "mine"
    for task, file in [("tagger", "trees.conllu"), ("ner", "heroes.iob2")]:
        base = folder if folder.exists() else model
        plan = own_plan("kk", [data / file], dev_share=0)
        new_component(task, plan, model=str(base), output=folder, name=f"my_{task}", overrides=FEW)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert [stage["heads"] for stage in meta["later"]] == [["my_tagger"], ["my_ner"]]
    assert {"my_tagger", "my_ner", "tagger"} <= set(turkic_nlp.load("ky", model=folder).pipe_names)
    assert "no dev set" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_component_that_is_kept_goes_on_with_its_labels(model, data):
    """Two sentences teach no label of their own: the head has those of the model's, and moves little."""
    sentences = [s for doc in gold_docs()[:2] for s in conllu.from_doc(doc)]
    conllu.write(sentences, data / "two.conllu")
    plan = own_plan("kk", [data / "two.conllu"], dev_share=0)
    overrides = {"training.steps": 3, "training.head_rate": 1e-6}
    for folder, keep in [("kept", True), ("fresh", False)]:
        arguments = {"model": str(model), "output": data / folder, "keep": keep, "overrides": overrides}
        new_component("tagger", plan, **arguments)
    origin, kept, fresh = (
        turkic_nlp.load("kk", model=m).get_pipe("tagger") for m in (model, data / "kept", data / "fresh")
    )
    before, after, other = (
        {key: value for key, value in pipe.head.settings.items() if key not in ("seen", "clues", "tags")}
        for pipe in (origin, kept, fresh)
    )
    assert before == after != other
    for name, new in (("seen", kept.style), ("clues", f"kk {kept.style}"), ("tags", kept.style)):
        assert set(kept.head.settings[name]) == {*origin.head.settings.get(name, {}), new}
    moved = (kept.head.out.weight - origin.head.out.weight).abs().max().item()
    assert 0 < moved < 1e-4


@pytest.mark.parametrize("lora", [0, 4])
def test_an_interrupted_run_goes_on_and_ends_the_same(lora, model, data):
    plan = own_plan("kk", [data / "heroes.iob2"], dev_share=0.2)
    settings = {"training.steps": 24, "training.checkpoint_minutes": 0.0}
    arguments = {"model": str(model), "overrides": settings, "lora": lora}
    whole = data / "whole"
    new_component("ner", plan, output=whole, **arguments)
    twice = data / "twice"
    with pytest.raises(KeyboardInterrupt):
        new_component("ner", plan, output=twice, report=interrupt_at(12), **arguments)
    assert turkic_nlp.load("kk", model=twice)("Айгүл келді.").text == "Айгүл келді."
    new_component("ner", plan, output=twice, **arguments)
    assert weights(twice) == weights(whole)


@pytest.fixture
def call(monkeypatch, capsys, data, model):
    def run(*arguments):
        monkeypatch.chdir(data)
        line = ["turkic-nlp", "new-component", *arguments, "--model", str(model)]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


def test_the_command_takes_a_dev_file_and_says_where_the_model_is(call, data):
    blocks = IOB2.split("\n\n")
    (data / "dev.iob2").write_text("\n\n".join(blocks[::5]), encoding="utf-8")
    arguments = ("ner", "--lang", "kk", "--data", "heroes.iob2", "--dev", "dev.iob2", "-o", "out")
    code, out, _ = call(*arguments, "--set", "training.steps=24")
    assert (code, "out" in out, "package" in out) == (0, True, True)
    meta = json.loads((data / "out" / "meta.json").read_text(encoding="utf-8"))
    facts = meta["later"][0]["data"][0]
    assert facts["train"] == len(ROWS) - facts["dev"]
    assert call(*arguments, "--set", "training.steps=25")[2].startswith("[T601]")


FILES = {
    "villains.iob2": "\n\n".join(IOB2.replace("HERO", "VILLAIN").split("\n\n")[30:]),
    "few.iob2": "\n\n".join(IOB2.split("\n\n")[:20]),
    "plain.iob2": "Мен O\nкелдім O\n\n" * 2,
    "empty.iob2": "",
    "wrong.csv": "text,class\nнан,food\n",
    "broken.iob2": "Айгүл B-HERO\nкелді X\n",
    "broken.conllu": "1\tx\n\n",
    "broken.jsonl": '{"text": "а", "label": "b"}\n[1]\n',
}
ERRORS = [
    (["magic", "--data", "heroes.iob2"], "[T611]"),
    (["ner", "--data", "heroes.iob2", "--name", "encoder"], "[T611]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "1"], "[T611]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "0", "--set", "model.name=1"], "[T611]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "0", "--set", "training.stepps=1"], "[T501]"),
    (["ner", "--data", "heroes.iob2", "--device", "gpu"], "[T611]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "0", "--lora", "32"], "[T550]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "0", "--set", "training.lora=4"], "[T550]"),
    (["parser", "--data", "trees.conllu", "--dev-share", "0", "--label-reg", "0.1"], "[T551]"),
    (["ner", "--data", "few.iob2", "--dev", "heroes.iob2"], "[T503]"),
    (["ner", "--data", "few.iob2", "--dev", "villains.iob2"], "villains.iob2:1: the label 'VILLAIN'"),
    (["ner", "--data", "few.iob2"], "[T510]"),
    (["ner", "--data", "plain.iob2", "--dev-share", "0"], "[T511]"),
    (["parser", "--data", "heroes.iob2"], "[T511]"),
    (["ner", "--data", "empty.iob2"], "[T613] "),
    (["textcat", "--data", "wrong.csv"], "row 1 has ['class', 'text']"),
    (["ner", "--data", "broken.iob2"], "broken.iob2: row 2: tag 'X'"),
    (["tagger", "--data", "broken.conllu"], "broken.conllu:1:"),
    (["textcat", "--data", "broken.jsonl"], "row 2 has [1]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "0", "--keep"], "[T561]"),
    (["ner", "--data", "heroes.iob2", "--dev-share", "0", "--keep", "--name", "mine"], "[T560]"),
    (["ner", "--data", "none.iob2"], "[T310]"),
    (["ner", "--data", "heroes.iob2", "--lang", "xx"], "[T101]"),
]


@pytest.mark.parametrize(("arguments", "said"), ERRORS)
def test_data_that_is_not_fit_is_one_numbered_line_and_nothing_is_written(arguments, said, call, data):
    for name, text in FILES.items():
        (data / name).write_text(text, encoding="utf-8")
    code, _, err = call("--lang", "kk", "-o", "out", *arguments)
    assert (code, err.count("\n")) == (1, 1)
    assert said in err
    assert not (data / "out").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["train", "a.cfg"],
        ["pretrain", "a.cfg", "-o", "out"],
        ["adapt", "--lang", "kk", "--text", "a.txt", "--encoder", "a", "-o", "out"],
        ["new-component", "ner", "--lang", "kk", "--data", "a.iob2", "-o", "out"],
    ],
)
def test_a_gpu_that_is_not_there_is_said_before_anything_is_read(command, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["turkic-nlp", *command, "--device", "cuda"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.startswith("[T612]")


def test_a_label_that_would_be_in_dev_alone_is_learned(model, data):
    rare = "\n".join(f"Сөз{n} B-RARE{n}\nкелді O\n" for n in range(30))
    (data / "rare.iob2").write_text(rare, encoding="utf-8")
    plan = own_plan("kk", [data / "rare.iob2", data / "heroes.iob2"], dev_share=0.3)
    new_component("ner", plan, model=str(model), output=data / "out", overrides={"training.steps": 2})
    assert len(turkic_nlp.load("kk", model=data / "out").get_pipe("ner").labels) == 32


def test_a_full_disk_at_a_checkpoint_is_named_and_loses_nothing(model, data, call, monkeypatch):
    monkeypatch.setattr("torch.save", lambda *_: (_ for _ in ()).throw(RuntimeError("no space left")))
    arguments = ("ner", "--lang", "kk", "--data", "heroes.iob2", "-o", "out", "--dev-share", "0.2")
    arguments = (*arguments, "--set", "training.steps=24")
    code, _, err = call(*arguments)
    assert (code, err[-200:].count("[T603]"), "no space left" in err) == (1, 1, True)
    monkeypatch.undo()
    assert turkic_nlp.load("kk", model=data / "out")("Айгүл")


def test_ctrl_c_says_how_to_go_on(capsys):
    with pytest.raises(KeyboardInterrupt), progress("training") as report:
        report({"step": 3, "resumed": True})
        raise KeyboardInterrupt
    err = capsys.readouterr().err
    assert "goes on after step 3" in err
    assert "Stopped. The same command goes on" in err
