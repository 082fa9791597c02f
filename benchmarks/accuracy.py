"""Score a model, or the seeds of one recipe, on every test set of the four languages and write the scores down.

    python benchmarks/accuracy.py                                                  the shipped model
    python benchmarks/accuracy.py --model runs/1 runs/2 runs/3 --results seeds     mean and spread over seeds
    python benchmarks/accuracy.py --precision int8 --results int8                  the shipped model in fewer bits
    python benchmarks/accuracy.py --only kazsandra                                 one corpus; other scores are kept

Needs the corpora (a mirror named in TURKIC_NLP_MIRROR, or the network). Writes benchmarks/results/NAME.json
(``accuracy``, or what ``--results`` says) and, of a single model in fp32, the ``scores`` of its meta.json, from which
its card and the README take their numbers (``python docs/generate.py``). Test sets of tasks that a model lacks are left
out.
Nothing here selects anything: the model is what training on dev gave.

A treebank is annotated in its own style where the model has learned that, else in the manner that its card names, else
in the style that ``load`` gives the language. Of a treebank of which the model has learned the ``product-train`` part,
the ``product-test`` part is scored.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import spacy
from spacy.language import Language

import turkic_nlp
from turkic_nlp import corpora, evaluation
from turkic_nlp.errors import NothingToScore
from turkic_nlp.pipeline import LANGUAGES, model_folder

ROOT = Path(__file__).resolve().parent.parent
TREEBANKS = [
    ("kk", "ud-kazakh-ktb", "test"),
    ("ky", "ud-kyrgyz-ktmu", "test"),
    ("uz", "ud-uzbek-uzudt", "test"),
    ("uz", "ud-uzbek-ut", "test"),
    ("tk", "ud-turkmen-tud-silver", "dev"),
]
SETS = [
    *TREEBANKS,
    *((lang, "project-everyday", "test") for lang in LANGUAGES),
    ("ky", "project-kyrgyz", "test"),
    ("kk", "kaznerd", "test"),
    ("uz", "project-ner", "test"),
    ("ky", "project-ner", "test"),
    ("tk", "project-ner", "test"),
    ("kk", "sib-200", "test"),
    ("ky", "sib-200", "test"),
    ("uz", "sib-200", "test"),
    ("tk", "sib-200", "test"),
    ("tr", "sib-200", "test"),
    ("kk", "kazsandra", "polarity-test"),
    ("uz", "uz-uzum-sentiment", "test"),
]
OF_FEATURES = {"feats", "mlas", "xpos"}
"""Metrics that say nothing where a corpus has no features."""
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
    """Score, print a line a row, write the files."""
    parser = argparse.ArgumentParser(description="Score a model on every test set.")
    parser.add_argument("--model", nargs="+", default=["turkic_small"])
    parser.add_argument("--results", default="accuracy")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--only", default="", metavar="CORPUS")
    options = parser.parse_args()
    folders = [model_folder(name) for name in options.model]
    metas = [json.loads((folder / "meta.json").read_text(encoding="utf-8")) for folder in folders]
    found = [
        [
            row | {"seed": meta["seed"]}
            for set_ in sets_of(meta)
            if options.only in ("", set_[1])
            for row in scored(folder, *set_, precision=options.precision)
        ]
        for folder, meta in zip(folders, metas, strict=True)
    ]
    facts = {key: metas[0][key] for key in ("name", "version", "versions")}
    facts["model"] = facts.pop("name")
    facts["precision"] = options.precision
    results = ROOT / "benchmarks" / "results" / f"{options.results}.json"
    new = found[0] if len(found) == 1 else summary([row for rows in found for row in rows])
    facts["scores"] = merged(results, new) if options.only else new
    if len(found) == 1 and options.precision == "fp32":
        write(folders[0] / "meta.json", metas[0] | {"scores": facts["scores"]})
    for row in new:
        print(
            f"{row['lang']}  {row['corpus']:24} {row['split']:13} {row['metric']:12} {row['value']:6.2f}",
            f"+- {row['sd']:.2f}" if "sd" in row else "",
        )
    write(results, facts)


def merged(path: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The scores in a file, with these rows in the places of those of the same test set and metric."""

    def key(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(row[name] for name in ("lang", "corpus", "split", "metric"))

    new = {key(row): row for row in rows}
    return [new.get(key(row), row) for row in json.loads(path.read_text(encoding="utf-8"))["scores"]]


def sets_of(meta: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The test sets of a model: the part that is left of one that it has learned from."""
    learned = {facts["corpus"] for facts in meta["data"] if "product-train" in facts.get("splits", ())}
    yield from ((lang, id_, "product-test" if id_ in learned else split) for lang, id_, split in SETS)


def pipeline(lang: str, folder: Path, precision: str) -> Language:
    """The pipeline of a language; that of Turkish, which is only a source, is spaCy's with our components."""
    if lang in LANGUAGES:
        return turkic_nlp.load(lang, model=folder, precision=precision)
    ours, nlp = turkic_nlp.load(LANGUAGES[0], model=folder, precision=precision), spacy.blank(lang)
    for name in ours.pipe_names:
        nlp.add_pipe(name, source=ours)
    return nlp


def summary(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per test set and metric: the mean, the standard deviation and the value of each seed."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in ("lang", "corpus", "split", "metric")), []).append(row)
    out = []
    for group in groups.values():
        values = [row["value"] for row in group]
        about = {key: value for key, value in group[0].items() if key not in ("value", "seed")}
        spread = {"value": round(fmean(values), 4), "sd": round(stdev(values), 4)}
        out.append({**about, **spread, "seeds": {str(row["seed"]): row["value"] for row in group}})
    return out


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a file of JSON as the results and meta.json are written."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def scored(
    folder: Path, lang: str, corpus: str, split: str, *, precision: str = "fp32"
) -> Iterator[dict[str, Any]]:
    """The rows of one test set."""
    yield from rows_of(evaluation.in_style_of(pipeline(lang, folder, precision), corpus), lang, corpus, split)


def rows_of(nlp: Language, lang: str, corpus: str, split: str) -> Iterator[dict[str, Any]]:
    """The rows of a pipeline on a test set; of a treebank those on raw text too, as ``raw_upos`` and so on."""
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
    try:
        scores = evaluation.evaluate(nlp, gold)
    except NothingToScore:
        return
    plain = gold.task == "treebank" and "feats" not in card.tasks
    metrics = [key for key in GOLD_WORDS if not (plain and key in OF_FEATURES)]
    yield from (
        {**about, "metric": key, "value": scores[key]} for key in metrics if scores.get(key) is not None
    )
    if gold.task == "treebank":
        raw = evaluation.evaluate(nlp, gold, raw=True)
        for key in ("tokens", "sents", *metrics):
            if raw.get(key) is not None:
                name = key if key in ("tokens", "sents") else f"raw_{key}"
                yield {**about, "metric": name, "value": raw[key]}


if __name__ == "__main__":
    main()
