"""What a model folder must be like before anything is built from it: kinds and sizes of what its files say.

A folder may be damaged, or made to do harm. What is refused here would else end in an error of somebody else's, in
gigabytes of memory, or in files outside the folder.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, cast

from turkic_nlp.errors import CorruptModel

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_RESERVED = ("sentences", "encoder")
_WIDEST = 1 << 16
_LONGEST_WINDOW = 1 << 13
_SCRIPT = re.compile(r"[lk];\d{1,3};.*", re.DOTALL)
_MOST_TYPES = 1000
_LARGEST_TABLE = 1 << 27
_PLAIN_LORA = (
    *("use_dora", "use_rslora", "use_qalora", "use_bdlora", "bias", "lora_bias", "fan_in_fan_out"),
    *("rank_pattern", "alpha_pattern", "layers_to_transform", "layers_pattern", "layer_replication"),
    *("modules_to_save", "target_parameters", "exclude_modules", "trainable_token_indices"),
)
SLACK = 64
"""Sizes that go into the same matrix may multiply to so many times what the weights hold, not more."""


def check_sizes(sizes: Mapping[str, Any], path: Path) -> None:
    """The sizes of an encoder's ``config.json``; raises CorruptModel (T402) for one that no encoder can have."""
    for name, value in sizes.items():
        if name.endswith(("_prob", "_eps")):
            known = type(value) in (int, float) and math.isfinite(value) and 0 <= value < 1
        else:
            least = 0 if name == "affixes" else 1
            known = type(value) is int and least <= value < 1 << 31
        if not known:
            raise CorruptModel(path=str(path), reason=f"{name} {_shown(value)} is no size")
    if sizes["hidden_size"] % sizes["num_attention_heads"]:
        raise CorruptModel(path=str(path), reason="hidden_size is no multiple of num_attention_heads")


def check_reading(settings: Any, positions: Any, path: Path, *, own_ids: bool) -> None:
    """The part ``turkic`` of ``config.json``; a window must fit the positions that were learned.

    ``special`` are the ids of special pieces in a tokenizer of Hugging Face's; with ``own_ids`` they must be our own.
    """
    if type(positions) is not int:
        raise CorruptModel(path=str(path), reason=f"max_position_embeddings {_shown(positions)} is no size")
    if not isinstance(settings, dict) or not isinstance(settings.get("orthography", ""), str):
        raise CorruptModel(path=str(path), reason="'turkic' is no object with a string 'orthography'")
    window = settings.get("window", 128)
    most = min(positions - 2, _LONGEST_WINDOW)
    if type(window) is not int or not 8 <= window <= most:
        raise CorruptModel(path=str(path), reason=f"window {_shown(window)} is not between 8 and {most}")
    if own_ids and "special" not in settings:
        return
    special = settings.get("special")
    if not _are_special(special) or (own_ids and settings["special"][:4] != [0, 1, 2, 3]):
        raise CorruptModel(path=str(path), reason=f"special {_shown(special)} are no ids of special pieces")


def check_settings(settings: dict[str, Any], weights: int, path: Path) -> None:
    """The settings of a head whose weights are so many numbers; raises CorruptModel (T402)."""
    if fault := _wrong_kind(settings) or _too_large(settings, weights):
        raise CorruptModel(path=str(path), reason=fault)


def check_lora(config: dict[str, Any], targets: Sequence[str], width: int, path: Path) -> None:
    """The ``adapter_config.json`` of a LoRA adapter; raises CorruptModel (T402) for what would be read wrongly."""
    rank, alpha, modules = config.get("r"), config.get("lora_alpha"), config.get("target_modules")
    fault = ""
    if config.get("peft_type") != "LORA":
        fault = f"peft_type {_shown(config.get('peft_type'))} is not LORA"
    elif type(rank) is not int or not 0 < rank < width:
        fault = f"r {_shown(rank)} is no rank from 1 to {width - 1}"
    elif type(alpha) not in (int, float) or not 0 < cast(float, alpha) < _WIDEST:
        fault = f"lora_alpha {_shown(alpha)} is no size"
    elif not _are_texts(modules) or set(cast("list[str]", modules)) != set(targets):
        fault = f"target_modules {_shown(modules)} are not {', '.join(targets)}"
    elif more := [key for key in _PLAIN_LORA if config.get(key) not in (None, False, {}, [], "none")]:
        fault = f"{more[0]} {_shown(config[more[0]])} is more than plain LoRA"
    if fault:
        raise CorruptModel(path=str(path), reason=fault)


