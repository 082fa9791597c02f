"""An encoder and its heads as one module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from torch import nn

from turkic_nlp.encoding import WordEncoder
from turkic_nlp.heads import Head


class Joint(nn.Module):
    """An encoder and its heads as one module, so that one optimiser, one average and one checkpoint hold them."""

    def __init__(self, words: WordEncoder, heads: Mapping[str, Head]) -> None:
        super().__init__()
        self.encoder = words.encoder
        self.heads = nn.ModuleDict(heads)
        self.words = words

    def head(self, name: str) -> Head:
        """The head of a component."""
        return cast(Head, self.heads[name])
