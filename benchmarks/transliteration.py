"""Accuracy on parallel Uzbek texts, and words a second beside another transliterator on the same text.

    python benchmarks/transliteration.py --mirror FOLDER [--rival PYTHON]

FOLDER is laid out like the mirror of original corpora; PYTHON is an interpreter that has turkicnlp. Words are
whitespace tokens of aligned lines with equal counts, apostrophe shapes folded. Documents with an even number
were looked at while the rules were written, odd ones were only scored. Writes results/transliteration.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
WAYS = (("cyr", "lat", "Cyrl", "Latn"), ("lat", "cyr", "Latn", "Cyrl"), ("cyr", "nlt", "Cyrl", "Latn-2021"))
FOLD = str.maketrans(dict.fromkeys("ʻʼ‘’`´ʹ′", "'"))
RIVAL = """
import json, sys, time
from turkicnlp.scripts import Script
from turkicnlp.scripts.transliterator import Transliterator
text = open(sys.argv[1], encoding="utf-8").read()
run = Transliterator("uzb", Script(sys.argv[2]), Script(sys.argv[3]))
run.transliterate("a а XXI #a")
start = time.perf_counter()
output = run.transliterate(text)
print(json.dumps([time.perf_counter() - start, output]))
"""


def words(mirror: Path, parity: int, source: str, target: str) -> list[tuple[str, str]]:
    """Aligned words of the documents whose number is even (0) or odd (1)."""
    path = mirror / "translit-uz-parallel" / "uz_cyr_lat_newlat.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        names = next(lines).rstrip("\n").split("\t")
        rows = [dict(zip(names, line.rstrip("\n").split("\t"), strict=False)) for line in lines]
    rows = [row for row in rows if int(row["doc"]) % 2 == parity]
    sides = [(row.get(source, "").split(), row.get(target, "").split()) for row in rows]
    return [pair for a, b in sides if len(a) == len(b) for pair in zip(a, b, strict=True)]


def ours(text: str, source: str, target: str) -> tuple[float, str]:
    """Seconds and output in a fresh interpreter: no word is known beforehand, imports are not counted."""
    code = (
        "import json, sys, time; from turkic_nlp.scripts import transliterate as t;"
        "text = open(sys.argv[1], encoding='utf-8').read(); "
        "way = dict(source=sys.argv[2], target=sys.argv[3]);"
        "t('a а XXI #a', lang='uz', **way); start = time.perf_counter(); output = t(text, lang='uz', **way);"
        "print(json.dumps([time.perf_counter() - start, output]))"
    )
    return timed(sys.executable, code, text, source, target)


def timed(python: str, code: str, text: str, source: str, target: str) -> tuple[float, str]:
    """Run code on a text in an interpreter of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        path.write_text(text, encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(HERE.parent), "PYTHONIOENCODING": "utf-8"}
        call = [python, "-c", code, str(path), source, target]
        answer = subprocess.run(call, capture_output=True, check=True, env=environment, encoding="utf-8")
    seconds, output = json.loads(answer.stdout)
    return seconds, output


def share(pairs: list[tuple[str, str]], output: str) -> float:
    """Percent of words that equal the other column."""
    words = zip(pairs, output.split("\n"), strict=True)
    right = sum(gold.translate(FOLD) == got.translate(FOLD) for (_, gold), got in words)
    return round(100 * right / len(pairs), 3)


def measure(mirror: Path, rival: str | None, way: tuple[str, str, str, str]) -> dict[str, object]:
    """Accuracy on each half and speed on both together, for one direction."""
    a, b, source, target = way
    halves = {name: words(mirror, parity, a, b) for parity, name in enumerate(("seen", "unseen"))}
    result: dict[str, object] = {
        "from": source,
        "to": target,
        "words": {n: len(p) for n, p in halves.items()},
    }
    engines = {"ours": ours}
    if rival and "-" not in target:
        engines["turkicnlp"] = lambda *text: timed(rival, RIVAL, *text)
    pairs = halves["seen"] + halves["unseen"]
    for name, engine in engines.items():
        runs = [engine("\n".join(word for word, _ in pairs), source, target) for _ in range(3)]
        output, cut = runs[0][1].split("\n"), len(halves["seen"])
        result[name] = {
            "seen": share(halves["seen"], "\n".join(output[:cut])),
            "unseen": share(halves["unseen"], "\n".join(output[cut:])),
            "words_per_second": round(len(pairs) / min(seconds for seconds, _ in runs)),
        }
    return result


def main() -> None:
    """Measure all directions and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", type=Path, default=os.environ.get("TURKIC_NLP_MIRROR"), required=False)
    parser.add_argument("--rival", help="interpreter that has turkicnlp")
    options = parser.parse_args()
    start = time.strftime("%Y-%m-%d")
    results = [measure(Path(options.mirror), options.rival, way) for way in WAYS]
    report = {"date": start, "python": platform.python_version(), "cpus": os.cpu_count(), "results": results}
    path = HERE / "results" / "transliteration.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
