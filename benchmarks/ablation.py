"""What the shared orthography and the pre-training are worth: small encoders, all else equal.

    python benchmarks/ablation.py [--minutes 120] [--seeds 1 2 3] [--starts random skipgram mlm] [--conditions tr joint]
                                  [--text ../shared/text]
    python benchmarks/ablation.py --table

A cell is an orthography, a start of the encoder, what it learns from, and a seed. Every encoder is the same (4 layers
of width 256, 16,000 pieces and 12,000 affixes of its own orthography), reads the same text and takes the same steps;
nothing is selected, the last average of the weights is scored on gold words. Finished cells are lines of
benchmarks/results/ablation.jsonl and are not run again, so a run that was stopped goes on; prepared encoders are kept
in runs/ablation. Two processes may work at once on different seeds. ``--table`` writes docs/ablation.md.

Orthographies: shared (cognates look alike), archiphonemic (the same with vowel harmony and voicing merged), lower (the
letters of the language, in lower case). Starts: random, skipgram (embeddings), mlm (masked-language modelling from
there). Conditions: tr (Turkish treebanks alone: zero-shot) and joint (the treebanks of the family).
"""

from __future__ import annotations

import argparse
import json
import pickle
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from accuracy import TREEBANKS

import turkic_nlp
from turkic_nlp import evaluation
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.training import pretraining
from turkic_nlp.training.gold import Gold, gather
from turkic_nlp.training.loop import train
from turkic_nlp.training.pool import rows
from turkic_nlp.training.pretrain import make_pieces, read_plans, start
from turkic_nlp.training.raw_text import Text, TextPlan
from turkic_nlp.training.raw_text import gather as gather_text
from turkic_nlp.training.recipe import HeadPlan, Recipe, read_recipe
from turkic_nlp.training.run import export, history_of

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "runs" / "ablation"
RESULTS = ROOT / "benchmarks" / "results" / "ablation.jsonl"
ORTHOGRAPHIES = ("shared", "archiphonemic", "lower")
STARTS = ("random", "skipgram", "mlm")
CONDITIONS = ("tr", "joint")
SIZES = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024}
SCHEDULE = pretraining.Schedule(tokens=2_000_000, decay=0.5, warmup=200_000, bf16=True)
STEPS, PIECES = 400, 1000
METRICS = ("upos", "feats", "las")


class Cell(NamedTuple):
    """One training run."""

    orthography: str
    start: str
    condition: str
    seed: int


def main() -> None:
    """Run the cells that are missing, or write the table."""
    parser = argparse.ArgumentParser(description="What orthography and pre-training are worth.")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--starts", nargs="+", default=STARTS, choices=STARTS)
    parser.add_argument("--conditions", nargs="+", default=CONDITIONS, choices=CONDITIONS)
    parser.add_argument("--text", default=str(ROOT.parent / "shared" / "text"))
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        (ROOT / "docs" / "ablation.md").write_text(table(read_results()), encoding="utf-8")
        return
    end = time.monotonic() + 60 * options.minutes
    done = {cell_of(row) for row in read_results()}
    for cell in cells(options.starts, options.seeds, options.conditions):
        if cell not in done and time.monotonic() < end:
            row = run_cell(cell, options.text)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(*cell, {name: scores["upos"] for name, scores in row["scores"].items()}, flush=True)


def cells(starts: Sequence[str], seeds: Sequence[int], conditions: Sequence[str]) -> Iterator[Cell]:
    """Cells, the cheap starts of every seed first, so that a run that stops early has whole rows."""
    for start_, seed, condition, orthography in product(starts, seeds, conditions, ORTHOGRAPHIES):
        yield Cell(orthography, start_, condition, seed)


def cell_of(row: dict[str, Any]) -> Cell:
    """The cell of a line of results."""
    return Cell(*(row[name] for name in Cell._fields))


