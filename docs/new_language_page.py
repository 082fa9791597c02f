"""The tables of docs/new-language.md: how long each step took, and what came of it, from benchmarks/results/."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

LANGUAGES = {"ug": "Uyghur", "tt": "Tatar", "az": "Azerbaijani"}
METRICS = {"upos": "UPOS", "feats": "feats", "lemma": "lemma", "uas": "UAS", "las": "LAS"}
Row = dict[str, Any]
_LONGEST = 150


def page(root: Path) -> tuple[Path, str]:
    """(file, what it should say)."""
    path = root / "docs" / "new-language.md"
    text = path.read_text(encoding="utf-8")
    for name, lines in {**_steps(root), "scores": scores(root)}.items():
        before, _, rest = text.partition(f"<!-- {name}:begin -->")
        _, _, after = rest.partition(f"<!-- {name}:end -->")
        text = "\n".join([f"{before}<!-- {name}:begin -->", *lines, f"<!-- {name}:end -->{after}"])
    return path, text


def _steps(root: Path) -> dict[str, Iterator[str]]:
    found = sorted((root / "benchmarks" / "results").glob("new_language_*.json"))
    rows = {path.stem.rpartition("_")[2]: json.loads(path.read_text(encoding="utf-8")) for path in found}
    return {f"steps-{lang}": steps(done) for lang, done in rows.items()}


def steps(done: Sequence[Row]) -> Iterator[str]:
    """A row per command, and the sum."""
    yield "| step | command | seconds | of the processor |"
    yield "| --- | --- | ---: | ---: |"
    for step in done:
        cpu = "—" if step["cpu"] is None else f"{step['cpu']:,.0f}"
        yield f"| {step['what']} | `{_short(step['command'])}` | {step['seconds']:,.0f} | {cpu} |"
    yield f"| all | | {sum(step['seconds'] for step in done):,.0f} | |"
    yield from ("", "What the last command printed:", "", "```", *done[-1]["output"], "```")


def _short(command: str) -> str:
    return command if len(command) <= _LONGEST else f"{command[:_LONGEST].rpartition(';')[0]}; ..."


def scores(root: Path) -> Iterator[str]:
    """A row per language, model and number of sentences; mean and deviation over seeds."""
    rows = json.loads((root / "benchmarks" / "results" / "new_languages.json").read_text(encoding="utf-8"))
    groups: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        cell = row["cell"]
        groups.setdefault((cell["lang"], cell["model"], cell["learned"]), []).append(row)
    yield f"| language | model | sentences it learned | tested on | {' | '.join(METRICS.values())} |"
    yield "| --- | --- | ---: | ---: |" + " ---: |" * len(METRICS)
    for (lang, model, _), group in sorted(groups.items(), key=lambda item: list(LANGUAGES).index(item[0][0])):
        tested = sorted({row["sentences"] for row in group})
        size = f"{tested[0]}" if len(tested) == 1 else f"{tested[0]}-{tested[-1]}"
        cells = [_cell([row["scores"][key] for row in group]) for key in METRICS]
        yield f"| {LANGUAGES[lang]} | {model} | {group[0]['learned']:,} | {size} | {' | '.join(cells)} |"


def _cell(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "—"
    return f"{fmean(known):.1f}" + (f" ± {stdev(known):.1f}" if len(known) > 1 else "")
