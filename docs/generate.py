"""Write the generated parts of the documentation; ``--check`` only tells whether they are fresh.

    python docs/generate.py [--check]

README.md: the table of scores comes from ``scores`` in models/*/meta.json, the output of the example from
running it. models/*/README.md, the card of a model, comes from its meta.json; docs/errors.md from
turkic_nlp/errors.py; docs/mistakes/LANG.md from benchmarks/results/errors.json and LANG.why.md beside it;
docs/scores.md and docs/speed.md from benchmarks/results/.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import score_page
import speed_page
from mistake_pages import pages

from turkic_nlp import errors
from turkic_nlp.corpora import card

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- scores:begin -->", "<!-- scores:end -->"
EXAMPLE_BEGIN, EXAMPLE_END = "<!-- example:begin -->", "<!-- example:end -->"
NAMES = {"kk": "Kazakh", "uz": "Uzbek", "ky": "Kyrgyz", "tk": "Turkmen", "tr": "Turkish"}
TASKS = {
    "upos": "part of speech",
    "feats": "features",
    "lemma": "lemma",
    "uas": "dependencies, unlabelled (UAS)",
    "las": "dependencies (LAS)",
    "f": "entities (F1)",
    "accuracy": "topic (accuracy)",
    "tokens": "tokens from raw text (F1)",
    "sents": "sentences from raw text (F1)",
}
POLARITY = "polarity of reviews (macro-F1)"


def main() -> None:
    """Write, or with ``--check`` compare and exit with 1 if anything is stale."""
    stale = []
    for path, text in generated():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"Stale: {', '.join(stale)}. Run: make docs")


def generated() -> Iterator[tuple[Path, str]]:
    """(file, what it should say) of everything generated."""
    yield ROOT / "docs" / "errors.md", error_page()
    yield from pages(ROOT, NAMES)
    yield score_page.page(ROOT, NAMES)
    if (ROOT / "benchmarks" / "results" / "speed.json").exists():
        yield speed_page.page(ROOT)
    for path in sorted(ROOT.glob("models/*/meta.json")):
        yield path.with_name("README.md"), model_card(path)
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    text = f"{before}{BEGIN}\n{score_table()}{END}{after}"
    if any(ROOT.glob("models/*/meta.json")):
        before, _, rest = text.partition(EXAMPLE_BEGIN)
        _, _, after = rest.partition(EXAMPLE_END)
        text = f"{before}{EXAMPLE_BEGIN}\n```\n{printed(example(before))}```\n{EXAMPLE_END}{after}"
    yield readme, text


def example(readme: str) -> str:
    """The first Python code of the README."""
    return readme.partition("```python\n")[2].partition("```")[0]


def printed(code: str) -> str:
    """What a piece of code prints."""
    with redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "README.md", "exec"), {})
    return out.getvalue()


def error_classes() -> list[type[errors.TurkicError]]:
    """Every error with a number, in the order of the numbers."""
    found, waiting = [], [errors.TurkicError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.message:
            found.append(kind)
    return sorted(found, key=lambda kind: kind.code)


def error_page() -> str:
    """docs/errors.md."""
    lines = [
        "# Errors",
        "",
        "Every error that the package raises on purpose is a `turkic_nlp.errors.TurkicError` with a number.",
        "The command line shows it as one line and ends with exit code 1. Made from `turkic_nlp/errors.py`.",
        "",
        "| number | class | when | message |",
        "| --- | --- | --- | --- |",
    ]
    for kind in error_classes():
        when = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
        cells = [kind.code, f"`{kind.__name__}`", when, f"`{kind.message}`"]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def score_table() -> str:
    """The scores of all models that ship, a row each, as Markdown."""
    rows = [row for path in sorted(ROOT.glob("models/*/meta.json")) for row in scores(path)]
    return table_of(rows)


def table_of(rows: list[str]) -> str:
    """Rows of scores under their header."""
    if not rows:
        return "No model has been scored yet.\n"
    lines = [
        "| language | task | score | corpus and split | sentences | licence of the corpus | annotation |",
        "| --- | --- | ---: | --- | ---: | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def scores(path: Path) -> Iterator[str]:
    """The rows of one model, by language and task."""
    meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    order = {task: number for number, task in enumerate([*TASKS.values(), POLARITY])}
    found = [score for score in meta.get("scores", []) if task_of(score) and score["lang"] in NAMES]
    for score in sorted(found, key=lambda s: (list(NAMES).index(s["lang"]), order[task_of(s)], s["corpus"])):
        cells = [
            NAMES[score["lang"]],
            task_of(score),
            f"{score['value']:.1f}",
            f"{score['corpus']} {score['split']}",
            f"{score['sentences']:,}",
            card(score["corpus"]).licence,
            score["quality"],
        ]
        yield "| " + " | ".join(cells) + " |"


def task_of(score: dict[str, Any]) -> str:
    """What a row of scores is about; empty for one that the tables leave out."""
    if "sentiment-polarity" in card(score["corpus"]).tasks:
        return POLARITY if score["metric"] == "macro_f1" else ""
    return TASKS.get(score["metric"], "")


def model_card(path: Path) -> str:
    """The card of a model: what it is, how good, learned from what under which licences, how to make it."""
    meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    parts = [
        f"# {meta['name']} {meta['version']}",
        f"{meta['description']}. Generated from `meta.json` by `docs/generate.py`.",
        f"Components: {', '.join(f'`{name}`' for name in meta['components'])}, on one shared encoder.",
        "## Scores",
        "In percent, on gold words unless a row says otherwise. Silver is annotation that nobody checked.",
        table_of(list(scores(path))).rstrip(),
        "## What it learned from",
        "The weights come under the terms of these corpora; whoever uses them should cite the corpora.",
        "\n".join(data_table(all_data(meta))),
        "Held out, and every sentence that also stands in one of these removed from the training data: "
        + (", ".join(f"`{name}`" for name in meta.get("held_out", [])) or "nothing")
        + ".",
        "## How it was made",
        f"`turkic-nlp train models/{path.parent.name}/recipe.cfg`: {meta.get('steps', 0):,} steps, seed "
        f"{meta.get('seed')}, {meta.get('minutes', 0):,.0f} minutes on {meta.get('machine', '?')}; "
        + ", ".join(f"{name} {version}" for name, version in meta.get("versions", {}).items())
        + ".",
        *(
            f"Before that `{start['name']}` {start['version']}, {start['steps']:,} steps, seed {start['seed']}, on "
            f"{', '.join(sorted({facts['corpus'] for facts in start['data']}))}."
            for start in starts(meta)
        ),
        *(
            f"After that {', '.join(stage['heads'])}, anew on the frozen encoder: `{stage['recipe']}`, "
            f"{stage['steps']:,} steps, on {', '.join(sorted({facts['corpus'] for facts in stage['data']}))}."
            for stage in meta.get("later", [])
        ),
        *pretraining(meta.get("pretraining") or {}),
    ]
    return "\n\n".join(parts) + "\n"


def starts(meta: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The runs that a model's encoder comes from, the last one first."""
    while meta := meta.get("start", {}):
        yield meta


