"""Sentences to word vectors: an encoder with its pieces, read from and written to a folder.

A folder holds ``config.json`` and ``model.safetensors`` under Hugging Face's names, so transformers opens it as an
XLM-R checkpoint too; ``pieces.model`` is the sentencepiece vocabulary, ``affixes.txt`` the affix strings if any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from torch import Tensor, nn

from turkic_nlp import affixes as affix_file
from turkic_nlp.affixes import Affixes
from turkic_nlp.batching import by_budget, in_memory
from turkic_nlp.encoder import Encoder, EncoderConfig, from_huggingface, to_huggingface
from turkic_nlp.errors import CorruptModel, NotInFull, WrongEncoder
from turkic_nlp.pieces import ORTHOGRAPHIES, Pieces, Window, WordPieces, collate, windows
from turkic_nlp.soundness import check_reading, check_sizes
from turkic_nlp.weights import (
    checked_json,
    filled,
    read_tensors,
    regular,
    write_tensors,
)

_AFFIXES = "affixes.weight"
Noise = Callable[[list[WordPieces]], list[WordPieces]]


@dataclass
class WordEncoder:
    """An encoder and the pieces that it was trained on."""

    encoder: Encoder
    pieces: Pieces

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.encoder.norm.weight.device

    def __call__(
        self,
        sentences: Sequence[Sequence[str]],
        langs: Sequence[str],
        budget: int,
        *,
        noise: Noise | None = None,
    ) -> list[Tensor]:
        """Vectors of the words of each sentence: ``[words, word_width]``, on the encoder's device.

        Windows of about the same length share a pass of at most ``budget`` pieces. ``noise`` may change the pieces of
        a sentence, as training does.
        """
        read = [self.pieces.sentence(words, lang) for words, lang in zip(sentences, langs, strict=True)]
        read = [noise(words) for words in read] if noise else read
        parts = [(n, window) for n, words in enumerate(read) for window in self._windows(words)]
        lengths = [2 + sum(len(word.ids) for word in read[n][w.start : w.end]) for n, w in parts]
        found: list[Tensor | None] = [None] * len(parts)
        for group in by_budget(lengths, budget):
            vectors = in_memory(lambda chosen: self._pass(read, [parts[index] for index in chosen]), group)
            for index, part in zip(group, vectors, strict=True):
                found[index] = part
        return self._join(len(read), parts, found)

    def _pass(self, read: list[list[WordPieces]], parts: Sequence[tuple[int, Window]]) -> tuple[Tensor, ...]:
        """One pass of the encoder: the vectors of the kept words of each window."""
        batch = collate(
            [read[n][w.start : w.end] for n, w in parts],
            [(w.keep_from - w.start, w.keep_to - w.start) for _, w in parts],
        )
        vectors = self.encoder.words(batch.to(self.device))
        return torch.split(vectors, [w.keep_to - w.keep_from for _, w in parts])

    def _windows(self, words: Sequence[WordPieces]) -> list[Window]:
        return windows([len(word.ids) for word in words], self.pieces.limit) if words else []

    def _join(
        self, sentences: int, parts: Sequence[tuple[int, Window]], found: Sequence[Tensor | None]
    ) -> list[Tensor]:
        rows: list[list[Tensor]] = [[] for _ in range(sentences)]
        for (n, _), vectors in zip(parts, found, strict=True):
            if vectors is not None:
                rows[n].append(vectors)
        empty = torch.zeros(0, self.encoder.word_width, device=self.device)
        return [row[0] if len(row) == 1 else torch.cat(row) if row else empty for row in rows]

    def to_disk(self, folder: Path) -> None:
        """Write the folder.

        Raises:
            NotInFull: the layers are not those that were trained, but a reduced copy.
        """
        if not isinstance(self.encoder.layers, nn.TransformerEncoder):
            raise NotInFull
        folder.mkdir(parents=True, exist_ok=True)
        state = self.encoder.state_dict()
        weights = to_huggingface(state, self.encoder.config.num_hidden_layers)
        if self.pieces.affixes:
            weights[_AFFIXES] = state[_AFFIXES]
            lines = "".join(f"{string}\n" for string in self.pieces.affixes.strings)
            (folder / "affixes.txt").write_text(lines, encoding="utf-8")
        write_tensors(folder / "model.safetensors", weights)
        settings = {"orthography": self.pieces.orthography, "window": self.pieces.limit}
        config = {
            "model_type": "xlm-roberta",
            "architectures": ["XLMRobertaModel"],
            **asdict(self.encoder.config),
        }
        config |= {
            "pad_token_id": 1,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "hidden_act": "gelu",
            "turkic": settings,
        }
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        if isinstance(self.pieces.split, PieceModel):
            (folder / "pieces.model").write_bytes(self.pieces.split.serialized)


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


def read_folder(folder: Path) -> WordEncoder:
    """Open a folder that :meth:`WordEncoder.to_disk` wrote.

    Raises:
        CorruptModel: a file is missing, damaged, or does not fit the others.
    """
    config = checked_json(folder / "config.json")
    sizes = _sizes(config, folder / "config.json")
    settings = config.get("turkic", {})
    check_reading(settings, sizes.max_position_embeddings, folder / "config.json")
    weights = read_tensors(folder / "model.safetensors")
    try:
        state = from_huggingface(weights, sizes.num_hidden_layers, folder / "model.safetensors")
        state.update({name: weights[name] for name in (_AFFIXES,) if name in weights})
        encoder = filled(lambda: Encoder(sizes), state, folder / "model.safetensors")
    except (AssertionError, RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, CorruptModel):
            raise
        raise CorruptModel(path=str(folder / "config.json"), reason=f"impossible sizes ({error})") from error
    if settings.get("orthography", "shared") not in ORTHOGRAPHIES:
        reason = f"orthography {settings['orthography']!r} is none of {', '.join(ORTHOGRAPHIES)}"
        raise CorruptModel(path=str(folder / "config.json"), reason=reason)
    pieces = Pieces(
        split=_read_pieces(folder / "pieces.model", sizes.vocab_size),
        orthography=settings.get("orthography", "shared"),
        affixes=_read_affixes(folder / "affixes.txt", sizes.affixes) if sizes.affixes else None,
        limit=settings.get("window", 128),
    )
    return WordEncoder(encoder.eval(), pieces)


def _sizes(config: dict[str, Any], path: Path) -> EncoderConfig:
    try:
        found = EncoderConfig(**{f.name: config[f.name] for f in fields(EncoderConfig) if f.name in config})
    except TypeError as error:
        raise CorruptModel(path=str(path), reason=str(error)) from error
    check_sizes(asdict(found), path)
    return found


def _read_pieces(path: Path, size: int) -> PieceModel:
    try:
        found = PieceModel(regular(path).read_bytes())
    except (OSError, RuntimeError) as error:
        raise CorruptModel(path=str(path), reason=f"no readable sentencepiece model ({error})") from error
    if len(found) != size:
        raise CorruptModel(path=str(path), reason=f"{len(found)} pieces, config.json says {size}")
    return found


def _read_affixes(path: Path, size: int) -> Affixes:
    try:
        with regular(path).open(encoding="utf-8") as lines:
            found = affix_file.read(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise CorruptModel(path=str(path), reason=f"no readable list of affixes ({error})") from error
    if len(found) != size:
        raise CorruptModel(path=str(path), reason=f"{len(found)} affixes, config.json says {size}")
    return found


def read_huggingface(name: str) -> WordEncoder:
    """Open a Hugging Face checkpoint of the XLM-R family, from the hub or a folder; words are read as written.

    Raises:
        WrongEncoder: the checkpoint is of another architecture.
    """
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    config = AutoConfig.from_pretrained(name)
    if config.model_type not in ("xlm-roberta", "roberta", "camembert"):
        raise WrongEncoder(name=name, family=str(config.model_type))
    given = config.to_dict()
    sizes = EncoderConfig(
        **{field.name: given[field.name] for field in fields(EncoderConfig) if field.name in given}
    )
    model = AutoModel.from_pretrained(name, add_pooling_layer=False)
    encoder = Encoder(sizes)
    encoder.load_state_dict(from_huggingface(model.state_dict(), sizes.num_hidden_layers, Path(name)))
    limit = sizes.max_position_embeddings - 2
    pieces = Pieces(
        split=_WordTokenizer(AutoTokenizer.from_pretrained(name)), orthography="native", limit=limit
    )
    return WordEncoder(encoder.eval(), pieces)


class _WordTokenizer:
    """The pieces of one word by a Hugging Face tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __call__(self, form: str) -> list[int]:
        ids: list[int] = self._tokenizer(form, add_special_tokens=False)["input_ids"]
        return ids
