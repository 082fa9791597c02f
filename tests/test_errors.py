"""Errors: every one has its number, a message that its own fields fill, and a line in the documentation."""

from __future__ import annotations

import pickle
import re
from dataclasses import fields
from pathlib import Path

import pytest

from turkic_nlp import errors
from turkic_nlp.errors import TurkicError

ROOT = Path(__file__).parent.parent
FACES = {"int": 7, "str": "x", "float": 0.5}


def subclasses(kind):
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TurkicError)]
RAISED = [kind for kind in ALL if kind.message]


def made(kind):
    return kind(*(FACES[str(field.type)] for field in fields(kind)))


def test_all_errors_live_in_one_module():
    import turkic_nlp.annotate
    import turkic_nlp.evaluation
    import turkic_nlp.pipeline  # noqa: F401

    assert set(subclasses(TurkicError)) <= set(ALL)


def test_no_two_errors_have_the_same_number():
    codes = [kind.code for kind in RAISED]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_a_message_is_filled_by_its_own_fields_and_tells_its_number(kind):
    text = str(made(kind))
    assert re.fullmatch(r"T[1-6]\d\d", kind.code)
    assert text.startswith(f"[{kind.code}] ")
    assert text.rstrip().endswith((".", "?", "x", 'x"'))
    assert "\n" not in text


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_an_error_crosses_from_a_worker_process_unchanged(kind):
    error = made(kind)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_an_error_says_when_it_is_raised(kind):
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")


def test_the_page_of_errors_lists_them_all():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert [kind.code for kind in RAISED if f"| {kind.code} | `{kind.__name__}` |" not in page] == []


def test_an_error_is_raised_somewhere():
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "turkic_nlp").rglob("*.py"))
    assert [kind.__name__ for kind in RAISED if code.count(kind.__name__) < 3] == []
