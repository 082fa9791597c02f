"""The layers of an encoder over pieces that stand one behind the other, without padding.

Sentences of a pass differ in length, and a padded table of 128 of them is half padding. Only attention needs to know
where a sentence ends; in a pass that is sorted by length it looks at all sentences of one length at once, which are a
slice of the row. On a GPU, where many small steps cost more than padding, torch's fused layers are faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear, scaled_dot_product_attention

Step = Callable[[Tensor], Tensor]


class Layer(NamedTuple):
    """One layer, normalised after each half as XLM-R's are; ``read`` gives queries, keys and values side by side."""

    heads: int
    read: Step
    mix: Step
    norm1: Step
    widen: Step
    narrow: Step
    norm2: Step


class Run(NamedTuple):
    """So many sentences of the same length, one behind the other."""

    sentences: int
    length: int


def runs(lengths: Sequence[int]) -> list[Run]:
    """The runs of equal lengths."""
    return [Run(len(list(same)), length) for length, same in groupby(lengths)]


def through(layers: Iterable[Layer], x: Tensor, parts: Sequence[Run]) -> Tensor:
    """The vectors of the last layer. *Shape:* ``[pieces, width]``, in and out."""
    sizes = [part.sentences * part.length for part in parts]
    for layer in layers:
        rows = torch.split(layer.read(x), sizes)
        seen = [_attention(part, *run, layer.heads) for part, run in zip(rows, parts, strict=True)]
        x = layer.norm1(x + layer.mix(torch.cat(seen)))
        x = layer.norm2(x + layer.narrow(gelu(layer.widen(x))))
    return x


def _attention(rows: Tensor, sentences: int, length: int, heads: int) -> Tensor:
    """What each piece sees of its sentence. *Shape:* ``[pieces, 3 * width]`` to ``[pieces, width]``."""
    query, key, value = rows.view(sentences, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
    found = scaled_dot_product_attention(query, key, value)
    return found.transpose(1, 2).reshape(len(rows), -1)


def fused(layer: nn.TransformerEncoderLayer) -> Layer:
    """One of torch's layers as its weights are now; the modules in its attention are not meant to be called."""
    attention = layer.self_attn
    read = partial(linear, weight=attention.in_proj_weight, bias=attention.in_proj_bias)
    mix = partial(linear, weight=attention.out_proj.weight, bias=attention.out_proj.bias)
    return Layer(attention.num_heads, read, mix, layer.norm1, layer.linear1, layer.linear2, layer.norm2)
