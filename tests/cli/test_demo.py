"""turkic-nlp demo: the samples of four languages, as a table that shows features whole."""

from __future__ import annotations

import fakes
import pytest
from typer.testing import CliRunner

from turkic_nlp.cli import app
from turkic_nlp.cli.demo import NAMES, closing, sample, table


@pytest.mark.parametrize("lang", NAMES)
def test_there_is_a_sample_text_of_each_language(lang):
    assert len(sample(lang).split()) >= 30


def test_all_four_languages_are_shown_with_speed_at_the_end(monkeypatch):
    monkeypatch.setattr("turkic_nlp.pipeline.load", lambda lang, model=None: fakes.pipeline_for(lang))
    result = CliRunner().invoke(app, ["demo", "--sentences", "1"])
    assert result.exit_code == 0
    assert [name for name in NAMES.values() if f"{name} (" not in result.stdout] == []
    assert "topic: travel (0.75)" in result.stdout
    assert "words of four languages in" in result.stdout.splitlines()[-1]


def test_a_feature_in_brackets_is_no_markup():
    doc = fakes.pipeline_for("kk")("Китебім бар.")
    doc[0].set_morph("Number[psor]=Sing|Case=Nom")
    (cells,) = (column._cells for column in table(doc[:], title="x").columns if column.header == "features")
    assert cells[0].replace("\\", "") == "Case=Nom Number[psor]=Sing"
    assert "\\[psor]" in cells[0]


KINDS = {"textcat": ("travel", "health"), "sentiment": ("negative", "positive")}


def test_topic_and_sentiment_are_told_apart():
    doc = fakes.pipeline_for("kk")("Китебім бар.")
    doc.cats = {"travel": 0.6, "health": 0.1, "negative": 0.8, "positive": 0.2}
    assert closing(doc, KINDS).startswith("topic: travel (0.60); sentiment: negative (0.80); entities: ")
