"""Layers in fewer bits: bfloat16, and 8-bit integers on a CPU; embeddings and heads stay as they are.

bf16 is for GPUs, and for the few CPUs that have instructions for it; elsewhere it is several times slower. In int8
weights are quantized once, each output channel with a scale of its own, activations as they come, each matrix with one
(dynamic quantization: Jacob et al. 2018, Zafrir et al. 2019).
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic
from torch.nn.attention import SDPBackend, sdpa_kernel

from turkic_nlp.encoder import Encoder, PieceEncoder
from turkic_nlp.errors import BadPrecision
from turkic_nlp.packed import Layer, fused, runs, through

PRECISIONS = ("fp32", "bf16", "int8")


def with_precision(encoder: PieceEncoder, precision: str) -> PieceEncoder:
    """The encoder in a precision; a reduced one shares all but the layers with the one given.

    Raises:
        BadPrecision: it is none of PRECISIONS, ``int8`` on another device than a CPU, or less than fp32 with layers of
            transformers'.
    """
    device = encoder.device.type
    if precision not in PRECISIONS or (precision == "int8" and device != "cpu"):
        raise BadPrecision(precision=precision, device=device, known=", ".join(PRECISIONS))
    if precision == "fp32":
        return encoder
    if not isinstance(encoder, Encoder):
        raise BadPrecision(precision=precision, device=encoder.config.model_type, known="fp32")
    found = copy.copy(encoder)
    layers = Int8Layers(encoder.layers) if precision == "int8" else Bf16Layers(encoder.layers)
    found._modules = {**encoder._modules, "layers": layers}
    return found.eval()


@contextmanager
def learning(device: torch.device, bf16: bool) -> Iterator[None]:
    """How a pass that is learned from computes: with ``bf16`` its matrix products are bfloat16, its weights stay fp32.

    Attention takes the plain kernels, which on short sentences learn many times faster than the fused one.
    """
    with sdpa_kernel(SDPBackend.MATH), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        yield


class Bf16Layers(nn.Module):
    """The layers of an encoder in bfloat16; called as ``nn.TransformerEncoder`` is."""

    def __init__(self, layers: nn.TransformerEncoder) -> None:
        super().__init__()
        self.layers = copy.deepcopy(layers).bfloat16()
        self.norms1 = nn.ModuleList(layer.norm1 for layer in layers.layers)
        self.norms2 = nn.ModuleList(layer.norm2 for layer in layers.layers)

    @property
    def packed(self) -> list[Layer]:
        """What each layer does without padding: matrix products in bfloat16, sums and norms in full."""
        norms = zip(self.norms1, self.norms2, strict=True)
        return [_mixed(fused(layer), *both) for layer, both in zip(self.layers.layers, norms, strict=True)]

    def forward(self, x: Tensor, *, src_key_padding_mask: Tensor | None = None) -> Tensor:
        """*Shape:* ``[windows, longest, width]``, in and out in the encoder's own type."""
        out: Tensor = self.layers(x.bfloat16(), src_key_padding_mask=src_key_padding_mask)
        return out.to(x.dtype)


def _mixed(layer: Layer, norm1: nn.Module, norm2: nn.Module) -> Layer:
    return layer._replace(
        read=lambda x: layer.read(x.bfloat16()),
        widen=lambda x: layer.widen(x.bfloat16()),
        norm1=norm1,
        norm2=norm2,
    )


class Int8Layers(nn.Module):
    """The layers of an encoder; called as ``nn.TransformerEncoder`` is."""

    def __init__(self, layers: nn.TransformerEncoder) -> None:
        super().__init__()
        self.layers: Sequence[Int8Layer] = nn.ModuleList(map(Int8Layer, layers.layers))  # type: ignore[assignment]

    @property
    def packed(self) -> list[Layer]:
        """What each layer does."""
        return [Layer(*(getattr(layer, name) for name in Layer._fields)) for layer in self.layers]

    def forward(self, x: Tensor, *, src_key_padding_mask: Tensor | None = None) -> Tensor:
        """*Shape:* ``[windows, longest, width]``; the mask is True at padding."""
        real = x.new_ones(x.shape[:2], dtype=torch.bool)
        if src_key_padding_mask is not None:
            real = ~src_key_padding_mask
        out = torch.zeros_like(x)
        out[real] = through(self.packed, x[real], runs(real.sum(1).tolist()))
        return out


class Int8Layer(nn.Module):
    """One layer, normalised after each half as XLM-R's are."""

    def __init__(self, layer: nn.TransformerEncoderLayer) -> None:
        super().__init__()
        attention = layer.self_attn
        self.heads = attention.num_heads
        self.read = _int8(attention.in_proj_weight, attention.in_proj_bias)
        self.mix = _int8(attention.out_proj.weight, attention.out_proj.bias)
        self.widen = _int8(layer.linear1.weight, layer.linear1.bias)
        self.narrow = _int8(layer.linear2.weight, layer.linear2.bias)
        self.norm1, self.norm2 = layer.norm1, layer.norm2


def _int8(weight: Tensor, bias: Tensor) -> nn.Module:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        linear.weight.copy_(weight)
        linear.bias.copy_(bias)
    with warnings.catch_warnings():  # torch announces another package for it, which has no fast CPU kernels
        warnings.simplefilter("ignore")
        model = nn.Sequential(linear)
        found: nn.Module = quantize_dynamic(model, {nn.Linear: per_channel_dynamic_qconfig})[0]  # type: ignore[no-untyped-call]
    return found
