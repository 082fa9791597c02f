"""Distillation: a student comes near the mean of its teachers, which learn nothing, on text clear of test sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tiny import gold_docs, interrupt_at, recipe_in, word_encoder

import turkic_nlp
from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadAlignment, BadRecipe, CorruptModel, NoText, TeachesNothing
from turkic_nlp.heads import HEADS
from turkic_nlp.training import lessons as lessons_module
from turkic_nlp.training.distillation import Distiller
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.lessons import Lessons, read_lessons
from turkic_nlp.training.recipe import Recipe, read_recipe
from turkic_nlp.training.run import run

LINES = ["Мен кітапты оқыды. Сен хатты оқыды.", "Ол үйге келді, хат жазды.", "Жоқ."]
SENTENCES = [
    line.split() for line in ("Мен кітапты оқыды .", "Сен хатты оқыды .", "Ол үйге келді , хат жазды .")
]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "text" / "kk").mkdir(parents=True)
    (tmp_path / "text" / "kk" / "mine.txt").write_text("\n".join(LINES), encoding="utf-8")
    return recipe_in(tmp_path, tasks=("tagger", "lemmatizer", "parser"))


def with_teachers(recipe: Path, *teachers: Path, text: str = "text") -> Path:
    names = json.dumps([str(folder) for folder in teachers])
    path = recipe.with_name("student.cfg")
    section = f'\n[distillation]\nteachers = {names}\ntext = "{text}"\npieces = 40\n'
    path.write_text(recipe.read_text(encoding="utf-8") + section, encoding="utf-8")
    return path


@pytest.fixture
def taught(recipe: Path, tmp_path: Path) -> Path:
    """A recipe with two teachers."""
    teachers = [
        run(recipe, output=tmp_path / f"teacher{seed}", overrides={"training.seed": seed}) for seed in (1, 2)
    ]
    return with_teachers(recipe, *teachers)


def plain(path: Path) -> Recipe:
    return read_recipe(path, {"training.word_dropout": 0.0})


def lessons_of(recipe: Recipe) -> Lessons:
    assert recipe.lessons
    return read_lessons(recipe, recipe.lessons)


def test_a_teacher_has_nothing_to_teach_itself(recipe, tmp_path):
    plan = plain(with_teachers(recipe, run(recipe, output=tmp_path / "teacher")))
    lessons = lessons_of(plan)
    loss = Distiller(lessons.teachers[0], lessons, plan)
    assert [loss(step).item() for step in range(8)] == pytest.approx([0.0] * 8, abs=1e-5)


def test_a_student_comes_near_its_teachers_and_they_stay_as_they_are(taught, tmp_path):
    plan = plain(taught)
    lessons, other = lessons_of(plan), lessons_of(plan)
    student = fresh(lessons.teachers[0], word_encoder())
    loss = Distiller(student, lessons, plan)
    optimiser = torch.optim.Adam(student.parameters(), lr=3e-3)
    found = []
    for step in range(60):
        optimiser.zero_grad()
        value = loss(step)
        value.backward()
        optimiser.step()
        found.append(value.item())
    assert sum(found[-8:]) < 0.5 * sum(found[:8])
    for teacher, before in zip(lessons.teachers, other.teachers, strict=True):
        for one, two in zip(teacher.parameters(), before.parameters(), strict=True):
            assert torch.equal(one, two)


def fresh(like: Joint, words: WordEncoder) -> Joint:
    heads = {
        name: HEADS[head.name]({**head.settings, "word_width": words.encoder.word_width})
        for name, head in ((name, like.head(name)) for name in like.heads)
    }
    return Joint(words, heads).requires_grad_(True).eval()


def test_only_the_heads_that_are_named_are_taught(taught):
    plan = read_recipe(taught, {"distillation.heads": ["parser"]})
    lessons = lessons_of(plan)
    student = fresh(lessons.teachers[0], word_encoder())
    Distiller(student, lessons, plan)(0).backward()
    taught_heads = {
        name for name in student.heads if any(p.grad is not None for p in student.head(name).parameters())
    }
    assert taught_heads == {"parser"}


def test_a_model_learns_from_one_of_another_size(taught):
    plan = plain(taught)
    lessons, small = lessons_of(plan), word_encoder()
    config = EncoderConfig(
        vocab_size=len(small.vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=66,
        affixes=small.encoder.config.affixes,
    )
    student = fresh(lessons.teachers[0], WordEncoder(Encoder(config).eval(), small.pieces))
    loss = Distiller(student, lessons, plan)(0)
    loss.backward()
    assert loss > 0
    assert all(weight.grad.abs().sum() > 0 for weight in student.encoder.layers.parameters())


@torch.no_grad()
@pytest.mark.parametrize("task", HEADS)
def test_tables_are_what_a_head_chooses_from(task):
    head = HEADS[task](
        {**HEADS[task].learn_settings(gold_docs(), width=8), "word_width": 16, "styles": []}
    ).eval()
    sizes = [3, 5]
    scores = head(torch.randn(8, 16), sizes, 0)
    tables = head.tables(scores, head.agreed([scores, scores]))
    rows = 2 if task == "textcat" else 8
    assert all(len(table) == rows for table in tables)
    best = torch.stack([table.argmax(-1) for table in tables if table.shape[-1]], -1)
    found = head.predict(scores, sizes)
    if task == "parser":
        free = head.agreed([scores])[scores.mask]
        assert torch.equal(best[:, 0], free)
    elif task == "textcat":
        assert best[:, 0].tolist() == found.argmax(-1).tolist()
    elif task == "tagger":
        assert best[:, -1].tolist() == found[:, 0].tolist()
    elif task == "lemmatizer":
        assert best[:, 0].tolist() == found["rows"][:, 0].tolist()


@torch.no_grad()
def test_of_many_labels_each_is_a_choice_of_its_own():
    settings = {"labels": ["a", "b", "c"], "exclusive": False, "width": 8, "word_width": 16, "styles": []}
    head = HEADS["textcat"](settings).eval()
    scores = head(torch.randn(5, 16), [2, 3], 0)
    (table,) = head.tables(scores, head.agreed([scores]))
    shares = table.softmax(-1)[:, 0].view(2, 3)
    assert torch.allclose(shares, torch.from_numpy(head.predict(scores, [2, 3])))


def test_a_run_says_what_taught_it_and_goes_on_to_the_same_weights(taught, tmp_path):
    folder = run(taught, output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(taught, output=tmp_path / "twice", report=interrupt_at(3))
    again = run(taught, output=tmp_path / "twice")
    other = run(taught.with_name("recipe.cfg"), output=tmp_path / "untaught")
    parts = [
        [path.read_bytes() for path in sorted(place.rglob("*.safetensors"))]
        for place in (folder, again, other)
    ]
    assert parts[0] == parts[1] != parts[2]
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert [teacher["seed"] for teacher in meta["distillation"]["teachers"]] == [1, 2]
    assert meta["distillation"]["sentences"] == {"kk/mine.txt": 3}
    assert turkic_nlp.load("kk", model=folder)("Мен кітапты оқыды.")[0].pos_


def test_sentences_are_whole_and_clear_of_held_out_ones(taught, monkeypatch):
    assert sorted(lessons_of(plain(taught)).sentences["kk"]) == sorted(SENTENCES)
    monkeypatch.setattr(lessons_module, "hold", lambda held, name: held.add(SENTENCES[2], "kk"))
    recipe = read_recipe(taught, {"held_out.sets": ["some/test"]})
    assert sorted(lessons_of(recipe).sentences["kk"]) == sorted(SENTENCES[:2])


def test_of_each_file_no_more_is_read_than_its_share(taught):
    many = "\n".join(f"Мен {number} кітапты оқыды ." for number in range(50))
    (taught.parent / "text" / "kk" / "more.txt").write_text(many, encoding="utf-8")
    recipe = read_recipe(taught, {"distillation.sentences": 8})
    lessons = lessons_of(recipe)
    counts = lessons.facts["sentences"]
    assert sum(counts.values()) == len(lessons.sentences["kk"]) == 8
    assert 5 <= counts["kk/more.txt"] <= 6


def test_what_cannot_teach_is_a_numbered_error(taught, recipe, tmp_path):
    other = recipe_in(tmp_path / "other", tasks=("tagger", "parser"))
    gold = tmp_path / "other" / "gold.conllu"
    gold.write_text(
        gold.read_text(encoding="utf-8").replace("nsubj", "obl").replace("PRON", "DET"), encoding="utf-8"
    )
    stranger = run(other, output=tmp_path / "stranger")
    student = with_teachers(recipe_in(tmp_path, tasks=("tagger", "parser")), stranger)
    with pytest.raises(TeachesNothing, match="T562"):
        run(student, output=tmp_path / "student")
    with pytest.raises(CorruptModel, match="T4"):
        run(with_teachers(recipe, tmp_path / "nowhere"), output=tmp_path / "student")
    with pytest.raises(NoText, match="T504"):
        run(with_teachers(recipe, stranger, text="texts"), output=tmp_path / "student")
    (tmp_path / "short" / "kk").mkdir(parents=True)
    (tmp_path / "short" / "kk" / "mine.txt").write_text("Жоқ.\nИә!\n", encoding="utf-8")
    with pytest.raises(NoText, match="sentence"):
        run(with_teachers(recipe, stranger, text="short"), output=tmp_path / "student")


def test_the_section_is_checked_like_the_others(taught):
    with pytest.raises(BadRecipe, match=r"\[distillation\] has no key 'teacher'"):
        read_recipe(taught, {"distillation.teacher": "a"})
    with pytest.raises(BadRecipe, match="names no model"):
        read_recipe(taught, {"distillation.teachers": []})
    with pytest.raises(BadRecipe, match=r"no \[heads.ner\]"):
        read_recipe(taught, {"distillation.heads": ["tagger", "ner"]})
    with pytest.raises(BadRecipe, match="not of the kind"):
        read_recipe(taught, {"distillation.weight": "much"})


def test_a_recipe_is_aligned_or_distilled(taught, tmp_path):
    from turkic_nlp.alignment.run import align

    with pytest.raises(BadAlignment, match="distillation"):
        align(taught, data=[], pairs=[], output=tmp_path / "aligned", settings={"mode": "joint"})
