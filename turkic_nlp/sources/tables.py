"""Facts about languages, measured transfer, and the fitted weights: tables that are data of the package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Tongue:
    """What is known of a language without any text of it.

    ``xlmr`` is GiB of text that XLM-R has read, ``encoder`` million words that our encoder has read, ``ud`` training
    sentences in UD 2.8. ``order`` holds the attested word-order features, by name, and ``by`` who attests them.
    """

    lang: str
    name: str
    family: str
    branch: str
    script: str
    xlmr: float
    encoder: float
    ud: int
    by: str
    order: dict[str, str]


@cache
def tongues() -> dict[str, Tongue]:
    """All languages of the table ``languages.tsv``, by code."""
    lines = rows("languages.tsv")
    names = next(lines)[9:]
    return {
        row[0]: Tongue(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            float(row[5]),
            float(row[6]),
            int(row[7]),
            row[8],
            {name: cell for name, cell in zip(names, row[9:], strict=True) if cell != "-"},
        )
        for row in lines
    }


@cache
def measured() -> dict[str, dict[str, float]]:
    """UPOS accuracy in percent with XLM-R base by source and target language (de Vries et al. 2022)."""
    lines = rows("xlmr_upos.tsv")
    targets = next(lines)[1:]
    return {row[0]: {t: int(cell) / 10 for t, cell in zip(targets, row[1:], strict=True)} for row in lines}


def agreement(one: Tongue, other: Tongue) -> tuple[float | None, int]:
    """Share of word-order features with the same value, None where no feature is attested in both; and their number."""
    both = [name for name in one.order if name in other.order]
    same = sum(one.order[name] == other.order[name] for name in both)
    return (same / len(both) if both else None), len(both)


def rows(name: str) -> Iterator[list[str]]:
    """The cells of a table, header first, without comments."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
