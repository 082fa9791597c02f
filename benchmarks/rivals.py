"""Words per second and peak memory of ours and of rivals, in one run, on the same texts, encoders of one size.

    python benchmarks/rivals.py --install            # makes the virtual environments of the rivals
    python benchmarks/rivals.py [--sentences 1000] [--langs kk ky uz tk] [--only hf-32 stanza]

Each rival is a process of its own that loads once. The processes take turns, one at a time: in each of the rounds all
read the same new sentences, so that no cache knows them; a speed is the median over the rounds, a ratio that of the
ratios within a round. A rival that is not installed or fails is named in the results with the reason. Writes
benchmarks/results/rivals.json.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import rivals_materials as materials
import speed
import torch
from rivals_roster import ENVIRONMENTS, NOTES, OURS, PATHS, RIVALS, TORCH, Rival

import turkic_nlp

SCRIPTS = Path(__file__).resolve().parent / "rivals"
RESULTS = speed.ROOT / "benchmarks" / "results" / "rivals.json"
ROUNDS = 3
WARM = 40


class Skipped(Exception):
    """A rival that cannot run here, and why."""


class Process:
    """A rival at work: answers one line to each slice of the texts that it is told to read."""

    def __init__(self, rival: Rival, settings: dict[str, Any], log: IO[str]) -> None:
        self.rival = rival
        self.log = log
        self.process = subprocess.Popen(
            command(rival, "serve", settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(settings["threads"]),
        )
        self.about = self._answer()

    def read(self, first: int, last: int) -> dict[str, Any]:
        """Seconds and peak memory of annotating these texts."""
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"[{first}, {last}]\n")
            self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise Skipped(last_line(Path(self.log.name)))
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> None:
        """Close its input and wait for it to leave."""
        self.process.communicate()


def main() -> None:
    """Install, or measure and write down."""
    parser = argparse.ArgumentParser(description="Words per second and peak memory against rivals.")
    parser.add_argument("--text", default=str(speed.ROOT.parent / "shared" / "text"))
    parser.add_argument("--sentences", type=int, default=1000, help="of one round")
    parser.add_argument("--langs", nargs="+", default=list(speed.LANGUAGES), choices=speed.LANGUAGES)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--only", nargs="+", default=list(RIVALS), choices=list(RIVALS), help="and ours")
    parser.add_argument("--venv-dir", type=Path, default=speed.ROOT / "runs" / "rivals")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--install", action="store_true", help="make the virtual environments and stop")
    options = parser.parse_args()
    options.venv_dir = options.venv_dir.resolve()
    options.venv_dir.mkdir(parents=True, exist_ok=True)
    if options.install:
        install(options.venv_dir)
        return
    torch.set_num_threads(options.threads)
    measure(options)


def install(folder: Path) -> None:
    """A virtual environment for each rival that needs other versions than ours."""
    for name, packages in ENVIRONMENTS.items():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        pip = [str(folder / name / "bin" / "python"), "-m", "pip", "install"]
        subprocess.run([*pip, TORCH, *packages, "sentencepiece", "protobuf"], check=True)


def measure(options: argparse.Namespace) -> None:
    """All rivals in all languages; the results are written after each language."""
    names = [name for name in RIVALS if name in {*OURS, *options.only}]
    sizes = materials.encoders(options.venv_dir, glot500="turkicnlp" in names)
    lines = {lang: texts_of(options, lang) for lang in options.langs}
    materials.sample(options.venv_dir, lines)
    skipped = {name: reason for name in names if (reason := built(name, options))}
    found = {**state(options), "encoder": sizes, "notes": NOTES}
    rows: list[dict[str, Any]] = []
    for lang in options.langs:
        counts = materials.texts(options.venv_dir, lang, lines[lang])
        able = [name for name in names if name not in skipped]
        answers, failed = in_turns(able, options, lang, len(counts))
        skipped |= failed
        new = summary(lang, answers, counts)
        for row in new:
            print(
                *(f"{key}={row[key]}" for key in ("lang", "rival", "words_per_second", "peak_mb")), flush=True
            )
        rows += new
        missing = [{"rival": name, "what": RIVALS[name].what, "reason": why} for name, why in skipped.items()]
        text = json.dumps({**found, "rows": rows, "skipped": missing}, ensure_ascii=False, indent=1)
        options.out.write_text(text + "\n", encoding="utf-8")


def state(options: argparse.Namespace) -> dict[str, Any]:
    """What the numbers depend on."""
    return {
        "machine": speed._processor(),
        "load_average": round(os.getloadavg()[0], 2),
        "threads": options.threads,
        "torch": version("torch"),
        "version": turkic_nlp.__version__,
        "sentences": options.sentences,
        "rounds": ROUNDS,
    }


def texts_of(options: argparse.Namespace, lang: str) -> list[str]:
    """Sentences for all rounds and the warming up."""
    most = WARM + ROUNDS * options.sentences * 11 // 10
    return speed.texts(argparse.Namespace(text=options.text, sentences=most), lang)


def settings_of(rival: Rival, options: argparse.Namespace, lang: str) -> dict[str, Any]:
    """What a script is told."""
    folder = options.venv_dir
    places = {
        key: str(folder / value) if value else "" for key, value in rival.options.items() if key in PATHS
    }
    common = {"lang": lang, "threads": options.threads, "reads": rival.reads, "packages": rival.packages}
    files = {"texts": str(folder / f"texts-{lang}.json"), "sample": str(folder / "sample.json")}
    return {**rival.options, **places, **common, **files, "venv_dir": str(folder)}


def command(rival: Rival, verb: str, settings: dict[str, Any]) -> list[str]:
    """The command line of a script in its environment."""
    python = (
        Path(settings["venv_dir"]) / rival.venv / "bin" / "python" if rival.venv else Path(sys.executable)
    )
    return [str(python), str(SCRIPTS / rival.script), verb, json.dumps(settings)]


def environment(threads: int) -> dict[str, str]:
    """The same number of threads for all, and no way to a hub."""
    limits = (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "RAYON_NUM_THREADS",
    )
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {**os.environ, **offline, **dict.fromkeys(limits, str(threads))}


def built(name: str, options: argparse.Namespace) -> str:
    """Let the rival make its files; why it cannot run, or nothing."""
    line = command(RIVALS[name], "build", settings_of(RIVALS[name], options, options.langs[0]))
    if not Path(line[0]).exists():
        return f"not installed: there is no {RIVALS[name].venv} in {options.venv_dir.name}; see --install"
    if "model" not in RIVALS[name].options:
        return ""
    print("builds", name, flush=True)
    done = subprocess.run(line, capture_output=True, text=True, env=environment(options.threads))
    return (
        "" if not done.returncode else f"could not be built: {(done.stderr.strip() or '?').splitlines()[-1]}"
    )


def last_line(log: Path) -> str:
    """The last thing a process said."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"stopped: {lines[-1] if lines else 'without a word'}"


