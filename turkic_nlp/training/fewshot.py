"""What a task would learn from 10, 30, 100 ... of the user's texts: a score for each, and a curve through them.

The encoder is frozen, so the texts are read once and a cell, one size with one seed, takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turkic_nlp.components import HeadPipe
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.errors import BadOption, NoCurve, NothingToLearn
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.learning import check_gold
from turkic_nlp.pipeline import load, model_folder
from turkic_nlp.pretokenized import bare
from turkic_nlp.reading import read_vectors
from turkic_nlp.training.cells import Cells
from turkic_nlp.training.curve import advice
from turkic_nlp.training.dev import scores_of
from turkic_nlp.training.gold import Gold, gather_one, labels
from turkic_nlp.training.label_reg import check_task
from turkic_nlp.training.loop import Report, train
from turkic_nlp.training.recipe import CorpusPlan, HeadPlan, Plan, Recipe
from turkic_nlp.training.usual import usual_settings

SIZES = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
SEEDS = (1, 2, 3)
NAME = "curve"
RESULT = "curve.json"


@dataclass
class Bench:
    """Texts to learn from and, as ``gold.dev``, texts to score on, with an encoder that does not change."""

    task: str
    words: WordEncoder
    gold: Gold

    @cached_property
    def _read(self) -> list[NDArray[np.float32]]:
        return read_vectors(self.words, [bare(doc) for doc in self.gold.dev])

    def score(self, chosen: Sequence[int], *, seed: int, label_reg: float = 0.0) -> float | None:
        """The percent of a head that learned from these texts alone; None where there is nothing to learn in them.

        Nothing is selected: the last average of the weights is scored.
        """
        part = Gold(NAME, self.gold.plan, train=[self.gold.train[n] for n in chosen])
        settings = usual_settings(part.train)
        plan = Plan(**{**settings, "evaluate_every": settings["steps"], "seed": seed, "label_reg": label_reg})
        with TemporaryDirectory() as place:
            folder = Path(place)
            heads = {NAME: HeadPlan(self.task)}
            recipe = Recipe(
                "", "", "", "", f"{place}/encoder", {}, heads, plan, held_out=(), path=folder / "curve.cfg"
            )
            try:
                model = train(recipe, self.words, [part], folder / "checkpoint.pt", lambda row: None)
            except NothingToLearn:
                return None
        return self.of(model.head(NAME).eval(), self.gold.style)

    def of(self, head: Head, style: str | None) -> float | None:
        """The percent of a head on the texts to score on."""
        guesses = [bare(doc) for doc in self.gold.dev]
        for guess, vectors in zip(guesses, self._read, strict=True):
            guess.tensor = vectors
        found = scores_of(HeadPipe(NAME, self.task, head, style), guesses, self.gold.dev)
        return round(fmean(found.values()), 3) if found else None


def nested(texts: int, seed: int) -> list[int]:
    """An order of texts; its beginnings are the subsets, so that each is part of the next."""
    order: list[int] = np.random.default_rng(seed).permutation(texts).tolist()
    return order


def fewshot_curve(
    task: str,
    plan: CorpusPlan,
    *,
    model: str,
    output: Path,
    sizes: Sequence[int] = SIZES,
    seeds: Sequence[int] = SEEDS,
    target: float | None = None,
    label_reg: float = 0.0,
    force: bool = False,
    report: Report | None = None,
) -> dict[str, Any]:
    """Train at each size with each seed on ``plan.files``, score on ``plan.dev_files``, fit, and advise.

    Writes ``curve.json`` and, a line as each is finished, ``cells.jsonl`` to the folder ``output``; called again it
    goes on with the cells that are missing. Size 0 is what the model's own component of the task says now, where it
    has all labels of the test files; the curve leaves it out.

    Raises:
        BadOption: no such task, or a size or seed that is none.
        NoCurve: fewer than two sizes, or nothing that could be scored.
        OtherRun: the folder has cells of another task, model, or data, and ``force`` is not set.
        TurkicError: files, language or model are not usable.
    """
    check_options(task, sizes, seeds, label_reg)
    folder = model_folder(model)
    gold = gather_one(NAME, plan)
    check_gold(NAME, task, gold.train)
    most = len(gold.train)
    steps = sorted({size for size in sizes if size < most} | {most})
    if len(steps) < 2:
        raise NoCurve(reason=f"the only size is {most}", texts=most)
    bench = Bench(task, read_folder(folder / "encoder"), gold)
    about = {
        "task": task,
        "lang": plan.lang,
        "model": folder.name,
        "data": [Path(name).name for name in plan.files],
        "test": [Path(name).name for name in plan.dev_files],
        "texts": most,
        "test_texts": len(gold.dev),
        "label_reg": label_reg,
    }
    cells = Cells(output, about, force=force)
    _fill(cells, bench, steps, seeds, now=lambda: now(bench, folder), label_reg=label_reg, report=report)
    found = summary(cells.rows, steps, seeds, target)
    if found is None:
        raise NoCurve(reason="fewer than two sizes have a score with every seed", texts=most)
    result = {**about, **found}
    cells.write(RESULT, json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return result


def check_options(task: str, sizes: Sequence[int], seeds: Sequence[int], label_reg: float) -> None:
    """Raise BadOption for what no run can have."""
    if task not in HEADS:
        raise BadOption("TASK", task, ", ".join(HEADS))
    if not sizes or min(sizes) < 1:
        raise BadOption("--sizes", ",".join(map(str, sizes)), "numbers of texts from 1 on, as 10,30,100")
    if not seeds or min(seeds) < 0:
        raise BadOption("--seeds", ",".join(map(str, seeds)), "numbers from 0 on, as 1,2,3")
    if label_reg:
        check_task(task)


def now(bench: Bench, folder: Path) -> float | None:
    """The score of the model's own component of the task; None without one that has all labels of the test."""
    wanted = {label for doc in bench.gold.dev for label in labels(doc)}
    fits = bench.task not in ("ner", "textcat")
    for _, pipe in load(bench.gold.plan.lang, model=folder).pipeline:
        mine = isinstance(pipe, HeadPipe) and pipe.task == bench.task and not pipe.reader
        if mine and pipe.head and (fits or (wanted and wanted <= set(pipe.labels))):
            return bench.of(pipe.head, pipe.style)
    return None


