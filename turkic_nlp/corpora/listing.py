"""Cards as rows of a table, for people: the command line and corpora/README.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from turkic_nlp.corpora.catalog import Card, CardFile, cards

HEADER = ("id", "languages", "tasks", "splits", "size", "licence", "quality", "trainable", "access")

README_HEAD = """\
# Corpora

A card per corpus: facts only, and data only where access is `included`. `turkic-nlp corpora get ID` downloads
what has an address and checks it against the card.

- *quality*: `gold` made or checked by people, `silver` made automatically, `mixed`, or `unstated`.
- *trainable*: may the weights that ship with the package learn from it? Not from NC, ND, GPL or unstated
  licences, and not from sets kept for evaluation.
- *access*: `included` lies beside its card, in a folder of its name; `download` has pinned addresses;
  `derived` was extracted from a source and is only in a mirror; `fetch-elsewhere` and `on-request` are known,
  but not fetched from here.
- *size* is that of the originals, over all splits and languages.

Written by `turkic-nlp corpora list --markdown`.

"""


def row(found: Card) -> tuple[str, ...]:
    """One card under HEADER."""
    splits = found.splits if len(found.splits) <= 6 else (f"{len(found.splits)} files",)
    return (
        found.id,
        " ".join(found.languages),
        ", ".join(found.tasks),
        " ".join(splits) or "-",
        _size(found.files) or "-",
        found.licence,
        found.quality,
        "yes" if found.trainable else "no",
        found.access,
    )


def _size(files: Iterable[CardFile]) -> str:
    """The sum of every unit that all files are counted in."""
    counted = [file.counts for file in files]
    units = [unit for unit in (counted[0] if counted else ()) if all(unit in counts for counts in counted)]
    if "words" in units and "tokens" in units:  # tokens stand on a card only where they differ from words
        units.remove("tokens")
    return ", ".join(f"{sum(counts[unit] for counts in counted):,} {unit}" for unit in units)


def markdown() -> str:
    """The text of corpora/README.md."""
    lines = ["| " + " | ".join(HEADER) + " |", "|" + " --- |" * len(HEADER)]
    for found in cards():
        cells = row(found)
        lines.append(f"| [{cells[0]}]({cells[0]}.toml) | " + " | ".join(cells[1:]) + " |")
    return README_HEAD + "\n".join(lines) + "\n"


def as_json(found: Card) -> dict[str, Any]:
    """A card as plain data, empty facts of its files left out."""
    facts = asdict(found)
    facts["files"] = [{key: value for key, value in file.items() if value} for file in facts["files"]]
    return facts
