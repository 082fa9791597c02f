"""Kill -9 at any moment: the command, given again, ends with the bytes of an undisturbed run and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LINE = "Бул китепти кечээ шаардагы дүкөндөн сатып алдым жана түнү бою окудум.\n"
UNTIDY = 2
"""Steps after which the output is there and nothing tells any more that this run made it: T601 on repeating."""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in.txt").write_text("".join(f"{n} {LINE}" for n in range(3)), encoding="utf-8")
    return tmp_path


def kills(folder, *arguments):
    env = {**os.environ, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
    command = [sys.executable, str(TESTS / "kills.py"), str(folder), *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("format", ["conllu", "parquet"])
def test_a_run_killed_before_any_step_ends_with_the_same_bytes_when_repeated(format, folder):
    *found, last = kills(folder, format)
    assert last["died"] == 0
    assert len(found) > 15
    assert {(row["died"], row["same"], *row["left"]) for row in found} == {(-9, True)}
    assert [row["repeated"] for row in found[:-UNTIDY]] == [1] * (len(found) - UNTIDY)


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes_when_repeated(folder):
    found = kills(folder, "conllu", 15)
    assert sum(row["died"] != 0 for row in found) > 5
    assert {(row["same"], *row["left"]) for row in found} == {(True,)}
