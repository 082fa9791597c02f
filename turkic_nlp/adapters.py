"""Low-rank adapters (LoRA, Hu et al. 2021): one component's own way through an encoder that all components share.

The files are peft's, under the names of transformers' XLM-R: ``PeftModel.from_pretrained`` reads them onto the
encoder's folder. peft's layers take no part in a pass: the fused layers of torch read ``linear1.weight`` and
``in_proj_weight`` past any wrapper and would leave the adapter out without a word. A parametrization changes the
matrix itself, wherever it is read, and adds nothing to the shared one.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from turkic_nlp.encoder import Encoder, PieceEncoder
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadLora, CorruptModel, MissingExtra
from turkic_nlp.precision import with_precision
from turkic_nlp.soundness import check_lora
from turkic_nlp.weights import checked_json, read_tensors, write_tensors

FOLDER = "adapter"
"""The folder of an adapter inside that of its component."""
_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_TARGETS = ["query", "key", "value", "intermediate.dense", "output.dense"]
_PARTS = {
    "self_attn.in_proj_weight": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "self_attn.out_proj.weight": ("attention.output.dense",),
    "linear1.weight": ("intermediate.dense",),
    "linear2.weight": ("output.dense",),
}
"""The adapted matrices of a layer here, and their parts in transformers."""


class LowRank(nn.Module):
    """``matrix + scale * b @ a``, for each of the parts that lie one above the other in a matrix.

    ``b`` is zero at first, so a new adapter changes nothing.
    """

    def __init__(self, matrix: Tensor, parts: int, rank: int, scale: float) -> None:
        super().__init__()
        rows, columns = matrix.shape
        self.scale = scale
        self.a = nn.Parameter(matrix.new_empty(parts, rank, columns))
        self.b = nn.Parameter(matrix.new_zeros(parts, rows // parts, rank))
        for part in self.a:
            nn.init.kaiming_uniform_(part, a=math.sqrt(5))

    def forward(self, matrix: Tensor) -> Tensor:
        """*Shape:* that of ``matrix``."""
        return matrix + self.scale * (self.b @ self.a).flatten(0, 1)


@dataclass(frozen=True)
class Adapter:
    """What is in an adapter's two files."""

    config: dict[str, Any]
    weights: dict[str, Tensor]


class AdaptedWords:
    """The word encoder of a component with an adapter. All but the adapter is shared with ``base``.

    In a reduced ``precision`` the adapted layers are a copy of their own.
    """

    def __init__(self, base: WordEncoder, adapter: Adapter, precision: str = "fp32") -> None:
        self.base = base
        self.adapter = adapter
        self.precision = precision
        encoder = with_precision(_beside(base.encoder, adapter), precision)
        self.words = WordEncoder(encoder, base.pieces)

    def __reduce__(self) -> tuple[type[AdaptedWords], tuple[WordEncoder, Adapter, str]]:
        # torch pickles no module with a parametrization
        return AdaptedWords, (self.base, self.adapter, self.precision)


def new_config(rank: int) -> dict[str, Any]:
    """The configuration of an adapter as peft writes it; the scale is 2, as in most of the literature.

    Raises:
        MissingExtra: peft is not installed. Only training needs it.
    """
    try:
        from peft import LoraConfig
    except ImportError as error:
        raise MissingExtra(what="--lora", extra="adapters") from error
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=_TARGETS, inference_mode=True)
    found: dict[str, Any] = json.loads(json.dumps(config.to_dict(), default=sorted))
    return found


def check_rank(rank: int, width: int) -> None:
    """Raise BadLora (T550) for a rank that an encoder of a width cannot have."""
    if not 0 < rank < width:
        raise BadLora(reason=f"rank {rank}", expected=f"1 to {width - 1}")


