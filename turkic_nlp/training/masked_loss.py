"""How well a masked language model guesses the hidden words of text that it has not learned from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from turkic_nlp.encoding import WordEncoder
from turkic_nlp.pieces import UNK, Batch, WordPieces, collate, windows
from turkic_nlp.training.pretraining import LanguageModel

_SHARE = 0.15
_ROWS = 16


def held_out_loss(
    model: LanguageModel, words: WordEncoder, lines: Sequence[Sequence[str]], lang: str
) -> dict[str, float]:
    """How well hidden words of held-out lines are guessed; always the same, about 15 of 100, hidden whole.

    ``loss`` is in nats a hidden piece and ``pseudo_perplexity`` its exponential (Salazar et al. 2020, with words in the
    place of pieces). Pieces differ between vocabularies, characters do not: compare by ``bits_per_character``.
    ``unknown`` is the share of hidden words with an unknown piece, which is easily guessed.
    """
    parts = [words.pieces.sentence(line, lang) for line in lines]
    hidden = [_chosen(len(part), number) for number, part in enumerate(parts)]
    seen = list(_seen(parts, hidden, words.pieces.limit))
    order = sorted(range(len(seen)), key=lambda n: sum(len(word.ids) for word in seen[n][0]))
    total, pieces = 0.0, 0
    model.eval()
    with torch.no_grad():
        for start in range(0, len(order), _ROWS):
            some = [seen[n] for n in order[start : start + _ROWS]]
            batch, at, targets = _hide(some, words.vocabulary.mask)
            total += float(model(batch, at, targets)) * len(targets)
            pieces += len(targets)
    whole = zip(lines, parts, hidden, strict=True)
    shown = [(line[place], part[place]) for line, part, chosen in whole for place in chosen]
    letters = sum(len(word) for word, _ in shown)
    unknown = sum(any(id_ == UNK for id_ in part.ids) for _, part in shown)
    return {
        "hidden_words": len(shown),
        "hidden_pieces": pieces,
        "loss": round(total / pieces, 4),
        "pseudo_perplexity": round(math.exp(min(total / pieces, 50)), 2),
        "bits_per_character": round(total / math.log(2) / letters, 4),
        "unknown": round(unknown / len(shown), 4),
    }


def _seen(
    parts: Sequence[Sequence[WordPieces]], hidden: Sequence[Sequence[int]], limit: int
) -> Iterator[tuple[Sequence[WordPieces], list[int]]]:
    """What the encoder sees at once, with the places of its hidden words: a line, or windows of one too long for it."""
    for part, chosen in zip(parts, hidden, strict=True):
        for start, end, first, after in windows([len(word.ids) for word in part], limit):
            if mine := [place - start for place in chosen if first <= place < after]:
                yield part[start:end], mine


def _chosen(size: int, number: int) -> list[int]:
    """The places of the hidden words of a line: always the same, one at least."""
    rng = np.random.default_rng((1, number))
    found = np.flatnonzero(rng.random(size) < _SHARE)
    return [int(place) for place in found] or [int(rng.integers(size))]


def _hide(
    seen: Sequence[tuple[Sequence[WordPieces], Sequence[int]]], sign: int
) -> tuple[Batch, Tensor, Tensor]:
    """The batch with ``<mask>`` for each piece of the hidden words, its flat places, and what was there."""
    longest = max(2 + sum(len(word.ids) for word in part) for part, _ in seen)
    at: list[int] = []
    targets: list[int] = []
    shown: list[list[WordPieces]] = []
    for row, (part, chosen) in enumerate(seen):
        place, out = row * longest + 1, list(part)
        for index, word in enumerate(part):
            if index in chosen:
                at += range(place, place + len(word.ids))
                targets += word.ids
                out[index] = WordPieces((sign,) * len(word.ids), (), word.shape)
            place += len(word.ids)
        shown.append(out)
    return collate(shown), torch.tensor(at), torch.tensor(targets)
