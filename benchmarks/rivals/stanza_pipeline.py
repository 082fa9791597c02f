"""Stanza's tagger and parser on words that are given, with its BiLSTM alone or over an encoder of our size."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import stanza
import worker
from stanza.models import parser, tagger
from stanza.models.common.pretrain import Pretrain

VECTORS, WIDTH = 50_000, 100
STEPS = 2


def build(settings: worker.Settings) -> None:
    """Train both for a few steps on the sample: by its own command line, which makes vocabularies and files."""
    folder = Path(settings["model"])
    shutil.rmtree(folder, ignore_errors=True)  # or it goes on from its last checkpoint
    folder.mkdir()
    sample = json.loads(Path(settings["sample"]).read_text(encoding="utf-8"))
    train = folder / "sample.conllu"
    train.write_text("".join(_conllu(sentence) for sentence in sample), encoding="utf-8")
    _random_vectors(folder, sorted({word for sentence in sample for word in sentence["words"]}))
    (folder / "resources.json").write_text("{}", encoding="utf-8")
    encoder = ["--bert_model", settings["encoder"]] if settings["encoder"] else ["--no_bert_model"]
    common = {
        "train_file": train,
        "eval_file": train,
        "save_dir": folder,
        "wordvec_pretrain_file": folder / "vectors.pt",
        "lang": "xx",
        "shorthand": "xx_sample",
        "max_steps": STEPS,
        "eval_interval": STEPS,
        "batch_size": 500,
    }
    for model, name in ((tagger, "pos.pt"), (parser, "depparse.pt")):
        given = [f"--{key}={value}" for key, value in {**common, "save_name": name}.items()]
        model.main([*given, "--cpu", *encoder])


def _conllu(sentence: dict[str, Any]) -> str:
    rows = []
    columns = ("words", "lemmas", "pos", "tags", "morphs", "heads", "deps")
    for index, (word, lemma, pos, tag, feats, head, dep) in enumerate(
        zip(*(sentence[key] for key in columns), strict=True)
    ):
        top = head == index
        last = ["0" if top else str(head + 1), "root" if top else dep, "_", "_"]
        rows.append("\t".join([str(index + 1), word, lemma or word, pos, tag or "_", feats or "_", *last]))
    return "\n".join(rows) + "\n\n"


def _random_vectors(folder: Path, words: list[str]) -> None:
    rows = [*words, *(f"filler{number}" for number in range(VECTORS - len(words)))]
    drawn = np.random.default_rng(1).normal(size=(len(rows), WIDTH)).round(3)
    lines = (f"{word} {' '.join(map(str, vector))}" for word, vector in zip(rows, drawn, strict=True))
    text = folder / "vectors.txt"
    text.write_text("\n".join([f"{len(rows)} {WIDTH}", *lines]) + "\n", encoding="utf-8")
    Pretrain(str(folder / "vectors.pt"), str(text)).load()
    text.unlink()


def load(settings: worker.Settings) -> worker.Run:
    """A pipeline of the two files, offline."""
    folder = Path(settings["model"])
    files = {f"{name}_model_path": str(folder / f"{name}.pt") for name in ("pos", "depparse")}
    vectors = {f"{name}_pretrain_path": str(folder / "vectors.pt") for name in ("pos", "depparse")}
    nlp = stanza.Pipeline(
        "xx",
        dir=str(folder),
        processors="tokenize,pos,lemma,depparse",
        tokenize_pretokenized=True,
        lemma_use_identity=True,  # the parser asks for lemmas
        allow_unknown_language=True,
        download_method=None,
        use_gpu=False,
        **files,
        **vectors,
    )

    def run(sentences: list[list[str]]) -> None:
        nlp(sentences)

    return run


if __name__ == "__main__":
    worker.main(load, build)
