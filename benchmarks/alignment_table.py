"""The tables of the alignment study, written into docs/alignment.md between its markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

BEGIN, END = "<!-- study:begin -->", "<!-- study:end -->"
NONE = "none"
DRAWS = 2000
TREEBANKS = {
    "ud-kazakh-ktb/test": "kk",
    "ud-kyrgyz-ktmu/test": "ky",
    "ud-uzbek-uzudt/test": "uz",
    "ud-uzbek-ut/test": "uz",
    "ud-turkmen-tud-silver/dev": "tk",
}
LANGUAGES = ("kk", "ky", "uz", "tk")
FIGURES = ("word_distance", "sentence_distance", "retrieval")
COLLAPSED = "l2"
"""The loss under which all sentences became alike, translations or not: one outlier that every correlation follows."""
Row = Mapping[str, Any]


def write_table(root: Path, results: Sequence[Row], weights: Mapping[str, Any]) -> None:
    """Put the tables of the finished cells into docs/alignment.md."""
    path = root / "docs" / "alignment.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = "\n".join(lines(list(unique(results)), weights))
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def unique(results: Sequence[Row]) -> Iterator[Row]:
    """The first line of each cell."""
    seen: set[tuple[str, int]] = set()
    for row in results:
        if (row["loss"], row["seed"]) not in seen:
            seen.add((row["loss"], row["seed"]))
            yield row


def lines(results: Sequence[Row], weights: Mapping[str, Any]) -> Iterator[str]:
    """The tables as Markdown."""
    steps = results[0]["steps"] if results else 0
    yield f"{len(results)} runs of {steps} steps; mean over seeds, after ± the standard deviation, in brackets how many"
    yield "seeds were better and worse than `none` of the same seed. Percent. The Turkmen treebank is silver."
    yield from _scores("Parts of speech", "upos", list(TREEBANKS), results)
    yield from _scores("Topics", "topic", [*LANGUAGES, "tr"], results)
    yield from _figures(results)
    yield from _verdict(results)
    shown = ", ".join(f"{loss} {weight:g}" for loss, weight in weights["weights"].items())
    yield ""
    yield f"Weights of the losses, fixed beforehand for a norm ratio of {weights['share']}: {shown}."


def _losses(results: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["loss"] for row in results))


def _scores(title: str, key: str, names: Sequence[str], results: Sequence[Row]) -> Iterator[str]:
    shown = [name.removeprefix("ud-").partition("/")[0] for name in names]
    yield from (
        "",
        f"### {title}",
        "",
        f"| loss | {' | '.join(shown)} | mean |",
        "| --- |" + " ---: |" * (len(names) + 1),
    )
    base = {row["seed"]: row for row in results if row["loss"] == NONE}
    targets = [name for name in names if name != "tr"]
    for loss in _losses(results):
        mine = [row for row in results if row["loss"] == loss]
        cells = [_cell(mine, base, lambda row, n=name: row[key][n]) for name in names]  # type: ignore[misc]
        cells.append(_cell(mine, base, lambda row: fmean(row[key][name] for name in targets)))
        yield f"| {loss} | {' | '.join(cells)} |"


def _cell(mine: Sequence[Row], base: Mapping[int, Row], value: Callable[[Row], float]) -> str:
    found = [value(row) for row in mine]
    text = f"{fmean(found):.1f}" + (f" ± {stdev(found):.1f}" if len(found) > 1 else "")
    if mine[0]["loss"] == NONE:
        return text
    change = [value(row) - value(base[row["seed"]]) for row in mine if row["seed"] in base]
    return f"{text} ({sum(c > 0 for c in change)}+ {sum(c < 0 for c in change)}−)"


def _figures(results: Sequence[Row]) -> Iterator[str]:
    yield from ("", "### How alike translations are, at the aligned layer and at the last", "")
    yield "| loss | words | words, last | sentences | sentences, last | retrieval@1 | retrieval@1, last |"
    yield "| --- |" + " ---: |" * 6
    for loss in _losses(results):
        mine = [row for row in results if row["loss"] == loss]
        cells = []
        for key, last in ((key, last) for key in FIGURES for last in (False, True)):
            found = fmean(figure(row, lang, key, last=last) for row in mine for lang in LANGUAGES)
            cells.append(f"{found:.1f}" if key == "retrieval" else f"{found:.3f}")
        yield f"| {loss} | {' | '.join(cells)} |"


def figure(row: Row, lang: str, key: str, *, last: bool) -> float:
    """A figure of a cell for Turkish and a language, at the aligned layer or the last."""
    rows = row["figures"][f"tr-{lang}"]
    found: float = rows[-1 if last else row["layer"]][key]
    return found


def changes(
    results: Sequence[Row], task: str, key: str, *, last: bool
) -> tuple[list[int], list[float], list[float]]:
    """For each loss, seed and language: the number of its run, the change of a figure, and that of the score."""
    base = {row["seed"]: row for row in results if row["loss"] == NONE}
    runs: list[int] = []
    figures: list[float] = []
    scores: list[float] = []
    for number, row in enumerate(row for row in results if row["loss"] != NONE and row["seed"] in base):
        for name, lang in (TREEBANKS if task == "upos" else {lang: lang for lang in LANGUAGES}).items():
            then = base[row["seed"]]
            runs.append(number)
            figures.append(figure(row, lang, key, last=last) - figure(then, lang, key, last=last))
            scores.append(row[task][name] - then[task][name])
    return runs, figures, scores


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Rank correlation; equal values share their mean rank; 0 where one side does not vary."""
    left, right = _ranks(one), _ranks(other)
    left, right = left - left.mean(), right - right.mean()
    size = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / size if size else 0.0


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: NDArray[np.float64] = (ends - (counts - 1) / 2)[inverse]
    return found


def interval(runs: Sequence[int], one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The middle 95 percent of the correlation when whole runs are drawn anew: the languages of a run go together."""
    rng = np.random.default_rng(0)
    places = [np.flatnonzero(np.asarray(runs) == run) for run in sorted(set(runs))]
    left, right = np.asarray(one), np.asarray(other)
    found = []
    for _ in range(DRAWS):
        chosen = np.concatenate([places[n] for n in rng.integers(len(places), size=len(places))])
        found.append(spearman(left[chosen].tolist(), right[chosen].tolist()))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _verdict(results: Sequence[Row]) -> Iterator[str]:
    yield from ("", "### Does a change of likeness go with a change of score?", "")
    yield "Spearman's rank correlation of the two changes against `none` of the same seed, over losses, seeds and test"
    yield "sets; in brackets the bootstrap's 95 % when whole runs are drawn."
    yield from ("", "| losses | likeness, at the aligned layer | parts of speech | topics |")
    yield "| --- | --- | ---: | ---: |"
    sound = [row for row in results if row["loss"] != COLLAPSED]
    for name, chosen in (("all", results), (f"all but {COLLAPSED}", sound)):
        for key in FIGURES:
            cells = [_correlation(chosen, task, key) for task in ("upos", "topic")]
            yield f"| {name} | {key.replace('_', ' ')} | {' | '.join(cells)} |"


def _correlation(results: Sequence[Row], task: str, key: str) -> str:
    runs, figures, scores = changes(results, task, key, last=False)
    if len(set(runs)) < 3:
        return "too few runs"
    low, high = interval(runs, figures, scores)
    return f"{spearman(figures, scores):+.2f} ({low:+.2f} to {high:+.2f})"
