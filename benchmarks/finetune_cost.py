"""What a step of fine-tuning costs at the size of XLM-R base and large: seconds of one thread, and peak memory.

    python benchmarks/finetune_cost.py base
    python benchmarks/finetune_cost.py large --layers 2
    python benchmarks/finetune_cost.py large --layers 6

Weights are random, all else is real: the loop's own steps by the recipes xlmr_base.cfg and xlmr_large.cfg, with
optimiser and moving average, on UD_Kyrgyz-KTMU. The pieces are those of the shipped model; seconds are given for the
number of pieces that a step of the recipe has. With fewer ``--layers`` than the model has, a row is not of the model:
two such rows give its cost by a straight line, since every layer costs the same. CPU seconds of one thread are little
disturbed by what else a machine does. Writes benchmarks/results/finetune_cost.json, row by row.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import time
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.pieces import Pieces
from turkic_nlp.training import loop
from turkic_nlp.training.gold import gather
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.loader import Loader
from turkic_nlp.training.order import draws
from turkic_nlp.training.rates import groups
from turkic_nlp.training.recipe import CorpusPlan, read_recipe
from turkic_nlp.training.vectors import Vectors

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "finetune_cost.json"
ROWS = 250_002
SIZES: dict[str, dict[str, int]] = {
    "base": {
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
    },
    "large": {
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
    },
}


def main() -> None:
    """Measure one row and write it down."""
    parser = argparse.ArgumentParser(description="Seconds and memory of a step of fine-tuning.")
    parser.add_argument("size", choices=list(SIZES))
    parser.add_argument("--layers", type=int, default=0, help="fewer layers than the model has")
    parser.add_argument("--steps", type=int, default=2, help="steps after a first one that is not counted")
    options = parser.parse_args()
    torch.set_num_threads(1)
    row = measured(options.size, options.layers or SIZES[options.size]["num_hidden_layers"], options.steps)
    print(row)
    write(row)


def measured(size: str, layers: int, steps: int) -> dict[str, Any]:
    """The cost of a step with so many layers."""
    recipe = read_recipe(ROOT / "benchmarks" / "recipes" / f"xlmr_{size}.cfg")
    heads = {name: plan for name, plan in recipe.heads.items() if name in ("tagger", "parser")}
    corpus = CorpusPlan(id="ud-kyrgyz-ktmu", lang="ky")
    recipe = replace(recipe, heads=heads, corpora={"ky": corpus})
    golds = gather(recipe)
    pieces = read_folder(ROOT / "models" / "turkic_base").pieces
    config = EncoderConfig(
        vocab_size=ROWS, max_position_embeddings=514, **{**SIZES[size], "num_hidden_layers": layers}
    )
    words = WordEncoder(Encoder(config), Pieces(pieces.split, pieces.orthography, limit=512))
    model = Joint(words, loop.make_heads(recipe, golds, words.encoder.word_width))
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.plan.average))
    optimiser = torch.optim.AdamW(groups(model, recipe.plan), betas=(0.9, 0.98), fused=True)
    vectors, loader = Vectors(model, golds, recipe.plan), Loader(recipe.heads, model, golds)
    took, read = [], []
    order = draws(golds, recipe.plan.batch_pieces, recipe.plan.temperature, recipe.plan.seed)
    for step, draw in enumerate(islice(order, steps + 1)):
        batch = loader.load(draw)
        started = time.process_time()
        loop._step(model, vectors, batch, recipe.heads, recipe.plan, optimiser, 1.0, step, None)
        average.update_parameters(model)
        took.append(time.process_time() - started)
        read.append(sum(2 + sum(len(pieces.word(t.text, "ky").ids) for t in doc) for doc in batch.docs))
    rates = [pieces / seconds for pieces, seconds in zip(read[1:], took[1:], strict=True)]
    count = sum(parameter.numel() for parameter in model.encoder.parameters())
    return {
        "size": size,
        "layers": layers,
        "parameters": count,
        "in_layers": sum(parameter.numel() for parameter in model.encoder.layers.parameters()),
        "pieces": read[1:],
        "seconds": [round(seconds, 2) for seconds in took[1:]],
        "seconds_of_recipe_step": round(recipe.plan.batch_pieces / statistics.mean(rates), 2),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "batch_pieces": recipe.plan.batch_pieces,
        "recipe_steps": recipe.plan.steps,
    }


def write(row: dict[str, Any]) -> None:
    """Put a row in the place of an older one of the same size, and work out what the rows say of whole models."""
    known = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.is_file() else []
    same = (row["size"], row["layers"])
    rows = [old for old in known if (old["size"], old["layers"]) != same] + [row]
    rows.sort(key=lambda found: (found["size"], found["layers"]))
    machine = {
        "machine": platform.processor() or platform.machine(),
        "torch": version("torch"),
        "threads": 1,
        "unit": "CPU seconds of one thread",
    }
    whole = {size: found for size in SIZES if (found := model_of(size, rows))}
    RESULTS.write_text(
        json.dumps({**machine, "rows": rows, "models": whole}, indent=1) + "\n", encoding="utf-8"
    )


def model_of(size: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Cost of a whole model: measured, or by a straight line through the rows with the fewest and the most layers."""
    depth = SIZES[size]["num_hidden_layers"]
    mine = sorted((row for row in rows if row["size"] == size), key=lambda row: row["layers"])
    if not mine or (mine[-1]["layers"] < depth and len(mine) < 2):
        return {}
    few, many = mine[0], mine[-1]

    def at(key: str) -> float:
        if many["layers"] == depth:
            return float(many[key])
        slope = (many[key] - few[key]) / (many["layers"] - few["layers"])
        return float(many[key] + slope * (depth - many["layers"]))

    in_layers = at("in_layers")
    seconds = at("seconds_of_recipe_step")
    flops = 6 * in_layers * many["batch_pieces"]
    return {
        "how": "measured" if many["layers"] == depth else "from fewer layers, by a straight line",
        "parameters": round(at("parameters")),
        "seconds_a_step": round(seconds, 1),
        "hours_of_recipe_on_one_thread": round(seconds * many["recipe_steps"] / 3600, 1),
        "peak_gb": round(at("peak_gb"), 1),
        "teraflop_a_step": round(flops / 1e12, 2),
        "gigaflop_a_second": round(flops / seconds / 1e9, 1),
    }


if __name__ == "__main__":
    main()