def _fill(
    cells: Cells,
    bench: Bench,
    sizes: Sequence[int],
    seeds: Sequence[int],
    *,
    now: Callable[[], float | None],
    label_reg: float,
    report: Report | None,
) -> None:
    """Run the cells that are missing, the small ones first."""
    if not cells.has(0, 0):
        cells.add(0, 0, now(), report)
    for size in sizes:
        for seed in seeds:
            if not cells.has(size, seed):
                chosen = nested(len(bench.gold.train), seed)[:size]
                cells.add(size, seed, bench.score(chosen, seed=seed, label_reg=label_reg), report)


def summary(
    rows: Sequence[dict[str, Any]], sizes: Sequence[int], seeds: Sequence[int], target: float | None
) -> dict[str, Any] | None:
    """Scores by size, the curve and the advice; None where fewer than two sizes have a score with every seed."""
    by_cell = {(row["texts"], row["seed"]): row["score"] for row in rows}
    whole = [size for size in sizes if all(by_cell.get((size, seed)) is not None for seed in seeds)]
    if len(whole) < 2:
        return None
    by_seed = [[by_cell[size, seed] for size in whole] for seed in seeds]
    curve, ways = advice(whole, by_seed, target)
    return {
        "seeds": list(seeds),
        "now": by_cell.get((0, 0)),
        "sizes": {str(size): [by_cell[size, seed] for seed in seeds] for size in whole},
        "curve": {"kind": curve.kind, "a": curve.a, "b": curve.b, "c": curve.c},
        "advice": [
            {
                "goal": way.goal,
                "score": round(way.score, 2),
                **{key: _finite(getattr(way, key)) for key in ("more", "low", "high")},
                "far": way.far,
                "text": way.text(),
            }
            for way in ways
        ],
    }


def _finite(texts: float) -> int | None:
    return None if np.isinf(texts) else round(texts)
