"""What annotating on a cluster costs besides the model, for the sizing in docs/cluster.md.

    python benchmarks/cluster.py [--write]

The text is that of ``corpora/samples``. Measured are the survey (every document read and digested, one core), the
plan (where the shards are cut), the bytes a word takes in CoNLL-U and JSON lines, the bytes a shard takes in the
manifest, and, with the extra ``cluster`` installed, the seconds until Ray and two workers are ready. Speed of the
model itself: ``benchmarks/speed.py``.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from turkic_nlp.annotate import STREAMS, annotate
from turkic_nlp.annotate.engine import Annotator
from turkic_nlp.annotate.shards import BATCHES, Maker, plan
from turkic_nlp.annotate.workers import Pool, connected
from turkic_nlp.cli.annotate import pipeline
from turkic_nlp.errors import MissingExtra

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks/results/cluster.json"
SURVEYED = 50_000
PLANNED = 1_000_000
BATCH = 256


def main() -> None:
    """Measure and print; with --write, keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    options = parser.parse_args()
    paths = sorted((ROOT / "corpora/samples").glob("*.txt"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "survey": survey(lines, Path(folder)),
            "plan": planning(),
            "output": output(lines, Path(folder)),
            "start": start(),
        }
    text = json.dumps(found, indent=1)
    print(text)
    if options.write:
        RESULTS.write_text(f"{text}\n", encoding="utf-8")


def survey(lines: list[str], folder: Path) -> dict[str, Any]:
    """One core reading JSON lines through."""
    path = folder / "in.jsonl"
    texts = (lines[number % len(lines)] for number in range(SURVEYED))
    rows = (json.dumps({"id": number, "text": text}, ensure_ascii=False) for number, text in enumerate(texts))
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    tool = Maker(Annotator(_nothing, "kk", "jsonl"), [(path.name, path)], folder, None, False, BATCH, False)
    begin = time.perf_counter()
    tool.survey(0)
    seconds = time.perf_counter() - begin
    return {
        "documents": SURVEYED,
        "documents per second": round(SURVEYED / seconds),
        "megabytes per second": round(path.stat().st_size / 1e6 / seconds, 1),
        "bytes kept for each document": 4,
    }


def _nothing(lang: str) -> Any:
    raise LookupError(lang)


def planning() -> dict[str, Any]:
    """The one step that is done on one machine for all documents."""
    begin = time.perf_counter()
    shards = plan([[80] * PLANNED], batch_size=BATCH, batches=BATCHES)
    seconds = time.perf_counter() - begin
    return {
        "documents": PLANNED,
        "documents per second": round(PLANNED / seconds),
        "documents in a shard": shards[0].documents,
    }


def output(lines: list[str], folder: Path) -> dict[str, Any]:
    """Bytes a word in and out, annotated by the shipped model."""
    path = folder / "in.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    model = partial(pipeline, model=None, device="cpu", disable=())
    sizes, words = {}, 0
    for format in STREAMS:
        target = folder / f"out.{format}"
        words = annotate([path], target, pipeline_for=model, format=format, on_error="skip").words
        sizes[format] = round(target.stat().st_size / words, 1)
    row = {
        "shard": 10**5,
        "file": "shard-100000.conllu",
        "documents": 16384,
        "sentences": 16384,
        "words": 10**5,
    }
    row |= {"skipped": 10, "size": 10**7, "bytes": 10**8, "sha256": "0" * 64}
    return {
        "words": words,
        "bytes of text for each word": round(path.stat().st_size / words, 1),
        "bytes of output for each word": sizes,
        "bytes of manifest for each shard": len(json.dumps(row, indent=1)),
    }


def start() -> dict[str, float] | None:
    """Seconds until Ray is there, and until two workers have answered."""
    begin = time.perf_counter()
    try:
        with connected(n_process=2):
            ray = time.perf_counter() - begin
            with Pool(len, count=2, device="cpu") as pool:
                dict(pool.run("__call__", ["a", "b"]))
                return {"ray": round(ray, 1), "workers": round(time.perf_counter() - begin - ray, 1)}
    except MissingExtra:
        return None


if __name__ == "__main__":
    main()
