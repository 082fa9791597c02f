"""Sentences to word vectors: an encoder with its pieces, read from and written to a folder.

A folder holds ``config.json`` and ``model.safetensors`` under Hugging Face's names, so transformers opens it as an
XLM-R checkpoint too; ``pieces.model`` is the sentencepiece vocabulary, ``affixes.txt`` the affix strings if any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from numpy.typing import NDArray
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
        found = list(self.passes([noise(words) for words in read] if noise else read, budget))
        if not found:
            return [torch.zeros(0, self.encoder.word_width, device=self.device) for _ in read]
        order = np.argsort(np.concatenate([places for places, _ in found]))
        vectors = torch.cat([part for _, part in found])
        vectors = vectors.index_select(0, torch.from_numpy(order).to(self.device))
        return list(torch.split(vectors, [len(words) for words in read]))

    def passes(
        self, sentences: Sequence[Sequence[WordPieces]], budget: int
    ) -> Iterator[tuple[NDArray[np.intp], Tensor]]:
        """Each pass: the places of its words in the row of all words, and their vectors ``[words, word_width]``.

        A pass is handed out when the next one is under way, so that a GPU does not wait for what is done with it.
        """
        words = list(chain.from_iterable(sentences))
        ends = np.cumsum([0, *(len(word.ids) for word in words)])
        parts = self._windows([len(sentence) for sentence in sentences], ends)
        lengths = [2 + int(ends[part.end] - ends[part.start]) for part in parts]
        before: list[tuple[NDArray[np.intp], Tensor]] = []
        for group in by_budget(lengths, budget):
            now = in_memory(lambda chosen: [self._pass(words, [parts[n] for n in chosen])], group)
            yield from before
            before = now
        yield from before

    def _pass(self, words: Sequence[WordPieces], parts: Sequence[Window]) -> tuple[NDArray[np.intp], Tensor]:
        keeps = [(part.keep_from - part.start, part.keep_to - part.start) for part in parts]
        batch = collate([words[part.start : part.end] for part in parts], keeps)
        places = np.concatenate([np.arange(part.keep_from, part.keep_to) for part in parts])
        return places, self.encoder.words(batch.to(self.device))

    def _windows(self, sizes: Sequence[int], ends: NDArray[np.int64]) -> list[Window]:
        """The windows of sentences of so many words, in places of the row of all words."""
        parts: list[Window] = []
        room = self.pieces.limit - 2
        for start, end in pairwise(accumulate(sizes, initial=0)):
            if ends[end] - ends[start] > room:
                cut = windows(np.diff(ends[start : end + 1]).tolist(), self.pieces.limit)
                parts += [Window(*(start + place for place in window)) for window in cut]
            elif start < end:
                parts.append(Window(start, end, start, end))
        return parts

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
