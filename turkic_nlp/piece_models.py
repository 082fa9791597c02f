"""Vocabularies on disk: the pieces of a word by a sentencepiece model, or by the tokenizer of a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

from turkic_nlp.errors import CorruptModel, FixedVocabulary
from turkic_nlp.weights import checked_json, regular

SPECIAL = 4
"""Ids below this are ``<s>``, ``<pad>``, ``</s>`` and ``<unk>``, see :mod:`turkic_nlp.pieces`."""


def shift(special: tuple[int, ...]) -> int:
    """By how much the ids of a tokenizer are moved to make room for ours of the special pieces."""
    return 0 if special[:SPECIAL] == (0, 1, 2, 3) else SPECIAL


class PieceModel:
    """Word to XLM-R ids by a sentencepiece model: its ids moved by one, its ``<unk>`` at 3."""

    def __init__(self, serialized: bytes) -> None:
        self.serialized = serialized
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=serialized)

    def __call__(self, form: str) -> list[int]:
        """The ids of one word."""
        return [piece + 1 if piece else 3 for piece in self._processor.encode(form)]

    def __len__(self) -> int:
        """Rows of the embedding table: all pieces, the moved ids and ``<mask>``."""
        return int(self._processor.get_piece_size()) + 2

    def __reduce__(self) -> tuple[type[PieceModel], tuple[bytes]]:
        return PieceModel, (self.serialized,)

    @property
    def mask(self) -> int:
        """The id of ``<mask>``, the last."""
        return len(self) - 1

    @property
    def room(self) -> int:
        """The id that the first new piece would have; ``<mask>`` moves on behind the new ones."""
        return self.mask

    def normal(self, form: str) -> str:
        """A form as the vocabulary reads it."""
        return str(self._processor.normalize(form).replace("▁", " ").strip())

    def __contains__(self, piece: str) -> bool:
        return self._processor.piece_to_id(piece) != self._processor.unk_id()

    def parts(self, pieces: Iterable[str]) -> list[list[int]]:
        """The ids that each of these longer pieces is made of; ``▁`` is the beginning of a word."""
        model = sentencepiece_model_pb2.ModelProto.FromString(self.serialized)
        model.normalizer_spec.add_dummy_prefix = model.normalizer_spec.remove_extra_whitespaces = False
        read = PieceModel(model.SerializeToString())
        return [read(piece.replace("▁", " ")) for piece in pieces]

    def extended(self, pieces: Sequence[tuple[str, float]]) -> PieceModel:
        """The vocabulary with more pieces, each with its score (the log of its probability)."""
        model = sentencepiece_model_pb2.ModelProto.FromString(self.serialized)
        model.pieces.extend(
            sentencepiece_model_pb2.ModelProto.SentencePiece(piece=piece, score=score)
            for piece, score in pieces
        )
        model.trainer_spec.vocab_size = len(model.pieces)
        return PieceModel(model.SerializeToString())

    def write(self, folder: Path) -> dict[str, Any]:
        """Write ``pieces.model``; nothing about it need be noted in ``config.json``."""
        (folder / "pieces.model").write_bytes(self.serialized)
        return {}


class TokenizerModel:
    """Word to ids by ``tokenizer.json``, the file of Hugging Face's fast tokenizers, whatever their algorithm.

    A word is read as it is after a space; a special token in it (``<s>``, ``[MASK]``) is unknown text, no sign for the
    encoder. ``ids`` are those of ``<s>``, ``<pad>``, ``</s>``, ``<unk>`` and ``<mask>`` in the file. Where the first
    four are not 0, 1, 2, 3 all ids are moved by four to make room for them. ``config`` is ``tokenizer_config.json``,
    which transformers wants beside it.
    """

    def __init__(self, text: str, ids: tuple[int, ...], config: dict[str, Any]) -> None:
        self.text = text
        self.ids = ids
        self.config = config
        self._tokenizer = Tokenizer.from_str(text)
        self._tokenizer.no_truncation()
        self._shift = shift(ids)
        self._not_text = frozenset(ids)
        self._rows = 1 + max(*self._tokenizer.get_vocab(with_added_tokens=True).values(), *ids)

    def __call__(self, form: str) -> list[int]:
        """The ids of one word."""
        found = self._tokenizer.encode(f" {form}", add_special_tokens=False).ids
        return [(self.ids[3] if id_ in self._not_text else id_) + self._shift for id_ in found]

    def __len__(self) -> int:
        """One more than the highest id of the file, which the embedding table must have rows for."""
        return self._rows

    def __reduce__(self) -> tuple[type[TokenizerModel], tuple[Any, ...]]:
        return TokenizerModel, (self.text, self.ids, self.config)

    @property
    def mask(self) -> int:
        """The id of ``<mask>``."""
        return self.ids[SPECIAL] + self._shift

    @property
    def room(self) -> int:
        """The id that the first new piece would have: behind all that are there."""
        return len(self)

    def normal(self, form: str) -> str:
        """A form as the vocabulary reads it."""
        normalizer = self._tokenizer.normalizer
        return str(normalizer.normalize_str(form)) if normalizer else form

    def __contains__(self, piece: str) -> bool:
        return self._tokenizer.token_to_id(piece) is not None

    def parts(self, pieces: Iterable[str]) -> list[list[int]]:
        """The ids that each of these longer pieces is made of; ``▁`` is the beginning of a word."""
        return [[token.id for token in self._tokenizer.model.tokenize(piece)] for piece in pieces]

    def extended(self, pieces: Sequence[tuple[str, float]]) -> TokenizerModel:
        """The vocabulary with more pieces, each with its score (the log of its probability).

        Raises:
            FixedVocabulary: it is not of the kind (unigram) that a piece can be added to.
        """
        found = json.loads(self.text)
        if found["model"].get("type") != "Unigram":
            raise FixedVocabulary(kind=str(found["model"].get("type")))
        known = found["model"]["vocab"]
        names = {token["id"]: token["content"] for token in found["added_tokens"]}
        known += [[names.get(id_, f"<unused{id_}>"), 0.0] for id_ in range(len(known), len(self))]
        known += [[piece, score] for piece, score in pieces]
        return TokenizerModel(json.dumps(found, ensure_ascii=False), self.ids, self.config)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write the two files; returns what ``config.json`` must note."""
        (folder / "tokenizer.json").write_text(self.text, encoding="utf-8")
        text = json.dumps(self.config, ensure_ascii=False, indent=2)
        (folder / "tokenizer_config.json").write_text(text + "\n", encoding="utf-8")
        return {"special": list(self.ids)}


