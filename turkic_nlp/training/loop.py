"""The training loop: one encoder, many heads, a batch from one corpus at a time; resumable to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from spacy.tokens import Doc
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from turkic_nlp.adapters import attach, new_config
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.heads.gazetteer import NAMES
from turkic_nlp.learning import check_gold
from turkic_nlp.precision import learning
from turkic_nlp.training.checkpoint import Progress
from turkic_nlp.training.dev import score_dev
from turkic_nlp.training.going_on import go_on, kept_head
from turkic_nlp.training.gold import Gold
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.label_reg import loss_of
from turkic_nlp.training.loader import Batch, Loader
from turkic_nlp.training.names import listed
from turkic_nlp.training.order import draws
from turkic_nlp.training.rates import groups, rate_of
from turkic_nlp.training.recipe import HeadPlan, Plan, Recipe
from turkic_nlp.training.vectors import Vectors

Report = Callable[[dict[str, Any]], None]


class Extra(Protocol):
    """A further loss to learn beside those of the heads, such as one of alignment."""

    module: nn.Module
    """What it learns and remembers besides the encoder; kept in the checkpoint."""
    apart: bool
    """Whether a step of its own follows each step of the heads; else it is added to their losses."""

    def __call__(self, step: int) -> Tensor:
        """The loss of a step, with its weight; it may depend on nothing but the weights and ``step``."""


def make_heads(recipe: Recipe, golds: Sequence[Gold], word_width: int) -> dict[str, Head]:
    """Fresh heads with the labels of the training Docs; a head without any gold raises NothingToLearn (T511)."""
    heads: dict[str, Head] = {}
    model = recipe.encoder_folder.parent
    for name, plan in recipe.heads.items():
        mine = [gold for gold in golds if not gold.plan.tasks or name in gold.plan.tasks]
        docs = [doc for gold in mine for doc in gold.train]
        check_gold(name, plan.task, docs)
        folder = model / name
        if plan.keep:
            heads[name] = kept_head(name, plan.task, folder, docs)
        else:
            heads[name] = _fresh(plan, mine, docs, word_width)
            # a model in the recipe's own folder is what this recipe gave the last time
            if model.resolve() != recipe.path.parent.resolve():
                go_on(heads[name], plan.task, folder)
        for style in dict.fromkeys(gold.style for gold in mine):
            heads[name].remember([doc for gold in mine if gold.style == style for doc in gold.train], style)
    return heads


def _fresh(plan: HeadPlan, golds: Sequence[Gold], docs: Sequence[Doc], word_width: int) -> Head:
    options = plan.options | ({NAMES: listed(plan.options[NAMES])} if NAMES in plan.options else {})
    settings = HEADS[plan.task].learn_settings(docs, **options)
    probe = HEADS[plan.task]({**settings, "word_width": word_width, "styles": []})
    styles = {gold.style for gold in golds if any(probe.gold(doc) is not None for doc in gold.train)}
    return HEADS[plan.task]({**settings, "word_width": word_width, "styles": sorted(styles)})


def train(
    recipe: Recipe,
    words: WordEncoder,
    golds: Sequence[Gold],
    checkpoint: Path,
    report: Report,
    *,
    extra: Callable[[Joint], Extra] | None = None,
) -> Joint:
    """Train and return the averaged model that scored best on dev; goes on from ``checkpoint`` when it exists.

    It runs on the encoder's device. ``extra`` is a loss that the encoder learns from as well; the batches of the heads
    are the same with and without.
    """
    plan = recipe.plan
    torch.manual_seed(plan.seed)
    model = Joint(words, make_heads(recipe, golds, words.encoder.word_width)).to(words.device)
    set_dropout(model.encoder, plan.dropout)
    model.encoder.requires_grad_(plan.encoder_rate > 0 and not plan.lora)
    if plan.lora:
        attach(model.encoder, new_config(plan.lora))
    beside = extra(model) if extra else None
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(plan.average))  # type: ignore[no-untyped-call]
    own = [p for p in beside.module.parameters() if p.requires_grad] if beside else []
    optimiser = torch.optim.AdamW(groups(model, plan, own), betas=(0.9, 0.98), fused=True)
    parts = {"model": model, "average": average, "optimiser": optimiser}
    progress = Progress(checkpoint, parts | ({"extra": beside.module} if beside else {}))
    vectors = Vectors(model, golds, plan)
    loader = Loader(recipe.heads, model, golds)
    has_dev = any(gold.dev for gold in golds)
    order = draws(golds, plan.batch_pieces, plan.temperature, plan.seed)
    if progress.step:
        report({"step": progress.step, "resumed": True})
    for step, draw in zip(range(plan.steps), order, strict=False):
        if step < progress.step:
            continue
        if progress.out_of_patience(plan.patience):
            break
        torch.manual_seed(plan.seed * 1_000_003 + step)
        rate = rate_of(step, plan)
        losses = _step(model, vectors, loader.load(draw), recipe.heads, plan, optimiser, rate, step, beside)
        average.update_parameters(model)
        progress.step = step + 1
        if step % 50 == 49:
            report({"step": step + 1, "corpus": golds[draw.corpus].name, **losses})
        if has_dev and ((step + 1) % plan.evaluate_every == 0 or step + 1 == plan.steps):
            scores = score_dev(progress.averaged(), golds, recipe.heads, plan.dev_sentences)
            progress.judge(scores)
            report({"step": step + 1, "dev": scores})
        progress.save_every(plan.checkpoint_minutes)
    progress.save()
    return progress.best_model()


def _step(
    model: Joint,
    vectors: Vectors,
    batch: Batch,
    heads: Mapping[str, HeadPlan],
    plan: Plan,
    optimiser: torch.optim.Optimizer,
    rate: float,
    step: int,
    extra: Extra | None,
) -> dict[str, float]:
    model.train()
    rng = np.random.default_rng((plan.seed, step))
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * rate
    losses = _losses(model, vectors, batch, plan, rng)
    nothing = torch.zeros((), device=model.words.device)
    total = sum((heads[name].weight * loss for name, loss in losses.items()), nothing)
    if extra and not extra.apart:
        losses["extra"] = extra(step)
        total = total + losses["extra"]
    _learn(model, total, optimiser, plan.clip)
    if extra and extra.apart:
        losses["extra"] = extra(step)
        _learn(model, losses["extra"], optimiser, plan.clip)
    return {name: round(loss.item(), 3) for name, loss in losses.items()}


def _learn(model: Joint, loss: Tensor, optimiser: torch.optim.Optimizer, clip: float) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimiser.step()


def _losses(
    model: Joint, vectors: Vectors, batch: Batch, plan: Plan, rng: np.random.Generator
) -> dict[str, Tensor]:
    by_doc = vectors(batch.docs, batch.lang, rng)
    losses: dict[str, Tensor] = {}
    for name, gold in batch.golds.items():
        head = model.head(name)
        keep = [n for n, unit in enumerate(gold) if unit is not None]
        style = 0 if rng.random() < plan.style_dropout else head.style(batch.style)
        if keep:
            words, sizes = torch.cat([by_doc[n] for n in keep]), [len(by_doc[n]) for n in keep]
            with learning(words.device, plan.bf16):
                loss = loss_of(head, words, sizes, style, [gold[n] for n in keep], plan.label_reg)
            losses[name] = loss.float()
    return losses


def set_dropout(module: nn.Module, share: float) -> None:
    """Set every dropout of an encoder; attention is not dropped, which would take torch's slow path."""
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = share
        elif isinstance(part, nn.MultiheadAttention):
            part.dropout = 0.0


def log_to(path: Path) -> Report:
    """A report function that appends JSON lines to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def report(row: dict[str, Any]) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    return report
