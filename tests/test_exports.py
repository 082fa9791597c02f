"""What the package offers is there, and nothing is offered by accident."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points

import pytest

import turkic_nlp

PUBLIC = {
    "turkic_nlp": ["__version__", "blank", "detect_script", "load", "transliterate"],
    "turkic_nlp.annotate": ["AUTO", "FORMATS", "STREAMS", "Summary", "annotate"],
    "turkic_nlp.conllu": ["Sentence", "Word", "fill", "from_doc", "parse", "read", "to_doc", "write"],
}


@pytest.mark.parametrize(("module", "names"), PUBLIC.items())
def test_a_module_exports_what_it_promises(module, names):
    found = importlib.import_module(module)
    assert sorted(found.__all__) == sorted(names)
    assert [name for name in names if getattr(found, name, None) is None] == []


def test_a_name_that_is_not_offered_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        turkic_nlp.magic  # noqa: B018


@pytest.mark.parametrize("group", ["spacy_languages", "spacy_factories", "console_scripts"])
def test_every_entry_point_of_the_installed_package_resolves(group):
    found = [point for point in entry_points(group=group) if point.value.startswith("turkic_nlp")]
    if not found:
        pytest.skip("the package is not installed, only on the path")
    assert all(callable(point.load()) for point in found)
