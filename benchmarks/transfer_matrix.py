"""What each source teaches about each target: train on one language, test on all, everything else equal.

    python benchmarks/transfer_matrix.py [--minutes 120] [--seeds 1 2 3] [--sources tr en]
    python benchmarks/transfer_matrix.py --table
    python benchmarks/transfer_matrix.py --plot

A cell is a source and a seed. Every cell starts from models/turkic_base, which has read raw text of kk, ky, uz, tk, tr,
tt, az and ba and no labelled word; English, Uyghur and Sakha were not in its text. It learns from the same number of
sentences (drawn by the seed; a pair of sources halves them), as many as the smallest source has, for the same number of
steps. Nothing is selected: the last average of the weights is scored on the gold words of at most 300 sentences,
evenly spaced over the test set. A text that occurs in any test set
is no training text. Finished cells are lines of benchmarks/results/transfer_matrix.jsonl and are not run again, so
a run that was stopped goes on. Two processes may work at once on different sources. ``--table`` writes the tables of
docs/sources.md, ``--plot`` its heat map (needs the extra ``plots``).

UD_Kazakh-KTB has 31 sentences of training, too few. Its row learns from them and from ``product-train``, a part of the
official test set; its own column is then scored on ``product-test``, which is disjoint, as are all rows once more.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import spacy
from spacy.language import Language

from turkic_nlp import evaluation
from turkic_nlp.encoding import read_folder
from turkic_nlp.training.gold import Gold, gather
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.loop import train
from turkic_nlp.training.recipe import CorpusPlan, HeadPlan, Recipe, read_recipe

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "transfer_matrix.jsonl"
SENTENCES, STEPS, PIECES, TEST_SENTENCES = 480, 160, 800, 300
METRICS = ("upos", "feats", "uas", "las")


class Test(NamedTuple):
    """A test set: a column of the matrix."""

    lang: str
    corpus: str
    split: str

    @property
    def name(self) -> str:
        """``ud-kazakh-ktb/test``."""
        return f"{self.corpus}/{self.split}"


TESTS = [
    Test("kk", "ud-kazakh-ktb", "test"),
    Test("kk", "ud-kazakh-ktb", "product-test"),
    Test("ky", "ud-kyrgyz-ktmu", "test"),
    Test("uz", "ud-uzbek-ut", "test"),
    Test("uz", "ud-uzbek-uzudt", "test"),
    Test("tk", "ud-turkmen-tud-silver", "dev"),
    Test("tr", "ud-turkish-boun", "test"),
    Test("tr", "ud-turkish-pud", "test"),
    Test("tt", "ud-tatar-nmctt", "test"),
    Test("az", "ud-azerbaijani-tuecl", "test"),
    Test("ug", "ud-uyghur-udt", "test"),
    Test("sah", "ud-yakut-yktdt", "test"),
    Test("en", "ud-english-pud", "test"),
]
SOURCES = {
    "tr": CorpusPlan("ud-turkish-kenet", "tr", splits=("dev", "test")),
    "en": CorpusPlan("ud-english-ewt", "en"),
    "ug": CorpusPlan("ud-uyghur-udt", "ug"),
    "kk": CorpusPlan("ud-kazakh-ktb", "kk", splits=("train", "product-train")),
    "ky": CorpusPlan("ud-kyrgyz-ktmu", "ky"),
    "uz": CorpusPlan("ud-uzbek-uzudt", "uz"),
    "tk": CorpusPlan("ud-turkmen-tud-silver", "tk", skip_sent_id="[0-9]"),
    "tr_boun": CorpusPlan("ud-turkish-boun", "tr", splits=("dev",)),
}
NAMES = {
    "ud-kazakh-ktb/test": "kk KTB",
    "ud-kazakh-ktb/product-test": "kk KTB part",
    "ud-kyrgyz-ktmu/test": "ky KTMU",
    "ud-uzbek-ut/test": "uz UT",
    "ud-uzbek-uzudt/test": "uz UzUDT",
    "ud-turkmen-tud-silver/dev": "tk TUD silver",
    "ud-turkish-boun/test": "tr BOUN",
    "ud-turkish-pud/test": "tr PUD",
    "ud-tatar-nmctt/test": "tt NMCTT",
    "ud-azerbaijani-tuecl/test": "az TueCL",
    "ud-uyghur-udt/test": "ug UDT",
    "ud-yakut-yktdt/test": "sah YKTDT",
    "ud-english-pud/test": "en PUD",
}
PAGE = ROOT / "docs" / "sources.md"
PICTURE = ROOT / "docs" / "transfer_matrix.png"
PAIRS = ("tr+ky", "tr+en", "tr+ug")


def main() -> None:
    """Run the cells that are missing, or write the tables or the heat map."""
    parser = argparse.ArgumentParser(description="Train on one language, test on all.")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--sources", nargs="+", default=[*SOURCES, *PAIRS])
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--plot", action="store_true")
    options = parser.parse_args()
    if options.table or options.plot:
        if options.table:
            write_part(PAGE, "matrix", table())
        if options.plot:
            plot()
        return
    end = time.monotonic() + 60 * options.minutes
    done = {(row["source"], row["seed"]) for row in read_results()}
    for source, seed in product(options.sources, options.seeds):
        if (source, seed) not in done and time.monotonic() < end:
            row = run_cell(source, seed)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(source, seed, row["minutes"], {k: v["upos"] for k, v in row["scores"].items()}, flush=True)


def read_results() -> list[dict[str, Any]]:
    """The finished cells."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    return [json.loads(line) for line in lines]


