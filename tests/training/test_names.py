"""Lists of names of the catalog: read by form, told in meta.json, refused where a table has none."""

from __future__ import annotations

import pytest

from turkic_nlp.corpora import card
from turkic_nlp.errors import NoNames, UnknownCorpus, UnknownSplit
from turkic_nlp.training.names import facts_of_lists, listed
from turkic_nlp.training.recipe import HeadPlan


def test_the_list_of_the_catalog_is_by_form_and_tells_names_of_the_whole_family():
    found = listed("project-names/kk")
    assert len(found) > 20_000
    assert "gpe" in found["taşkent"].split()
    assert "given" in found["aybek"].split()
    assert "+organisation" in found["universiteti"].split()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("project-glosses/ky-kk", NoNames),
        ("project-names/ky", UnknownSplit),
        ("project-name/kk", UnknownCorpus),
    ],
)
def test_what_is_no_list_of_names_is_refused(name, error):
    with pytest.raises(error):
        listed(name)


def test_a_model_says_which_names_it_knows():
    plans = {"ner": HeadPlan("ner", options={"names": "project-names/kk"}), "parser": HeadPlan("parser")}
    (facts,) = facts_of_lists(plans)
    assert facts["corpus"] == "project-names"
    assert facts["licence"] == card("project-names").licence == "CC0-1.0"
    assert facts["train"] == card("project-names").file("kk").counts["rows"]