def slices(count: int, wanted: int, *, rounds: int = ROUNDS, warm: int = WARM) -> list[tuple[int, int]]:
    """The texts to warm up with, then new ones for each round; fewer than wanted where there are not enough."""
    size = min(wanted, (count - warm) // rounds)
    return [(0, warm), *((warm + size * index, warm + size * (index + 1)) for index in range(rounds))]


def turns(names: Sequence[str], rounds: int) -> Iterator[tuple[int, str]]:
    """Who reads when: everybody once a round, in an order that moves on by one each time."""
    for number in range(rounds):
        shift = number % len(names)
        yield from ((number, name) for name in [*names[shift:], *names[:shift]])


def in_turns(
    names: Sequence[str], options: argparse.Namespace, lang: str, count: int
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """What each rival answered in each round, and why some did not."""
    parts = slices(count, options.sentences)
    answers: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        running: dict[str, Process] = {}
        for number, name in turns(names, len(parts)):
            if name in failed:
                continue
            print(lang, f"round {number}" if number else "warms up", name, flush=True)
            try:
                if name not in running:
                    log = stack.enter_context((options.venv_dir / f"{name}.log").open("w", encoding="utf-8"))
                    running[name] = Process(RIVALS[name], settings_of(RIVALS[name], options, lang), log)
                    stack.callback(running[name].end)
                    answers[name] = {"about": running[name].about, "rounds": []}
                first, last = parts[number]
                last = min(last, first + RIVALS[name].most)
                answer = running[name].read(first, last)
            except Skipped as reason:
                failed[name] = str(reason)
                answers.pop(name, None)
                continue
            if number:
                answers[name]["rounds"].append({**answer, "first": first, "last": last})
    return answers, failed


def summary(lang: str, answers: dict[str, dict[str, Any]], counts: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each rival; a ratio is how many times faster ours is."""
    speeds = {
        name: [sum(counts[turn["first"] : turn["last"]]) / turn["seconds"] for turn in answer["rounds"]]
        for name, answer in answers.items()
    }

    def ratio(name: str, ours: str) -> float | None:
        if ours not in speeds:
            return None
        pairs = zip(speeds[ours], speeds[name], strict=True)
        return round(statistics.median(mine / theirs for mine, theirs in pairs), 2)

    return [
        {
            "lang": lang,
            "rival": name,
            "what": RIVALS[name].what,
            "tasks": RIVALS[name].tasks,
            "sentences": sum(turn["last"] - turn["first"] for turn in answer["rounds"]),
            "words": sum(sum(counts[turn["first"] : turn["last"]]) for turn in answer["rounds"]),
            "words_per_second": round(statistics.median(speeds[name])),
            "peak_mb": max(turn["peak_mb"] for turn in answer["rounds"]),
            "load_s": answer["about"]["load_s"],
            "versions": answer["about"]["versions"],
            "compared_with": RIVALS[name].like,
            "ours_is_faster": ratio(name, RIVALS[name].like),
            "all_of_ours_is_faster": ratio(name, "ours"),
        }
        for name, answer in answers.items()
    ]


if __name__ == "__main__":
    main()
