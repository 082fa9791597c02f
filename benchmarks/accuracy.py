"""Score a model on every test set of the four languages and write the scores down.

    python benchmarks/accuracy.py [--model turkic_small]

Needs the corpora (a mirror named in TURKIC_NLP_MIRROR, or the network). Writes benchmarks/results/accuracy.json
and the ``scores`` of the model's meta.json, from which its card and the README take their numbers
(``python docs/generate.py``). Nothing here selects anything: the model is what training on dev gave.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import turkic_nlp
from turkic_nlp import corpora, evaluation
from turkic_nlp.pipeline import model_folder

ROOT = Path(__file__).resolve().parent.parent
SETS = [
    ("kk", "ud-kazakh-ktb", "test"),
    ("ky", "ud-kyrgyz-ktmu", "test"),
    ("uz", "ud-uzbek-uzudt", "test"),
    ("uz", "ud-uzbek-ut", "test"),
    ("tk", "ud-turkmen-tud-silver", "dev"),
    ("kk", "kaznerd", "test"),
    ("uz", "project-ner", "test"),
    ("ky", "project-ner", "test"),
    ("tk", "project-ner", "test"),
    ("kk", "sib-200", "test"),
    ("ky", "sib-200", "test"),
    ("uz", "sib-200", "test"),
    ("tk", "sib-200", "test"),
]
GOLD_WORDS = (
    "upos",
    "xpos",
    "feats",
    "lemma",
    "uas",
    "las",
    "mlas",
    "blex",
    "p",
    "r",
    "f",
    "accuracy",
    "macro_f1",
)


def main() -> None:
    """Score, print a line a row, write both files."""
    parser = argparse.ArgumentParser(description="Score a model on every test set.")
    parser.add_argument("--model", default="turkic_small")
    folder = model_folder(parser.parse_args().model)
    path = folder / "meta.json"
    meta = json.loads(path.read_text(encoding="utf-8"))
    rows = [row | {"seed": meta["seed"]} for set_ in SETS for row in scored(folder, *set_)]
    for row in rows:
        print(f"{row['lang']}  {row['corpus']:24} {row['split']:5} {row['metric']:12} {row['value']:6.2f}")
    results = ROOT / "benchmarks" / "results" / "accuracy.json"
    facts = {"model": meta["name"], "version": meta["version"], "versions": meta["versions"], "scores": rows}
    for file, content in ((results, facts), (path, meta | {"scores": rows})):
        file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def scored(folder: Path, lang: str, corpus: str, split: str) -> Iterator[dict[str, Any]]:
    """The rows of one test set; of a treebank those on raw text too, as ``raw_upos`` and so on."""
    nlp = turkic_nlp.load(lang, model=folder)
    gold = evaluation.from_corpus(corpus, split, nlp)
    card = corpora.card(corpus)
    about = {
        "lang": lang,
        "corpus": corpus,
        "split": split,
        "sentences": len(gold.sentences or gold.docs),
        "quality": card.quality,
        "licence": card.licence,
        "release": next(iter(re.findall(r"/([0-9a-f]{40})/", " ".join(file.url for file in card.files))), ""),
    }
    scores = evaluation.evaluate(nlp, gold)
    yield from (
        {**about, "metric": key, "value": scores[key]} for key in GOLD_WORDS if scores.get(key) is not None
    )
    if gold.task == "treebank":
        raw = evaluation.evaluate(nlp, gold, raw=True)
        for key in ("tokens", "sents", *GOLD_WORDS):
            if raw.get(key) is not None:
                name = key if key in ("tokens", "sents") else f"raw_{key}"
                yield {**about, "metric": name, "value": raw[key]}


if __name__ == "__main__":
    main()
