"""A component from KazNERD's first 1,000 sentences, and what a frozen, an adapted and a learning encoder cost and give.

    python benchmarks/kaznerd1000.py [--how frozen lora full]
    python benchmarks/kaznerd1000.py --table                    write the table into docs/few-shots.md

The sentences are the first of the file ``valid``; the catalog does not list the train file. The encoder is
models/turkic_base, which has seen raw text alone and no annotation, so nothing of KazNERD was learned before. A tenth
of the sentences chooses the best step, as ``turkic-nlp new-component`` does it; the test file is scored once, at the
end. One thread; seconds are those of the processor. Ways that are in benchmarks/results/kaznerd1000.json are not run
again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from memory import write_table

import turkic_nlp
from turkic_nlp import corpora, evaluation
from turkic_nlp.training.component import new_component, own_plan
from turkic_nlp.training.run import run
from turkic_nlp.weights import checked_json

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "runs" / "kaznerd1000"
RESULTS = ROOT / "benchmarks" / "results" / "kaznerd1000.json"
PAGE = ROOT / "docs" / "few-shots.md"
SENTENCES = 1000
RANK = 8
WAYS = ("frozen", "lora", "full")
# those of the recipe of the shipped model
FULL = {"encoder_rate": 4e-4, "layer_decay": 0.9, "dropout": 0.1, "word_dropout": 0.08}


def main() -> None:
    """Train in the ways that are missing, score, write."""
    parser = argparse.ArgumentParser(description="What a component from 1,000 sentences costs and gives.")
    parser.add_argument("--how", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        write_table(PAGE, "kaznerd1000", table(checked_json(RESULTS)))
        return
    torch.set_num_threads(1)
    for way in options.how:
        if way not in known():
            row = measure(way)
            result = {**about(), "ways": {**known(), way: row}}  # another process may have added one by now
            RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            print(way, row)


def known() -> dict[str, Any]:
    """The ways that are measured."""
    found: dict[str, Any] = checked_json(RESULTS)["ways"] if RESULTS.exists() else {}
    return found


def table(result: dict[str, Any]) -> str:
    """The ways in Markdown."""
    lines = ["| way | seconds to train | steps | F1 on test | seconds for the test set | MB more on disk |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for way, row in result["ways"].items():
        cells = [round(row["seconds"]), row["steps"], row["f"], round(row["seconds_of_test"])]
        lines.append(f"| {way} | {' | '.join(map(str, cells))} | {row['bytes'] / 1e6:.1f} |")
    return "\n".join(lines) + "\n"


def about() -> dict[str, Any]:
    """What was measured on."""
    return {
        "corpus": "kaznerd",
        "data": f"first {SENTENCES} sentences of dev, a tenth of them to choose the step",
        "test": "test",
        "encoder": "turkic_base",
        "threads": 1,
        "seed": 1,
        "release": turkic_nlp.__version__,
    }


def measure(way: str) -> dict[str, Any]:
    """Train in one way and score on the test file."""
    folder = RUNS / way
    shutil.rmtree(folder, ignore_errors=True)
    before = time.process_time()
    train(way, folder)
    spent = time.process_time() - before
    nlp = turkic_nlp.load("kk", model=folder)
    gold = evaluation.from_corpus("kaznerd", "test", nlp)
    before = time.process_time()
    scores = evaluation.evaluate(nlp, gold)
    reading = time.process_time() - before
    meta = checked_json(folder / "meta.json")
    stage = meta["later"][-1] if "later" in meta else meta
    own = ("ner", "encoder") if way == "full" else ("ner",)
    return {
        "seconds": round(spent, 1),
        "steps": stage["steps"],
        "dev_f": stage["dev_scores"]["mean"],
        **{key: round(scores[key], 2) for key in "prf"},
        "test_sentences": scores["texts"],
        "seconds_of_test": round(reading, 1),
        "bytes": sum(path.stat().st_size for part in own for path in (folder / part).rglob("*.safetensors")),
    }


def train(way: str, folder: Path) -> None:
    """Make the model of one way."""
    plan = own_plan("kk", [first_sentences()])
    if way == "full":
        # not from where the frozen run left its head, which would be a start for this one
        recipe = shutil.copyfile(RUNS / "frozen" / "ner.cfg", base() / "ner.cfg")
        run(recipe, output=folder, overrides={f"training.{key}": value for key, value in FULL.items()})
    else:
        lora = RANK if way == "lora" else 0
        new_component("ner", plan, model=str(base()), output=folder, lora=lora)


def first_sentences() -> Path:
    """The IOB2 file of the first sentences; none of them is in the test file."""
    path = RUNS / "first1000.iob2"
    if not path.exists():
        vocab = turkic_nlp.blank("kk").vocab
        held_out = {corpora.text_key(doc.text) for doc in corpora.docs("kaznerd", "test", vocab)}
        found = (doc for doc in corpora.docs("kaznerd", "dev", vocab) if len(doc))
        docs = [doc for doc in found if corpora.text_key(doc.text) not in held_out][:SENTENCES]
        text = "\n".join("".join(f"{t.text} {_tag(t)}\n" for t in doc) for doc in docs)
        RUNS.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def _tag(token: Any) -> str:
    return f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O"


def base() -> Path:
    """A model of the encoder alone."""
    folder = RUNS / "base"
    if not folder.exists():
        shutil.copytree(ROOT / "models" / "turkic_base", folder / "encoder")
        meta = {"name": "base", "version": "0", "license": "MIT", "components": {}, "styles": {}}
        (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
