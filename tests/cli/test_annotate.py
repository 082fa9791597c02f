"""turkic-nlp annotate: what lands on stdout and stderr, and how errors look."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import fakes
import pytest

from turkic_nlp import conllu
from turkic_nlp.cli import annotate as command
from turkic_nlp.cli import main


@pytest.fixture(autouse=True)
def fake_model(monkeypatch):
    def load(lang, *, model=None, disable=(), device="cpu", precision="fp32"):
        return fakes.pipeline_for(lang)

    monkeypatch.setattr("turkic_nlp.pipeline.load", load)
    monkeypatch.setattr(command, "_version", lambda model: "fake 1.0")
    command.pipeline.cache_clear()
    yield
    command.pipeline.cache_clear()


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.txt"
    path.write_text("Айгүл келди. Ал күлдү.\nБекзат Ошко барды.\n", encoding="utf-8")
    return path


@pytest.fixture
def call(monkeypatch, capsysbinary):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["turkic-nlp", "annotate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsysbinary.readouterr()
        return ended.value.code, out.decode("utf-8"), err.decode("utf-8")

    return run


def test_the_run_ends_with_one_line_on_stderr(news, tmp_path, call):
    code, out, err = call(news, "-o", tmp_path / "out.conllu", "--lang", "ky", "--device", "cpu")
    assert (code, out) == (0, "")
    assert err.startswith("10 words in ")
    assert err.endswith("words/s) on cpu\n")
    assert len(list(conllu.read(tmp_path / "out.conllu"))) == 3


def test_data_goes_to_standard_output_from_standard_input(monkeypatch, call):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Айгүл келди.\n".encode())))
    code, out, err = call("-", "-o", "-", "--lang", "ky", "--format", "jsonl")
    assert code == 0
    assert json.loads(out)["id"] == "stdin:1"
    assert "words in" in err


@pytest.mark.parametrize("suffix", ["conllu", "jsonl", "spacy", "parquet"])
def test_the_suffix_of_the_output_is_its_format(suffix, news, tmp_path, call):
    first = {"conllu": b"# newdoc", "jsonl": b'{"id"', "spacy": b"x", "parquet": b"PAR1"}
    call(news, "-o", tmp_path / f"out.{suffix}", "--lang", "ky")
    assert (tmp_path / f"out.{suffix}").read_bytes().startswith(first[suffix])


def test_left_out_documents_are_warnings_on_stderr(tmp_path, call):
    (tmp_path / "in.txt").write_bytes(b"\xff\n" + "Ал келди.\n".encode())
    code, _, err = call(
        tmp_path / "in.txt", "-o", tmp_path / "out.conllu", "--lang", "ky", "--on-error", "skip"
    )
    assert code == 0
    assert "[T308] in.txt:1" in err
    assert "1 documents left out" in err


ERRORS = [
    (["missing.txt", "-o", "out.conllu"], "T310"),
    (["news.txt", "-o", "news.txt", "--force"], "T611"),
    (["news.txt", "-o", "out.xml", "--format", "xml"], "T611"),
    (["news.txt", "-o", "out.conllu", "--disable", "magic"], "T611"),
    (["news.txt", "-o", "out.conllu", "--input", "pdf"], "T611"),
    (["news.txt", "-o", "out.conllu", "--device", "tpu"], "T611"),
    (["news.txt", "-o", "out.conllu", "--lang", "xx"], "T101"),
    (["news.txt", "-o", "-", "--format", "spacy"], "T611"),
    (["news.txt", "-o", "there.conllu"], "T601"),
    (["news.txt", "-o", "no/such/out.conllu"], "T603"),
    (["news.txt", "-o", "out.conllu.gz"], "T611"),
]


@pytest.mark.parametrize(("arguments", "number"), ERRORS)
def test_an_error_is_one_line_with_its_number_and_exit_code_1(arguments, number, news, monkeypatch, call):
    monkeypatch.chdir(news.parent)
    Path("there.conllu").write_text("mine", encoding="utf-8")
    code, out, err = call("--lang", "ky", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith(f"[{number}]")
    assert err.count("\n") == 1
    assert Path("there.conllu").read_text(encoding="utf-8") == "mine"


COMMAND = """
import sys
import fakes
import turkic_nlp.pipeline
from turkic_nlp.cli import annotate, main
turkic_nlp.pipeline.load = lambda lang, **options: fakes.slow_pipeline_for(lang)
annotate._version = lambda model: "fake 1.0"
fakes.pipeline_for("ky")
main()
"""


def process(folder, *arguments):
    """The command in a process of its own, with the slow pipeline of fakes."""
    root = Path(fakes.__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    command = [
        sys.executable,
        "-c",
        COMMAND,
        "annotate",
        "in.txt",
        "--lang",
        "ky",
        "--batch-size",
        "1",
        *arguments,
    ]
    pipe = subprocess.PIPE
    # a shell starts what runs in its background deaf to Ctrl-C
    return subprocess.Popen(
        command, cwd=folder, env=env, stdout=pipe, stderr=pipe, preexec_fn=_hear_control_c
    )


def _hear_control_c():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def long(tmp_path):
    lines = "".join(f"{n} Айгүл келди.\n" for n in range(2000))
    (tmp_path / "in.txt").write_text(lines, encoding="utf-8")
    return tmp_path


def test_control_c_says_how_far_it_came_and_the_command_goes_on_from_there(long):
    running = process(long, "-o", "out.conllu")
    journal = long / "out.conllu.partial" / "journal.json"
    while running.poll() is None and not journal.exists():
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    done = json.loads(journal.read_text(encoding="utf-8"))["tally"]["documents"]
    assert (running.returncode, out) == (1, b"")
    said = re.fullmatch(
        r"\[T610\] Stopped after (\d+) documents. The same command goes on from there.\n", err.decode()
    )
    assert said
    assert done - int(said[1]) in (0, 1)  # the signal may come between the journal and the count
    assert not (long / "out.conllu").exists()


def test_a_reader_that_has_enough_ends_the_run_with_one_line(long):
    running = process(long, "-o", "-")
    assert running.stdout.readline().startswith(b"# newdoc id")
    running.stdout.close()
    err = running.stderr.read().decode()
    running.stderr.close()
    assert running.wait(60) == 1
    assert err.startswith("[T603] Cannot write standard output: Broken pipe")
    assert err.count("\n") == 1
