"""Dependencies: biaffine scores of every governor and relation, decoded to the best tree with one root.

Dozat and Manning (2017), with a score for how far to the left or right a word looks for its governor, as in Stanza
(Qi et al. 2018), and what the tags say of governors (:mod:`turkic_nlp.heads.arcs`) and relations
(:mod:`turkic_nlp.heads.usage`). A sentence whose greedy governors already form such a tree keeps them; otherwise the
best tree is found (:mod:`turkic_nlp.heads.trees`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import DEP, HEAD
from spacy.tokens import Doc
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.arcs import ARCS, Arcs, Sentence, Table, Word, learned, said, word_of
from turkic_nlp.heads.base import IGNORE, Head, Names, Project, argmax, mean_of, pad
from turkic_nlp.heads.memory import to_keep
from turkic_nlp.heads.trees import are_trees, best_tree
from turkic_nlp.heads.usage import NOTHING, USED, Kind, Usage, counted
from turkic_nlp.layout import Layout

ROOT = "ROOT"
_CHUNK = 64  # words whose products with all relations stay in the cache of a CPU
_CHUNK_ELSEWHERE = 8192  # and in the memory of a GPU


class ArcScores(NamedTuple):
    """``arcs[unit, word, governor]`` where governor 0 is the root, and the vectors that relations are scored from.

    ``kinds`` are those of the words, where they are known.
    """

    arcs: Tensor
    dependent: Tensor
    governor: Tensor
    mask: Tensor
    kinds: Sequence[Kind] = ()


class Known(NamedTuple):
    """A word's kind, and where the governors of its style were learned, its numbers and their table."""

    kind: Kind
    word: Word | None = None
    table: Table | None = None