def attach(encoder: PieceEncoder, config: dict[str, Any]) -> None:
    """Give the layers of an encoder a fresh adapter, in place.

    Raises:
        BadLora: the encoder cannot have this rank, is no XLM-R, or its layers are in reduced precision.
    """
    rank = config["r"]
    check_rank(rank, encoder.width)
    if isinstance(encoder, Encoder) and not isinstance(encoder.layers, nn.TransformerEncoder):
        raise BadLora(
            reason="the layers of the encoder are a reduced copy", expected="those that were trained"
        )
    for owner, weight, parts in _matrices(encoder):
        change = LowRank(getattr(owner, weight), len(parts), rank, config["lora_alpha"] / rank)
        # unsafe is without a trial, whose results would leave holes in the memory of as many bytes as the matrices
        parametrize.register_parametrization(owner, weight, change, unsafe=True)


def detached(encoder: PieceEncoder, config: dict[str, Any]) -> Adapter:
    """The adapter that an encoder has, as its files hold it."""
    return Adapter(config, {name: tensor.detach().clone() for name, tensor in _tensors(encoder)})


def _beside(encoder: PieceEncoder, adapter: Adapter) -> PieceEncoder:
    """The encoder with an adapter: another module on the same tensors, so that neither knows of the other."""
    own = copy.deepcopy(encoder, {id(shared): shared for shared in encoder.parameters()})
    attach(own, adapter.config)
    with torch.no_grad():
        for name, tensor in _tensors(own):
            tensor.copy_(adapter.weights[name])
    return own.eval()


def _matrices(encoder: PieceEncoder) -> Iterator[tuple[nn.Module, str, list[str]]]:
    """The adapted matrices: module, attribute, and the names of the parts in peft's file."""
    if not isinstance(encoder, Encoder):
        raise BadLora(
            reason=f"a {encoder.config.model_type} encoder", expected="one of the architecture of XLM-R"
        )
    for n, layer in enumerate(encoder.blocks):
        for name, parts in _PARTS.items():
            module, _, weight = name.rpartition(".")
            prefix = f"base_model.model.encoder.layer.{n}"
            yield layer.get_submodule(module), weight, [f"{prefix}.{part}" for part in parts]


def _tensors(encoder: PieceEncoder) -> Iterator[tuple[str, Tensor]]:
    """The tensors of an encoder's adapter under their names in peft's file."""
    for owner, weight, parts in _matrices(encoder):
        change = cast(Any, owner).parametrizations[weight][0]
        for part, a, b in zip(parts, change.a, change.b, strict=True):
            yield f"{part}.lora_A.weight", a
            yield f"{part}.lora_B.weight", b


def write_adapter(adapter: Adapter, folder: Path) -> None:
    """Write the two files."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(adapter.config, ensure_ascii=False, indent=1)
    (folder / _CONFIG).write_text(text + "\n", encoding="utf-8")
    write_tensors(folder / _WEIGHTS, adapter.weights)


def read_adapter(folder: Path, encoder: PieceEncoder) -> Adapter:
    """An adapter for an encoder, from files that :func:`write_adapter` or peft wrote.

    Raises:
        CorruptModel: a file is missing or damaged, of another kind of adapter, or made for another encoder.
    """
    config = checked_json(folder / _CONFIG)
    check_lora(config, _TARGETS, encoder.width, folder / _CONFIG)
    weights = read_tensors(folder / _WEIGHTS)
    expected = dict(_shapes(encoder, config["r"]))
    for name in sorted(expected.keys() | weights.keys()):
        shape = list(weights[name].shape) if name in weights else None
        if shape != expected.get(name):
            reason = f"the tensor {name!r} is {shape}, expected {expected.get(name)}"
            raise CorruptModel(path=str(folder / _WEIGHTS), reason=reason)
    return Adapter(config, weights)


def _shapes(encoder: PieceEncoder, rank: int) -> Iterator[tuple[str, list[int]]]:
    for owner, weight, parts in _matrices(encoder):
        rows, columns = getattr(owner, weight).shape
        for part in parts:
            yield f"{part}.lora_A.weight", [rank, columns]
            yield f"{part}.lora_B.weight", [rows // len(parts), rank]
