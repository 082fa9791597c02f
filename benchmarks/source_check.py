"""How far the ranking of sources can be trusted: every target is left out once, and the rest ranks its sources.

    python benchmarks/source_check.py            check both matrices, fit and write the weights
    python benchmarks/source_check.py --only turkic     one encoder; what was found of the other is kept
    python benchmarks/source_check.py --table    write the tables of docs/sources.md

Two matrices: that of de Vries, Wieling and Nissim (2022), XLM-R base, 65 sources and 105 targets, parts of speech; and
our own (benchmarks/transfer_matrix.py). When a target language is left out, neither its scores nor those of its own
treebank as a source are seen, by the weights, by the averages over targets, or by the baselines. Sources in the
language of the target are no candidates. What is measured:

- ndcg3: NDCG at 3 with the grades of Lin et al. (2019): 10 for the best source, 9 for the next, ..., gain 2^grade - 1;
- regret: points of accuracy (or LAS) that the first source loses against the best one;
- regret3: the same of the best of the first three;
- place: the place of the first source in the true order (median).

Ties are broken at random, 20 times. Intervals are 95 % over targets (2,000 bootstrap samples). Writes
benchmarks/results/source_check.json and turkic_nlp/sources/tables/weights.tsv, which is fitted on all targets.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

import numpy as np
import transfer_matrix

from turkic_nlp import corpora
from turkic_nlp.sources import candidates
from turkic_nlp.sources.features import Evidence, Profile, profile, xlmr
from turkic_nlp.sources.ranking import Linear, Pair, fit, fitted
from turkic_nlp.sources.tables import FOLDER, measured, tongues

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "source_check.json"
PAGE = ROOT / "docs" / "sources.md"
XLMR = ("family", "branch", "script", "order", "read", "size", "relatives")
OWN = ("words", "ttr", "family", "branch", "order", "read")
REPEATS, SAMPLES = 20, 2000
SHOWN = ("kk", "tr", "ug")


class Case(NamedTuple):
    """One target of a matrix: its name, its language, and the candidates with their languages."""

    name: str
    lang: str
    pairs: list[Pair]
    langs: list[str]


Scorer = Callable[[Case, Sequence[Case]], Sequence[float]]


def main() -> None:
    """Check and write, or write the tables."""
    parser = argparse.ArgumentParser(description="How far the ranking of sources can be trusted.")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--only", choices=("xlm-roberta", "turkic"), default="")
    options = parser.parse_args()
    again = options.table or options.only
    before = json.loads(RESULTS.read_text(encoding="utf-8"))["matrices"] if again else {}
    if options.table:
        write_tables(before)
        return
    weights = fitted() if options.only else {}
    for encoder, task, cases, names in matrices(options.only):
        scorers = baselines(encoder) | rankers(encoder, names)
        before[f"{encoder} {task}"] = {
            "targets": len(cases),
            "sources": max(len(case.pairs) for case in cases),
            "methods": check(cases, scorers),
            "examples": examples(cases, scorers),
        }
        weights[encoder, task] = fit([pair for case in cases for pair in case.pairs], names)
        print(encoder, task, "done")
    found = {"samples": SAMPLES, "repeats": REPEATS, "matrices": before}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_weights(weights)


def matrices(only: str = "") -> Iterator[tuple[str, str, list[Case], tuple[str, ...]]]:
    """Encoder, task, targets and features of every matrix that is there, or of that of one encoder."""
    if only in ("", "xlm-roberta"):
        yield "xlm-roberta", "upos", list(xlmr_cases()), XLMR
    if only in ("", "turkic") and transfer_matrix.RESULTS.exists():
        for task in candidates.TASKS:
            yield "turkic", task, list(own_cases(task)), OWN


def xlmr_cases(without: str = "") -> Iterator[Case]:
    """The targets of de Vries et al.; ``without`` is left out of the averages over relatives too."""
    known, evidence = tongues(), Evidence(measured())
    for target in next(iter(measured().values())):
        if target != without:
            pairs = []
            for source in measured():
                if source not in (target, without):
                    features = dict(_xlmr(source, target))
                    features["relatives"] = evidence.relatives(source, target, without)
                    pairs.append(Pair(source, target, features, measured()[source][target]))
            yield Case(target, known[target].lang, pairs, [pair.source for pair in pairs])


@cache
def _xlmr(source: str, target: str) -> Mapping[str, float | None]:
    return xlmr(source, target, tongues()[source].ud)


def own_cases(task: str) -> Iterator[Case]:
    """The test sets of our matrix, mean over seeds; single sources only."""
    scores = transfer_matrix.means(task)
    plans = {name: plan for name, plan in transfer_matrix.SOURCES.items() if name in scores}
    for test in transfer_matrix.TESTS:
        if test.split != "product-test":
            chosen = [
                name for name, plan in plans.items() if plan.lang != test.lang and test.name in scores[name]
            ]
            pairs = [Pair(name, test.name, _own(name, test.lang), scores[name][test.name]) for name in chosen]
            yield Case(test.name, test.lang, pairs, [plans[name].lang for name in chosen])


@cache
def _own(source: str, target: str) -> Mapping[str, float | None]:
    plan = transfer_matrix.SOURCES[source]
    features = candidates.turkic(_source(source), plan.lang, _goal(target), target)
    return {**features, "size": float(candidates.size(corpora.card(plan.id)))}


@cache
def _source(name: str) -> Profile:
    plan = transfer_matrix.SOURCES[name]
    return profile(candidates.sample(corpora.card(plan.id)), plan.lang, candidates.pieces())


@cache
def _goal(lang: str) -> Profile:
    return profile(candidates.target_text(lang), lang, candidates.pieces())


def rest_of(case: Case, cases: Sequence[Case]) -> Iterator[Case]:
    """The other targets without anything of the language that is left out."""
    for other in cases:
        if other.lang != case.lang:
            keep = [n for n, lang in enumerate(other.langs) if lang != case.lang]
            yield Case(other.name, other.lang, [other.pairs[n] for n in keep], [other.langs[n] for n in keep])


def rankers(encoder: str, names: Sequence[str]) -> dict[str, Scorer]:
    """The ranking that ships, and for XLM-R what it is without measured relatives."""

    def linear(chosen: Sequence[str]) -> Scorer:
        def score(case: Case, cases: Sequence[Case]) -> Sequence[float]:
            others = xlmr_rest(case.name) if encoder == "xlm-roberta" else rest_of(case, cases)
            model = fit([pair for other in others for pair in other.pairs], chosen)
            return model.scores([pair.features for pair in case.pairs])

        return score

    found = {"the ranking": linear(names)}
    if "relatives" in names:
        found["the ranking without measured relatives"] = linear(
            [name for name in names if name != "relatives"]
        )
    return found


@lru_cache(maxsize=1)
def xlmr_rest(target: str) -> tuple[Case, ...]:
    """What is left of the matrix of de Vries et al. without a language."""
    return tuple(xlmr_cases(without=target))


def baselines(encoder: str) -> dict[str, Scorer]:
    """One feature each, the mean over other targets, and chance."""

    def feature(*names: str) -> Scorer:
        return lambda case, cases: [
            sum(pair.features.get(name) or 0.0 for name in names) for pair in case.pairs
        ]

    found: dict[str, Scorer] = {
        "chance": lambda case, cases: [0.0] * len(case.pairs),
        "largest": feature("size"),
        "same branch, then family": feature("family", "branch"),
        "most word-order features agree": feature("order"),
        "best on average over other targets": average,
    }
    overlap: dict[str, Scorer] = {
        "most words shared": feature("words"),
        "most pieces shared": feature("pieces"),
    }
    return found | (overlap if encoder == "turkic" else {})


def average(case: Case, cases: Sequence[Case]) -> Sequence[float]:
    """Points of each source above the average one, over the other targets."""
    points: dict[str, list[float]] = {pair.source: [] for pair in case.pairs}
    for other in rest_of(case, cases):
        mean = fmean(pair.score for pair in other.pairs)
        for pair in other.pairs:
            if pair.source in points:
                points[pair.source].append(pair.score - mean)
    return [fmean(found) if found else 0.0 for found in points.values()]


def check(cases: Sequence[Case], scorers: Mapping[str, Scorer]) -> dict[str, dict[str, Any]]:
    """Mean and interval of every measure of every method, and of what the ranking gains on it."""
    found = {name: [measure(case, scorer(case, cases)) for case in cases] for name, scorer in scorers.items()}
    ours = found["the ranking"]
    return {
        name: {
            "ndcg3": interval([row[0] for row in rows]),
            "regret": interval([row[1] for row in rows]),
            "regret3": interval([row[2] for row in rows]),
            "place": median(row[3] for row in rows),
            "regret_saved": interval([row[1] - mine[1] for row, mine in zip(rows, ours, strict=True)]),
            "ndcg3_gained": interval([mine[0] - row[0] for row, mine in zip(rows, ours, strict=True)]),
        }
        for name, rows in found.items()
    }


def measure(case: Case, predicted: Sequence[float]) -> tuple[float, float, float, float]:
    """ndcg3, regret, regret3 and place of an order, mean over ways to break its ties."""
    truth = np.asarray([pair.score for pair in case.pairs])
    rng = np.random.default_rng(0)
    runs = []
    for _ in range(REPEATS):
        order = np.lexsort((rng.random(len(truth)), -np.asarray(predicted)))
        first = truth[order[:3]]
        place = 1 + int((truth > first[0]).sum())
        runs.append((ndcg(truth, order), truth.max() - first[0], truth.max() - first.max(), place))
    means = np.asarray(runs, dtype=float).mean(axis=0)
    return float(means[0]), float(means[1]), float(means[2]), float(means[3])


def ndcg(truth: np.ndarray, order: np.ndarray, at: int = 3) -> float:
    """NDCG of an order of candidates, graded 10, 9, ... by their true places; equal scores share a grade."""
    grades = np.asarray([max(0, 10 - int((truth > score).sum())) for score in truth])
    gains = 2.0**grades - 1
    discounts = 1 / np.log2(np.arange(2, min(at, len(truth)) + 2))
    best = np.sort(gains)[::-1][: len(discounts)] @ discounts
    return float(gains[order[: len(discounts)]] @ discounts / best)


def interval(values: Sequence[float]) -> list[float]:
    """Mean, and the 95 % interval over targets by the bootstrap."""
    rng = np.random.default_rng(0)
    table = np.asarray(values)
    means = table[rng.integers(0, len(table), (SAMPLES, len(table)))].mean(axis=1)
    return [round(float(x), 3) for x in (table.mean(), *np.percentile(means, [2.5, 97.5]))]


def examples(cases: Sequence[Case], scorers: Mapping[str, Scorer]) -> dict[str, Any]:
    """Score and true place of the first three of the ranking, of the best source, and of Turkish."""
    found = {}
    for case in cases:
        if case.lang in SHOWN or len(cases) < 20:
            truth = {pair.source: pair.score for pair in case.pairs}
            order = np.argsort(-np.asarray(scorers["the ranking"](case, cases)), kind="stable")
            best = max(truth, key=lambda source: truth[source])
            shown = [case.pairs[n].source for n in order[:3]]
            found[case.name] = {
                source: [round(truth[source], 1), 1 + sum(score > truth[source] for score in truth.values())]
                for source in dict.fromkeys([*shown, best, *(["tr"] if "tr" in truth else [])])
            }
    return found


def write_weights(models: Mapping[tuple[str, str], Linear]) -> None:
    """The weights that ship."""
    head = (
        "# Points per unit of each feature (turkic_nlp/sources/features.py), fitted by benchmarks/source_check.py:\n"
        "# ridge regression, penalty 10, on features and scores centred within each target. xlm-roberta: the matrix\n"
        "# of de Vries et al. 2022 (xlmr_upos.tsv). turkic: benchmarks/results/transfer_matrix.jsonl.\n"
        "encoder\ttask\tfeature\tweight\n"
    )
    lines = (
        f"{encoder}\t{task}\t{name}\t{weight:.4f}\n"
        for (encoder, task), model in models.items()
        for name, weight in model.weights.items()
    )
    text = head + "".join(lines)
    (FOLDER / "weights.tsv").write_text(text, encoding="utf-8")


def write_tables(matrices: dict[str, Any]) -> None:
    """The generated part of docs/sources.md that is between the marks ``check``."""
    out = []
    for name, part in matrices.items():
        encoder, task = name.split()
        out += [
            "",
            f"**{encoder}, {task.upper()}**: {part['targets']} targets, up to {part['sources']} sources",
            "",
        ]
        titles = (
            "order of the sources",
            "NDCG@3",
            "points lost by the first",
            "by the best of three",
            "its place",
        )
        out += [f"| {' | '.join(titles)} |", "| --- | ---: | ---: | ---: | ---: |"]
        for method, row in part["methods"].items():
            cells = [_interval(row[key]) for key in ("ndcg3", "regret", "regret3")]
            out.append(f"| {method} | {' | '.join(cells)} | {row['place']:.0f} |")
    transfer_matrix.write_part(PAGE, "check", "\n".join(out).strip() + "\n")


def _interval(values: Sequence[float]) -> str:
    mean, low, high = values
    return f"{mean:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
