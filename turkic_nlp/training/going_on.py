"""Heads that begin where those of another model ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc

from turkic_nlp.errors import LabelsDiffer, NothingToKeep
from turkic_nlp.heads import Head
from turkic_nlp.storage import read_head
from turkic_nlp.training.gold import labels


def kept_head(name: str, task: str, folder: Path, docs: Sequence[Doc]) -> Head:
    """The head in ``folder``, of a model, for gold Docs whose classes and entity types it has.

    Raises:
        NothingToKeep: it is not there.
        LabelsDiffer: it lacks some of the labels.
    """
    if not (folder / "settings.json").is_file():
        raise NothingToKeep(name=name, task=task, folder=str(folder.parent))
    head, _ = read_head(task, folder)
    known = set(head.settings.get({"ner": "types", "textcat": "labels"}.get(task, ""), ()))
    if known and (unknown := {label for doc in docs for label in labels(doc)} - known):
        raise LabelsDiffer(name=name, unknown=", ".join(sorted(unknown)), known=", ".join(sorted(known)))
    return head


def go_on(head: Head, task: str, folder: Path) -> None:
    """Start a fresh head from the one in ``folder``, of the model whose encoder it learns with; if there is one."""
    if (folder / "settings.json").is_file():
        start_from(head, read_head(task, folder)[0])


def start_from(head: Head, before: Head) -> None:
    """Give a head the weights of another of its task; of those with labels, the rows of labels that both have.

    A head of other sizes stays as it is.
    """
    mine, theirs = dict(head.named_parameters()), dict(before.named_parameters())
    known, old = head.labelled(), before.labelled()
    without = {name: weight.shape[len(known.get(name, ())) :] for name, weight in mine.items()}
    if without != {name: weight.shape[len(old.get(name, ())) :] for name, weight in theirs.items()}:
        return
    with torch.no_grad():
        for name, weight in mine.items():
            places = [_shared(*pair) for pair in zip(known.get(name, ()), old.get(name, ()), strict=True)]
            if places:
                here, there = (np.ix_(*side) for side in zip(*places, strict=True))
                weight[_indices(here)] = theirs[name][_indices(there)]
            else:
                weight.copy_(theirs[name])


def _shared(new: Sequence[str], old: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places, in the one and in the other, of the labels that are in both."""
    places = {label: place for place, label in enumerate(old)}
    pairs = [(place, places[label]) for place, label in enumerate(new) if label in places]
    here, there = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    return here, there


def _indices(places: tuple[NDArray[np.int64], ...]) -> tuple[torch.Tensor, ...]:
    return tuple(map(torch.from_numpy, places))
