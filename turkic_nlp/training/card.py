"""The card of a model with a component of the user's own: what it learned from, and how well it did on dev."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from turkic_nlp.weights import checked_json


def component_card(folder: Path, name: str, lang: str) -> str:
    """The text of ``README.md``, all of it from the model's ``meta.json``."""
    meta = checked_json(folder / "meta.json")
    stage = next(stage for stage in reversed(meta["later"]) if name in stage["heads"])
    others = ", ".join(f"`{other}`" for other in meta["components"] if other != name) or "none"
    return (
        "\n\n".join(
            [
                f"# {meta['name']} {meta['version']}",
                f"{meta['description']}. Licence of the weights: {meta.get('license', 'unstated')}.",
                f"`{name}` is a {meta['components'][name]} for `{lang}`. The other components ({others}) and the "
                "encoder are those of the model that it was added to; `meta.json` says what they learned from."
                + _adapter(stage),
                "\n".join(_data(stage)),
                "\n".join(_scores(stage)),
                f"{stage['steps']:,} steps at most, seed {stage['seed']}, {stage['minutes']} minutes: "
                f"`turkic-nlp train {stage['recipe']}` repeats it.",
            ]
        )
        + "\n"
    )


def _adapter(stage: dict[str, Any]) -> str:
    """How the component reads, if not as all others do."""
    rank = stage.get("lora")
    return f" It reads the texts itself, through a LoRA adapter of rank {rank}." if rank else ""


def _data(stage: dict[str, Any]) -> list[str]:
    lines = [
        "| files | texts for training | for dev | left out as repeated |",
        "| --- | ---: | ---: | ---: |",
    ]
    return lines + [
        f"| {', '.join(facts.get('files', []))} | {facts['train']:,} | {facts['dev']:,} | "
        f"{facts['dropped_repeated']:,} |"
        for facts in stage["data"]
    ]


def _scores(stage: dict[str, Any]) -> list[str]:
    found = {key: value for key, value in stage["dev_scores"].items() if key != "mean"}
    if not found:
        return ["There was no dev set, so nothing says how good it is."]
    shown = [f"{key.partition('.')[2]} {value:.1f}" for key, value in found.items()]
    return [
        f"On dev, which chose the best step (so a test set will be a little lower): {', '.join(shown)} percent."
    ]