def _wrong_kind(settings: dict[str, Any]) -> str:
    for name, value in settings.items():
        kind = _KINDS.get("width" if name.endswith("width") else name)
        if kind and not kind(value):
            return f"{name} {_shown(value)} is not of the right kind"
    return ""


def _too_large(settings: dict[str, Any], weights: int) -> str:
    sizes = {name: value for name, value in settings.items() if name.endswith("width") or name == "reach"}
    sizes |= {name: len(settings[name]) for name in _ROWS if name in settings}
    for one, other in combinations(sorted(sizes), 2):
        if sizes[one] * sizes[other] > SLACK * weights:
            return f"{one} {sizes[one]} and {other} {sizes[other]} do not go with {weights} weights"
    values = sum(map(len, settings.get("fields", {}).values()))
    if (
        values * len(settings.get("bundles", ())) > _LARGEST_TABLE
        or len(settings.get("types", ())) > _MOST_TYPES
    ):
        return "too many labels"
    return ""


def _are_special(ids: Any) -> bool:
    return (
        isinstance(ids, list)
        and len(ids) == 5
        and all(type(id_) is int and 0 <= id_ < 1 << 31 for id_ in ids)
    )


def _is_width(value: Any) -> bool:
    return type(value) is int and 1 <= value <= _WIDEST


def _is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.encode("utf-8") is not None
    except UnicodeEncodeError:  # a lone surrogate
        return False


def _are_texts(value: Any) -> bool:
    return (
        isinstance(value, list) and all(isinstance(text, str) for text in value) and _is_text("".join(value))
    )


def _are_scripts(value: Any) -> bool:
    return _are_texts(value) and bool(value) and all(map(_SCRIPT.fullmatch, value))


def _are_fields(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_are_texts, value.values())) and bool(value.get("UPOS"))


def _are_words(value: Any) -> bool:
    return isinstance(value, dict) and _are_texts(list(value.values()))


def _are_pairs(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_are_words, value.values()))


_ROWS = ("types", "labels", "relations", "scripts", "bundles", "styles")
_KINDS: dict[str, Callable[[Any], bool]] = {
    "width": _is_width,
    **dict.fromkeys(("styles", "types", "labels", "relations", "bundles", "grams"), _are_texts),
    **dict.fromkeys(("lemmas", "small", "clued"), _are_texts),
    "scripts": _are_scripts,
    "fields": _are_fields,
    **dict.fromkeys(("words", "agreed", "endings", "names", "features"), _are_words),
    **dict.fromkeys(("pairs", "by_tag", "seen", "used", "clues"), _are_pairs),
    "reach": lambda value: type(value) is int and 0 <= value <= _WIDEST,
    "exclusive": lambda value: isinstance(value, bool),
    "style": lambda value: value is None or _is_text(value),
}


def components(
    meta: dict[str, Any], tasks: Mapping[str, Any], folder: Path
) -> dict[str, tuple[str, dict[str, str]]]:
    """Name, task and styles of the components that ``meta.json`` lists, each in a folder of its own inside.

    Raises CorruptModel (T402) for an unknown task, a name that leads out of the folder, or anything else than text.
    """
    path = folder / "meta.json"
    listed, styles = meta.get("components"), meta.get("styles", {})
    if not _are_words(listed) or not _are_pairs(styles):
        raise CorruptModel(path=str(path), reason="'components' and 'styles' must be objects of texts")
    assert isinstance(listed, dict)
    for name, task in listed.items():
        if task not in tasks:
            raise CorruptModel(path=str(path), reason=f"no task {_shown(task)}; known: {', '.join(tasks)}")
        if not component_name(name):
            raise CorruptModel(path=str(path), reason=f"{_shown(name)} is no name of a component")
    for name in ("encoder", *listed, *(f"{name}/adapter" for name in listed)):
        if (folder / name).resolve() != folder.resolve() / name:
            raise CorruptModel(path=str(folder / name), reason="it leads out of the model's folder")
    for key in ("name", "version", "description", "license"):
        if not _is_text(meta.get(key, "")):
            raise CorruptModel(path=str(path), reason=f"{key} is no text")
    return {name: (task, styles.get(name, {})) for name, task in listed.items()}


def component_name(name: str) -> bool:
    """Whether a component of a model may have this name, which is that of its folder too."""
    return bool(_NAME.fullmatch(name)) and name not in _RESERVED


def _shown(value: Any) -> str:
    """A value as a message shows it: no longer than a line."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
