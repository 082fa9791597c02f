"""Sentences to try a pipeline on, written for this project (CC0)."""

from __future__ import annotations

from turkic_nlp.lang._turkic import rows


def examples(lang: str) -> list[str]:
    """A few sentences of ``lang`` with names, numbers, quotes, abbreviations; none for another language."""
    return [sentence for code, sentence in rows("examples.tsv") if code == lang]
