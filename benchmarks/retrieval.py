"""Sentence vectors: how often the nearest sentence of another language is the translation.

    python benchmarks/retrieval.py [--model turkic_small] [--parallel ../shared/parallel]

The sentences are those of SIB-200, which are the same in every language (FLORES, joined by ``index_id``); its dev and
test splits are held out of pre-training and training, by text, in all these languages but English, which the encoder
has not learnt at all. A sentence's vector is the mean of its word vectors, as in ``doc.vector``; nearest by cosine.
Two ways to do better need no translations: ``centred`` takes the mean vector of the language's sentences away, ``csls``
(Conneau et al. 2018, k = 10) takes away how near a sentence is to the other language in general. The dev split chooses
between the four ways they combine; the test split is scored with all.

``--parallel`` names a folder of translations: the last 500 lines of each ``a-b/til-xwmt.tsv.xz`` in it (TIL, news) are
scored too. Pre-training may have read either side of these as plain text, though never one beside the other.
Writes benchmarks/results/retrieval.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
from collections.abc import Iterable, Iterator
from itertools import permutations
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from turkic_nlp.corpora import card
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.pipeline import model_folder
from turkic_nlp.training.text import words_of

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("kk", "ky", "uz", "tk", "tr", "en")
CORPUS = "sib-200"
TIL, TIL_LINES = "til-xwmt.tsv.xz", 500
NEIGHBOURS = 10
METHODS = {
    "plain": (False, False),
    "centred": (True, False),
    "csls": (False, True),
    "centred csls": (True, True),
}

Vectors = NDArray[np.float32]
Pair = dict[str, Any]


def main() -> None:
    """Print a line a pair and write the file."""
    parser = argparse.ArgumentParser(description="Top-1 retrieval of translations.")
    parser.add_argument("--model", default="turkic_small")
    parser.add_argument("--parallel", type=Path, help="A folder of translations, a-b/til-xwmt.tsv.xz.")
    asked = parser.parse_args()
    folder = model_folder(asked.model)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    words = read_folder(folder / "encoder")
    dev = mean_scores(flores(words, "dev"))
    chosen = max(dev, key=lambda method: dev[method])
    pairs = list(shown(flores(words, "test"), chosen))
    news = list(shown(til(words, asked.parallel), chosen)) if asked.parallel else []
    facts = {
        "model": meta["name"],
        "version": meta["version"],
        "seed": meta["seed"],
        "corpus": CORPUS,
        "split": "test",
        "dev": dev,
        "chosen": chosen,
        "mean": mean_scores(pairs),
        "pairs": pairs,
        "til": news,
    }
    path = ROOT / "benchmarks" / "results" / "retrieval.json"
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"mean of the pairs without English, {chosen}: {mean_scores(pairs)[chosen]:.1f}")


def flores(words: WordEncoder, split: str) -> list[Pair]:
    """The scores of every ordered pair of languages on a split of SIB-200."""
    texts = {lang: read_texts(lang, split) for lang in LANGUAGES}
    common = sorted(set.intersection(*(set(found) for found in texts.values())))
    vectors = {lang: embed(words, [texts[lang][key] for key in common], lang) for lang in LANGUAGES}
    return [scores(one, other, vectors) for one, other in permutations(LANGUAGES, 2)]


def til(words: WordEncoder, folder: Path) -> Iterator[Pair]:
    """The scores of both directions of every file of news whose two languages are among ours."""
    for path in sorted(folder.glob(f"*-*/{TIL}")):
        langs = path.parent.name.split("-")
        if set(langs) <= set(LANGUAGES):
            with lzma.open(path, "rt", encoding="utf-8") as file:
                rows = [line.rstrip("\r\n").split("\t") for line in file][-TIL_LINES:]
            vectors = {lang: embed(words, [row[n] for row in rows], lang) for n, lang in enumerate(langs)}
            yield from (scores(one, other, vectors) for one, other in permutations(langs))


def scores(one: str, other: str, vectors: dict[str, Vectors]) -> Pair:
    """How often sentences of one language find theirs in the other, in percent, by each method."""
    found = {name: top1(vectors[one], vectors[other], method=name) for name in METHODS}
    return {"from": one, "to": other, "sentences": len(vectors[one]), **found}


def mean_scores(pairs: Iterable[Pair]) -> dict[str, float]:
    """The mean over the pairs without English, by method."""
    ours = [pair for pair in pairs if "en" not in (pair["from"], pair["to"])]
    return {name: round(fmean(pair[name] for pair in ours), 2) for name in METHODS}


def shown(pairs: Iterable[Pair], chosen: str) -> Iterator[Pair]:
    """The pairs again, each printed as it comes."""
    for pair in pairs:
        values = "  ".join(
            f"{name} {pair[name]:5.1f}" for name in dict.fromkeys(("plain", "centred", chosen))
        )
        print(f"{pair['from']} -> {pair['to']}  n {pair['sentences']}  {values}", flush=True)
        yield pair


def read_texts(lang: str, split: str) -> dict[str, str]:
    """The sentences of a language by their number in FLORES."""
    found = card(CORPUS)
    with fetch(found, found.file(split, lang)).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["index_id"]: row["text"] for row in rows}


def embed(words: WordEncoder, texts: list[str], lang: str) -> Vectors:
    """Mean word vectors. *Shape:* ``[sentences, width]``."""
    with torch.inference_mode():
        found = words([words_of(text) for text in texts], [lang] * len(texts), 2048)
    return np.stack([vectors.mean(0).float().numpy() for vectors in found])


def top1(queries: Vectors, targets: Vectors, *, method: str = "plain") -> float:
    """Percent of queries whose nearest target stands in the same row."""
    centred, csls = METHODS[method]
    if centred:
        queries, targets = queries - queries.mean(0), targets - targets.mean(0)
    near = unit(queries) @ unit(targets).T
    if csls:  # how near a query is to all targets moves its whole row alike: only the targets' side changes the order
        near = 2 * near - np.sort(near, axis=0)[-NEIGHBOURS:].mean(0)
    return round(100 * float((near.argmax(1) == np.arange(len(near))).mean()), 2)


def unit(vectors: Vectors) -> Vectors:
    """Of length one."""
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


if __name__ == "__main__":
    main()
