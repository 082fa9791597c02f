"""Label regularisation: texts with like labels should have like vectors (Liu et al. 2020, arXiv 2009.14510).

For each two texts of a batch the cosine of their vectors is drawn towards the cosine of their labels. The vector of a
text is the mean over the words of what the head makes of them before its output layer. The labels are counted, each
in a column of its own, where Liu et al. train an LSTM over them: there is nothing on that side to learn, so the
gradient stops there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.errors import NoLabelBag
from turkic_nlp.heads import Head

TASKS = ("ner", "tagger", "textcat")


def check_task(task: str) -> None:
    """Raise NoLabelBag (T551) for a task whose gold is no bag of labels."""
    if task not in TASKS:
        raise NoLabelBag(task=task, known=", ".join(TASKS))


def loss_of(
    head: Head, words: Tensor, sizes: Sequence[int], style: int, gold: Sequence[Tensor], label_reg: float
) -> Tensor:
    """The loss of a head on a batch, with ``label_reg`` times the regulariser; at 0 nothing is added."""
    if not label_reg:
        return head.loss(head(words, sizes, style), gold)
    hidden: list[Tensor] = []
    project = cast(nn.Module, head.project)
    watch = project.register_forward_hook(lambda module, inputs, output: hidden.append(output))
    try:
        scores: Any = head(words, sizes, style)
    finally:
        watch.remove()
    return head.loss(scores, gold) + label_reg * distance(texts(hidden[0], sizes), bags(head, gold))


def distance(vectors: Tensor, labels: Tensor) -> Tensor:
    """Mean squared difference of the cosines of all pairs; 0 for one text. *Shapes:* ``[texts, *]`` both."""
    if len(vectors) < 2:
        return vectors.sum() * 0.0
    pairs = torch.ones(len(vectors), len(vectors), dtype=torch.bool, device=vectors.device).triu(1)
    return functional.mse_loss(_cosines(vectors)[pairs], _cosines(labels.detach())[pairs])


def _cosines(rows: Tensor) -> Tensor:
    unit = functional.normalize(rows, dim=-1)
    return unit @ unit.T


def texts(hidden: Tensor, sizes: Sequence[int]) -> Tensor:
    """One vector a text: the mean over its words, or what the head made of the whole text already."""
    if len(hidden) == len(sizes) != sum(sizes):
        return hidden
    parts = torch.split(hidden, list(sizes))
    return torch.stack([part.mean(0) if len(part) else part.sum(0) for part in parts])


def bags(head: Head, gold: Sequence[Tensor]) -> Tensor:
    """How often each label is in each text, a last column for texts without any. *Shape:* ``[texts, labels + 1]``.

    Of the entities each is counted by its first word, of a tagger's fields the first, which is UPOS.
    """
    columns = len(
        head.settings.get("types") or head.settings.get("labels") or head.settings["fields"]["UPOS"]
    )
    rows = torch.stack([_bag(head.name, part, columns) for part in gold])
    return torch.cat([rows, (rows.sum(1, keepdim=True) == 0).float()], 1)


def _bag(task: str, gold: Tensor, columns: int) -> Tensor:
    if task == "textcat":
        return gold.float()
    labels = gold[:, 0] if task == "tagger" else torch.where(gold % 2 == 1, gold // 2, -1)
    return torch.bincount(labels[labels >= 0], minlength=columns)[:columns].float()
