"""Annotate without end and watch the memory: it may not follow the number of words that went through.

    python benchmarks/soak.py --minutes 120 [--write]
    python benchmarks/soak.py --vocabulary [--write]

The text is that of ``corpora/samples`` in all four languages, every fifth word replaced by an invented one, so that new
words never end. Each round writes a file of 400 documents, and ``annotate`` turns it into CoNLL-U; after each batch the
resident memory is noted. Memory is flat when its median over the last quarter is at most 5 % above that over the
second; the first quarter is left for caches to fill (60,000 words in that of pieces, 30,000 lemmas a language, 100,000
strings a vocabulary), so the run has to be a long one.

``--vocabulary`` compares three ways to treat spaCy's vocabulary on 600,000 invented words: keep it, a memory zone per
batch, and the renewal that ``annotate`` does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks/results/soak.json"
LANGS = ("kk", "ky", "tk", "uz")
CYRILLIC, LATIN = ("бгдзйклмнпрстш", "аеиоуыүө"), ("bdghjklmnprst", "aeiouyöü")
LETTERS = {"kk": CYRILLIC, "ky": CYRILLIC, "tk": LATIN, "uz": LATIN}
ROUND = 400
TOLERANCE = 1.05
WAYS = ("kept", "memory zone", "renewed")
BATCHES = 600


@dataclass(frozen=True)
class Sample:
    """The resident memory in MB after so many seconds and words."""

    seconds: float
    words: int
    megabytes: float


def main() -> None:
    """Run one of the two, print it; with --write, keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--vocabulary", action="store_true", help="compare ways to treat the vocabulary")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    options = parser.parse_args()
    if options.way:
        print(json.dumps(vocabulary(options.way)))
        return
    found = {"vocabulary": compared()} if options.vocabulary else {"soak": soak(options.minutes)}
    print(json.dumps(found, indent=1))
    if options.write:
        kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        RESULTS.write_text(json.dumps(kept | found, indent=1) + "\n", encoding="utf-8")


def soak(minutes: float) -> dict[str, Any]:
    """Annotate for so many minutes; the memory over time and whether it is flat."""
    from turkic_nlp import load
    from turkic_nlp.annotate import annotate
    from turkic_nlp.annotate.tally import Tally

    pipelines = {lang: load(lang) for lang in LANGS}
    start, samples, words = time.monotonic(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        for number, lang in enumerate(_for_minutes(minutes, start)):
            source, output = Path(folder, "in.txt"), Path(folder, "out.conllu")
            source.write_text("\n".join(documents(lang, number, ROUND)), encoding="utf-8")

            def note(tally: Tally, before: int = words) -> None:
                samples.append(Sample(round(time.monotonic() - start, 1), before + tally.words, resident()))

            done = annotate(
                [source],
                output,
                pipeline_for=pipelines.__getitem__,
                lang=lang,
                force=True,
                batch_size=100,
                progress=note,
            )
            words += done.words
    return {"minutes": minutes, **summary(samples)}


def _for_minutes(minutes: float, start: float) -> Iterator[str]:
    """The languages in turn, each at least once, until the time is over."""
    number = 0
    while number < len(LANGS) or time.monotonic() - start < 60 * minutes:
        yield LANGS[number % len(LANGS)]
        number += 1


def documents(lang: str, seed: int, count: int) -> list[str]:
    """Lines of the sample text with every fifth word invented; other words for every seed."""
    rng = random.Random(f"{lang} {seed}")
    lines = (ROOT / f"corpora/samples/{lang}.txt").read_text(encoding="utf-8").split("\n")
    texts = [line for line in lines if line.strip()]
    made = []
    for number in range(count):
        words = texts[number % len(texts)].split(" ")
        words[::5] = [_invented(rng, lang) for _ in words[::5]]
        made.append(" ".join(words))
    return made


def _invented(rng: random.Random, lang: str) -> str:
    consonants, vowels = LETTERS[lang]
    return "".join(rng.choice(vowels if at % 2 else consonants) for at in range(8))


def resident() -> float:
    """Resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def summary(samples: list[Sample]) -> dict[str, Any]:
    """The verdict, and at most sixty of the samples."""
    quarter = max(1, len(samples) // 4)
    early = statistics.median(s.megabytes for s in samples[quarter : 2 * quarter] or samples)
    late = statistics.median(s.megabytes for s in samples[-quarter:])
    step = -(-len(samples) // 60)
    return {
        "words": samples[-1].words,
        "second quarter": early,
        "last quarter": late,
        "peak": max(s.megabytes for s in samples),
        "flat": late <= early * TOLERANCE,
        "samples": [asdict(sample) for sample in samples[::step]],
    }


def compared() -> list[dict[str, Any]]:
    """Each way in a process of its own, as what one leaves behind would count for the next."""
    command = [sys.executable, __file__, "--way"]
    return [
        json.loads(subprocess.run([*command, way], check=True, capture_output=True, text=True).stdout)
        for way in WAYS
    ]


def vocabulary(way: str) -> dict[str, Any]:
    """Tokenize invented words, a lemma each: the most memory in the first and in the second half, and the time."""
    from turkic_nlp import blank
    from turkic_nlp.annotate.vocabulary import renew

    nlp, rng = blank("ky"), random.Random(1)
    start, memory = time.perf_counter(), []
    for _ in range(BATCHES):
        texts = [" ".join(_invented(rng, "ky") for _ in range(20)) for _ in range(50)]
        if way == "renewed":
            renew(nlp)
        with nlp.memory_zone() if way == "memory zone" else nullcontext():
            for doc in nlp.pipe(texts):
                for token in doc:
                    token.lemma_ = token.text[:-1]
            del doc, token
        memory.append(resident())
    half = BATCHES // 2
    peaks = {"peak of the first half": max(memory[:half]), "peak of the second half": max(memory[half:])}
    return {"way": way, "words": 1000 * BATCHES, **peaks, "seconds": round(time.perf_counter() - start, 1)}


if __name__ == "__main__":
    main()
