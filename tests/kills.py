"""Kill -9 a run of ``annotate`` again and again: at every step that touches the disk, and at random moments.

    python kills.py FOLDER FORMAT        before each step in turn; half a batch is written before a write
    python kills.py FOLDER FORMAT COUNT  at COUNT random moments

Each run is a fork that dies by SIGKILL; the command is then repeated. A line of JSON tells of every kill: how it died,
how often the command was repeated, whether the output is that of an undisturbed run, and what else was left.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from pathlib import Path

import pyarrow.parquet  # noqa: F401  once, before the forks
from fakes import pipeline_for, slow_pipeline_for

from turkic_nlp.annotate import annotate, partial
from turkic_nlp.errors import TurkicError

WATCHED = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir")
REPEATS = 3


def run(folder: Path, name: str, format: str, pipelines=pipeline_for) -> None:
    options = {"lang": "ky", "format": format, "batch_size": 2}
    annotate([folder / "in.txt"], folder / name, pipeline_for=pipelines, **options)


def forked(work) -> int:
    """How a fork that does ``work`` ended: 0, 1 for a numbered error, -9 for a kill."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except TurkicError as error:
            sys.stderr.write(f"{error}\n")
            os._exit(1)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(2)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying(folder: Path, step: int, work) -> None:
    """Do ``work``, and die just before its ``step``-th touch of the disk."""
    left = [step]

    def touch() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def write_all(file, data) -> None:
        file.write(data[: len(data) // 2])
        touch()
        file.write(data[len(data) // 2 :])

    def watch(event: str, arguments) -> None:
        if event in WATCHED and "out.partial" in str(arguments[0]):
            touch()

    partial._write_all = write_all
    sys.addaudithook(watch)
    work()


def repeated(folder: Path, format: str) -> int:
    """Give the command again until it says that the output is there."""
    for count in range(REPEATS):
        if forked(lambda: run(folder, "out", format)) == 0:
            return count + 1
    return REPEATS


def after(folder: Path, format: str, died: int, **facts) -> dict:
    times = repeated(folder, format) if died else 0
    out = folder / "out"
    same = out.exists() and out.read_bytes() == (folder / "whole").read_bytes()
    left = sorted({path.name for path in folder.iterdir()} - {"in.txt", "whole", "out"})
    out.unlink(missing_ok=True)
    return {**facts, "died": died, "repeated": times, "same": same, "left": left}


def tell(row: dict) -> None:
    sys.stdout.write(f"{json.dumps(row)}\n")
    sys.stdout.flush()  # or each fork would say it again


def main() -> None:
    folder, format = Path(sys.argv[1]), sys.argv[2]
    forked(lambda: run(folder, "whole", format))
    if len(sys.argv) == 3:
        died, step = -signal.SIGKILL, 0
        while died:
            step += 1
            died = forked(lambda: dying(folder, step, lambda: run(folder, "out", format)))  # noqa: B023
            tell(after(folder, format, died, step=step))
    else:
        moments = random.Random(5)
        for _ in range(int(sys.argv[3])):
            delay = moments.random() * 0.1
            died = forked(lambda: killed_after(delay, lambda: run(folder, "out", format, slow_pipeline_for)))  # noqa: B023
            tell(after(folder, format, died, delay=delay))


def killed_after(delay: float, work) -> None:
    """Do ``work``; the clock kills it after so many seconds, wherever it is."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, delay)
    work()


if __name__ == "__main__":
    main()
