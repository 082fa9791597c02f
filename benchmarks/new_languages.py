"""Score what a language gets that the package does not know: Uyghur, Tatar, Azerbaijani (docs/new-language.md).

    pip install docs/languages/uyghur docs/languages/tatar docs/languages/azerbaijani
    turkic-nlp train benchmarks/recipes/kin.cfg --output runs/kin
    turkic-nlp train docs/languages/uyghur/uyghur.cfg --output runs/uyghur_small
    python benchmarks/new_languages.py --kin runs/kin --uyghur runs/uyghur_small

Tatar and Azerbaijani have a test set alone. It is divided anew for every seed: articles (of Tatar) or sentences (of
Azerbaijani) in the order of a hash, the first 60 sentences to learn from, the rest to score, the same rest for 0, 30
and 60 sentences. Their components go on from those of ``kin`` (``new-component --keep``), whose training saw none of
the three languages; the shipped model has learned from the Tatar test set, so it is not scored on that. Nothing is
chosen here: steps and rates of ``--keep`` come from Uyghur train and dev. Rows are kept as they are found, so a run
that broke goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import turkic_nlp
from turkic_nlp import conllu, corpora, evaluation
from turkic_nlp.pipeline import model_folder
from turkic_nlp.training.component import new_component, own_plan

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "new_languages.json"
TASKS = ("tagger", "lemmatizer", "parser")
METRICS = ("upos", "feats", "lemma", "uas", "las")
RAW = ("tokens", "sents")
SMALL = {"tt": "ud-tatar-nmctt", "az": "ud-azerbaijani-tuecl"}
UYGHUR = "ud-uyghur-udt"
SIZES = (30, 60)
SEEDS = (1, 2, 3)
Row = dict[str, Any]


def main() -> None:
    """Score what is not scored yet, and write every row down at once."""
    parser = argparse.ArgumentParser(description="Score languages that the package does not know.")
    parser.add_argument("--kin", type=Path, required=True)
    parser.add_argument("--uyghur", type=Path, nargs="*", default=[])
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    found = json.loads(options.results.read_text("utf-8")) if options.results.exists() else []
    known = {json.dumps(row["cell"]) for row in found}
    for cell in cells(options.kin, options.uyghur):
        about = {key: value.name if isinstance(value, Path) else value for key, value in cell.items()}
        if json.dumps(about) not in known:
            found.append({"cell": about, **scored(**cell)})
            options.results.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
            print(about, found[-1]["scores"])


def cells(kin: Path, uyghur: Sequence[Path]) -> Iterator[Row]:
    """What to score: a language, a model, the sentences that it may learn from, and the seed of their choice."""
    shipped = model_folder("turkic_small")
    yield from ({"lang": "ug", "model": model, "learned": 0, "seed": 0} for model in (shipped, kin, *uyghur))
    for lang in SMALL:
        models = (shipped, kin) if lang == "az" else (kin,)
        for seed in SEEDS:
            yield from ({"lang": lang, "model": model, "learned": 0, "seed": seed} for model in models)
            yield from ({"lang": lang, "model": kin, "learned": size, "seed": seed} for size in SIZES)


def scored(lang: str, model: Path, learned: int, seed: int) -> Row:
    """The row of a cell: corpus, release, what was scored, and the scores in percent."""
    corpus = SMALL.get(lang, UYGHUR)
    sentences = corpora.sentences(corpus, "test")
    train, test = divided(sentences, seed) if lang in SMALL else ([], list(sentences))
    with TemporaryDirectory() as place:
        folder = taught(lang, train[:learned], model, Path(place)) if learned else model
        nlp = turkic_nlp.load(lang, model=folder)
        scores = evaluation.score_treebank(nlp, test)
        raw = evaluation.score_treebank(nlp, test, raw=True)
    card = corpora.card(corpus)
    meta = json.loads((model / "meta.json").read_text(encoding="utf-8"))
    return {
        "corpus": corpus,
        "split": "test",
        "sentences": len(test),
        "words": scores["words"],
        "release": re.findall(r"/([0-9a-f]{40})/", " ".join(file.url for file in card.files))[0],
        "version": meta["version"],
        "learned": learned or known(meta, lang),
        "minutes": meta.get("minutes"),
        "scores": {key: scores[key] for key in METRICS} | {key: raw[key] for key in RAW},
    }


def known(meta: Row, lang: str) -> int:
    """How many sentences of a language a model has learned from."""
    stages = [meta, *meta.get("later", [])]
    return max(
        (facts["train"] for stage in stages for facts in stage["data"] if facts["lang"] == lang), default=0
    )


def taught(lang: str, sentences: Sequence[conllu.Sentence], model: Path, place: Path) -> Path:
    """``model`` with its components gone on with some sentences of ``lang``."""
    conllu.write(sentences, place / "train.conllu")
    plan = own_plan(lang, [place / "train.conllu"], dev_share=0)
    for task in TASKS:
        source = place / "model" if task != TASKS[0] else model
        new_component(task, plan, model=str(source), output=place / "model", keep=True)
    return place / "model"


def divided(
    sentences: Sequence[conllu.Sentence], seed: int, most: int = max(SIZES)
) -> tuple[list[conllu.Sentence], list[conllu.Sentence]]:
    """About ``most`` sentences to learn from and the rest to score, whole articles, no text in both."""
    groups: dict[str, list[conllu.Sentence]] = {}
    for sentence in sentences:
        groups.setdefault(article(sentence), []).append(sentence)
    train: list[conllu.Sentence] = []
    test: list[conllu.Sentence] = []
    for name in sorted(groups, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()):
        (train if len(train) < most else test).extend(groups[name])
    learned = {key(sentence) for sentence in train}
    return train, [sentence for sentence in test if key(sentence) not in learned]


def article(sentence: conllu.Sentence) -> str:
    """What a sentence belongs to: the number of the article in Tatar ids (5840560_0), else the sentence alone."""
    return re.sub(r"_\d+$", "", sentence.sent_id or key(sentence))


def key(sentence: conllu.Sentence) -> str:
    """What makes a text the same as another."""
    return corpora.text_key(" ".join(word.form for word in sentence.tokens))


if __name__ == "__main__":
    main()
