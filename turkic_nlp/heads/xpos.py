"""Which XPOS an annotation style has: a tagger of many treebanks writes none that the treebank of its style lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.heads.base import argmax

TAGS = "tags"
"""The setting of a head that holds the XPOS of its styles; models without it write any XPOS in any style."""
NONE = -1


def xpos_of(docs: Iterable[Doc], values: Iterable[str]) -> list[str]:
    """Those of ``values`` in sentences whose words all have one: where few have, they are another treebank's."""
    found = {token.tag_ for doc in docs if all(token.tag_ for token in doc) for token in doc}
    return sorted(found.intersection(values))


def allowed(kept: Mapping[str, Sequence[str]], styles: Sequence[str], values: Sequence[str]) -> Tensor:
    """Which of ``values`` each style has, and before them no style; all where that was not kept.

    *Shape:* ``[styles + 1, values]``, of truth values.

    Raises ValueError for what a head of these values cannot have kept.
    """
    if any(not isinstance(own, list) or not set(own) <= set(values) for own in kept.values()):
        raise ValueError("XPOS that the head does not have")
    rows = [[style not in kept or value in kept[style] for value in values] for style in ["", *styles]]
    return torch.from_numpy(np.asarray(rows, dtype=np.bool_))


def best_xpos(scores: Tensor, has: Tensor | None) -> Tensor:
    """The best XPOS of each word among those that its style has; NONE where it has none. *Shape:* ``[words]``.

    ``has`` and what is found are on the CPU, wherever the scores are.
    """
    if not scores.shape[-1] or (has is not None and not has.any()):
        return torch.full((len(scores),), NONE)
    return argmax(scores if has is None else scores.masked_fill(~has.to(scores.device), -torch.inf)).cpu()