def read_results() -> list[dict[str, Any]]:
    """The finished cells."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    return [json.loads(line) for line in lines]


def run_cell(cell: Cell, text_folder: str) -> dict[str, Any]:
    """Train and score one cell."""
    began = time.monotonic()
    recipe = recipe_of(cell)
    golds = golds_of(cell.condition)
    work = RUNS / f"cell{cell.seed}"
    shutil.rmtree(work, ignore_errors=True)
    words = encoder_of(cell.orthography, cell.start, text_folder)
    model = train(recipe, words, golds, work / "checkpoint.pt", lambda row: None)
    export(model, recipe, work / "model", history_of(model, recipe, golds, minutes=0.0))
    return {
        **cell._asdict(),
        "steps": STEPS,
        "mlm_tokens": SCHEDULE.tokens if cell.start == "mlm" else 0,
        "scores": {corpus: score(work / "model", lang, corpus, split) for lang, corpus, split in TREEBANKS},
        "minutes": round((time.monotonic() - began) / 60, 2),
    }


def score(folder: Path, lang: str, corpus: str, split: str) -> dict[str, float]:
    """The metrics of one test set on gold words."""
    nlp = turkic_nlp.load(lang, model=folder)
    found = evaluation.evaluate(nlp, evaluation.from_corpus(corpus, split, nlp))
    turkic_nlp.pipeline._encoder.cache_clear()
    turkic_nlp.pipeline._head.cache_clear()
    return {metric: found[metric] for metric in METRICS}


@lru_cache(maxsize=1)
def _base_recipe() -> Recipe:
    return read_recipe(ROOT / "benchmarks" / "recipes" / "joint.cfg")


def recipe_of(cell: Cell) -> Recipe:
    """The recipe of the comparable model with few steps, and only its tagger and parser."""
    base = _base_recipe()
    plan = replace(
        base.plan,
        seed=cell.seed,
        steps=STEPS,
        batch_pieces=PIECES,
        evaluate_every=STEPS,
        average=0.99,
        bf16=True,
    )
    heads: dict[str, HeadPlan] = {name: base.heads[name] for name in ("tagger", "parser")}
    chosen = {
        name: replace(corpus, dev=0.0)
        for name, corpus in base.corpora.items()
        if corpus.id.startswith("ud-") and (cell.condition == "joint" or corpus.lang == "tr")
    }
    return replace(base, plan=plan, heads=heads, corpora=chosen)


@lru_cache(maxsize=2)
def golds_of(condition: str) -> list[Gold]:
    """The training Docs of a condition."""
    return gather(recipe_of(Cell("shared", "random", condition, 1)))


def encoder_of(orthography: str, begin: str, text_folder: str) -> WordEncoder:
    """A fresh copy of a prepared encoder; prepared on first use."""
    folder = RUNS / orthography / begin
    if not (folder / "model.safetensors").is_file():
        prepare(orthography, begin, text_folder).to_disk(folder)
    return read_folder(folder)


def prepare(orthography: str, begin: str, text_folder: str) -> WordEncoder:
    """An encoder of an orthography: vocabularies, embeddings, and masked-language modelling where asked for."""
    plan = replace(text_plan(text_folder), orthography=orthography, skipgram=0 if begin == "random" else 1)
    work = RUNS / orthography
    work.mkdir(parents=True, exist_ok=True)
    pool = pool_of(text_folder).pool
    pieces = make_pieces(plan, pool, work)
    pieces_of = pool.table(pieces)
    encoder = start(plan, SIZES, pieces, pool, pieces_of, work)
    if begin == "mlm":
        model = pretraining.LanguageModel(encoder)
        size = encoder.config.vocab_size

        def stream(seen: int) -> Iterator[Any]:
            seed = SCHEDULE.seed + seen
            drawn = rows(pool.lines(), pieces_of, SCHEDULE.length, seed)
            return pretraining.batches(drawn, pieces_of, SCHEDULE, size, seed)

        pretraining.train(model, stream, SCHEDULE, work / "mlm.pt", lambda row: None, SCHEDULE.tokens)
    return WordEncoder(encoder, pieces)


def text_plan(text_folder: str) -> TextPlan:
    """The text of the shipped encoder."""
    path = ROOT / "models" / "turkic_small" / "pretrain.cfg"
    return read_plans(path, {"text.folder": text_folder})[0]


@lru_cache(maxsize=1)
def pool_of(text_folder: str) -> Text:
    """The pool of raw text, kept in runs/ablation."""
    path = RUNS / "pool.pickle"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(gather_text(text_plan(text_folder), lambda row: None)))
    found: Text = pickle.loads(path.read_bytes())
    return found


def table(results: list[dict[str, Any]]) -> str:
    """The page: mean and standard deviation over seeds of every cell."""
    out = [
        "# What orthography and pre-training are worth",
        "",
        "Written by `python benchmarks/ablation.py --table` from `benchmarks/results/ablation.jsonl`.",
        "",
        f"Small encoders (4 layers of width 256), {STEPS} steps of {PIECES} pieces, gold words; nothing is selected,",
        "so these figures compare rows with each other and with nothing else. The docstring of",
        "`benchmarks/ablation.py` tells what the rows are. The Turkmen set is silver. Mean over seeds, standard",
        "deviation after ±.",
        *_missing(results),
    ]
    for condition, metric in product(CONDITIONS, METRICS):
        chosen = [row for row in results if row["condition"] == condition]
        if not chosen:
            continue
        title = {"tr": "Turkish treebanks alone (zero-shot)", "joint": "All treebanks of the family"}[
            condition
        ]
        names = [corpus.removeprefix("ud-") for _, corpus, _ in TREEBANKS]
        out += [
            "",
            f"## {metric.upper()}: {title}",
            "",
            f"| orthography | start | seeds | {' | '.join(names)} |",
        ]
        out.append("| --- | --- | --- |" + " --- |" * len(names))
        for begin, orthography in product(STARTS, ORTHOGRAPHIES):
            mine = [row for row in chosen if (row["start"], row["orthography"]) == (begin, orthography)]
            if mine:
                shown = [_mean([row["scores"][corpus][metric] for row in mine]) for _, corpus, _ in TREEBANKS]
                out.append(f"| {orthography} | {begin} | {len(mine)} | {' | '.join(shown)} |")
    return "\n".join(out) + "\n"


def _missing(results: list[dict[str, Any]]) -> list[str]:
    """A paragraph on the starts and conditions that no cell has."""
    there = {row["start"] for row in results} | {row["condition"] for row in results}
    if lacking := [name for name in (*STARTS, *CONDITIONS) if name not in there]:
        return ["", f"Not run: {', '.join(lacking)}."]
    return []


def _mean(values: list[float]) -> str:
    return f"{fmean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


if __name__ == "__main__":
    main()
