"""Sentences to word vectors: an encoder with its pieces, read from and written to a folder.

A folder holds ``config.json`` and ``model.safetensors`` under Hugging Face's names, so transformers opens it as an
XLM-R checkpoint too; ``pieces.model`` is the sentencepiece vocabulary of an encoder of our own, ``tokenizer.json`` that
of one from the hub; ``affixes.txt`` has the affix strings if any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from turkic_nlp import affixes as affix_file
from turkic_nlp.affixes import Affixes
from turkic_nlp.batching import by_budget, in_memory
from turkic_nlp.encoder import Encoder, EncoderConfig, PieceEncoder, from_huggingface, to_huggingface
from turkic_nlp.errors import CorruptModel, NotInFull
from turkic_nlp.other_encoder import FAMILIES, OtherEncoder, build_other, kept_config
from turkic_nlp.piece_models import PieceModel, TokenizerModel, read_piece_model
from turkic_nlp.pieces import (
    BOS,
    EOS,
    ORTHOGRAPHIES,
    PAD,
    Pieces,
    Window,
    WordPieces,
    collate,
    windows,
)
from turkic_nlp.soundness import check_reading, check_sizes
from turkic_nlp.threads import side_by_side
from turkic_nlp.weights import (
    checked_json,
    filled,
    read_tensors,
    regular,
    write_tensors,
)

_AFFIXES = "affixes.weight"
_BASE = "roberta."
_XLMR: dict[str, Any] = {
    "model_type": "xlm-roberta",
    "architectures": ["XLMRobertaModel"],
    "dtype": "float32",
    "pad_token_id": PAD,
    "bos_token_id": BOS,
    "eos_token_id": EOS,
    "hidden_act": "gelu",
}
Noise = Callable[[list[WordPieces]], list[WordPieces]]


@dataclass
class WordEncoder:
    """An encoder and the pieces that it was trained on."""

    encoder: PieceEncoder
    pieces: Pieces

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.encoder.device

    @property
    def vocabulary(self) -> PieceModel | TokenizerModel:
        """What cuts a word into pieces."""
        assert isinstance(self.pieces.split, PieceModel | TokenizerModel)
        return self.pieces.split

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
        kept = [np.arange(part.keep_from, part.keep_to) for parts, _ in found for part in parts]
        order = np.argsort(np.concatenate(kept))
        vectors = torch.cat([part for _, part in found])
        vectors = vectors.index_select(0, torch.from_numpy(order).to(self.device))
        return list(torch.split(vectors, [len(words) for words in read]))

    def passes(
        self, sentences: Sequence[Sequence[WordPieces]], budget: int
    ) -> Iterator[tuple[list[Window], Tensor]]:
        """Each pass: its windows, in places of the row of all words, and ``[words, word_width]`` of what they keep.

        A GPU's pass is handed out when the next one is under way, so that it does not wait for what is done with it.
        """
        words = list(chain.from_iterable(sentences))
        ends = np.cumsum([0, *(len(word.ids) for word in words)])
        parts = self._windows([len(sentence) for sentence in sentences], ends)
        lengths = [2 + int(ends[part.end] - ends[part.start]) for part in parts]

        def run(group: list[int]) -> list[tuple[list[Window], Tensor]]:
            return in_memory(lambda chosen: [self._pass(words, [parts[n] for n in chosen])], group)

        before: list[tuple[list[Window], Tensor]] = []
        for now in side_by_side(run, by_budget(lengths, budget), self.device):
            yield from before
            before = now
        yield from before

    def _pass(self, words: Sequence[WordPieces], parts: list[Window]) -> tuple[list[Window], Tensor]:
        keeps = [(part.keep_from - part.start, part.keep_to - part.start) for part in parts]
        batch = collate([words[part.start : part.end] for part in parts], keeps)
        return parts, self.encoder.words(batch.to(self.device))

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

    def to_disk(self, folder: Path, *, language_head: Mapping[str, Tensor] | None = None) -> None:
        """Write the folder; with a language head, as a masked language model of transformers.

        Raises:
            NotInFull: the layers are not those that were trained, but a reduced copy.
        """
        folder.mkdir(parents=True, exist_ok=True)
        config, weights = self.described()
        if language_head:
            config["architectures"] = ["XLMRobertaForMaskedLM"]
            weights = {f"{_BASE}{name}": value for name, value in weights.items()}
            weights |= {f"lm_head.{name}": value for name, value in language_head.items()}
        write_tensors(folder / "model.safetensors", weights)
        if self.pieces.affixes:
            lines = "".join(f"{string}\n" for string in self.pieces.affixes.strings)
            (folder / "affixes.txt").write_text(lines, encoding="utf-8")
        settings = {"orthography": self.pieces.orthography, "window": self.pieces.limit}
        config["turkic"] = settings | self.vocabulary.write(folder)
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

    def described(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Configuration and weights under Hugging Face's names; NotInFull (T407) for a reduced copy."""
        encoder = self.encoder
        if isinstance(encoder, OtherEncoder):
            return kept_config(encoder.config.to_dict()) | {"dtype": "float32"}, encoder.model.state_dict()
        assert isinstance(encoder, Encoder)
        if not isinstance(encoder.layers, nn.TransformerEncoder):
            raise NotInFull
        state = encoder.state_dict()
        weights = to_huggingface(state, encoder.config.num_hidden_layers)
        if self.pieces.affixes:
            weights[_AFFIXES] = state[_AFFIXES]
        return _XLMR | asdict(encoder.config), weights


