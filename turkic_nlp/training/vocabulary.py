"""Vocabularies learned from text: a whole one, or the pieces that another lacks."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sentencepiece
import torch
from torch import Tensor, nn

from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import NothingNew, TooLittleText
from turkic_nlp.piece_models import PieceModel, TokenizerModel
from turkic_nlp.pieces import PAD
from turkic_nlp.training.pretraining import LanguageModel


def train_vocabulary(counts: Mapping[str, int], size: int, *, fewer: bool = False) -> bytes:
    """A serialised sentencepiece unigram model of ``size`` pieces, or ``fewer`` if need be, from counted words.

    Raises:
        TooLittleText: the words do not hold so many pieces.
    """
    model = io.BytesIO()
    sentences = (f"{form}\t{count}" for form, count in counts.items() if "\t" not in form)
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=sentences,
            model_writer=model,
            input_format="tsv",
            vocab_size=size,
            hard_vocab_limit=not fewer,
            model_type="unigram",
            character_coverage=0.9998,
            normalization_rule_name="identity",
            unk_id=0,
            bos_id=1,
            eos_id=2,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise TooLittleText(size=size, reason=str(error).rsplit("] ", 1)[-1].rstrip(".")) from error
    return model.getvalue()


def missing_pieces(
    counts: Mapping[str, int], vocabulary: PieceModel | TokenizerModel, most: int
) -> list[tuple[str, float]]:
    """The ``most`` probable pieces of counted words that a vocabulary lacks, each with the log of its probability.

    A vocabulary three times as large is learned, since many of its pieces will be known.

    Raises:
        NothingNew: all are known.
    """
    forms: Counter[str] = Counter()
    for form, count in counts.items():
        forms[vocabulary.normal(form)] += count
    learned = sentencepiece.SentencePieceProcessor(
        model_proto=train_vocabulary(forms, 3 * most + 500, fewer=True)
    )
    pieces = [
        (learned.id_to_piece(id_), learned.get_score(id_))
        for id_ in range(learned.get_piece_size())
        if not (learned.is_control(id_) or learned.is_unknown(id_))
    ]
    new = sorted(
        (piece for piece in pieces if piece[0] not in vocabulary), key=lambda piece: (-piece[1], piece[0])
    )
    if not new:
        raise NothingNew
    return new[:most]


def add_pieces(words: WordEncoder, model: LanguageModel, pieces: Sequence[tuple[str, float]]) -> WordEncoder:
    """The encoder of a language model with more pieces; its tables are changed in place.

    The embedding of a new piece, and its bias in the output, is the mean of those of the pieces that it was made of.
    """
    old = words.vocabulary
    parts = old.parts(piece for piece, _ in pieces)
    encoder = model.encoder
    with torch.no_grad():
        table = _with_means(encoder.pieces.weight, parts, old.room, len(old))
        bias = _with_means(model.bias, parts, old.room, len(old))
    encoder.pieces = nn.Embedding(len(table), encoder.width, PAD, _weight=table)
    encoder.config = replace(encoder.config, vocab_size=len(table))
    model.bias = nn.Parameter(bias)
    found = replace(words.pieces, split=old.extended(pieces), _cache={})
    return WordEncoder(encoder, found)


def _with_means(table: Tensor, parts: Sequence[Sequence[int]], at: int, rows: int) -> Tensor:
    """A table of so many ``rows`` with new ones ``at`` a place, each the mean of some of the others."""
    means = torch.stack([table[list(ids)].mean(0) for ids in parts])
    return torch.cat([table[:at], means, table[at:rows]]).detach().clone()
