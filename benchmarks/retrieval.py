"""Sentence vectors: how often the nearest sentence of another language is the translation.

    python benchmarks/retrieval.py [--model turkic_small]

The sentences are those of SIB-200's test split, which are the same in every language (FLORES, joined by ``index_id``)
and are held out of pre-training and training. A sentence's vector is the mean of its word vectors, as in
``doc.vector``; ``centred`` means that the mean vector of the language has been taken away, which needs no translations.
Cosine, nearest of all sentences of the other language. Writes benchmarks/results/retrieval.json.
"""

from __future__ import annotations

import argparse
import csv
import json
from itertools import permutations
from pathlib import Path
from statistics import fmean

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
CORPUS, SPLIT = "sib-200", "test"


def main() -> None:
    """Print a line a pair and write the file."""
    parser = argparse.ArgumentParser(description="Top-1 retrieval of translations.")
    parser.add_argument("--model", default="turkic_small")
    folder = model_folder(parser.parse_args().model)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    words = read_folder(folder / "encoder")
    texts = {lang: read_texts(lang) for lang in LANGUAGES}
    common = sorted(set.intersection(*(set(found) for found in texts.values())))
    vectors = {lang: embed(words, [texts[lang][key] for key in common], lang) for lang in LANGUAGES}
    pairs = []
    for one, other in permutations(LANGUAGES, 2):
        plain = top1(vectors[one], vectors[other])
        centred = top1(centre(vectors[one]), centre(vectors[other]))
        pairs.append({"from": one, "to": other, "plain": plain, "centred": centred})
        print(f"{one} -> {other}  plain {plain:5.1f}  centred {centred:5.1f}")
    ours = [pair["centred"] for pair in pairs if "en" not in (pair["from"], pair["to"])]
    print(f"mean without English, centred: {fmean(ours):.1f} of {len(common)} sentences")
    facts = {
        "model": meta["name"],
        "version": meta["version"],
        "seed": meta["seed"],
        "corpus": CORPUS,
        "split": SPLIT,
        "sentences": len(common),
        "pairs": pairs,
    }
    path = ROOT / "benchmarks" / "results" / "retrieval.json"
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def read_texts(lang: str) -> dict[str, str]:
    """The sentences of a language by their number in FLORES."""
    found = card(CORPUS)
    with fetch(found, found.file(SPLIT, lang)).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["index_id"]: row["text"] for row in rows}


def embed(words: WordEncoder, texts: list[str], lang: str) -> NDArray[np.float32]:
    """Mean word vectors. *Shape:* ``[sentences, width]``."""
    with torch.inference_mode():
        found = words([words_of(text) for text in texts], [lang] * len(texts), 2048)
    return np.stack([vectors.mean(0).float().numpy() for vectors in found])


def centre(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without what all sentences of the language have in common."""
    centred: NDArray[np.float32] = vectors - vectors.mean(0)
    return centred


def top1(queries: NDArray[np.float32], targets: NDArray[np.float32]) -> float:
    """Percent of queries whose nearest target, by cosine, stands in the same row."""
    left = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    right = targets / np.linalg.norm(targets, axis=1, keepdims=True)
    hits = (left @ right.T).argmax(1) == np.arange(len(left))
    return round(100 * float(hits.mean()), 2)


if __name__ == "__main__":
    main()