def read_piece_model(folder: Path, settings: dict[str, Any], rows: int) -> PieceModel | TokenizerModel:
    """The vocabulary of an encoder's folder, for an embedding table of so many ``rows``.

    Raises:
        CorruptModel: its file is missing or damaged, or has not as many pieces as the table.
    """
    found = _read_tokenizer(folder, settings) if "special" in settings else _read_sentencepiece(folder)
    if len(found) > rows or (isinstance(found, PieceModel) and len(found) != rows):
        file = "pieces.model" if isinstance(found, PieceModel) else "tokenizer.json"
        raise CorruptModel(path=str(folder / file), reason=f"{len(found)} pieces, config.json says {rows}")
    return found


def _read_sentencepiece(folder: Path) -> PieceModel:
    path = folder / "pieces.model"
    try:
        return PieceModel(regular(path).read_bytes())
    except (OSError, RuntimeError) as error:
        raise CorruptModel(path=str(path), reason=f"no readable sentencepiece model ({error})") from error


def _read_tokenizer(folder: Path, settings: dict[str, Any]) -> TokenizerModel:
    path = folder / "tokenizer.json"
    text = json.dumps(checked_json(path), ensure_ascii=False)
    config = checked_json(folder / "tokenizer_config.json")
    try:
        found = TokenizerModel(text, tuple(settings["special"]), config)
        found("a")
    except BaseException as error:  # tokenizers raises bare Exceptions, and panics that are none
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        reason = f"no readable tokenizer ({' '.join(str(error).split())[:200]})"
        raise CorruptModel(path=str(path), reason=reason) from error
    return found
