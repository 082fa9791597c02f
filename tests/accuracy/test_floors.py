"""The shipped model against the corpora: no score falls below the floor that it has once reached."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import pytest

import turkic_nlp
from turkic_nlp import evaluation

with (Path(__file__).parent / "floors.csv").open(encoding="utf-8") as file:
    ROWS = [tuple(row.values()) for row in csv.DictReader(file)]


@lru_cache
def scores(lang, corpus, split):
    nlp = evaluation.in_style_of(turkic_nlp.load(lang), corpus)
    return evaluation.evaluate(nlp, evaluation.from_corpus(corpus, split, nlp))


@pytest.mark.shared
@pytest.mark.parametrize(("lang", "corpus", "split", "metric", "floor"), ROWS)
def test_a_score_stays_above_its_floor(mirror, lang, corpus, split, metric, floor):
    assert scores(lang, corpus, split)[metric] >= float(floor)
