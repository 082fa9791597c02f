"""The memory of one language against four with all components: what an encoder that they share saves.

    python benchmarks/memory.py
    python benchmarks/memory.py --table      write the table into docs/new-component.md

Each row is measured in a process of its own, after the pipelines have annotated a text each. Resident memory holds
Python, spaCy and torch too, which the first row shows; weights are counted by their storage, each once. ``unshared``
is what the weights would take if every component read an encoder of its own. With ``adapters`` every component of
every language has a LoRA adapter of rank 8 of its own, with random weights: memory does not depend on what they
learned. Writes benchmarks/results/memory.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "memory.json"
TEXTS = {
    "kk": "Астана — Қазақстанның астанасы.",
    "ky": "Бишкек — Кыргызстандын борбору.",
    "uz": "Toshkent — Oʻzbekiston poytaxti.",
    "tk": "Aşgabat — Türkmenistanyň paýtagty.",
}
PAGE = ROOT / "docs" / "new-component.md"
RANK = 8
ROWS: dict[str, tuple[list[str], bool]] = {
    "imports": ([], False),
    "kk": (["kk"], False),
    "kk ky uz tk": (list(TEXTS), False),
    "kk ky uz tk, adapters": (list(TEXTS), True),
}


def main() -> None:
    """Measure every row, or one of them in this process, or write the table."""
    parser = argparse.ArgumentParser(description="The memory of shared and unshared encoders.")
    parser.add_argument("--row", choices=ROWS)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    row = options.row
    if options.table:
        result = json.loads(RESULTS.read_text(encoding="utf-8"))
        write_table(PAGE, "memory", table(result))
    elif row:
        print(json.dumps(measure(*ROWS[row])))
    else:
        measure_all()


def measure_all() -> None:
    """Measure every row in a process of its own, and write them."""
    found = {}
    for name in ROWS:
        command = [sys.executable, __file__, "--row", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])
        print(name, found[name])
    import turkic_nlp

    result = {"model": "turkic_small", "release": turkic_nlp.__version__, "rank": RANK, "rows": found}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def table(result: dict[str, Any]) -> str:
    """The rows in Markdown."""
    lines = [
        "| loaded | components | resident, MB | weights, MB | weights with an encoder for each, MB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, row in result["rows"].items():
        cells = [row["components"], round(row["rss_mb"]), round(row["weights_mb"]), round(row["unshared_mb"])]
        lines.append(f"| {name} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def write_table(page: Path, name: str, text: str) -> None:
    """Put a text between the two marks of a page that have its name."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    page.write_text(f"{before}{begin}\n{text}{end}{rest.partition(end)[2]}", encoding="utf-8")


def measure(langs: list[str], adapters: bool) -> dict[str, Any]:
    """Load languages, annotate a text with each, and count."""
    import torch

    import turkic_nlp
    from turkic_nlp import pipeline  # noqa: F401  what every row imports

    torch.set_num_threads(1)
    nlps = [turkic_nlp.load(lang) for lang in langs]
    if adapters:
        _adapt(nlps)
    for nlp in nlps:
        nlp(TEXTS[nlp.lang])
    encoders = [nlp.get_pipe("encoder").model.encoder for nlp in nlps]
    heads = [pipe for nlp in nlps for _, pipe in nlp.pipeline if getattr(pipe, "head", None)]
    own = [pipe.reader.words.encoder for pipe in heads if pipe.reader]
    encoder = encoders[0].parameters() if encoders else []
    once = sum(p.numel() * p.element_size() for p in encoder)
    return {
        "components": len(heads),
        "rss_mb": _resident(),
        "weights_mb": _megabytes([*encoders, *(pipe.head for pipe in heads), *own]),
        "encoder_mb": round(once / 1e6, 1),
        "unshared_mb": round(sum(_bytes(pipe.head) + once for pipe in heads) / 1e6, 1),
    }


def _adapt(nlps: list[Any]) -> None:
    """Give every component an adapter of its own."""
    import copy

    from turkic_nlp.adapters import AdaptedWords, attach, detached

    base, config = nlps[0].get_pipe("encoder").model, {"r": RANK, "lora_alpha": 2 * RANK}
    example = copy.deepcopy(base.encoder)
    attach(example, config)
    for pipe in (pipe for nlp in nlps for _, pipe in nlp.pipeline if getattr(pipe, "head", None)):
        pipe.reader = AdaptedWords(base, detached(example, config))


def _bytes(module: Any) -> int:
    return sum(p.numel() * p.element_size() for p in module.parameters())


def _megabytes(modules: list[Any]) -> float:
    """The storage of all parameters, each counted once."""
    storages = {
        p.untyped_storage().data_ptr(): p.untyped_storage().nbytes() for m in modules for p in m.parameters()
    }
    return round(sum(storages.values()) / 1e6, 1)


def _resident() -> float:
    """Resident memory of this process in megabytes (Linux)."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmRSS"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


if __name__ == "__main__":
    main()
