"""Weights on disk: safetensors and JSON only, checked when opened; nothing is ever unpickled."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from turkic_nlp.errors import CorruptModel

_LARGEST_JSON = 1 << 28
M = TypeVar("M", bound=nn.Module)


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
        CorruptModel: the file is missing, truncated, no safetensors file, or holds what is no number.
    """
    try:
        found = {name: _real(tensor) for name, tensor in load_file(regular(path)).items()}
    except (OSError, SafetensorError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        reason = f"no readable safetensors file ({' '.join(str(error).split())[:200]})"
        raise CorruptModel(path=str(path), reason=reason) from error
    for name, tensor in found.items():
        if not bool(torch.isfinite(tensor.sum()) or torch.isfinite(tensor).all()):
            raise CorruptModel(path=str(path), reason=f"the tensor {name!r} holds NaN or infinity")
    return found


def _real(tensor: Tensor) -> Tensor:
    if tensor.is_complex():
        raise ValueError("complex numbers")
    return tensor.to(torch.float32, copy=True)  # what is read must not change with its file


def regular(path: Path) -> Path:
    """The path, if a file is there: a device or a pipe could be read for ever, and raises OSError."""
    if not path.is_file():
        raise FileNotFoundError("it is no file")
    return path


class _Undrawn(TorchFunctionMode):
    """New weights are not filled: drawing numbers that a file replaces takes longer than reading the file."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = str(getattr(func, "__name__", ""))
        if name.endswith("_") and not name.endswith("__"):
            return args[0] if args else next(iter(kwargs.values()))
        return func(*args, **(kwargs or {}))


def filled(build: Callable[[], M], state: dict[str, Tensor], path: Path) -> M:
    """A module with a state, whose tensors become its weights; built without memory for weights of its own.

    Raises:
        CorruptModel: names or shapes differ.
    """
    with torch.device("meta"), _Undrawn():
        module = build()
    expected = {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
    for name in sorted(expected.keys() | state.keys()):
        shape = list(state[name].shape) if name in state else "missing"
        if shape != expected.get(name, "missing"):
            reason = f"the tensor {name!r} is {shape}, expected {expected.get(name, 'none')}"
            raise CorruptModel(path=str(path), reason=reason)
    module.load_state_dict(state, assign=True)
    return module


def checked_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file, which may be compressed by gzip.

    Raises:
        CorruptModel: the file is missing or holds anything else.
    """
    try:
        found = json.loads(_text(path))
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise CorruptModel(path=str(path), reason=f"no readable JSON file ({error})") from error
    if not isinstance(found, dict):
        raise CorruptModel(path=str(path), reason="expected a JSON object")
    return found


def _text(path: Path) -> str:
    with gzip.open(regular(path)) if path.suffix == ".gz" else regular(path).open("rb") as file:
        data = file.read(_LARGEST_JSON + 1)
    if len(data) > _LARGEST_JSON:
        raise ValueError(f"more than {_LARGEST_JSON} bytes")
    return data.decode("utf-8")


def round_to_half(module: nn.Module) -> None:
    """Round all weights to what half precision holds, so that the file is half the size and loading changes nothing."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.half().float())
