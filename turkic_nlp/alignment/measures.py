"""How alike an encoder makes a sentence and its translation, layer by layer.

A cosine says little by itself, since all vectors of an encoder may lie close together: what counts is how much nearer
a translation is than another sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from turkic_nlp.alignment.bitext import Pair
from turkic_nlp.alignment.links import THRESHOLD
from turkic_nlp.alignment.losses import links
from turkic_nlp.alignment.views import View, read_layers
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import TooFewPairs

_FOLDS = 5
_RIDGE = 1.0


def measure(
    words: WordEncoder,
    pairs: Sequence[Pair],
    *,
    aligner: str = "awesome",
    word_links: Tensor | None = None,
) -> dict[str, Any]:
    """The figures of every layer, the embeddings first, and the links of words that they rest on.

    ``word_links`` are the links of an earlier call, to compare two encoders on the same words; else they are those of
    this encoder, two thirds of the way up. Each layer has ``word_distance`` and ``sentence_distance`` (cosine of
    translations minus cosine of others), ``retrieval`` (percent whose nearest is the translation, mean of both
    directions), ``cka``, ``unification`` (cosine of translations minus that of sentences of one language) and
    ``separability`` (accuracy of a linear guess of the language, in percent) plain and with each language's mean
    taken away.

    Raises:
        TooFewPairs: less than two.
    """
    if len(pairs) < 2:
        raise TooFewPairs(len(pairs), "pairs", 2, "--data")
    one = read_layers(words, [(pair.one, pair.langs[0]) for pair in pairs])
    other = read_layers(words, [(pair.other, pair.langs[1]) for pair in pairs])
    if word_links is None:
        chosen = max(1, round(2 * (len(one) - 1) / 3))
        word_links = links(one[chosen], other[chosen], aligner, THRESHOLD)
    rows = [figures(*views, word_links) for views in zip(one, other, strict=True)]
    return {"pairs": len(pairs), "links": word_links.tolist(), "layers": rows}


def figures(one: View, other: View, word_links: Tensor) -> dict[str, float]:
    """The figures of one layer."""
    left, right = one.sentences(), other.sentences()
    found = {
        "word_distance": distance(one.words[word_links[:, 0]], other.words[word_links[:, 1]]),
        "sentence_distance": distance(left, right),
        "retrieval": retrieval(left, right),
        "cka": cka(left, right),
        "unification": unification(left, right),
        "separability": separability(left, right),
        "separability_centred": separability(left - left.mean(0), right - right.mean(0)),
    }
    return {name: round(value, 4) for name, value in found.items()}


def distance(one: Tensor, other: Tensor) -> float:
    """Mean cosine of rows that belong together minus that of all other pairs of rows; 0 for fewer than two rows."""
    if len(one) < 2:
        return 0.0
    table = functional.normalize(one, dim=1) @ functional.normalize(other, dim=1).T
    own = table.diagonal().sum()
    return float(own / len(one) - (table.sum() - own) / (len(one) * (len(one) - 1)))


def retrieval(one: Tensor, other: Tensor) -> float:
    """Percent of rows whose nearest row of the other side is their own, the mean of both directions."""
    table = functional.normalize(one, dim=1) @ functional.normalize(other, dim=1).T
    own = torch.arange(len(table), device=table.device)
    right = (table.argmax(1) == own).float().mean() + (table.argmax(0) == own).float().mean()
    return float(50 * right)


def cka(one: Tensor, other: Tensor) -> float:
    """Linear centred kernel alignment (Kornblith et al. 2019): 1 for sides that differ by a rotation and a scale.

    With fewer rows than columns it is high for any two sides, so compare it only at the same number of pairs.
    """
    left, right = one - one.mean(0), other - other.mean(0)
    shared = (left.T @ right).pow(2).sum()
    return float(shared / ((left.T @ left).norm() * (right.T @ right).norm()).clamp(min=1e-12))


def unification(one: Tensor, other: Tensor) -> float:
    """Cosine of translations minus mean cosine of different sentences of one language (after Blum et al. 2025)."""
    left, right = functional.normalize(one, dim=1), functional.normalize(other, dim=1)
    own = float((left * right).sum(1).mean())
    return own - (_among(left) + _among(right)) / 2


def _among(rows: Tensor) -> float:
    table = rows @ rows.T
    return float((table.sum() - table.diagonal().sum()) / (len(rows) * (len(rows) - 1)))


def separability(one: Tensor, other: Tensor) -> float:
    """Percent of sentences whose side a ridge regression guesses, in five folds; 50 is chance.

    A sentence and its translation are in the same fold.
    """
    folds = np.random.default_rng(0).permutation(len(one)) % min(_FOLDS, len(one))
    right = 0
    for fold in range(int(folds.max()) + 1):
        test, train = torch.from_numpy(folds == fold), torch.from_numpy(folds != fold)
        rows = torch.cat([one[train], other[train]]).double()
        labels = torch.cat([torch.ones(int(train.sum())), -torch.ones(int(train.sum()))]).double()
        centre = rows.mean(0)
        rows = rows - centre
        # the dual form: as many unknowns as sentences
        kernel = rows @ rows.T
        scale = kernel.diagonal().mean().clamp(min=1e-12)
        weights = rows.T @ torch.linalg.solve(
            kernel / scale + _RIDGE * 1e-2 * torch.eye(len(rows)).double(), labels
        )
        right += int(((one[test].double() - centre) @ weights > 0).sum())
        right += int(((other[test].double() - centre) @ weights < 0).sum())
    return 100 * right / (2 * len(one))
