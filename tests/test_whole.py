"""Files that appear whole or not at all."""

from __future__ import annotations

import pytest

from turkic_nlp.errors import OutputFailed
from turkic_nlp.whole import whole


def test_what_was_written_appears_under_its_name_and_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), whole(path) as part:
        part.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "old"
    with whole(path) as part:
        part.write_text("new", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "new"


def test_a_refusal_within_another_file_is_said_once_and_of_its_own_file(tmp_path):
    with (
        pytest.raises(OutputFailed, match=r"inner\.txt") as caught,
        whole(tmp_path / "outer.txt"),
        whole(tmp_path / "none" / "inner.txt") as part,
    ):
        part.write_text("x", encoding="utf-8")
    assert str(caught.value).count("[T603]") == 1
    assert "outer.txt" not in str(caught.value)