def run_cell(source: str, seed: int) -> dict[str, Any]:
    """Train and score one cell."""
    began = time.monotonic()
    define_languages()
    recipe = recipe_of(source, seed)
    golds = [drawn(gold, SENTENCES // len(recipe.corpora), seed) for gold in golds_of(source)]
    with TemporaryDirectory() as work:
        words = read_folder(recipe.encoder_folder)
        model = train(recipe, words, golds, Path(work) / "checkpoint.pt", lambda row: None)
    model.eval()
    trained = time.monotonic()
    return {
        "source": source,
        "seed": seed,
        "steps": STEPS,
        "sentences": sum(len(gold.train) for gold in golds),
        "words": sum(len(doc) for gold in golds for doc in gold.train),
        "scores": {test.name: score(model, test) for test in tests_of(source)},
        "minutes": round((time.monotonic() - began) / 60, 2),
        "training_minutes": round((trained - began) / 60, 2),
    }


def define_languages() -> None:
    """A plain class for each language of the matrix that spaCy does not know."""
    for lang in ("ug", "sah"):
        if not spacy.util.lang_class_is_loaded(lang):
            spacy.util.set_lang_class(lang, type(lang.title(), (Language,), {"lang": lang}))


def tests_of(source: str) -> Iterator[Test]:
    """The test sets of a source: not the official one of a treebank of which it learns a part."""
    divided = {SOURCES[name].id for name in source.split("+") if "product-train" in SOURCES[name].splits}
    return (test for test in TESTS if test.split != "test" or test.corpus not in divided)


def recipe_of(source: str, seed: int) -> Recipe:
    """A tagger and a parser in no particular style, on the sentences of a source."""
    base = read_recipe(ROOT / "benchmarks" / "recipes" / "zero_shot_tr.cfg")
    plan = replace(
        base.plan,
        seed=seed,
        steps=STEPS,
        batch_pieces=PIECES,
        evaluate_every=STEPS,
        average=0.98,
        style_dropout=1.0,
        temperature=0.0,
    )
    return replace(
        base,
        plan=plan,
        heads={name: HeadPlan(name) for name in ("tagger", "parser")},
        corpora={name: SOURCES[name] for name in source.split("+")},
        encoder=str(ROOT / "models" / "turkic_base"),
        held_out=tuple(test.name for test in tests_of(source)),
    )


@lru_cache(maxsize=4)
def golds_of(source: str) -> list[Gold]:
    """All sentences of a source that no test set has."""
    return gather(recipe_of(source, 1))


def drawn(gold: Gold, count: int, seed: int) -> Gold:
    """``count`` training sentences of a corpus."""
    return replace(gold, train=random.Random(seed).sample(gold.train, count))


def score(model: Joint, test: Test) -> dict[str, float]:
    """The metrics of one test set on gold words."""
    nlp = spacy.blank(test.lang)
    nlp.add_pipe("turkic_encoder").model = model.words  # type: ignore[attr-defined]
    for name in ("tagger", "parser"):
        nlp.add_pipe(f"turkic_{name}").head = model.head(name)  # type: ignore[attr-defined]
    found = evaluation.evaluate(nlp, sample(evaluation.from_corpus(test.corpus, test.split, nlp)))
    return {metric: round(found[metric] or 0.0, 2) for metric in METRICS}


def sample(gold: evaluation.Gold) -> evaluation.Gold:
    """At most 300 sentences of a test set, evenly spaced over it."""
    count = len(gold.sentences)
    chosen = [gold.sentences[n * count // TEST_SENTENCES] for n in range(TEST_SENTENCES)]
    return gold if count <= TEST_SENTENCES else replace(gold, sentences=chosen)


def cells(task: str) -> dict[str, dict[str, list[float]]]:
    """The scores of all seeds by source and test set."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in (*SOURCES, *PAIRS):
        for row in read_results():
            if row["source"] == name:
                for test, scores in row["scores"].items():
                    found.setdefault(name, {}).setdefault(test, []).append(scores[task])
    return found


def means(task: str) -> dict[str, dict[str, float]]:
    """The mean over seeds by source and test set."""
    return {name: {test: fmean(scores) for test, scores in row.items()} for name, row in cells(task).items()}


def table() -> str:
    """The generated part of docs/sources.md: mean and deviation over seeds, the best foreign source in bold."""
    out = []
    for task in ("upos", "las"):
        best = best_sources(task)
        out += [
            "",
            f"{task.upper()}, mean over seeds, standard deviation after ±; in bold the best single source of another "
            "language:",
            "",
            f"| learned from | seeds | {' | '.join(NAMES.values())} |",
            "| --- |" + " ---: |" * (1 + len(NAMES)),
        ]
        for name, row in cells(task).items():
            shown = [_cell(row.get(test, []), best.get(test) == name) for test in NAMES]
            seeds = max(map(len, row.values()))
            out.append(f"| {name} | {seeds} | {' | '.join(shown)} |")
    return "\n".join(out).strip() + "\n"


def best_sources(task: str) -> dict[str, str]:
    """The best single source of another language for each test set."""
    best: dict[str, tuple[float, str]] = {}
    for name, row in means(task).items():
        for test, score in row.items():
            if name in SOURCES and foreign(name, test):
                best[test] = max(best.get(test, (0.0, "")), (score, name))
    return {test: name for test, (_, name) in best.items()}


def foreign(source: str, test: str) -> bool:
    """Whether no source of a cell is of the language of the test set."""
    lang = next(found.lang for found in TESTS if found.name == test)
    return all(SOURCES[name].lang != lang for name in source.split("+"))


def _cell(scores: list[float], best: bool) -> str:
    if not scores:
        return ""
    mark = "**" if best else ""
    return f"{mark}{fmean(scores):.1f}{mark}" + (f" ± {stdev(scores):.1f}" if len(scores) > 1 else "")


def write_part(page: Path, name: str, text: str) -> None:
    """Put text between the marks ``<!-- name:begin -->`` and ``<!-- name:end -->`` of a page."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


def plot() -> None:
    """The heat map: a panel for UPOS and one for LAS."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(2, 1, figsize=(9, 8), layout="constrained")
    for panel, task in zip(panels, ("upos", "las"), strict=True):
        found = means(task)
        grid = [[row.get(test, float("nan")) for test in NAMES] for row in found.values()]
        panel.imshow(grid, cmap="viridis", aspect="auto")
        panel.set_title(f"{task.upper()}: learned from the row, tested on the column", fontsize=10)
        panel.set_yticks(range(len(found)), list(found), fontsize=8)
        panel.set_xticks(range(len(NAMES)), list(NAMES.values()), rotation=40, ha="right", fontsize=8)
        middle = 0.75 * max(score for row in grid for score in row if score == score)
        for y, row in enumerate(grid):
            for x, score in enumerate(row):
                if score == score:
                    color = "black" if score > middle else "white"
                    panel.text(x, y, f"{score:.0f}", ha="center", va="center", fontsize=7, color=color)
    figure.savefig(PICTURE, dpi=75)


if __name__ == "__main__":
    main()
