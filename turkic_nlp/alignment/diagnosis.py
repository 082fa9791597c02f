"""A diagnosis: how alike an encoder makes translations, and whether task and alignment pull it the same way.

``turkic-nlp diagnose`` writes ``diagnosis.json`` and, unless told not to, one page of plots.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from turkic_nlp.alignment.bitext import Bitext, Pair, read_bitext
from turkic_nlp.alignment.gradients import Figures, gradients, shuffled, task_loss
from turkic_nlp.alignment.losses import LOSSES, Loss
from turkic_nlp.alignment.measures import measure
from turkic_nlp.alignment.page import check_plots, write_page
from turkic_nlp.alignment.plan import AlignPlan
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import NoTaskHead, OutputFailed, TooFewPairs
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.hub import read_encoder
from turkic_nlp.soundness import components
from turkic_nlp.storage import read_head
from turkic_nlp.training.gold import gather_one
from turkic_nlp.training.loop import Report
from turkic_nlp.training.recipe import CorpusPlan
from turkic_nlp.weights import checked_json
from turkic_nlp.whole import whole

LEAST_PAIRS, LEAST_TEXTS = 10, 8


@dataclass(frozen=True)
class TaskPlan:
    """The task whose gradients are compared: a component of the model, its gold, and how many batches of what size."""

    component: str
    corpus: CorpusPlan
    batches: int = 4
    texts: int = 16


def diagnose(
    model: Path,
    *,
    data: Sequence[Path],
    pairs: Sequence[str],
    output: Path,
    plan: AlignPlan,
    task: TaskPlan | None = None,
    most: int = 300,
    plots: bool = True,
    report: Report | None = None,
) -> dict[str, Any]:
    """Measure a model or an encoder on ``most`` pairs of each pair of languages and write the folder ``output``.

    ``data`` and ``pairs`` are as :mod:`turkic_nlp.alignment.bitext` says. With ``task`` the gradients of that task and
    of the alignment ``plan`` are compared too, which needs a model with that component.

    Raises:
        MissingExtra: ``plots`` without matplotlib.
        TooFewPairs: there is too little to measure on.
        NoTaskHead: the model has not that component.
        TurkicError: the data or the model is not usable.
    """
    if plots:
        check_plots()
    words = _encoder(model)
    head = _head(model, task.component) if task else None
    rng = np.random.default_rng(plan.seed)
    found: dict[str, Any] = {"model": model.name, "seed": plan.seed, "pairs": {}, "gradients": {}}
    for pair in pairs:
        chosen = _sample(read_bitext(data, [pair]), most, rng)
        found["pairs"][pair] = {
            k: v for k, v in measure(words, chosen, aligner=plan.links).items() if k != "links"
        }
        _tell(report, pair, "distance")
        if task and head:
            found["gradients"][pair] = _gradients(words, head, task, chosen, plan)
            _tell(report, pair, "gradients")
    if task:
        found["task"] = {"component": task.component, "corpus": task.corpus.id, "batches": task.batches}
        found["alignment"] = vars(plan)
    _write(found, output, plots=plots)
    return found


def _tell(report: Report | None, pair: str, part: str) -> None:
    if report:
        report({"pair": pair, "done": part})


def _encoder(model: Path) -> WordEncoder:
    return read_encoder(model / "encoder" if (model / "meta.json").is_file() else model)


def _head(model: Path, name: str) -> Head:
    path = model / "meta.json"
    known = components(checked_json(path), HEADS, model) if path.is_file() else {}
    if name not in known:
        raise NoTaskHead(str(model), name, ", ".join(known) or "none")
    return read_head(known[name][0], model / name)[0]


def _sample(bitext: Bitext, most: int, rng: np.random.Generator) -> list[Pair]:
    chosen = rng.permutation(len(bitext.train))[:most]
    if len(chosen) < LEAST_PAIRS:
        raise TooFewPairs(len(chosen), "pairs", LEAST_PAIRS, "--data")
    return [bitext.train[n] for n in chosen]


def _gradients(
    words: WordEncoder, head: Head, task: TaskPlan, pairs: Sequence[Pair], plan: AlignPlan
) -> dict[str, Figures]:
    gold = gather_one(task.component, task.corpus)
    docs = [doc for doc in gold.train if head.gold(doc) is not None]
    size = min(task.texts, len(docs) // (2 * task.batches))
    if size < 1 or len(docs) < LEAST_TEXTS:
        raise TooFewPairs(
            len(docs), "texts with gold", max(LEAST_TEXTS, 2 * task.batches), "--corpus or --gold"
        )
    loss = LOSSES[plan.loss](words, plan)
    sized = max(2, len(pairs) // task.batches)

    def of_task(n: int) -> Tensor:
        return task_loss(words, head, docs[n * size : (n + 1) * size], task.corpus.lang, gold.style)

    def of_pairs(n: int, shuffle: bool) -> Tensor:
        chosen = pairs[n * sized :][: min(sized, 2 * task.texts)]
        return _loss(loss, shuffled(chosen) if shuffle else chosen, n)

    for n in range(2):  # a loss with a memory, xlco, has none at first
        of_pairs(n, False)
    return gradients(words.encoder, of_task, of_pairs, batches=task.batches, weight=plan.weight)


def _loss(loss: Loss, pairs: Sequence[Pair], seed: int) -> Tensor:
    loss.words.encoder.eval()
    found: Tensor = loss(pairs, np.random.default_rng(seed))
    return found


def _write(found: dict[str, Any], output: Path, *, plots: bool) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    with whole(output / "diagnosis.json") as part:
        part.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if plots:
            write_page(found, output)
