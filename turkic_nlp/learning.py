"""How a head learns inside spaCy: from the word vectors that the encoder has left in the predicted Docs.

``nlp.update`` and ``spacy train`` call it. The encoder itself learns only in ``turkic-nlp train``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.tokens import Doc, Span
from spacy.training import Example
from torch import Tensor, nn

from turkic_nlp.errors import NoEncoding, NothingToLearn
from turkic_nlp.heads import HEADS, Head

RATE = 2e-3
CLIP = 1.0
_NEEDED: dict[str, tuple[str, Callable[[Doc], bool]]] = {
    "tagger": ("a part of speech (UPOS)", lambda doc: bool(doc.has_annotation("POS"))),
    "lemmatizer": ("a lemma", lambda doc: bool(doc.has_annotation("LEMMA"))),
    "parser": ("a tree (HEAD, DEPREL)", lambda doc: bool(doc.has_annotation("DEP"))),
    "ner": ("an entity", lambda doc: bool(doc.ents)),
    "textcat": ("a class", lambda doc: bool(doc.cats)),
}


def check_gold(name: str, task: str, docs: Iterable[Doc]) -> None:
    """Raise NothingToLearn (T511) where no Doc has what a task learns from."""
    needed, has = _NEEDED[task]
    if not any(map(has, docs)):
        raise NothingToLearn(name=name, task=task, needed=needed)


def fresh_head(name: str, task: str, docs: Sequence[Doc], word_width: int, style: str | None) -> Head:
    """A head with random weights for the labels of gold Docs.

    Raises:
        NothingToLearn: none of them has what the task learns from.
    """
    check_gold(name, task, docs)
    settings = HEADS[task].learn_settings(docs)
    head = HEADS[task]({**settings, "word_width": word_width, "styles": [style] if style else []})
    head.remember(docs, style or "")
    return head.eval()


class Lesson(NamedTuple):
    """The vectors of one unit ``[words, word_width]`` and its gold."""

    vectors: NDArray[np.float32]
    gold: Tensor


class Teacher:
    """The optimiser of one head."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self._optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.01)

    def teach(self, examples: Iterable[Example], *, name: str, drop: float, style: str | None) -> float:
        """One step on a batch; the loss before it, 0 for a batch with nothing to learn from."""
        found = [lesson for example in examples for lesson in lessons(example, self.head, name)]
        if not found:
            return 0.0
        self.head.train()
        for part in self.head.modules():
            if isinstance(part, nn.Dropout):
                part.p = drop
        device = next(self.head.parameters()).device
        words = torch.from_numpy(np.concatenate([lesson.vectors for lesson in found])).to(device)
        sizes = [len(lesson.vectors) for lesson in found]
        scores = self.head(words, sizes, self.head.style(style))
        loss = self.head.loss(scores, [lesson.gold.to(device) for lesson in found])
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.head.parameters(), CLIP)
        self._optimiser.step()
        self.head.eval()
        return float(loss.item())


def lessons(example: Example, head: Head, name: str) -> Iterator[Lesson]:
    """What a head learns from an example.

    A sentence teaches where its words are those of the gold; with spaCy's ``gold_preproc`` they always are.

    Raises:
        NoEncoding: the predicted Doc has no vectors.
    """
    doc, width = example.predicted, head.settings["word_width"]
    if len(doc) and doc.tensor.shape != (len(doc), width):
        raise NoEncoding(name=name, width=width, got=str(tuple(doc.tensor.shape)))
    for places, gold in _units(example, per_document=head.per_document):
        target = head.gold(gold)
        if target is not None and len(places):
            yield Lesson(doc.tensor[places], target)


def _units(example: Example, *, per_document: bool) -> Iterator[tuple[list[int], Doc]]:
    """The places of the predicted words of each gold sentence, or of the document, and its gold."""
    doc, gold = example.predicted, example.reference
    if per_document:
        yield [token.i for token in doc if not token.is_space], gold
        return
    at = {token.idx: token for token in doc}
    for sentence in gold.sents if gold.has_annotation("SENT_START") else [gold[:]]:
        part = _trimmed(sentence)
        places = [
            found.i for token in part if (found := at.get(token.idx)) is not None and found.text == token.text
        ]
        if part and len(places) == len(part) and not any(token.is_space for token in part):
            yield places, part.as_doc()


def _trimmed(sentence: Span) -> Span:
    """A sentence without the white space at its ends, which is a token to spaCy."""
    words = [token.i for token in sentence if not token.is_space]
    return sentence.doc[words[0] : words[-1] + 1] if words else sentence[:0]
