"""Named entities: BIO labels, decoded so that every entity begins with B (Ramshaw and Marcus 1995).

In the languages of the training data single words have a say too (:mod:`turkic_nlp.heads.clues`), and lists of names
where the recipe has some (:mod:`turkic_nlp.heads.gazetteer`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import ENT_ID, ENT_IOB, ENT_KB_ID, ENT_TYPE
from spacy.tokens import Doc
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE, Head, Names, Project, argmax
from turkic_nlp.heads.clues import CLUED, CLUES, Clues, Said, learned_by_language
from turkic_nlp.heads.crf import Chain, best_paths
from turkic_nlp.heads.gazetteer import ENDINGS, NAMES, Gazetteer
from turkic_nlp.layout import Layout

_INSIDE, _OUTSIDE, _BEGINS = 1, 2, 3  # as spaCy counts them
_NEVER = -1e9


class EntityScores(NamedTuple):
    """Scores ``[words, labels]`` and what is said of each word, by which labels follow each other."""

    values: Tensor
    said: Sequence[Said] = ()


class NerHead(Head):
    """Labels are ``O``, then ``B-x`` and ``I-x`` of each entity type in turn."""

    name: ClassVar[str] = "ner"
    kept: ClassVar[Sequence[str]] = (CLUES, NAMES, ENDINGS)

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.types: list[str] = settings["types"]
        self.labels = ["O", *(f"{prefix}-{type_}" for type_ in self.types for prefix in "BI")]
        self._rows = {label: index for index, label in enumerate(self.labels)}
        self._names = Names(["", *self.types])
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], len(self.labels))
        self._read_clues()
        rows = np.arange(len(self.labels))
        valid = (rows % 2 == 1) | (rows == 0) | (rows[:, None] == rows) | (rows[:, None] == rows - 1)
        self._valid = np.where(np.vstack([valid, valid[0]]), 0.0, _NEVER).astype(np.float32)

    @classmethod
    def learn_settings(
        cls, docs: Iterable[Doc], *, names: Mapping[str, str] | None = None, **options: Any
    ) -> dict[str, Any]:
        """The entity types seen in gold Docs; ``names`` are classes by form (:mod:`turkic_nlp.heads.gazetteer`)."""
        types = {span.label_ for doc in docs for span in doc.ents}
        listed = {NAMES: names} if names else {}
        return {"types": sorted(types), "width": 256, **listed, **options}

    def _read_clues(self) -> None:
        names = self.settings.get(NAMES)
        self._listed = Gazetteer(names, self.settings.get(ENDINGS, {})) if names else None
        self._clues = Clues(self.settings.get(CLUES, {}), self.labels, self._listed)

    def remember(self, docs: Iterable[Doc], style: str) -> None:
        """Keep what words of each language, and their neighbours, say of labels."""
        if style not in self.settings.get(CLUED, [style]):
            return
        golds = [(doc, gold.tolist()) for doc in docs if (gold := self.gold(doc)) is not None]
        if self._listed:
            self.keep(ENDINGS, self._listed.endings_of(doc for doc, _ in golds))
            self._read_clues()
        self.keep(CLUES, learned_by_language(golds, style, Chain(self.labels), self._listed))
        self._read_clues()

    def recall(self, layout: Layout, style: str | None) -> Sequence[Said] | None:
        """What the words and their neighbours say."""
        return self._clues.recall(layout, style)

    def weigh(self, scores: Tensor, sightings: Sequence[Said]) -> EntityScores:
        """The scores with what the words say."""
        said = np.stack([one.scores for one in sightings])
        return EntityScores(scores + torch.from_numpy(said).to(scores.device), sightings)

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words]``; None where nothing says whether a token is part of an entity."""
        if not doc.has_annotation("ENT_IOB"):
            return None
        names = [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else (t.ent_iob_ or "?") for t in doc]
        return torch.tensor([self._rows.get(name, IGNORE) for name in names])

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Tensor:
        """Scores. *Shape:* ``[words, labels]``."""
        scores: Tensor = self.out(self.project(words, style))
        return scores

    def loss(self, scores: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy over the labelled words."""
        return functional.cross_entropy(scores, torch.cat(list(gold)), ignore_index=IGNORE)

    def labelled(self) -> dict[str, tuple[Sequence[str], ...]]:
        """Labels."""
        return super().labelled() | dict.fromkeys(("out.weight", "out.bias"), (self.labels,))

    def predict(self, scores: Tensor | EntityScores, sizes: Sequence[int]) -> NDArray[np.int64]:
        """The best valid labels of each unit: the greedy ones where they are valid, else by Viterbi search.

        Where it is known how labels follow each other the search is for all units.
        """
        values, said = scores if isinstance(scores, EntityScores) else EntityScores(scores)
        best: NDArray[np.int64] = argmax(values.float()).cpu().numpy()
        table: NDArray[np.float32] = values.float().cpu().numpy()
        starts = np.cumsum([0, *sizes])[:-1]
        wrong = np.logical_or.reduceat(self._breaks(best, starts), starts)
        groups: dict[int, list[slice]] = {}
        for start, size, is_wrong in zip(starts.tolist(), sizes, wrong.tolist(), strict=True):
            after = said[start].after if said else None
            if after is not None or is_wrong:
                groups.setdefault(id(after), []).append(slice(start, start + size))
        for units in groups.values():
            after = said[units[0].start].after if said else None
            known = self._valid if after is None else self._valid + after
            for unit, labels in zip(units, best_paths([table[unit] for unit in units], known), strict=True):
                best[unit] = labels
        return best

    def _breaks(self, labels: NDArray[np.int64], starts: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Where I-x follows neither B-x nor I-x of its unit. *Shape:* ``[words]``."""
        before = np.concatenate([[0], labels[:-1]])
        before[starts] = 0
        found: NDArray[np.bool_] = self._valid[before, labels] < 0
        return found

    def annotate(self, layout: Layout, labels: NDArray[np.int64]) -> None:
        """Write ``doc.ents``; a word outside every entity becomes ``O``, white space inside one belongs to it."""
        if layout.has_spaces:
            labels = _with_spaces(labels, layout)
        table = np.zeros((len(labels), 4), dtype=np.uint64)
        table[:, 0] = np.where(labels == 0, _OUTSIDE, np.where(labels % 2, _BEGINS, _INSIDE))
        table[:, 1] = self._names((labels + 1) // 2, layout)
        layout.write([ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID], table)


def _with_spaces(labels: NDArray[np.int64], layout: Layout) -> NDArray[np.int64]:
    """The labels of all tokens: white space has that of the word after it where that goes on with an entity."""
    tokens = np.arange(int(layout.tokens[-1]))
    after = np.searchsorted(layout.words, tokens)
    found = np.append(labels, 0)[after]
    is_space = np.append(layout.words, -1)[after] != tokens
    return np.where(is_space & (found % 2 == 1), 0, found)
