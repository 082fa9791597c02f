"""Does alignment help transfer? None against each loss, from Turkish to Kazakh, Kyrgyz, Uzbek and Turkmen.

    python benchmarks/alignment_study.py --calibrate                 the weights that are missing
    python benchmarks/alignment_study.py [--seeds 1 2 3] [--minutes 10] [--parallel ...] [--text ...]
    python benchmarks/alignment_study.py --table                     the figures of docs/alignment.md

A cell is a loss and a seed. All start from models/turkic_base and learn Turkish tags and topics for the same steps from
the same batches in the same order; what differs is the loss that is added in each step (mode joint), with pairs of
Turkish and each of the four languages (``translit``: text of each language in two spellings). Nothing is selected: the
last average of the weights is scored on test sets that no text of the training repeats. The weight of each loss was
fixed before any cell was run, so that its gradient is about a third as long as that of the tagger (``--calibrate``, on
Turkish training text, seed 0). Steps and the share of the topics were set once, after the three runs without
alignment of a first attempt had not learned the topics (benchmarks/results/alignment_study_first.jsonl has all of it;
two of its runs with ``token`` had been seen by then as well).

Each cell also has the figures of ``turkic-nlp diagnose`` on translated sentences of FLORES (the test split of SIB-200),
with the links of words that the encoder gives before any training. Finished cells are lines of
benchmarks/results/alignment_study.jsonl and are not run again. Two processes may work at once on different seeds.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import pickle
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from alignment_table import write_table
from filelock import FileLock
from spacy.tokens import Doc

from turkic_nlp import corpora
from turkic_nlp.alignment.aligner import Aligner
from turkic_nlp.alignment.bitext import Bitext, Pair, read_bitext
from turkic_nlp.alignment.gradients import Figures, gradients, shuffled, task_loss
from turkic_nlp.alignment.losses import links
from turkic_nlp.alignment.measures import measure
from turkic_nlp.alignment.plan import AlignPlan, layer_of, make_plan
from turkic_nlp.alignment.spellings import read_spellings
from turkic_nlp.alignment.views import read_layers
from turkic_nlp.components import EncoderPipe, HeadPipe
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.pipeline import blank
from turkic_nlp.pretokenized import bare
from turkic_nlp.training.gold import Gold, gather
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.loop import train
from turkic_nlp.training.recipe import Recipe, read_recipe
from turkic_nlp.training.run import start_encoder
from turkic_nlp.training.text import words_of

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "runs" / "alignment"
RESULTS = ROOT / "benchmarks" / "results" / "alignment_study.jsonl"
WEIGHTS = ROOT / "benchmarks" / "results" / "alignment_weights.json"
NONE = "none"
LOSSES = (NONE, "token", "sentence", "xlco", "translit", "l2", "mlm", "tlm")
PAIRS = ("tr-kk", "tr-ky", "tr-uz", "tr-tk")
SPELLINGS = ("kk-Latn", "ky-plain", "uz-plain", "tk-plain", "tr-plain")
TREEBANKS = (
    ("kk", "ud-kazakh-ktb", "test"),
    ("ky", "ud-kyrgyz-ktmu", "test"),
    ("uz", "ud-uzbek-uzudt", "test"),
    ("uz", "ud-uzbek-ut", "test"),
    ("tk", "ud-turkmen-tud-silver", "dev"),
)
LANGUAGES = ("kk", "ky", "uz", "tk")
SIB = "sib-200"
STEPS, PIECES, ALIGN_PIECES = 200, 500, 350
TOPICS = 6.0
"""The weight of the topics among the corpora, for nearly half of the steps; with the recipe's they are not learned."""
SHARE = 0.3
"""The length of the alignment's weighted gradient against that of the tasks."""
SPELLED = 3000


class Cell(NamedTuple):
    """One training run."""

    loss: str
    seed: int


def main() -> None:
    """Run the cells that are missing, or calibrate, or write the tables."""
    parser = argparse.ArgumentParser(description="Does alignment help transfer?")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--parallel", type=Path, default=ROOT.parent / "shared" / "parallel")
    parser.add_argument("--text", type=Path, default=ROOT.parent / "shared" / "text")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    if asked.table:
        write_table(ROOT, read_results(), json.loads(WEIGHTS.read_text(encoding="utf-8")))
        return
    RUNS.mkdir(parents=True, exist_ok=True)
    with FileLock(RUNS.with_suffix(".lock")):  # of two processes one calibrates, the other waits
        if asked.calibrate or not WEIGHTS.exists():
            WEIGHTS.write_text(json.dumps(calibrate(asked), indent=1) + "\n", encoding="utf-8")
    if asked.calibrate:
        return
    end = time.monotonic() + 60 * asked.minutes
    done = {Cell(row["loss"], row["seed"]) for row in read_results()}
    for cell in cells(asked.seeds):
        if cell not in done and time.monotonic() < end:
            row = run_cell(cell, asked)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(*cell, row["minutes"], row["upos"], row["topic"], flush=True)


