"""What every head is: it reads gold, scores words, learns, and writes to the Doc."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.strings import StringStore
from spacy.tokens import Doc
from torch import Tensor, nn

from turkic_nlp.layout import Layout

IGNORE = -100
"""The gold value of what a corpus does not annotate."""
MOST_SENTENCES = 20_000
"""What a head learns of words beside its network, it learns from so many: with more, the network knows more."""
T = TypeVar("T")
W = TypeVar("W")


class Head(nn.Module, ABC):
    """One task on top of the encoder.

    A unit is what the head looks at as a whole: a sentence, or the document where ``per_document`` is set. ``styles``
    are the corpora it learned from: annotation differs between treebanks, and an embedding of the style lets one head
    serve them all (Stymne et al. 2018). Style 0 stands for an unknown one. ``kept`` are the settings that hold what is
    known of words, of which there are many.
    """

    name: ClassVar[str]
    kept: ClassVar[Sequence[str]] = ()
    per_document: ClassVar[bool] = False

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.settings = settings
        self.styles: list[str] = list(settings["styles"])

    @classmethod
    @abstractmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """The label inventory and sizes from gold Docs, as plain data that JSON can hold."""

    @abstractmethod
    def gold(self, doc: Doc) -> Tensor | None:
        """The gold of one unit in the form that :meth:`loss` reads, or None where the Doc has none of it."""

    @abstractmethod
    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Any:
        """Scores. ``words`` has shape ``[sum(sizes), word_width]``; ``sizes`` are the words of each unit."""

    @abstractmethod
    def loss(self, scores: Any, gold: Sequence[Tensor]) -> Tensor:
        """Mean loss of a batch of units that all have gold."""

    def agreed(self, scores: Sequence[Any]) -> Any:
        """What :meth:`tables` depends on, as the scores of several heads of this kind have it on average."""
        return None

    def tables(self, scores: Any, agreed: Any) -> list[Tensor]:
        """The scores as tables of which each row is that of one choice. *Shapes:* ``[choices, labels]``."""
        return [scores]

    def remember(self, docs: Iterable[Doc], style: str) -> None:
        """Keep, in the settings, what gold Docs of a style say of their words. Most heads keep nothing."""

    def keep(self, setting: str, more: Mapping[str, Any]) -> None:
        """Add to a setting of things by their names, such as styles; what had a name before goes."""
        self.settings[setting] = {**self.settings.get(setting, {}), **more}

    def recall(self, layout: Layout, style: str | None) -> Sequence[Any] | None:
        """What :meth:`remember` kept of each word of a batch, or of each document where ``per_document`` is set.

        None from a head that kept nothing.
        """
        return None

    def weigh(self, scores: Any, sightings: Sequence[Any]) -> Any:
        """Scores in which what is recalled of the words, or documents, of a pass has its say."""
        return scores

    def labelled(self) -> dict[str, tuple[Sequence[str], ...]]:
        """What weights are of, by their name: the labels of the rows, then those of the columns; others are of all."""
        return {"project.style.weight": (["", *self.styles],)}

    @abstractmethod
    def predict(self, scores: Any, sizes: Sequence[int]) -> NDArray[Any]:
        """Labels of the words, or of the documents where ``per_document`` is set; off the device."""

    @abstractmethod
    def annotate(self, layout: Layout, labels: NDArray[Any]) -> None:
        """Write the labels of all words, or of the documents that have words, to the Docs."""

    def style(self, name: str | None) -> int:
        """The row of a style; 0 for one that the head never learned."""
        return self.styles.index(name) + 1 if name in self.styles else 0


class Names:
    """Strings of a head as the numbers under which a Doc keeps them."""

    def __init__(self, strings: Iterable[str]) -> None:
        self._strings = list(strings)
        store = StringStore()
        self._hashes = np.asarray([store.add(string) for string in self._strings], dtype=np.uint64)

    def __call__(self, rows: NDArray[np.integer[Any]], layout: Layout) -> NDArray[np.uint64]:
        """The numbers of the strings in these rows, which the Docs know from now on. *Shape:* that of ``rows``."""
        layout.numbers([self._strings[row] for row in set(rows.tolist())])
        found: NDArray[np.uint64] = self._hashes[rows]
        return found


class Project(nn.Module):
    """Word vectors, moved by their style, through one hidden layer. *Shape:* ``[words, width]``."""

    def __init__(self, word_width: int, width: int, styles: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(word_width, width)
        self.style = nn.Embedding(styles + 1, width)
        nn.init.normal_(self.style.weight, std=0.1)

    def forward(self, words: Tensor, style: int) -> Tensor:
        """*Shape:* ``[words, width]``."""
        hidden = self.linear(self.dropout(words)) + self.style.weight[style]
        out: Tensor = self.dropout(nn.functional.gelu(hidden))
        return out


def evenly(items: Sequence[T], most: int = MOST_SENTENCES) -> Sequence[T]:
    """At most so many of the items, drawn evenly from beginning to end."""
    return items[:: max(1, math.ceil(len(items) / most))]


def earned(
    halves: Sequence[Sequence[T]],
    fit: Callable[[Sequence[T]], W],
    likelihood: Callable[[W, Sequence[T], float], float],
    factors: Iterable[float],
) -> float:
    """The factor of weights with which what each half of the examples teaches makes the other half likeliest."""
    tries = [(fit(own), other) for own, other in zip(halves, halves[::-1], strict=True)]
    return max(factors, key=lambda factor: sum(likelihood(*one, factor) for one in tries))


def argmax(scores: Tensor) -> Tensor:
    """The place of the greatest score in the last dimension; on a CPU numpy finds it in a tenth of torch's time."""
    if scores.device.type != "cpu":
        return scores.argmax(-1)
    return torch.from_numpy(scores.detach().numpy().argmax(-1))


def mean_of(scores: Sequence[Tensor]) -> Tensor:
    """Mean of the logarithms of the shares that scores stand for. *Shape:* that of each."""
    return torch.stack([one.float().log_softmax(-1) for one in scores]).mean(0)


def pad(words: Tensor, sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Units side by side: ``[units, longest, width]`` and a mask ``[units, longest]`` of real words."""
    mask = torch.arange(max(sizes), device=words.device) < torch.tensor(sizes, device=words.device)[:, None]
    out = words.new_zeros(*mask.shape, words.shape[-1])
    out[mask] = words
    return out, mask