def all_data(meta: dict[str, Any]) -> list[dict[str, Any]]:
    """The corpora of the main run, then those that only the model before or a later stage learned from."""
    data = list(meta.get("data", []))
    known = {(facts["corpus"], facts["lang"]) for facts in data}
    for stage in [*starts(meta), *meta.get("later", [])]:
        data += [facts for facts in stage["data"] if (facts["corpus"], facts["lang"]) not in known]
    return data


def data_table(data: list[dict[str, Any]]) -> Iterator[str]:
    """A row per corpus."""
    yield "| corpus | language | splits | training sentences | annotation | licence | please cite |"
    yield "| --- | --- | --- | ---: | --- | --- | --- |"
    for facts in data:
        cite = card(facts["corpus"]).citation
        cells = [
            f"`{facts['corpus']}`",
            NAMES.get(facts["lang"], facts["lang"]),
            ", ".join(facts["splits"]),
            f"{facts['train']:,}",
            facts["quality"],
            facts["licence"],
            f"[{cite['title']}]({cite['url']})".replace("|", "/"),
        ]
        yield "| " + " | ".join(cells) + " |"


def pretraining(facts: dict[str, Any]) -> Iterator[str]:
    """What pre-training noted about itself: the plain facts, then each file of raw text with its licence."""
    plain = {key: value for key, value in facts.items() if isinstance(value, (str, int, float))}
    if plain:
        yield (
            "Pre-training: "
            + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plain.items())
            + "."
        )
    if facts.get("files"):
        rows = [
            f"| {name} | {file['words']:,} | {file['licence'] or 'unstated'} |"
            for name, file in facts["files"].items()
        ]
        yield "\n".join(["| raw text | words | licence |", "| --- | ---: | --- |", *rows])


if __name__ == "__main__":
    main()
