"""Write the generated parts of the documentation; ``--check`` only tells whether they are fresh.

    python docs/generate.py [--check]

README.md: the table of scores comes from ``scores`` in models/*/meta.json (model_cards.py), the output of the example
from running it. models/*/README.md, the card of a model, comes from its meta.json; docs/errors.md from
turkic_nlp/errors.py; docs/mistakes/LANG.md from benchmarks/results/errors.json and LANG.why.md beside it;
docs/scores.md, docs/speed.md, the tables of docs/new-language.md and the first of docs/cluster.md from
benchmarks/results/.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import new_language_page
import score_page
import speed_page
from mistake_pages import pages
from model_cards import NAMES, model_card, overview

from turkic_nlp import errors

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- scores:begin -->", "<!-- scores:end -->"
EXAMPLE_BEGIN, EXAMPLE_END = "<!-- example:begin -->", "<!-- example:end -->"


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
        yield speed_page.sizing(ROOT)
    if (ROOT / "benchmarks" / "results" / "new_languages.json").exists():
        yield new_language_page.page(ROOT)
    for path in sorted(ROOT.glob("models/*/meta.json")):
        yield path.with_name("README.md"), model_card(path)
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    text = f"{before}{BEGIN}\n{overview(ROOT)}{END}{after}"
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


if __name__ == "__main__":
    main()