class ParserHead(Head):
    """Governors and relations of sentences; relations keep their subtypes."""

    name: ClassVar[str] = "parser"
    kept: ClassVar[Sequence[str]] = (USED, ARCS)

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.relations: list[str] = settings["relations"]
        self._rows = {relation: index for index, relation in enumerate(self.relations)}
        self._names = Names(self.relations)
        arc, rel = settings["arc_width"], settings["relation_width"]
        self._split = [arc, arc, rel, rel]
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.split = nn.Linear(settings["width"], sum(self._split))
        self.root = nn.Parameter(torch.empty(settings["width"]))
        nn.init.normal_(self.root, std=0.1)
        self.arc = nn.Linear(arc + 1, arc, bias=False)
        self.reach: int = settings.get("reach", 0)
        self.offset = nn.Linear(arc, 2 * self.reach + 1) if self.reach else None
        self.relation = nn.Parameter(torch.zeros(len(self.relations), rel + 1, rel + 1))
        nn.init.normal_(self.relation, std=0.02)
        self._usage = Usage(settings.get(USED, {}), len(self.relations))
        self._arcs = Arcs(settings.get(ARCS, {}))

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """The relations seen in gold Docs."""
        relations = {token.dep_ for doc in docs for token in doc if token.dep}
        sizes = {"width": 500, "arc_width": 300, "relation_width": 100, "reach": 8}
        return {"relations": sorted(relations | {ROOT}), **sizes, **options}

    def remember(self, docs: Iterable[Doc], style: str) -> None:
        """Keep how often words of a kind had which relation, and which governors they have."""
        docs = list(docs)
        if kept := to_keep(counted(docs, self._rows)):
            self.keep(USED, {style: kept})
            self._usage = Usage(self.settings[USED], len(self.relations))
        tagged = (doc for doc in docs if len(doc) and all(token.pos for token in doc))
        pairs = ((doc, gold) for doc in tagged if (gold := self.gold(doc)) is not None)
        table = learned([_sentence(doc, gold[:, 0]) for doc, gold in pairs])
        if table is not None:
            self.keep(ARCS, {style: table})
            self._arcs = Arcs(self.settings[ARCS])

    def recall(self, layout: Layout, style: str | None) -> Sequence[Known] | None:
        """What is known of the words, by their tags."""
        kinds, table = self._usage.recall(layout, style), self._arcs.table(style)
        if table is None:
            return [Known(one) for one in kinds] if kinds else None
        words = layout.by_tags(word_of)
        return [Known(*pair, table) for pair in zip(kinds or [NOTHING] * len(words), words, strict=True)]

    def weigh(self, scores: ArcScores, sightings: Sequence[Known]) -> ArcScores:
        """The scores with the kinds, and with what these say of governors."""
        arcs, table = scores.arcs, sightings[0].table
        if table is not None:
            words = [one.word for one in sightings if one.word]
            more = torch.from_numpy(said(table, words, scores.mask.sum(1).cpu().numpy()))
            arcs = arcs.float() + more.to(arcs.device)
        return scores._replace(arcs=arcs, kinds=[one.kind for one in sightings])

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words, 2]``: governor (0 is the root, words count from 1) and relation."""
        if not doc.has_annotation("DEP"):
            return None
        rows = [(0 if t.dep_ == ROOT else t.head.i + 1, self._rows.get(t.dep_, IGNORE)) for t in doc]
        return torch.tensor(rows)

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> ArcScores:
        """Scores of all governors; the scores of relations are found when the governors are known."""
        rows = torch.cat([self.root[None], self.project(words, style)])
        parts: Tensor = self.split(rows)
        padded, mask = pad(parts[1:], sizes)
        rooted = torch.cat([parts[:1].expand(len(sizes), 1, -1), padded], 1)
        governor_arc, dependent_arc, governor, dependent = torch.split(rooted, self._split, -1)
        arcs = torch.einsum("udx,ugx->udg", self.arc(_one(dependent_arc[:, 1:])), governor_arc)
        if self.offset is not None:
            arcs = arcs + self._by_offset(self.offset(dependent_arc[:, 1:]))
        blocked = ~torch.cat([mask.new_ones(len(sizes), 1), mask], 1)[:, None, :]
        return ArcScores(arcs.masked_fill(blocked, -1e4), dependent[:, 1:], governor, mask)

    def _by_offset(self, scores: Tensor) -> Tensor:
        """Scores of offsets, from ``-reach`` to ``reach``, as scores of governors; the offset 0 stands for the root.

        *Shape:* ``[units, words, 2 * reach + 1]`` to ``[units, words, words + 1]``.
        """
        words = torch.arange(scores.shape[1], device=scores.device)
        offsets = (words[None, :] - words[:, None]).clamp(-self.reach, self.reach)
        places = functional.pad(offsets, (1, 0)) + self.reach
        return scores.gather(2, places.expand(len(scores), -1, -1))

    def loss(self, scores: ArcScores, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy of the governor, and of the relation given the gold governor."""
        target, _ = pad(torch.cat(list(gold)), [len(unit) for unit in gold])
        heads = target[..., 0]
        arc_loss = functional.cross_entropy(scores.arcs[scores.mask], heads[scores.mask])
        relations = self._relations(scores, heads)
        return arc_loss + functional.cross_entropy(
            relations, target[..., 1][scores.mask], ignore_index=IGNORE
        )

    def agreed(self, scores: Sequence[ArcScores]) -> Tensor:
        """The governors that are likeliest on average. *Shape:* ``[units, words]``."""
        mean = mean_of([one.arcs for one in scores])
        return mean.argmax(-1).masked_fill(~scores[0].mask, 0)

    def tables(self, scores: ArcScores, agreed: Tensor) -> list[Tensor]:
        """Those of the governors, and of the relations to the governors that are agreed on."""
        return [scores.arcs[scores.mask], self._relations(scores, agreed)]

    def _relations(self, scores: ArcScores, heads: Tensor) -> Tensor:
        """Scores of the relations of each word to its governor. *Shape:* ``[words, relations]``, without padding."""
        index = heads[..., None].expand(-1, -1, scores.governor.shape[-1])
        chosen = _one(scores.governor.gather(1, index)[scores.mask])
        dependent = _one(scores.dependent[scores.mask])
        chunk = _CHUNK if dependent.device.type == "cpu" else _CHUNK_ELSEWHERE
        width = self.relation.shape[-1]
        matrix = self.relation.transpose(0, 1).flatten(1)  # one product for all relations
        parts = zip(torch.split(dependent, chunk), torch.split(chosen, chunk), strict=True)
        mixed = [
            ((one @ matrix).view(-1, len(self.relation), width) * other[:, None]).sum(-1)
            for one, other in parts
        ]
        return torch.cat(mixed)

    def labelled(self) -> dict[str, tuple[Sequence[str], ...]]:
        """Relations."""
        return super().labelled() | {"relation": (self.relations,)}

    def predict(self, scores: ArcScores, sizes: Sequence[int]) -> NDArray[np.int64]:
        """Governor and relation of each word, always a tree with one root. *Shape:* ``[words, 2]``."""
        heads = argmax(scores.arcs.float()).masked_fill(~scores.mask, 0).cpu().numpy()
        mask = scores.mask.cpu().numpy()
        for unit in np.flatnonzero(~are_trees(heads, mask)).tolist():
            size = sizes[unit]
            heads[unit, :size] = best_tree(scores.arcs[unit, :size, : size + 1].float().cpu().numpy())
        relations = self._relations(scores, torch.from_numpy(heads).to(scores.arcs.device)).float()
        governors, root = heads[mask], self._rows[ROOT]
        if scores.kinds:
            usual = self._usage.shares(scores.kinds, governors, sizes)
            relations = relations + torch.from_numpy(usual).to(relations.device)
        relations[..., root] = -1e9
        best = argmax(relations).cpu().numpy()
        return np.stack([governors, np.where(governors == 0, root, best)], -1)

    def annotate(self, layout: Layout, labels: NDArray[np.int64]) -> None:
        """Write ``head`` and ``dep_`` in one go; white space hangs on the word before it, or the first word."""
        words, tokens = layout.words, np.arange(int(layout.tokens[-1]))
        places, sizes = np.arange(len(words)), np.diff(layout.sentences)
        starts = np.repeat(layout.sentences[:-1], sizes)
        governors = words[np.where(labels[:, 0] == 0, places, starts + labels[:, 0] - 1)]
        table = np.empty((len(tokens), 2), dtype=np.uint64)
        if layout.has_spaces:
            table[:, 0] = (_words_before(layout, tokens) - tokens).view(np.uint64)
            table[:, 1] = layout.numbers(["dep"])
        table[words, 0] = (governors - words).view(np.uint64)
        table[words, 1] = self._names(labels[:, 1], layout)
        layout.write([HEAD, DEP], table)


def _sentence(doc: Doc, governors: Tensor) -> Sentence:
    words = [word_of(token.pos_, str(token.morph)) for token in doc]
    return Sentence(words, governors.numpy())


def _words_before(layout: Layout, tokens: NDArray[np.intp]) -> NDArray[np.intp]:
    """The word before each token in its Doc, itself for a word, the Doc's first word where there is none before."""
    owners = np.repeat(np.arange(len(layout.docs)), np.diff(layout.tokens))
    firsts = np.searchsorted(layout.words, layout.tokens[:-1])[owners]
    before = np.searchsorted(layout.words, tokens, side="right") - 1
    found: NDArray[np.intp] = layout.words[np.maximum(before, firsts).clip(max=len(layout.words) - 1)]
    return found


def _one(x: Tensor) -> Tensor:
    return functional.pad(x, (0, 1), value=1.0)
