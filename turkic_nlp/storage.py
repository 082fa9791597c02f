"""A head on disk: ``settings.json`` and ``weights.safetensors`` in a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from turkic_nlp.errors import CorruptModel
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.soundness import check_settings
from turkic_nlp.weights import checked_json, filled, read_tensors, write_tensors

_UNFIT = (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError, MemoryError)


def write_head(head: Head, folder: Path, *, style: str | None) -> None:
    """Write a head's folder: ``settings.json``, a setting a line, and ``weights.safetensors``."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"style": style, **head.settings}
    lines = (f" {_json(name)}: {_json(value)}" for name, value in settings.items())
    (folder / "settings.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    write_tensors(folder / "weights.safetensors", head.state_dict())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_head(task: str, folder: Path) -> tuple[Head, str | None]:
    """A head and its style from a folder that :func:`write_head` wrote.

    Raises:
        CorruptModel: a file is missing or damaged, or settings and weights do not fit.
    """
    path = folder / "settings.json"
    settings, weights = checked_json(path), read_tensors(folder / "weights.safetensors")
    check_settings(settings, sum(tensor.numel() for tensor in weights.values()), path)
    style = settings.pop("style", None)
    try:
        head = filled(lambda: HEADS[task](settings), weights, folder / "weights.safetensors")
    except CorruptModel:
        raise
    except _UNFIT as error:
        raise CorruptModel(path=str(path), reason=f"not the settings of a {task} ({error})") from error
    return head.eval(), style
