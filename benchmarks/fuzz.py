"""Coverage-guided fuzzing of whatever reads input, by atheris (``pip install atheris``; a tool, no dependency).

    python benchmarks/fuzz.py TARGET -runs=1000000

Targets are those of ``tests/fuzz_targets.py``: text, transliteration, treebank, card, recipe, weights, documents,
resumed. Options of libFuzzer go through (``-max_total_time=60``, ``-max_len=300``, ``-seed=1``). An input that is a bug
is written to the working folder as ``crash-...``; put its bytes into ``FOUND`` of ``tests/test_fuzz.py``.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]
with atheris.instrument_imports(include=["turkic_nlp"]):
    from fuzz_targets import SEEDS, TARGETS


def main() -> None:
    """Fuzz one target, starting from its seeds."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py TARGET [-runs=N]; targets: {', '.join(TARGETS)}")
    name = sys.argv.pop(1)
    logging.disable()  # documents that are left out would be said one by one
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        for number, seed in enumerate(SEEDS[name]()):
            Path(folder, f"seed-{number}").write_bytes(seed)
        atheris.Setup([*sys.argv, folder], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
