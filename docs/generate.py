"""Write the generated parts of the documentation; ``--check`` only tells whether they are fresh.

    python docs/generate.py [--check]

README.md: the table of scores comes from ``scores`` in models/*/meta.json, the output of the example from
running it. docs/errors.md comes from turkic_nlp/errors.py.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from turkic_nlp import errors
from turkic_nlp.corpora import card

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- scores:begin -->", "<!-- scores:end -->"
EXAMPLE_BEGIN, EXAMPLE_END = "<!-- example:begin -->", "<!-- example:end -->"
NAMES = {"kk": "Kazakh", "uz": "Uzbek", "ky": "Kyrgyz", "tk": "Turkmen", "tr": "Turkish"}
TASKS = {
    "upos": "part of speech",
    "xpos": "treebank's own tags",
    "feats": "features",
    "lemma": "lemma",
    "uas": "dependencies, unlabelled (UAS)",
    "las": "dependencies (LAS)",
    "f": "entities (F1)",
    "accuracy": "topic (accuracy)",
    "tokens": "tokens from raw text (F1)",
    "sents": "sentences from raw text (F1)",
}


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
    order = {key: number for number, key in enumerate(TASKS)}
    found = [score for score in meta.get("scores", []) if score["metric"] in TASKS and score["lang"] in NAMES]
    for score in sorted(found, key=lambda s: (list(NAMES).index(s["lang"]), order[s["metric"]], s["corpus"])):
        cells = [
            NAMES[score["lang"]],
            TASKS[score["metric"]],
            f"{score['value']:.1f}",
            f"{score['corpus']} {score['split']}",
            f"{score['sentences']:,}",
            card(score["corpus"]).licence,
            score["quality"],
        ]
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
