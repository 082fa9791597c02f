"""Distillation: a model learns, of raw text, what several models say of it on average.

The mean of models that were trained alike is better than each of them, and a student of that mean comes near it while
it is as small and as fast as one (Hinton et al. 2015; for parsers Kuncoro et al. 2016). Teachers read all words, the
student some hidden ones (Xie et al. 2020), and it goes on learning from its gold at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.errors import TeachesNothing
from turkic_nlp.heads import Head
from turkic_nlp.heads.base import mean_of
from turkic_nlp.precision import learning
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.lessons import Lessons
from turkic_nlp.training.order import pieces_of
from turkic_nlp.training.recipe import Recipe
from turkic_nlp.training.vectors import hide

_LABELS = ("fields", "bundles", "scripts", "relations", "types", "labels")
"""The settings of heads that say what their scores are of."""


class Distiller:
    """The loss of a student; an :class:`turkic_nlp.training.loop.Extra`. Each step reads text of one language.

    A teacher whose labels differ in a head teaches the other heads; TeachesNothing (T562) where all of all differ.
    """

    apart = False

    def __init__(self, student: Joint, lessons: Lessons, recipe: Recipe) -> None:
        self.module = nn.Module()
        self._student, self._recipe, self._plan = student, recipe, lessons.plan
        self._texts = sorted(lessons.sentences.items())
        self._teachers = [model.to(student.words.device) for model in lessons.teachers]
        self._able = {
            name: [n for n, model in enumerate(self._teachers) if _same(model.head(name), student.head(name))]
            for name in lessons.plan.heads or recipe.heads
        }
        if not any(self._able.values()):
            raise TeachesNothing(teachers=", ".join(lessons.plan.teachers), heads=", ".join(self._able))

    def __call__(self, step: int) -> Tensor:
        """The divergence of the student from its teachers' mean, summed over the heads by their weights."""
        plan = self._recipe.plan
        rng = np.random.default_rng((plan.seed, step, 1))
        lang, texts = self._texts[step % len(self._texts)]
        batch = self._draw(texts, rng)
        sizes = [len(words) for words in batch]
        noise = hide(plan.word_dropout, self._student.words.vocabulary.mask, rng)
        with learning(self._student.words.device, plan.bf16):
            with torch.no_grad():
                read = {
                    model: _read(model, batch, lang, self._plan.pieces)
                    for model in dict.fromkeys(self._teachers)
                }
            seen = [read[model] for model in self._teachers]
            words = self._student.words(batch, [lang] * len(batch), self._plan.pieces, noise=noise)
            mine = torch.cat(words)
            total = mine.new_zeros(())
            for name in self._able:
                style = self._style(name, lang, rng)
                weight = self._recipe.heads[name].weight
                total = total + weight * self._of_head(name, style, mine, seen, sizes)
        return self._plan.weight * total.float()

    def _draw(self, texts: Sequence[Sequence[str]], rng: np.random.Generator) -> Sequence[Sequence[str]]:
        """Sentences of like length."""
        start = end = int(rng.integers(len(texts)))
        used = 0.0
        while end < len(texts) and (used := used + pieces_of(len(texts[end]))) <= self._plan.pieces:
            end += 1
        return texts[start : max(end, start + 1)]

    def _style(self, name: str, lang: str, rng: np.random.Generator) -> str | None:
        """One of the styles that the head has for a language, or an unknown one."""
        head = self._recipe.heads[name]
        plans = self._recipe.corpora.values()
        own = [p.style or p.id for p in plans if p.lang == lang and (not p.tasks or name in p.tasks)]
        usual = [head.styles[lang]] if lang in head.styles else []
        known = [style for style in dict.fromkeys([*usual, *own]) if style in self._student.head(name).styles]
        choices = [*known, None]
        return choices[rng.integers(len(choices))]

    def _of_head(
        self, name: str, style: str | None, mine: Tensor, seen: Sequence[Tensor], sizes: Sequence[int]
    ) -> Tensor:
        if not (able := self._able[name]):
            return mine.new_zeros(())
        with torch.no_grad():
            heads = [self._teachers[n].head(name) for n in able]
            said = [head(seen[n], sizes, head.style(style)) for n, head in zip(able, heads, strict=True)]
            agreed = heads[0].agreed(said)
            tables = [head.tables(one, agreed) for head, one in zip(heads, said, strict=True)]
            target = [mean_of(of_all).log_softmax(-1) for of_all in zip(*tables, strict=True)]
        head = self._student.head(name)
        found = head.tables(head(mine, sizes, head.style(style)), agreed)
        return torch.stack([_divergence(*pair) for pair in zip(found, target, strict=True)]).sum()


def _same(one: Head, other: Head) -> bool:
    return all(one.settings.get(key) == other.settings.get(key) for key in _LABELS)


def _read(model: Joint, batch: Sequence[Sequence[str]], lang: str, pieces: int) -> Tensor:
    return torch.cat(model.words(batch, [lang] * len(batch), pieces))


def _divergence(scores: Tensor, target: Tensor) -> Tensor:
    """Mean over the rows of the Kullback-Leibler divergence from ``target``; 0 where there is nothing to choose."""
    if not scores.numel():
        return scores.sum().float()
    return functional.kl_div(scores.float().log_softmax(-1), target, log_target=True, reduction="batchmean")
