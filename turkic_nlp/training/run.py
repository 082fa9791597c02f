"""A whole run: recipe in, model folder out, with everything that went into it written down in ``meta.json``."""

from __future__ import annotations

import json
import platform
import re
import shutil
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from turkic_nlp import corpora
from turkic_nlp.adapters import FOLDER, detached, new_config, write_adapter
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadLora
from turkic_nlp.hub import read_encoder
from turkic_nlp.storage import write_head
from turkic_nlp.training.dev import score_dev
from turkic_nlp.training.distillation import Distiller
from turkic_nlp.training.gold import Gold, gather
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.label_reg import check_task
from turkic_nlp.training.lessons import Lessons, read_lessons
from turkic_nlp.training.loop import Extra, Report, log_to, train
from turkic_nlp.training.names import facts_of_lists
from turkic_nlp.training.recipe import Recipe, read_recipe
from turkic_nlp.weights import round_to_half

_PACKAGES = ("spacy-turkic", "spacy", "torch", "transformers", "sentencepiece", "numpy")


def run(
    path: Path,
    *,
    output: Path | None = None,
    overrides: dict[str, Any] | None = None,
    device: str = "cpu",
    report: Report | None = None,
) -> Path:
    """Train by a recipe and write the model to ``output`` (by default the recipe's own folder).

    Working files go to ``output / "training"``, by recipe: the log, and the checkpoint from which an interrupted run
    goes on. The weights are rounded to half precision before they are written, so what is scored is what is shipped.
    Where the recipe freezes the encoder, or trains an adapter of it, and ``output`` holds a model already, its heads
    are added to that model or replaced; the encoder and the other components stay as they are.

    Raises:
        BadLora, MissingExtra: the recipe asks for an adapter that cannot be trained.
        TurkicError: the recipe, a corpus or the encoder is not usable.
    """
    recipe = read_recipe(path, overrides)
    return carry_out(recipe, gather(recipe), output or path.parent, device=device, report=report)


def carry_out(
    recipe: Recipe,
    golds: Sequence[Gold],
    folder: Path,
    *,
    device: str = "cpu",
    report: Report | None = None,
    extra: Callable[[Joint], Extra] | None = None,
) -> Path:
    """The run of a recipe whose gold is gathered, as :func:`run` says.

    ``extra`` makes a loss beside the heads'; of a recipe with distillation that one takes its place.
    """
    work = folder / "training" / recipe.path.stem
    known = (recipe.plan.lora or not recipe.plan.encoder_rate) and (folder / "meta.json").is_file()
    check(recipe, known=bool(known))
    words = start_encoder(recipe)
    words.encoder.to(device)
    lessons = read_lessons(recipe, recipe.lessons) if recipe.lessons else None
    to_file = log_to(work / "log.jsonl")

    def log(row: dict[str, Any]) -> None:
        to_file(row)
        if report:
            report(row)

    started = time.monotonic()
    beside = partial(Distiller, lessons=lessons, recipe=recipe) if lessons else extra
    model = train(recipe, words, golds, work / "checkpoint.pt", log, extra=beside)
    round_to_half(model)
    minutes = (time.monotonic() - started) / 60
    (add_heads if known else export)(
        model, recipe, folder, history_of(model, recipe, golds, minutes, lessons)
    )
    return folder


def check(recipe: Recipe, *, known: bool) -> None:
    """Raise what would else come up in the middle of a run; ``known`` tells whether a model takes the heads in."""
    plan = recipe.plan
    if plan.label_reg:
        for head in recipe.heads.values():
            check_task(head.task)
    if plan.lora:
        new_config(plan.lora)
        met = f"{len(recipe.heads)} heads, encoder_rate {plan.encoder_rate:g}, {'a' if known else 'no'} model"
        if not (known and plan.encoder_rate > 0 and len(recipe.heads) == 1):
            raise BadLora(reason=met, expected="one head, a rate above 0, and a model in the output folder")


def start_encoder(recipe: Recipe) -> WordEncoder:
    """The encoder that a recipe starts from: a folder that this package wrote, or a Hugging Face name or folder."""
    return read_encoder(recipe.encoder_folder)


def export(model: Joint, recipe: Recipe, folder: Path, history: dict[str, Any]) -> None:
    """Write encoder, heads and ``meta.json``; a component that was there before is replaced."""
    shutil.rmtree(folder / "encoder", ignore_errors=True)
    model.words.to_disk(folder / "encoder")
    _write_heads(model, recipe, folder)
    meta = {
        "name": recipe.name,
        "version": recipe.version,
        "description": recipe.description,
        "license": recipe.license,
        **_components(recipe),
        **history,
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in _PACKAGES},
        **_before(recipe),
    }
    _write_meta(folder, meta)


