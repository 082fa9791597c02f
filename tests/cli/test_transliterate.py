"""turkic-nlp transliterate: streams lines, writes whole files or none."""

from __future__ import annotations

import io
import sys

import pytest

from turkic_nlp.cli import main


@pytest.fixture
def call(monkeypatch, capsysbinary):
    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["turkic-nlp", "transliterate", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsysbinary.readouterr()

    return run


UZ = ("--lang", "uz", "--from", "Cyrl", "--to", "Latn")


def test_standard_input_becomes_standard_output(call):
    code, out, _ = call(*UZ, stdin="Шаҳар\r\nТОШКЕНТ".encode())
    assert (code, out.decode()) == (0, "Shahar\r\nTOSHKENT")


def test_files_go_into_one_file_and_nothing_else_stays(call, tmp_path):
    for name in "ab":
        (tmp_path / name).write_text("ш\n", encoding="utf-8")
    code, out, _ = call(tmp_path / "a", tmp_path / "b", *UZ, "-o", tmp_path / "c")
    assert (code, out, (tmp_path / "c").read_text(encoding="utf-8")) == (0, b"", "sh\nsh\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_an_output_is_replaced_only_by_force(call, tmp_path):
    output = tmp_path / "out"
    output.write_text("old", encoding="utf-8")
    code, _, err = call(*UZ, "-o", output, stdin="ш".encode())
    assert (code, output.read_text(encoding="utf-8")) == (1, "old")
    assert b"[T601]" in err
    assert call(*UZ, "-o", output, "--force", stdin="ш".encode())[0] == 0
    assert output.read_text(encoding="utf-8") == "sh"


@pytest.mark.parametrize(
    ("content", "arguments", "number"),
    [
        ("ш\n".encode() + b"\xff", UZ, ":2: byte 0xFF"),
        (None, UZ, "[T310]"),
        (b"", ("--lang", "xx", "--to", "Latn"), "[T101]"),
        (b"", ("--lang", "uz", "--to", "Arab"), "[T102]"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_no_output_file(content, arguments, number, call, tmp_path):
    source, output = tmp_path / "in", tmp_path / "out"
    if content is not None:
        source.write_bytes(content)
    code, _, err = call(source, *arguments, "-o", output)
    assert (code, number in err.decode()) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] in ([], ["in"])


def test_an_output_that_cannot_be_written_is_a_numbered_error(call, tmp_path):
    code, _, err = call(*UZ, "-o", tmp_path / "none" / "out", stdin="ш".encode())
    assert (code, b"[T603]" in err) == (1, True)
