"""What an encoder makes of sentences at one of its layers, or at all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from turkic_nlp.batching import by_budget
from turkic_nlp.encoder import Encoder, PieceEncoder
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.pieces import PAD, Batch, WordPieces, collate
from turkic_nlp.precision import learning

Sentence = tuple[Sequence[str], str]
"""Words and their language."""


@dataclass
class View:
    """Sentences at one layer.

    ``words`` ``[words, 2 * width]`` are those of all sentences in order, ``sizes`` the number of each sentence's words,
    ``first`` ``[sentences, width]`` the vectors of ``<s>``.
    """

    words: Tensor
    sizes: list[int]
    first: Tensor

    def sentences(self) -> Tensor:
        """The mean word vector of each sentence, as in ``doc.vector``. *Shape:* ``[sentences, 2 * width]``."""
        return torch.stack([part.mean(0) for part in self.parts()])

    def parts(self) -> tuple[Tensor, ...]:
        """The word vectors of each sentence."""
        return torch.split(self.words, self.sizes)


def hidden(encoder: PieceEncoder, batch: Batch) -> Iterator[Tensor]:
    """The vectors of all pieces before the first layer and after each. *Shape:* ``[rows, longest, width]`` each.

    Our own layers are computed when their vectors are asked for: whoever stops early does not pay for the rest.
    """
    if not isinstance(encoder, Encoder):
        yield from _watched(encoder, batch)
        return
    padding = batch.ids == PAD
    mask = padding if bool(padding.any()) else None
    x = encoder.dropout(encoder.norm(encoder.embed(batch)))
    yield x
    for layer in encoder.layers.layers:
        x = layer(x, src_key_padding_mask=mask)
        yield x


def _watched(encoder: PieceEncoder, batch: Batch) -> list[Tensor]:
    """The same of an encoder of another class: what goes into its first layer and comes out of each."""
    seen: list[Tensor] = []

    def before(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        seen.append(given[0] if given else named["hidden_states"])

    def after(module: nn.Module, given: Any, out: Any) -> None:
        seen.append(out[0] if isinstance(out, tuple) else out)

    hooks = [encoder.blocks[0].register_forward_pre_hook(before, with_kwargs=True)]
    hooks += [block.register_forward_hook(after) for block in encoder.blocks]
    try:
        encoder(batch)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def pieces_of(words: WordEncoder, sentence: Sentence) -> list[WordPieces]:
    """The pieces of a sentence's words, as many words as fit one window."""
    found: list[WordPieces] = []
    room = words.pieces.limit - 2
    for word in words.pieces.sentence(*sentence):
        room -= len(word.ids)
        if room < 0:
            break
        found.append(word)
    return found


def read(
    words: WordEncoder, parts: Sequence[Sequence[WordPieces]], layer: int, *, bf16: bool = False
) -> View:
    """Sentences at a layer (0: the embeddings), in one pass, with gradients."""
    moved = collate(parts).to(words.device)
    with learning(words.device, bf16):
        x = next(islice(hidden(words.encoder, moved), layer, None)).float()
    return _view(x, moved, [len(part) for part in parts])


def _view(x: Tensor, batch: Batch, sizes: list[int]) -> View:
    flat = x.flatten(0, 1)
    return View(torch.cat([flat[batch.first], flat[batch.last]], dim=-1), sizes, x[:, 0])


def read_layers(words: WordEncoder, sentences: Sequence[Sentence], *, budget: int = 2048) -> list[View]:
    """Sentences at every layer, without gradients or dropout; the first of the list are the embeddings."""
    words.encoder.eval()
    parts = [pieces_of(words, sentence) for sentence in sentences]
    lengths = [2 + sum(len(word.ids) for word in part) for part in parts]
    depth = len(words.encoder.blocks) + 1
    rows: list[list[tuple[Tensor, Tensor]]] = [
        [(torch.empty(0), torch.empty(0))] * len(parts) for _ in range(depth)
    ]
    for group in by_budget(lengths, budget):
        batch = collate([parts[n] for n in group]).to(words.device)
        with torch.no_grad():
            for number, x in enumerate(hidden(words.encoder, batch)):
                view = _view(x.float(), batch, [len(parts[n]) for n in group])
                for n, row in zip(group, zip(view.parts(), view.first, strict=True), strict=True):
                    rows[number][n] = row
    sizes = [len(part) for part in parts]
    return [View(torch.cat([w for w, _ in row]), sizes, torch.stack([f for _, f in row])) for row in rows]
