"""A head on disk, in a folder of its own.

``settings.json`` is for people too; what a head keeps of words, which would fill books, is in ``kept.json.gz``, and
``weights.safetensors`` has the weights.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from turkic_nlp.errors import CorruptModel
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.soundness import check_settings
from turkic_nlp.weights import checked_json, filled, read_tensors, write_tensors

_KEPT, _NAMES = "kept.json.gz", "kept"
_UNFIT = (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError, MemoryError)


def write_head(head: Head, folder: Path, *, style: str | None) -> None:
    """Write a head's folder; in ``settings.json`` a setting a line."""
    folder.mkdir(parents=True, exist_ok=True)
    apart = {name: head.settings[name] for name in head.kept if name in head.settings}
    settings = {"style": style, **{name: value for name, value in head.settings.items() if name not in apart}}
    (folder / _KEPT).unlink(missing_ok=True)
    if apart:
        settings[_NAMES] = list(apart)
        # the same bytes whenever it is written
        (folder / _KEPT).write_bytes(gzip.compress(_json(apart).encode("utf-8"), mtime=0))
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
    settings |= _kept(folder / _KEPT, settings.pop(_NAMES, []))
    check_settings(settings, sum(tensor.numel() for tensor in weights.values()), path)
    style = settings.pop("style", None)
    try:
        head = filled(lambda: HEADS[task](settings), weights, folder / "weights.safetensors")
    except CorruptModel:
        raise
    except _UNFIT as error:
        raise CorruptModel(path=str(path), reason=f"not the settings of a {task} ({error})") from error
    return head.eval(), style


def _kept(path: Path, names: Any) -> dict[str, Any]:
    found = checked_json(path) if names or path.exists() else {}
    if names != list(found):
        reason = f"it holds {', '.join(found) or 'nothing'}, but settings.json says {names}"
        raise CorruptModel(path=str(path), reason=reason[:200])
    return found
