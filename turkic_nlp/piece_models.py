"""Vocabularies on disk: the pieces of a word by a sentencepiece model, or by the tokenizer of a checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sentencepiece
from tokenizers import Tokenizer

from turkic_nlp.errors import CorruptModel
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

    def __call__(self, form: str) -> list[int]:
        """The ids of one word."""
        found = self._tokenizer.encode(f" {form}", add_special_tokens=False).ids
        return [(self.ids[3] if id_ in self._not_text else id_) + self._shift for id_ in found]

    def __len__(self) -> int:
        """One more than the highest id of the file, which the embedding table must have rows for."""
        return 1 + max(*self._tokenizer.get_vocab(with_added_tokens=True).values(), *self.ids)

    def __reduce__(self) -> tuple[type[TokenizerModel], tuple[Any, ...]]:
        return TokenizerModel, (self.text, self.ids, self.config)

    @property
    def mask(self) -> int:
        """The id of ``<mask>``."""
        return self.ids[SPECIAL] + self._shift

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
