"""Weights on disk: safetensors and JSON only, checked when opened; nothing is ever unpickled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from turkic_nlp.errors import CorruptModel


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write a safetensors file: in half precision where that loses nothing, as after :func:`round_to_half`."""
    cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    exact = {name: tensor.half() for name, tensor in cpu.items()}
    save_file(
        {name: exact[name] if torch.equal(exact[name].float(), cpu[name]) else cpu[name] for name in cpu},
        path,
    )


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file, every tensor in single precision.

    Raises:
        CorruptModel: the file is missing, truncated, or no safetensors file.
    """
    try:
        return {name: tensor.float() for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError, ValueError) as error:
        raise CorruptModel(path=str(path), reason=f"no readable safetensors file ({error})") from error


def load_state(module: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    """Load a state whose names and shapes must be the module's own.

    Raises:
        CorruptModel: names or shapes differ.
    """
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise CorruptModel(path=str(path), reason=str(error).replace("\n", " ")) from error


def checked_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        CorruptModel: the file is missing or holds anything else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptModel(path=str(path), reason=f"no readable JSON file ({error})") from error
    if not isinstance(found, dict):
        raise CorruptModel(path=str(path), reason="expected a JSON object")
    return found


def round_to_half(module: nn.Module) -> None:
    """Round all weights to what half precision holds, so that the file is half the size and loading changes nothing."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.half().float())
