"""UPOS, XPOS and features of each word.

A word gets a score for every value of every field (UPOS, XPOS, one field per feature name). UPOS and features are then
chosen together: a bundle is a part of speech with its features as some word of the training data has them, its score is
the sum over its values and of what is usual in the style. So rare features learn from every word that has them, and
what is written is always a combination that exists. What a word's affixes and its neighbours say of its values is
added to the scores (:mod:`turkic_nlp.heads.clues`), and which bundles a form had in training has its say at the end
(:mod:`turkic_nlp.heads.memory`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import MORPH, POS, TAG
from spacy.morphology import Morphology
from spacy.parts_of_speech import IDS as POS_IDS
from spacy.tokens import Doc, Token
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE, Head, Names, Project
from turkic_nlp.heads.bundles import UPOS, XPOS, Best, Run, best_of, bundle_of, members, runs, seen_in
from turkic_nlp.heads.clues import CLUED, CLUES, Clues, Said, learned_by_language
from turkic_nlp.heads.crf import Sums
from turkic_nlp.heads.known_features import FEATURES, features_of, fitting, in_language
from turkic_nlp.heads.memory import PRIOR, SEEN, Memory, Seen, Sightings, to_keep, together
from turkic_nlp.heads.xpos import NONE, TAGS, allowed, best_xpos, xpos_of
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form

MARGIN = 5.0
"""Bundles are compared for the parts of speech whose score is this near to the best one, in nats: nearly always one
or two, which spares nine tenths of the work."""
_NEVER = -1e4


class TagScores(NamedTuple):
    """Scores of the values of all fields ``[words, values]``, what is usual in a style ``[bundles]``, what was seen.

    ``xpos`` says which XPOS the style has, ``fits`` which bundles.
    """

    values: Tensor
    usual: Tensor
    seen: Seen | None = None
    xpos: Tensor | None = None
    fits: Tensor | None = None


class Recalled(NamedTuple):
    """What training saw of a word, and what the word and its neighbours say where clues were learned."""

    seen: Sightings
    said: Said | None = None


class TaggerHead(Head):
    """Every column is a field with its values; the value of an absent feature is the empty string."""

    name: ClassVar[str] = "tagger"
    kept: ClassVar[Sequence[str]] = (SEEN, CLUES, TAGS, FEATURES)

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.fields: dict[str, list[str]] = settings["fields"]
        self.bundles: list[str] = settings["bundles"]
        self._rows = {
            name: {value: i for i, value in enumerate(values)} for name, values in self.fields.items()
        }
        self._bundle_rows = {bundle: index for index, bundle in enumerate(self.bundles)}
        self._sizes = [len(values) for values in self.fields.values()]
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], sum(self._sizes))
        self.usual = nn.Embedding(len(self.styles) + 1, len(self.bundles))
        nn.init.zeros_(self.usual.weight)
        self._values: Tensor
        self.register_buffer("_values", members(self.fields, self.bundles), persistent=False)
        self._parts: Tensor  # the rows in _values of each bundle, one a field
        parts_of = self._values.T.nonzero()[:, 1].view(len(self.bundles), -1)
        self.register_buffer("_parts", parts_of, persistent=False)
        self._runs: Sequence[Run] = nn.ModuleList(runs(self.fields, self.bundles, self._values))  # type: ignore[assignment]
        parts_of_speech = (bundle.partition("|")[0] for bundle in self.bundles)
        self._pos = np.asarray([POS_IDS[pos] for pos in parts_of_speech], dtype=np.uint64)
        self._tags = Names(self.fields[XPOS])
        self._kinds = self._pos.tolist()
        self._memory = Memory(settings.get(SEEN, {}), self._kinds)
        self._names = [f"{name}={value}" for name, known in self.fields.items() for value in known]
        self._clues = Clues(settings.get(CLUES, {}), self._names)
        self._fits: Tensor
        self.register_buffer("_fits", None, persistent=False)
        self._keep_to_styles()

    def _keep_to_styles(self) -> None:
        known = self.settings.get(FEATURES, {})
        self._xpos = allowed(self.settings.get(TAGS, {}), self.styles, self.fields[XPOS])
        self._fits = fitting(known, self.styles, self.bundles).to(self._values.device)
        self._features: dict[str, Names] = {}

    def _features_in(self, lang: str) -> Names:
        """Those of each bundle as the language has them; found when the first text in it comes by."""
        if lang not in self._features:
            own = in_language(self.settings.get(FEATURES, {}), lang, self.bundles)
            self._features[lang] = Names(features or Morphology.EMPTY_MORPH for features in own)
        return self._features[lang]

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], **options: Any) -> dict[str, Any]:
        """Fields, values and bundles seen in gold Docs; feature values that occur once are left out."""
        fields, bundles = seen_in(docs)
        return {"fields": fields, "bundles": bundles, "width": 256, **options}

    def remember(self, docs: Iterable[Doc], style: str) -> None:
        """Keep the bundles of every form, what words and their neighbours say of values, and which tags there are."""
        docs = list(docs)
        self.keep(TAGS, {style: xpos_of(docs, self.fields[XPOS])})
        self.keep(FEATURES, features_of(docs, style))
        self._keep_to_styles()
        pairs = ((doc, self.gold(doc)) for doc in docs)
        golds = [(doc, gold[:, -1].tolist()) for doc, gold in pairs if gold is not None]
        rows = (pair for doc, gold in golds for pair in zip(doc, gold, strict=True))
        kept = to_keep((shared_form(word.text, word.lang_), row) for word, row in rows if row != IGNORE)
        if kept:
            self.keep(SEEN, {style: kept})
            self._memory = Memory(self.settings[SEEN], self._kinds)
        if style in self.settings.get(CLUED, [style]):
            self.keep(CLUES, learned_by_language(golds, style, Sums(self._names, self._values)))
            self._clues = Clues(self.settings[CLUES], self._names)

    def recall(self, layout: Layout, style: str | None) -> Sequence[Recalled]:
        """What is known of each word."""
        seen = self._memory.recall(layout, style)
        said = self._clues.recall(layout, style)
        return list(map(Recalled, seen, said)) if said else list(map(Recalled, seen))

    def weigh(self, scores: TagScores, sightings: Sequence[Recalled]) -> TagScores:
        """The scores with what was seen and what is said."""
        seen = together([one.seen for one in sightings], scores.values.device)
        if said := [one.said.scores for one in sightings if one.said]:
            values = scores.values + torch.from_numpy(np.stack(said)).to(scores.values)
            scores = scores._replace(values=values)
        return scores._replace(seen=seen)

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words, fields + 1]``, the bundle last; IGNORE for what is unknown or not annotated."""
        if not doc.has_annotation("POS"):
            return None
        with_features = any(token.has_morph() for token in doc)
        return torch.tensor([self._row(token, with_features) for token in doc])

    def _row(self, token: Token, with_features: bool) -> list[int]:
        """Of a word without a UPOS nothing is known: others of its sentence may be the only ones annotated."""
        if not token.pos:
            return [IGNORE] * (len(self.fields) + 1)
        row = [self._rows[UPOS].get(token.pos_, IGNORE), self._rows[XPOS].get(token.tag_, IGNORE)]
        features = token.morph.to_dict()
        for name in list(self.fields)[2:]:
            row.append(self._rows[name].get(features.get(name, ""), IGNORE) if with_features else IGNORE)
        whole = with_features or len(self.fields) == 2
        return [*row, self._bundle_rows.get(bundle_of(token), IGNORE) if whole else IGNORE]

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> TagScores:
        """Scores of values; those of bundles follow from them."""
        values = self.out(self.project(words, style))
        return TagScores(values, self.usual.weight[style], None, self._xpos[style], self._fits[style])

    def loss(self, scores: TagScores, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy of every field and of the bundle, summed."""
        target = torch.cat(list(gold))
        tables = self.tables(scores, None)
        total = tables[-1].sum() * 0.0
        for column, table in enumerate(tables):
            known = target[:, column] != IGNORE
            if known.any():
                total = total + functional.cross_entropy(table[known], target[known, column])
        return total

    def tables(self, scores: TagScores, agreed: None) -> list[Tensor]:
        """Those of the fields, then that of the bundles."""
        bundles = scores.values @ self._values + scores.usual
        return [*torch.split(scores.values, self._sizes, -1), bundles]

    def labelled(self) -> dict[str, tuple[Sequence[str], ...]]:
        """Values of fields, and bundles by style."""
        own = {"out.weight": (self._names,), "out.bias": (self._names,)}
        return super().labelled() | own | {"usual.weight": (["", *self.styles], self.bundles)}

    def predict(self, scores: TagScores, sizes: Sequence[int]) -> NDArray[np.int64]:
        """The best bundle and the best XPOS of each word, or NONE. *Shape:* ``[words, 2]``."""
        if scores.fits is not None:
            scores = scores._replace(usual=scores.usual.masked_fill(~scores.fits, _NEVER))
        pos, xpos = torch.split(scores.values, self._sizes, -1)[:2]
        best = torch.stack([self._best_bundles(scores, pos).cpu(), best_xpos(xpos, scores.xpos)], dim=-1)
        return np.asarray(best.numpy())

    def _best_bundles(self, scores: TagScores, pos: Tensor) -> Tensor:
        """The best bundle of each word among those of its likely parts of speech. *Shape:* ``[words]``."""
        likely = (pos >= pos.amax(-1, keepdim=True) - MARGIN).T
        counts = likely.sum(-1).tolist()
        words = likely.nonzero()[:, 1]  # those of each part of speech in turn
        of_pos, values = torch.split(words, counts), torch.split(scores.values[words], counts)
        found = [run(values[run.row], scores.usual) for run in self._runs if counts[run.row]]
        words = torch.cat([of_pos[run.row] for run in self._runs if counts[run.row]])
        top, bundles, sums = (torch.cat(part) for part in zip(*found, strict=True))
        best = best_of(words, top, bundles, len(pos))
        if scores.seen is None or not len(scores.seen.words):
            return best.labels
        most = best.scores
        total = (sums - most[words]).exp()
        whole = most.new_zeros(len(pos)).index_add(0, words, total).log() + most
        return self._recalled(scores, scores.seen, best, whole)

    def _recalled(self, scores: TagScores, seen: Seen, best: Best, whole: Tensor) -> Tensor:
        """The best bundles when those that were seen have their say; ``whole`` is the logarithm of all shares' sum."""
        of_seen = scores.values[seen.words[:, None], self._parts[seen.rows]].sum(1) + scores.usual[seen.rows]
        words = torch.cat([torch.arange(len(whole), device=whole.device), seen.words])
        bundles = torch.cat([best.labels, seen.rows])
        shares = PRIOR * (torch.cat([best.scores, of_seen]) - whole[words]).exp()
        is_best = seen.rows == best.labels[seen.words]
        shares[: len(whole)].index_add_(0, seen.words[is_best], seen.counts[is_best])
        shares[len(whole) :] += seen.counts
        return best_of(words, shares, bundles, len(whole)).labels

    def annotate(self, layout: Layout, labels: NDArray[np.int64]) -> None:
        """Write ``pos_``, ``tag_`` and ``morph``; white space becomes ``SPACE``, as in spaCy."""
        bundles, tags = labels.T
        table = np.zeros((int(layout.tokens[-1]), 3), dtype=np.uint64)
        if layout.has_spaces:
            table[:] = POS_IDS["SPACE"], layout.numbers(["_SP"])[0], 0
        table[layout.words, 0] = self._pos[bundles]
        tagged = tags != NONE
        table[layout.words[tagged], 1] = self._tags(tags[tagged], layout)
        langs = np.asarray([layout.docs[n].lang_ for n in layout.with_words])
        for lang in set(langs.tolist()):
            own = np.repeat(langs == lang, np.diff(layout.documents))
            table[layout.words[own], 2] = self._features_in(lang)(bundles[own], layout)
        layout.write([POS, TAG, MORPH], table)