def cells(seeds: Sequence[int]) -> Iterator[Cell]:
    """All cells, a seed whole before the next."""
    for seed, loss in product(seeds, LOSSES):
        yield Cell(loss, seed)


def read_results() -> list[dict[str, Any]]:
    """The finished cells."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    return [json.loads(line) for line in lines]


def run_cell(cell: Cell, asked: argparse.Namespace) -> dict[str, Any]:
    """Train, score and measure one cell."""
    began, cpu = time.monotonic(), time.process_time()
    recipe = recipe_of(cell.seed, STEPS)
    words = start_encoder(recipe)
    pairs = flores()
    known = reference_links(words, pairs)
    extra = Aligner(words, pairs_of(cell.loss, words, asked), plan_of(cell)) if cell.loss != NONE else None
    checkpoint = RUNS / f"{cell.loss}-{cell.seed}.pt"
    model = train(recipe, words, golds(), checkpoint, lambda row: None, extra=extra)
    layer = layer_of(AlignPlan(), len(model.encoder.blocks))
    found = {
        **cell._asdict(),
        "steps": STEPS,
        "layer": layer,
        "upos": {f"{id_}/{split}": upos(model, lang, id_, split) for lang, id_, split in TREEBANKS},
        "topic": {lang: topic(model, lang) for lang in (*LANGUAGES, "tr")},
        "source_upos": upos(model, "tr", "ud-turkish-boun", "dev", most=200),
        "figures": {f"tr-{lang}": measured(model.words, pairs[lang], known[lang]) for lang in LANGUAGES},
        "minutes": round((time.monotonic() - began) / 60, 2),
        "core_minutes": round((time.process_time() - cpu) / 60, 2),
    }
    checkpoint.unlink(missing_ok=True)
    return found


def measured(words: WordEncoder, pairs: Sequence[Pair], word_links: torch.Tensor) -> list[dict[str, float]]:
    """The figures of every layer for one pair of languages."""
    rows: list[dict[str, float]] = measure(words, pairs, word_links=word_links)["layers"]
    return rows


@lru_cache(maxsize=1)
def _base() -> Recipe:
    return read_recipe(ROOT / "benchmarks" / "recipes" / "zero_shot_tr.cfg")


def recipe_of(seed: int, steps: int) -> Recipe:
    """The zero-shot recipe with few steps, and only its tagger and classifier."""
    base = _base()
    plan = replace(
        base.plan,
        seed=seed,
        steps=steps,
        batch_pieces=PIECES,
        evaluate_every=steps,
        average=0.98,
        dev_sentences=0,
    )
    heads = {name: base.heads[name] for name in ("tagger", "textcat")}
    chosen = {name: replace(corpus, dev=0.0) for name, corpus in base.corpora.items()}
    chosen["tr_boun"] = replace(chosen["tr_boun"], splits=("test",))
    chosen["tr_sib"] = replace(chosen["tr_sib"], weight=TOPICS)
    return replace(base, plan=plan, heads=heads, corpora=chosen, encoder=str(ROOT / "models" / "turkic_base"))


@lru_cache(maxsize=1)
def golds() -> list[Gold]:
    """The training Docs; the dev split of UD_Turkish-BOUN is the source's dev and is not learned from."""
    recipe = recipe_of(1, STEPS)
    return gather(replace(recipe, held_out=(*recipe.held_out, "ud-turkish-boun/dev")))


def plan_of(cell: Cell) -> AlignPlan:
    """The alignment of a cell, with the weight that calibration gave its loss."""
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return _plan(cell.loss, cell.seed, weights[cell.loss])


def _plan(loss: str, seed: int, weight: float) -> AlignPlan:
    settings = {"loss": loss, "seed": seed, "weight": weight, "mode": "joint", "bf16": True}
    return make_plan({**settings, "batch_pieces": ALIGN_PIECES})


def pairs_of(loss: str, words: WordEncoder, asked: argparse.Namespace) -> list[Pair]:
    """The pairs that a loss learns from, kept in runs/alignment."""
    kind = "spellings" if loss == "translit" else "bitext"
    held = (*_base().held_out, "ud-turkish-boun/dev")
    path = RUNS / f"{kind}-{hashlib.sha256(repr(held).encode()).hexdigest()[:8]}.pickle"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "bitext":
            made = read_bitext([asked.parallel], PAIRS, held)
        else:
            made = read_spellings(words, [asked.text], SPELLINGS, held, most=SPELLED)
        partial = path.with_suffix(f".{asked.seeds[0]}")
        partial.write_bytes(pickle.dumps(made))
        partial.replace(path)
    found: Bitext = pickle.loads(path.read_bytes())
    return found.train


