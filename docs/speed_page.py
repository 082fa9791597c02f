"""docs/speed.md and the table of docs/cluster.md from benchmarks/results/speed.json: what was measured, and on what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from turkic_nlp.precision import PRECISIONS

TITLES = {
    "pipeline": (
        "All components against the bare encoder",
        "The bare encoder is the limit: the same weights on the same sentences, sorted and batched beforehand, nothing "
        "else. The ratio is that of the pipeline in the row to the bare encoder in fp32.",
    ),
    "side": (
        "All but the matrix products, on one core",
        "What must keep up with a GPU. *First* is a process whose caches are empty.",
    ),
    "workers": (
        "Two processes against one",
        "`nlp.pipe(texts, n_process=2)` and `annotate` over two workers, one thread each, their start included.",
    ),
    "one": ("One sentence of about fifteen words, and loading", "In a fresh process, imports included."),
    "base": ("An encoder of the size of XLM-R base", "Random weights: 12 layers of width 768. Speed only."),
    "growth": (
        "As the input grows",
        "`annotate` in int8 in a process of its own, loading included; the peak of resident memory.",
    ),
}
NAMES = {
    "lang": "language",
    "what": "what",
    "words": "words",
    "words_per_second": "words/s",
    "words_per_second_first": "words/s, first",
    "bare_encoder": "bare encoder, words/s",
    "ratio": "ratio",
    "one": "one, words/s",
    "two": "two, words/s",
    "sentence_ms_fp32": "sentence in fp32, ms",
    "sentence_ms_bf16": "in bf16, ms",
    "sentence_ms_int8": "in int8, ms",
    "load_s": "load, s",
    "sentences": "sentences",
    "peak_mb": "peak, MB",
}


def page(root: Path) -> tuple[Path, str]:
    """(file, what it should say)."""
    found = json.loads((root / "benchmarks" / "results" / "speed.json").read_text(encoding="utf-8"))
    lines = [
        "# Speed",
        "",
        "Written by `python docs/generate.py` from what `python benchmarks/speed.py` measured. Compare figures within",
        "a table only: each part is one run on one machine.",
    ]
    for part, (title, about) in TITLES.items():
        if part in found:
            lines += ["", f"## {title}", "", about, "", *table(found[part]["rows"]), "", state(found[part])]
    lines += [
        "",
        "## What fewer bits cost",
        "",
        "Scores of the shipped model in percent, and how far those in bf16 and int8 are from those in fp32.",
        "",
    ]
    return root / "docs" / "speed.md", "\n".join([*lines, *losses(root)]) + "\n"


BEGIN, END = "<!-- sizing:begin -->", "<!-- sizing:end -->"
WORDS = 150
"""Of a document, in the table of docs/cluster.md."""


def sizing(root: Path) -> tuple[Path, str]:
    """docs/cluster.md with its table of documents a day."""
    found = json.loads((root / "benchmarks" / "results" / "speed.json").read_text(encoding="utf-8"))
    path = root / "docs" / "cluster.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [
        f"| model | precision | words per second of a machine | documents of {WORDS} words a day | days for 10^9 |",
        "| --- | --- | ---: | ---: | ---: |",
        *_sizes("turkic_small", found["pipeline"]["rows"]),
        *_sizes("of the size of XLM-R base", found.get("base", {"rows": []})["rows"]),
        "",
        f"Means over the languages on {state(found['pipeline'])}",
    ]
    return path, f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}"


def _sizes(model: str, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A row for each precision."""
    speeds: dict[str, list[int]] = {}
    for row in rows:
        if "ratio" in row:
            speeds.setdefault(row["what"] if row["what"] in PRECISIONS else "fp32", []).append(
                row["words_per_second"]
            )
    for precision, found in speeds.items():
        speed = round(fmean(found))
        day = 86_400 * speed // WORDS
        yield f"| {model} | {precision} | {speed:,} | {day:,} | {1e9 / day:,.0f} |"


def losses(root: Path) -> Iterator[str]:
    """Scores in each precision, a row per test set and metric. Raises ValueError where they are of several models."""
    names = ("accuracy", *PRECISIONS[1:])
    results = [
        json.loads((root / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))
        for name in names
    ]
    versions = {name: found["version"] for name, found in zip(names, results, strict=True)}
    if len(set(versions.values())) > 1:
        raise ValueError(f"scores of several models: {versions}; run benchmarks/accuracy.py --precision")
    full, *reduced = map(_scores, results)
    yield f"| corpus and split | metric | {' | '.join(PRECISIONS)} |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for key, value in full.items():
        if all(key in less for less in reduced):
            cells = [f"{key[0]} {key[1]} {key[2]}", key[3], f"{value:.2f}"]
            yield "| " + " | ".join([*cells, *(f"{less[key] - value:+.2f}" for less in reduced)]) + " |"


def _scores(results: dict[str, Any]) -> dict[tuple[str, str, str, str], float]:
    chosen = [row for row in results["scores"] if row["metric"] in ("upos", "las", "f", "accuracy")]
    return {(row["lang"], row["corpus"], row["split"], row["metric"]): row["value"] for row in chosen}


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Rows of results under the names of their columns; a column is there if any row has it."""
    keys = [key for key in NAMES if any(key in row for row in rows)]
    yield "| " + " | ".join(NAMES[key] for key in keys) + " |"
    yield "| " + " | ".join("---" if key in ("lang", "what") else "---:" for key in keys) + " |"
    for row in rows:
        yield "| " + " | ".join(_cell(row.get(key)) for key in keys) + " |"


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def state(part: dict[str, Any]) -> str:
    """The machine of a part."""
    return f"{part['machine']}, {part['threads']} threads; torch {part['torch']}, version {part['version']}."
