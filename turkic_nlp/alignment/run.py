"""A whole alignment: an encoder that training starts from, or a model whose training was aligned on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from turkic_nlp.alignment.aligner import Aligner
from turkic_nlp.alignment.bitext import Bitext, Pair, read_bitext
from turkic_nlp.alignment.measures import measure
from turkic_nlp.alignment.plan import AlignPlan, layer_of, make_plan
from turkic_nlp.alignment.spellings import read_spellings
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadAlignment, OutputFailed
from turkic_nlp.hub import read_encoder
from turkic_nlp.training.checkpoint import Progress
from turkic_nlp.training.gold import gather
from turkic_nlp.training.loop import Report, log_to
from turkic_nlp.training.recipe import DISTILLATION, Recipe, read_recipe
from turkic_nlp.training.run import carry_out, start_encoder
from turkic_nlp.weights import checked_json, round_to_half

DEV_SHARE, MOST_DEV = 0.02, 300
_COPIED = ("words.tsv",)


def align(
    start: Path,
    *,
    data: Sequence[Path],
    pairs: Sequence[str],
    output: Path,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
    held_out: Sequence[str] = (),
    report: Report | None = None,
) -> Path:
    """Align by ``settings`` (see :class:`AlignPlan`) and write to ``output``, going on where an earlier call stopped.

    In mode ``pre`` ``start`` is an encoder and so is the output; in the others ``start`` is a recipe for training,
    whose model is the output, and ``overrides`` are dotted keys of it. ``data`` and ``pairs`` are as
    :mod:`turkic_nlp.alignment.bitext` says, of ``translit`` as :mod:`turkic_nlp.alignment.spellings` does. Sentences of
    the ``held_out`` evaluation sets, and of those that the encoder or the recipe stays clear of, are left out.

    Raises:
        BadAlignment: a setting, or ``data`` and ``pairs``, make no sense.
        TurkicError: the data, the encoder or the recipe is not usable.
    """
    plan = make_plan(settings)
    log = _both(log_to(output / "training" / "align.jsonl"), report)
    if plan.mode == "pre":
        words = read_encoder(_folder(start))
        known = checked_json(start / "pretraining.json") if (start / "pretraining.json").is_file() else {}
        held = dict.fromkeys((*held_out, *known.get("held_out", ())))
        bitext = _pairs(plan, words, data, pairs, list(held))
        return _align_encoder(words, bitext, plan, start, output, known, log)
    recipe = read_recipe(start, dict(overrides or {}))
    if not recipe.plan.encoder_rate:
        raise BadAlignment("training.encoder_rate", "0", f"an encoder that learns, for mode {plan.mode}")
    if recipe.lessons:
        raise BadAlignment(str(start), f"[{DISTILLATION}]", f"a recipe without it, for mode {plan.mode}")
    held = dict.fromkeys((*held_out, *recipe.held_out))
    bitext = _pairs(plan, start_encoder(recipe), data, pairs, list(held))
    return align_training(recipe, bitext, plan, output, report=report)


def _folder(start: Path) -> Path:
    if start.suffix == ".cfg":
        raise BadAlignment(
            "--mode", "pre", "an encoder's folder; a recipe goes with --mode joint or alternate"
        )
    return start


def _pairs(
    plan: AlignPlan, words: WordEncoder, data: Sequence[Path], pairs: Sequence[str], held: Sequence[str]
) -> Bitext:
    if plan.loss == "translit":
        return read_spellings(words, data, pairs, held, dev=DEV_SHARE)
    return read_bitext(data, pairs, held, dev=DEV_SHARE)


def align_training(
    recipe: Recipe, bitext: Bitext, plan: AlignPlan, output: Path, *, report: Report | None = None
) -> Path:
    """Train a recipe with the alignment in each step (mode ``joint``) or after each (``alternate``)."""
    golds = gather(recipe)
    carry_out(
        recipe, golds, output, report=report, extra=lambda model: Aligner(model.words, bitext.train, plan)
    )
    path = output / "meta.json"
    meta = checked_json(path) | {"alignment": {"plan": vars(plan), "data": bitext.facts()}}
    path.write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return output


def _align_encoder(
    words: WordEncoder,
    bitext: Bitext,
    plan: AlignPlan,
    start: Path,
    output: Path,
    known: Mapping[str, Any],
    report: Report,
) -> Path:
    before = _measured(words, bitext.dev, plan)
    learn(words, bitext.train, plan, output / "training" / "align.pt", report)
    round_to_half(words.encoder)
    facts = {
        "plan": vars(plan),
        "data": bitext.facts(),
        "before": before,
        "after": _measured(words, bitext.dev, plan),
    }
    try:
        words.to_disk(output)
        for name in _COPIED:
            if (start / name).is_file():
                shutil.copyfile(start / name, output / name)
        text = json.dumps({**known, "alignment": facts}, ensure_ascii=False, indent=1)
        (output / "pretraining.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    return output


def _measured(words: WordEncoder, pairs: Sequence[Pair], plan: AlignPlan) -> dict[str, Any]:
    """Distance and retrieval on pairs held back, at the layer that is aligned; nothing where these are too few."""
    if len(pairs) < 2:
        return {}
    rows: list[dict[str, Any]] = measure(words, pairs[:MOST_DEV], aligner=plan.links)["layers"]
    return rows[layer_of(plan, len(words.encoder.blocks))]


def learn(
    words: WordEncoder, pairs: Sequence[Pair], plan: AlignPlan, checkpoint: Path, report: Report
) -> None:
    """Align an encoder in place for ``plan.steps`` steps; goes on from ``checkpoint`` when it exists."""
    torch.manual_seed(plan.seed)
    aligner = Aligner(words, pairs, plan)
    encoder = words.encoder
    own = [p for p in aligner.module.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [{"params": list(encoder.parameters()), "peak": plan.rate}]
    groups += [{"params": own, "peak": plan.head_rate}] if own else []
    optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
    progress = Progress(checkpoint, {"encoder": encoder, "extra": aligner.module, "optimiser": optimiser})
    losses: list[float] = []
    for step in range(progress.step, plan.steps):
        torch.manual_seed(plan.seed * 1_000_003 + step)
        encoder.train()
        _set_rates(optimiser, step, plan)
        loss = aligner(step)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(encoder.parameters(), plan.clip)
        optimiser.step()
        losses.append(loss.item())
        progress.step = step + 1
        if progress.step % 25 == 0 or progress.step == plan.steps:
            report({"step": progress.step, "loss": round(float(np.mean(losses)), 4)})
            losses = []
        progress.save_every(plan.checkpoint_minutes)
    progress.save()
    encoder.eval()


def _set_rates(optimiser: torch.optim.Optimizer, step: int, plan: AlignPlan) -> None:
    """Up over the warm-up, down to nought at the end, both in a straight line."""
    warm = max(1, int(plan.warmup * plan.steps))
    share = min((step + 1) / warm, (plan.steps - step) / max(1, plan.steps - warm))
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * share


def _both(to_file: Report, report: Report | None) -> Report:
    def log(row: dict[str, Any]) -> None:
        to_file(row)
        if report:
            report(row)

    return log
