"""Choosing what to learn from: which corpora of other languages promise most for a target language, and why."""

from __future__ import annotations

from turkic_nlp.sources.candidates import TASKS, Ranked, rank_sources

__all__ = ["TASKS", "Ranked", "rank_sources"]
