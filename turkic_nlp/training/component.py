"""A new component from files of the user's own: a recipe with sensible defaults is written and carried out.

The encoder of the model stays as it is, so every other component says what it said before, to the bit. With LoRA the
component has an adapter of its own, which nothing else reads.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from confection import Config

from turkic_nlp.adapters import check_rank
from turkic_nlp.conllu.format import lines_of
from turkic_nlp.errors import BadOption, OutputExists, OutputFailed, TooFewTexts, TurkicError, UnknownLabel
from turkic_nlp.heads import HEADS
from turkic_nlp.learning import check_gold
from turkic_nlp.pipeline import blank, model_folder
from turkic_nlp.soundness import component_name, components
from turkic_nlp.training.card import component_card
from turkic_nlp.training.going_on import kept_head
from turkic_nlp.training.gold import Gold, gather_one, labels
from turkic_nlp.training.loop import Report
from turkic_nlp.training.recipe import CorpusPlan, read_recipe
from turkic_nlp.training.run import carry_out, check
from turkic_nlp.training.usual import LEAST_STEPS, usual_settings, usual_steps
from turkic_nlp.weights import checked_json

LEAST_DEV = 10
"""Texts; with fewer the score of a single one decides when to stop."""
LORA_RATE = 2e-3
KEPT_STEPS, KEPT_RATE = 100, 1e-3
KEPT_RATES = {"parser": 1e-4}
"""For a component that goes on with few sentences; chosen with 60 of Uyghur by its dev. Trees are soon unlearned."""


def new_component(
    task: str,
    plan: CorpusPlan,
    *,
    model: str,
    output: Path,
    name: str | None = None,
    keep: bool = False,
    lora: int = 0,
    overrides: dict[str, Any] | None = None,
    device: str = "cpu",
    force: bool = False,
    report: Report | None = None,
) -> Path:
    """Write to ``output`` the model with a component that learned from ``plan``; return the recipe's path there.

    A component of that ``name`` (the task's unless given) is replaced or, with ``keep``, goes on from what it was, with
    the labels that it had. ``output`` may be the model's own folder.
    ``lora`` is the rank of an adapter of the encoder for this component, 0 for none. ``overrides`` are dotted keys of
    the recipe's ``[training]``. An interrupted run goes on when it is called again.

    Raises:
        BadOption: no such task, or a name that no component can have.
        NothingToKeep, LabelsDiffer: ``keep`` with no such component, or labels that it lacks.
        BadLora, MissingExtra: no such adapter, or without peft.
        TooFewTexts, UnknownLabel, NothingToLearn, BadGold, BadRow, ConlluError: the files are not fit to learn from.
        OutputExists: the folder holds something else, and ``force`` is not set.
        TurkicError: the language or the model is not usable.
    """
    name = name or task
    if task not in HEADS:
        raise BadOption("TASK", task, ", ".join(HEADS))
    if not component_name(name):
        raise BadOption("--name", name, "letters, digits, _ and - as in my_ner; not sentences or encoder")
    blank(plan.lang)
    source = model_folder(model)
    gold = gather_one(name, plan)
    check_gold(name, task, gold.train)
    _check_dev(gold)
    if keep:
        kept_head(name, task, source / name, gold.train)
    settings = {**_adapting(lora), **(overrides or {})}
    text = _recipe(task, name, gold, source, output, settings, keep=keep)
    try:
        _check_recipe(f"{name}.cfg", text, source)
        path = _prepare(source, output, f"{name}.cfg", text, force=force)
        carry_out(read_recipe(path), [gold], output, device=device, report=report)
        (output / "training" / name / "checkpoint.pt").unlink()
        _forget_scores(output / "meta.json")
        (output / "README.md").write_text(component_card(output, name, plan.lang), encoding="utf-8")
    except OSError as error:
        if isinstance(error, TurkicError):
            raise
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    return path


def _adapting(rank: int) -> dict[str, Any]:
    """The settings that an adapter of the encoder needs."""
    if not rank:
        return {}
    settings = {
        "lora": rank,
        "encoder_rate": LORA_RATE,
        "layer_decay": 1.0,
        "dropout": 0.1,
        "word_dropout": 0.08,
    }
    return {f"training.{key}": value for key, value in settings.items()}


def _check_dev(gold: Gold) -> None:
    plan = gold.plan
    if (plan.dev_files or plan.dev) and len(gold.dev) < LEAST_DEV:
        raise TooFewTexts(found=len(gold.dev), least=LEAST_DEV)
    known = {label for doc in gold.train for label in labels(doc)}
    if unknown := sorted({label for doc in gold.dev for label in labels(doc)} - known):
        places = [(file, _line_of(unknown[0], Path(file))) for file in plan.dev_files]
        file, line = next((place for place in places if place[1]), places[0])
        raise UnknownLabel(file, line, unknown[0], ", ".join(sorted(known)) or "none")


def _line_of(label: str, path: Path) -> int:
    """The first line that has a label, 0 for none."""
    word = re.compile(rf"(?<!\w){re.escape(label)}(?!\w)")
    return next((number for number, line in enumerate(lines_of(path), 1) if word.search(line)), 0)


def _recipe(
    task: str,
    name: str,
    gold: Gold,
    source: Path,
    output: Path,
    overrides: dict[str, Any],
    *,
    keep: bool = False,
) -> str:
    """The text of the recipe."""
    origin = checked_json(source / "meta.json")
    plan = gold.plan
    steps = overrides.get("training.steps")
    steps = (
        steps
        if type(steps) is int and steps > 0
        else usual_steps(gold.train, KEPT_STEPS if keep else LEAST_STEPS)
    )
    training = usual_settings(gold.train, steps)
    if keep:
        training["head_rate"] = KEPT_RATES.get(task, KEPT_RATE)
    for key, value in overrides.items():
        section, _, setting = key.partition(".")
        if section != "training":
            raise BadOption("--set", key, "a setting of [training]; the rest is told by the other options")
        training[setting] = value
    model = {
        "name": output.name,
        "version": "0.1.0",
        "description": f"{origin.get('name', source.name)} with {name} ({task}) from {Path(plan.files[0]).name}",
        "license": origin.get("license", "unstated"),
        "encoder": "encoder",
    }
    corpus = {"id": plan.id, "lang": plan.lang, "files": list(plan.files), "dev": plan.dev}
    config = {
        "model": model,
        "training": training,
        "held_out": {"sets": []},
        "heads": {name: {"task": task, "keep": keep, "styles": {plan.lang: plan.id}}},
        "corpora": {name: {**corpus, "dev_files": list(plan.dev_files)}},
    }
    return Config(config).to_str() + "\n"


def _prepare(source: Path, output: Path, file: str, text: str, *, force: bool) -> Path:
    """A copy of the model with the recipe in it; what is left of the same run is kept."""
    path = output / file
    unfinished = path.is_file() and path.read_text(encoding="utf-8") == text
    if output.exists() and not unfinished and output.resolve() != source.resolve():
        if not force or not (output / "meta.json").is_file():
            raise OutputExists(str(output))
        shutil.rmtree(output)
    if not output.exists():
        _copy(source, output)
    if not unfinished:
        shutil.rmtree(output / "training" / path.stem, ignore_errors=True)
        path.write_text(text, encoding="utf-8")
    return path


def _copy(source: Path, output: Path) -> None:
    partial = output.with_name(f"{output.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for part in ("encoder", *components(checked_json(source / "meta.json"), HEADS, source)):
        shutil.copytree(source / part, partial / part)
    shutil.copyfile(source / "meta.json", partial / "meta.json")
    partial.replace(output)


def _check_recipe(file: str, text: str, source: Path) -> None:
    """Raise BadRecipe for a setting that is none, and what :func:`check` does, before anything is written."""
    with TemporaryDirectory() as place:
        path = Path(place) / file
        path.write_text(text, encoding="utf-8")
        recipe = read_recipe(path)
    check(recipe, known=True)
    if recipe.plan.encoder_rate and not recipe.plan.lora:
        raise BadOption("--set training.encoder_rate", str(recipe.plan.encoder_rate), "0, or --lora with it")
    if recipe.plan.lora:
        check_rank(recipe.plan.lora, checked_json(source / "encoder" / "config.json")["hidden_size"])


def _forget_scores(path: Path) -> None:
    """Take the scores out of ``meta.json``: they are those of the model as it was."""
    meta = checked_json(path)
    meta.pop("scores", None)
    path.write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def own_plan(
    lang: str, data: Sequence[Path], *, dev: Sequence[Path] = (), dev_share: float = 0.1
) -> CorpusPlan:
    """The corpus of files of one's own; ``dev_share`` of it is for dev unless ``dev`` names files for that."""
    if not 0 <= dev_share < 1:
        raise BadOption("--dev-share", str(dev_share), "a share from 0 (no dev set) to below 1")
    return CorpusPlan(
        id=data[0].name.partition(".")[0],
        lang=lang,
        files=tuple(str(path.resolve()) for path in data),
        dev=0.0 if dev else dev_share,
        dev_files=tuple(str(path.resolve()) for path in dev),
    )