def read_folder(folder: Path) -> WordEncoder:
    """Open a folder that :meth:`WordEncoder.to_disk` wrote.

    Raises:
        CorruptModel: a file is missing, damaged, or does not fit the others.
    """
    path = folder / "config.json"
    config = checked_json(path)
    settings = config.get("turkic", {})
    other = config.get("model_type") in tuple(FAMILIES)
    check_reading(
        settings,
        config.get("max_position_embeddings", EncoderConfig.max_position_embeddings),
        path,
        own_ids=not other,
    )
    weights = read_tensors(folder / "model.safetensors")
    if other:
        encoder: PieceEncoder = build_other(config, weights, settings["special"], path)
        rows, affixes = encoder.config.vocab_size, 0
    else:
        encoder = _build(config, weights, path)
        rows, affixes = encoder.config.vocab_size, encoder.config.affixes
    if settings.get("orthography", "shared") not in ORTHOGRAPHIES:
        reason = f"orthography {settings['orthography']!r} is none of {', '.join(ORTHOGRAPHIES)}"
        raise CorruptModel(path=str(path), reason=reason)
    pieces = Pieces(
        split=read_piece_model(folder, settings, rows),
        orthography=settings.get("orthography", "shared"),
        affixes=_read_affixes(folder / "affixes.txt", affixes) if affixes else None,
        limit=settings.get("window", 128),
    )
    return WordEncoder(encoder.eval(), pieces)


def _build(config: dict[str, Any], weights: dict[str, Tensor], path: Path) -> Encoder:
    sizes = _sizes(config, path)
    tensors = path.with_name("model.safetensors")
    weights = {name.removeprefix(_BASE): value for name, value in weights.items()}
    try:
        state = from_huggingface(weights, sizes.num_hidden_layers, tensors)
        state.update({name: weights[name] for name in (_AFFIXES,) if name in weights})
        return filled(lambda: Encoder(sizes), state, tensors)
    except (AssertionError, RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, CorruptModel):
            raise
        raise CorruptModel(path=str(path), reason=f"impossible sizes ({error})") from error


def _sizes(config: dict[str, Any], path: Path) -> EncoderConfig:
    try:
        found = EncoderConfig(**{f.name: config[f.name] for f in fields(EncoderConfig) if f.name in config})
    except TypeError as error:
        raise CorruptModel(path=str(path), reason=str(error)) from error
    check_sizes(asdict(found), path)
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
