"""What a head makes of a batch of Docs: passes of like length, on its device, back in the order of the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from turkic_nlp.batching import budget, by_budget, in_memory
from turkic_nlp.heads import Head
from turkic_nlp.layout import Layout, places
from turkic_nlp.threads import side_by_side


def predict(
    head: Head, style: str | None, vectors: Sequence[NDArray[np.float32]], layout: Layout
) -> NDArray[Any]:
    """The labels of all words, or documents. ``vectors`` are those of the tokens of each Doc."""
    device = next(head.parameters()).device
    bounds = layout.documents if head.per_document else layout.sentences
    units, sizes = layout.rows(bounds[:-1], bounds[1:]), np.diff(bounds).tolist()
    groups = by_budget(sizes, budget(device))
    known = head.recall(layout, style)
    spans = range(len(bounds)) if head.per_document else bounds

    def run(group: list[int]) -> list[NDArray[Any]]:
        rows = np.concatenate([vectors[n][tokens] for n, tokens in (units[unit] for unit in group)])
        chosen = [sizes[unit] for unit in group]
        scores = head(torch.from_numpy(rows).to(device), chosen, head.style(style))
        if known is not None:
            seen = [one for unit in group for one in known[slice(*spans[unit : unit + 2])]]
            scores = head.weigh(scores, seen)
        return [head.predict(scores, chosen)]

    with torch.inference_mode():
        passes = side_by_side(partial(in_memory, run), groups, device)
        found = np.concatenate([labels for made in passes for labels in made])
    order = [unit for group in groups for unit in group]
    labels = np.empty_like(found)
    labels[order if head.per_document else places(bounds, order)] = found
    return labels
