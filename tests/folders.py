"""A tiny model folder such as ``load`` opens, with untrained heads: what may be broken, and what is fast."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import gold_docs, word_encoder

from turkic_nlp.errors import CorruptModel
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.storage import read_head, write_head


def model_folder(folder: Path) -> Path:
    """A whole model of four languages: encoder, a head per task, meta.json."""
    words, docs = word_encoder(), gold_docs()
    torch.manual_seed(0)
    words.to_disk(folder / "encoder")
    for task, kind in HEADS.items():
        settings = kind.learn_settings(docs, word_width=words.encoder.word_width, styles=["tiny"], width=16)
        head = kind(settings)
        head.remember(docs, "tiny")
        write_head(head, folder / task, style="tiny")
    styles = {task: dict.fromkeys(("kk", "ky", "tk", "uz"), "tiny") for task in HEADS}
    meta = {"name": "tiny", "version": "0", "components": {task: task for task in HEADS}, "styles": styles}
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return folder


def refused(head: Head, folder: Path, **kept: Any) -> bool:
    """Whether a head on disk is refused by its number when it keeps other things."""
    write_head(head, folder, style=None)
    edited(folder / "kept.json.gz", lambda known: known.update(kept))
    with pytest.raises(CorruptModel, match="T402"):
        read_head(head.name, folder)
    return True


def edited(path: Path, change: Callable[[Any], None]) -> None:
    """Change what a JSON file holds, compressed or not."""
    data = path.read_bytes()
    packed = path.suffix == ".gz"
    found = json.loads(gzip.decompress(data) if packed else data)
    change(found)
    text = json.dumps(found).encode("utf-8")
    path.write_bytes(gzip.compress(text) if packed else text)
