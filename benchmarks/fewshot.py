"""What label regularisation gives where there is little to learn from.

    python benchmarks/fewshot.py [--minutes 9] [--corpora sib-200]     run the cells that are missing
    python benchmarks/fewshot.py --table                               write the table into docs/few-shots.md

A cell is a corpus, a share of its training texts (1, 3 or 5 %), a weight of the regulariser (0 or 0.1) and a seed,
which draws the texts (a smaller share is part of a larger one) and the weights at the start. The encoder is
models/turkic_base, frozen: it has seen raw text alone. Steps are those of ``turkic-nlp new-component``; nothing is
selected, the last average of the weights is scored on the test set. Finished cells are lines of
benchmarks/results/fewshot.jsonl and are not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import lru_cache
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import torch
from memory import write_table

import turkic_nlp
from turkic_nlp import corpora
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.training.fewshot import Bench, nested
from turkic_nlp.training.gold import Gold, gather_one
from turkic_nlp.training.recipe import CorpusPlan

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "fewshot.jsonl"
PAGE = ROOT / "docs" / "few-shots.md"
CORPORA = {
    "kaznerd": ("ner", "kk", "dev", "test"),
    "sib-200": ("textcat", "kk", "train", "test"),
    "uz-uzum-sentiment": ("textcat", "uz", "train", "test"),
}
TITLES = {
    "kaznerd": "KazNERD, entities, F1",
    "sib-200": "SIB-200 kk, topics, macro-F1",
    "uz-uzum-sentiment": "Uzum reviews uz, polarity, macro-F1",
}
SHARES = (0.01, 0.03, 0.05)
WEIGHTS = (0.0, 0.1)
SEEDS = (1, 2, 3)
MOST_TEST = 2000


class Cell(NamedTuple):
    """One training run."""

    corpus: str
    share: float
    seed: int
    label_reg: float


def main() -> None:
    """Run the cells that are missing, or write the table."""
    parser = argparse.ArgumentParser(description="What label regularisation gives.")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=list(CORPORA))
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        write_table(PAGE, "label-reg", table(read_results()))
        return
    torch.set_num_threads(1)
    end = time.monotonic() + 60 * options.minutes
    done = {cell_of(row) for row in read_results()}
    for cell in map(Cell._make, product(options.corpora, SHARES, SEEDS, WEIGHTS)):
        if cell not in done and time.monotonic() < end:
            row = run_cell(cell)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(*cell, row["score"], flush=True)


def cell_of(row: dict[str, Any]) -> Cell:
    """The cell of a line of results."""
    return Cell(*(row[name] for name in Cell._fields))


def read_results() -> list[dict[str, Any]]:
    """The finished cells."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    return [json.loads(line) for line in lines]


def run_cell(cell: Cell) -> dict[str, Any]:
    """Train and score one cell."""
    bench = bench_of(cell.corpus)
    texts = round(cell.share * len(bench.gold.train))
    chosen = nested(len(bench.gold.train), cell.seed)[:texts]
    before = time.process_time()
    score = bench.score(chosen, seed=cell.seed, label_reg=cell.label_reg)
    return {
        **cell._asdict(),
        "texts": texts,
        "score": score,
        "test_texts": len(bench.gold.dev),
        "seconds": round(time.process_time() - before, 1),
        "release": turkic_nlp.__version__,
    }


@lru_cache(maxsize=1)
def bench_of(corpus: str) -> Bench:
    """Training and test texts of a corpus, disjoint, and the encoder."""
    task, lang, train, test = CORPORA[corpus]
    vocab = turkic_nlp.blank(lang).vocab
    several = len(corpora.card(corpus).languages) > 1
    held = list(corpora.docs(corpus, test, vocab, lang=lang if several else None))
    plan = CorpusPlan(id=corpus, lang=lang, splits=(train,))
    found = gather_one("curve", plan, {corpora.text_key(doc.text) for doc in held})
    chosen = [held[n] for n in nested(len(held), 0)[:MOST_TEST] if len(held[n])]
    return Bench(task, encoder(), Gold("curve", plan, found.train, with_sentences(chosen)))


def with_sentences(docs: list[Any]) -> list[Any]:
    """The Docs, with sentence starts by rule where there are none."""
    nlp = turkic_nlp.blank("kk")
    rules = nlp.add_pipe("turkic_sentences")
    for doc in docs:
        rules(doc)
    return docs


@lru_cache(maxsize=1)
def encoder() -> WordEncoder:
    """The encoder that has seen raw text alone."""
    return read_folder(ROOT / "models" / "turkic_base")


def table(rows: list[dict[str, Any]]) -> str:
    """Mean and spread over seeds, without and with the regulariser, and the mean difference of the pairs."""
    lines = [
        "| corpus | texts | seeds | without | with | difference |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for corpus, share in product(CORPORA, SHARES):
        mine = {cell_of(row): row for row in rows if (row["corpus"], row["share"]) == (corpus, share)}
        pairs = [
            (mine[plain]["score"], mine[plain._replace(label_reg=WEIGHTS[1])]["score"])
            for plain in mine
            if plain.label_reg == 0.0 and plain._replace(label_reg=WEIGHTS[1]) in mine
        ]
        if len(pairs) > 1:
            texts = next(iter(mine.values()))["texts"]
            columns = [*zip(*pairs, strict=True), [b - a for a, b in pairs]]
            # plus zero, as a difference of -0.01 is shown as 0.0
            shown = [f"{round(fmean(column), 1) + 0.0:.1f} ± {stdev(column):.1f}" for column in columns]
            head = f"{TITLES[corpus]} | {texts} ({100 * share:.0f} %) | {len(pairs)}"
            lines.append(f"| {head} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
