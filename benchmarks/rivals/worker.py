"""What the scripts of the rivals share: a process that loads once, then times what it is told to read.

A script is called as ``script.py build|serve SETTINGS``, with settings in JSON. ``build`` makes what the rival needs on
disk, so that ``serve`` and its peak of memory are those of a user who loads and annotates. ``serve`` reads lines
``[first, last]`` from standard input and answers each with seconds and the peak of resident memory so far.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import torch

Settings = dict[str, Any]
Run = Callable[[list[Any]], None]


def main(load: Callable[[Settings], Run], build: Callable[[Settings], None] | None = None) -> None:
    """Do what the command line says."""
    answers = _own_stdout()
    settings = json.loads(sys.argv[2])
    torch.set_num_threads(settings["threads"])
    if sys.argv[1] == "build":
        if build:
            build(settings)
        return
    began = time.perf_counter()
    run = load(settings)
    found = {name: version(name) for name in settings["packages"]}
    _answer(answers, load_s=round(time.perf_counter() - began, 2), versions=found)
    texts = json.loads(Path(settings["texts"]).read_text(encoding="utf-8"))[settings["reads"]]
    for line in sys.stdin:
        first, last = json.loads(line)
        began = time.perf_counter()
        run(texts[first:last])
        _answer(answers, seconds=time.perf_counter() - began, peak_mb=peak_mb())


def peak_mb() -> int:
    """The peak of resident memory of this process, in MiB.

    ``ru_maxrss`` would count the memory of the parent at the time of the fork, so Linux is asked for this image's own.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _own_stdout() -> IO[str]:
    """Standard output for the answers alone: what the libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(answers: IO[str], **fields: Any) -> None:
    answers.write(json.dumps(fields) + "\n")
    answers.flush()
