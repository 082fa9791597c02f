"""Encoders of others: a checkpoint of Hugging Face's hub, or a folder in its format, with its own tokenizer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import Tensor

from turkic_nlp.encoder import Encoder, EncoderConfig, PieceEncoder, from_huggingface
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.errors import EncoderNotFound, WrongEncoder
from turkic_nlp.other_encoder import FAMILIES, OtherEncoder
from turkic_nlp.piece_models import TokenizerModel
from turkic_nlp.pieces import Pieces
from turkic_nlp.weights import checked_json

_LONGEST_WINDOW = 512
_ROLES = (("cls", "bos"), ("pad",), ("sep", "eos"), ("unk",), ("mask",))


def read_encoder(source: str | Path) -> WordEncoder:
    """Open an encoder: a folder that this package wrote, else a Hugging Face name or folder.

    Raises:
        CorruptModel: a folder of this package is damaged.
        EncoderNotFound: there is no such folder, and the hub does not give it.
        WrongEncoder: a checkpoint of another architecture.
    """
    path = Path(source) / "config.json"
    if path.is_file() and "turkic" in checked_json(path):
        return read_folder(Path(source))
    return read_huggingface(str(source))


def read_huggingface(name: str) -> WordEncoder:
    """Open a Hugging Face checkpoint, from the hub or a folder; words are read as they are written.

    XLM-R (and Glot500, which is one) runs on our own layers, the classes of ``other_encoder.FAMILIES`` on those of
    transformers.

    Raises:
        EncoderNotFound: there is none of this name, or it cannot be read.
        WrongEncoder: its architecture or its tokenizer is of another kind.
    """
    with _reading(name):
        return _read(name)


def language_head(name: str) -> dict[str, Tensor]:
    """The masked-language head of an XLM-R checkpoint, without the prefix ``lm_head.``; empty if it has none.

    Raises:
        EncoderNotFound: the checkpoint cannot be read.
    """
    from transformers import AutoModelForMaskedLM

    with _reading(name):
        model, report = AutoModelForMaskedLM.from_pretrained(name, output_loading_info=True)
    if any(key.startswith("lm_head.") for key in report["missing_keys"]):
        return {}
    return {
        key.removeprefix("lm_head."): value
        for key, value in model.state_dict().items()
        if key.startswith("lm_head.") and not key.startswith("lm_head.decoder")
    }


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Transformers' own talk is silenced, its errors become ours."""
    from safetensors import SafetensorError
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        if isinstance(error, EncoderNotFound | WrongEncoder):
            raise
        raise EncoderNotFound(name=name, reason=" ".join(str(error).split())[:300].rstrip(".")) from error
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _read(name: str) -> WordEncoder:
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(name)
    family = str(config.model_type)
    if family != "xlm-roberta" and family not in FAMILIES:
        raise WrongEncoder(name=name, family=family, known=", ".join(("xlm-roberta", *FAMILIES)))
    tokenizer = _read_tokenizer(name, family)
    options = FAMILIES.get(family, {"add_pooling_layer": False})
    model = AutoModel.from_pretrained(name, dtype="float32", **options)
    if family == "xlm-roberta":
        encoder: PieceEncoder = _fused(config.to_dict(), model.state_dict(), name)
    else:
        encoder = OtherEncoder(model, tokenizer.ids)
    limit = min(_LONGEST_WINDOW, config.max_position_embeddings - 2)
    return WordEncoder(encoder.eval(), Pieces(split=tokenizer, orthography="native", limit=limit))


def _fused(given: dict[str, Any], state: dict[str, Tensor], name: str) -> Encoder:
    if given.get("hidden_act", "gelu") != "gelu":
        raise WrongEncoder(
            name=name, family=f"xlm-roberta ({given['hidden_act']})", known="xlm-roberta with gelu"
        )
    names = [field.name for field in fields(EncoderConfig) if field.name in given]
    sizes = EncoderConfig(**{key: given[key] for key in names})
    encoder = Encoder(sizes)
    encoder.load_state_dict(from_huggingface(state, sizes.num_hidden_layers, Path(name)))
    return encoder


def _read_tokenizer(name: str, family: str) -> TokenizerModel:
    """The tokenizer of a checkpoint, as transformers itself would write it."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(name)
    with TemporaryDirectory() as place:
        tokenizer.save_pretrained(place)
        files = [Path(place) / file for file in ("tokenizer.json", "tokenizer_config.json")]
        if not all(file.is_file() for file in files):
            raise WrongEncoder(
                name=name, family=f"{family} (slow tokenizer)", known="tokenizers with tokenizer.json"
            )
        ids = tuple(_special(tokenizer, names, name) for names in _ROLES)
        return TokenizerModel(_plain(files[0]), ids, checked_json(files[1]))


def _special(tokenizer: Any, names: tuple[str, ...], name: str) -> int:
    found = (getattr(tokenizer, f"{role}_token_id", None) for role in names)
    id_ = next((id_ for id_ in found if id_ is not None), None)
    if id_ is None:
        raise WrongEncoder(
            name=name, family=f"tokenizer without {names[0]} token", known="masked language models"
        )
    return int(id_)


def _plain(path: Path) -> str:
    return json.dumps(checked_json(path), ensure_ascii=False)
