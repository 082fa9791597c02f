"""Contrastive losses of two tables whose rows belong together (InfoNCE, van den Oord et al. 2018)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def contrast(one: Tensor, other: Tensor, tau: float) -> Tensor:
    """Each row of one side is to find its own in the other, and back: InfoNCE on cosines, in nats.

    *Shape:* ``[rows, width]`` twice. 0 for a single row, which has nothing to be told from.
    """
    scores = functional.normalize(one, dim=1) @ functional.normalize(other, dim=1).T / tau
    own = torch.arange(len(scores), device=scores.device)
    return (functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)) / 2


def contrast_all(one: Tensor, other: Tensor, tau: float) -> Tensor:
    """As :func:`contrast`, but each row is told from all others of both sides (TransliCo, Liu et al. 2024)."""
    rows = functional.normalize(torch.cat([one, other]), dim=1)
    scores = (rows @ rows.T / tau).masked_fill(
        torch.eye(len(rows), dtype=torch.bool, device=rows.device), -torch.inf
    )
    own = torch.arange(len(rows), device=rows.device).roll(len(one))
    return functional.cross_entropy(scores, own)