def add_heads(model: Joint, recipe: Recipe, folder: Path, history: dict[str, Any]) -> None:
    """Write the heads of a recipe into a model that is there, and note in ``meta.json`` how they were made.

    Name, version and description become those of the recipe; the note of an earlier recipe goes when all its heads do.
    """
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    _write_heads(model, recipe, folder)
    for key, found in _components(recipe).items():
        meta[key] = {**meta[key], **found}
    meta |= {"name": recipe.name, "version": recipe.version, "description": recipe.description}
    stage = {"recipe": recipe.path.name, "heads": list(recipe.heads), **history}
    stage |= {"lora": recipe.plan.lora} if recipe.plan.lora else {}
    kept = [old for old in meta.get("later", []) if not set(old["heads"]) <= set(recipe.heads)]
    meta["later"] = [*kept, stage]
    _write_meta(folder, meta)


def _write_heads(model: Joint, recipe: Recipe, folder: Path) -> None:
    for name in recipe.heads:
        shutil.rmtree(folder / name, ignore_errors=True)
        write_head(model.head(name), folder / name, style=None)
        if recipe.plan.lora:
            adapter = detached(model.encoder, new_config(recipe.plan.lora))
            write_adapter(adapter, folder / name / FOLDER)


def _write_meta(folder: Path, meta: dict[str, Any]) -> None:
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _components(recipe: Recipe) -> dict[str, dict[str, Any]]:
    return {
        "components": {name: plan.task for name, plan in recipe.heads.items()},
        "styles": {name: plan.styles for name, plan in recipe.heads.items()},
    }


def history_of(
    model: Joint, recipe: Recipe, golds: Sequence[Gold], minutes: float, lessons: Lessons | None = None
) -> dict[str, Any]:
    """What ``meta.json`` says of a run: what was learned from, how long, and the scores on dev."""
    return {
        "data": [*map(_facts, golds), *facts_of_lists(recipe.heads)],
        "held_out": list(recipe.held_out),
        "seed": recipe.plan.seed,
        "steps": recipe.plan.steps,
        "minutes": round(minutes, 1),
        "dev_scores": score_dev(model, golds, recipe.heads, recipe.plan.dev_sentences),
        **({"distillation": lessons.facts} if lessons else {}),
    }


def _facts(gold: Gold) -> dict[str, Any]:
    return {
        "corpus": gold.plan.id,
        "lang": gold.plan.lang,
        **(_own(gold) if gold.plan.files else _from_card(gold)),
        **({"glosses": gold.plan.glosses} if gold.plan.glosses else {}),
        "train": len(gold.train),
        "dev": len(gold.dev),
        "dropped_held_out": gold.held_out,
        "dropped_repeated": gold.repeated,
        "dropped_by_id": gold.skipped,
    }


def _own(gold: Gold) -> dict[str, Any]:
    return {"files": [Path(name).name for name in (*gold.plan.files, *gold.plan.dev_files)]}


def _from_card(gold: Gold) -> dict[str, Any]:
    card = corpora.card(gold.plan.id)
    return {
        "splits": list(gold.plan.splits),
        "licence": card.licence,
        "quality": card.quality,
        "release": _release(card),
    }


def _release(card: corpora.Card) -> str:
    """The commit that the files of a corpus are pinned to."""
    return next((found[0] for file in card.files if (found := re.findall(r"/([0-9a-f]{40})/", file.url))), "")


def _before(recipe: Recipe) -> dict[str, Any]:
    """What the encoder of the start was: a pre-trained one, or that of a model, which says what it learned itself."""
    path = recipe.encoder_folder
    if (path / "pretraining.json").is_file():
        return {"pretraining": json.loads((path / "pretraining.json").read_text(encoding="utf-8"))}
    if (path / "adaptation.json").is_file():
        told = json.loads((path / "adaptation.json").read_text(encoding="utf-8"))
        return {"pretraining": {}, "adaptation": told}
    if not (path.parent / "meta.json").is_file():
        return {"pretraining": {}, "encoder": path.name}
    meta = json.loads((path.parent / "meta.json").read_text(encoding="utf-8"))
    kept = (
        "name",
        "version",
        "data",
        "held_out",
        "seed",
        "steps",
        "minutes",
        "distillation",
        "later",
        "start",
    )
    return {"start": {key: meta[key] for key in kept if key in meta}, "pretraining": meta["pretraining"]}