@lru_cache(maxsize=1)
def flores() -> dict[str, list[Pair]]:
    """Turkish sentences and their translations by language: the test split of SIB-200."""
    texts = {lang: dict(_texts(lang, "test")) for lang in (*LANGUAGES, "tr")}
    return {
        lang: [
            Pair(tuple(words_of(texts["tr"][key])), tuple(words_of(texts[lang][key])), ("tr", lang))
            for key in sorted(texts["tr"].keys() & texts[lang].keys())
        ]
        for lang in LANGUAGES
    }


def _texts(lang: str, split: str) -> list[tuple[str, str]]:
    found = corpora.card(SIB)
    with fetch(found, found.file(split, lang)).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["index_id"], row["text"]) for row in rows]


def reference_links(words: WordEncoder, pairs: dict[str, list[Pair]]) -> dict[str, torch.Tensor]:
    """The links of words in the sentences of FLORES, by the encoder before training."""
    plan = AlignPlan()
    layer = layer_of(plan, len(words.encoder.blocks))
    found = {}
    for lang, chosen in pairs.items():
        one = read_layers(words, [(pair.one, pair.langs[0]) for pair in chosen])[layer]
        other = read_layers(words, [(pair.other, pair.langs[1]) for pair in chosen])[layer]
        found[lang] = links(one, other, "simalign", plan.threshold)
    return found


@lru_cache(maxsize=16)
def _docs(id_: str, split: str, lang: str) -> list[Doc]:
    vocab = blank(lang).vocab if lang in LANGUAGES else _vocab(lang)
    several = len(corpora.card(id_).languages) > 1
    return list(corpora.docs(id_, split, vocab, lang=lang if several else None))


def _vocab(lang: str) -> Any:
    import spacy

    return spacy.blank(lang).vocab


def upos(model: Joint, lang: str, id_: str, split: str, *, most: int = 10**9) -> float:
    """Accuracy of the parts of speech on gold words, in percent."""
    gold = _docs(id_, split, lang)[:most]
    guesses = _annotated(model, "tagger", gold)
    pairs = [(a.pos, b.pos) for x, y in zip(guesses, gold, strict=True) for a, b in zip(x, y, strict=True)]
    return round(100 * sum(a == b for a, b in pairs) / len(pairs), 3)


def topic(model: Joint, lang: str) -> float:
    """Accuracy of the topics of SIB-200's test set, in percent."""
    gold = _docs(SIB, "test", lang)
    guesses = _annotated(model, "textcat", gold)
    pairs = [
        (max(x.cats, key=x.cats.__getitem__), max(y.cats, key=y.cats.__getitem__))
        for x, y in zip(guesses, gold, strict=True)
    ]
    return round(100 * sum(a == b for a, b in pairs) / len(pairs), 3)


def _annotated(model: Joint, name: str, gold: Sequence[Doc]) -> list[Doc]:
    model.eval()
    guesses = [bare(doc) for doc in gold]
    EncoderPipe("encoder", model.words).annotate(guesses)
    HeadPipe(name, name, model.head(name), None).annotate(guesses)
    return guesses


def calibrate(asked: argparse.Namespace, steps: int = 40, batches: int = 2) -> dict[str, Any]:
    """The weights that are missing, from the gradients at a model that learned a little Turkish (seed 0)."""
    known: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8")) if WEIGHTS.exists() else {}
    weights, ratios = known.get("weights", {}), known.get("all_layers", {})
    recipe = recipe_of(0, steps)
    words = start_encoder(recipe)
    model = train(recipe, words, golds(), RUNS / "calibration.pt", lambda row: None)
    (RUNS / "calibration.pt").unlink(missing_ok=True)
    for loss in (loss for loss in LOSSES[1:] if loss not in weights):
        aligner = Aligner(
            model.words, pairs_of(loss, model.words, asked), replace(_plan(loss, 0, 1.0), mode="pre")
        )
        for step in range(100, 108):  # fills the queue of xlco
            with torch.no_grad():
                aligner(step)
        ratios[loss] = _ratio(model, aligner, batches)
        weights[loss] = float(f"{SHARE / ratios[loss]['norm_ratio']:.1g}")
    return {"share": SHARE, "weights": weights, "steps": steps, "batches": batches, "all_layers": ratios}


def _ratio(model: Joint, aligner: Aligner, batches: int) -> Figures:
    gold = next(gold for gold in golds() if gold.name == "tr_boun")

    def task(n: int) -> torch.Tensor:
        return task_loss(
            model.words, model.head("tagger"), gold.train[20 * n : 20 * n + 20], "tr", gold.style
        )

    def align(n: int, shuffle: bool) -> torch.Tensor:
        rng = np.random.default_rng(n)
        pairs = aligner.batch(rng)
        return aligner.loss(shuffled(pairs) if shuffle else pairs, rng)  # type: ignore[no-any-return]

    return gradients(model.encoder, task, align, batches=batches)["all"]


if __name__ == "__main__":
    main()
