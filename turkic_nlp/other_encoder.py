"""Encoders of other classes than XLM-R (mmBERT is a ModernBERT) by transformers' own modules, called as ours is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from turkic_nlp.encoder import PieceEncoder
from turkic_nlp.errors import CorruptModel
from turkic_nlp.piece_models import SPECIAL, shift
from turkic_nlp.pieces import PAD, Batch
from turkic_nlp.weights import filled

_NO_POOLER = {"add_pooling_layer": False}
FAMILIES: dict[str, dict[str, Any]] = {
    "bert": _NO_POOLER,
    "camembert": _NO_POOLER,
    "modernbert": {},
    "roberta": _NO_POOLER,
}
"""The classes, as ``model_type`` of ``config.json`` names them, with what to tell their constructors."""
_NOT_KEPT = (
    "attn_implementation",
    "_",
    "architectures",
    "auto_map",
    "dtype",
    "quantization_config",
    "transformers_version",
    "turkic",
)


class OtherEncoder(PieceEncoder):
    """A module of transformers; the ids of its pieces come moved by four, see ``TokenizerModel``."""

    def __init__(self, model: Any, special: tuple[int, ...]) -> None:
        super().__init__()
        self.model = model
        self.config: Any = model.config
        self.width = int(self.config.hidden_size)
        self._shift = shift(special)
        self.register_buffer("special", torch.tensor(special[:SPECIAL]), persistent=False)

    @property
    def blocks(self) -> list[nn.Module]:
        """The layers, from the embeddings up."""
        depth = self.config.num_hidden_layers
        lists = (part for part in self.model.modules() if isinstance(part, nn.ModuleList))
        return next(list(part) for part in lists if len(part) == depth)

    def forward(self, batch: Batch) -> Tensor:
        """Contextual vectors of all pieces. *Shape:* ``[windows, longest, width]``."""
        special = self.special[batch.ids.clamp(max=SPECIAL - 1)]  # type: ignore[index]
        ids = torch.where(batch.ids < SPECIAL, special, batch.ids - self._shift)
        hidden: Tensor = self.model(input_ids=ids, attention_mask=(batch.ids != PAD).long()).last_hidden_state
        return hidden


def kept_config(config: dict[str, Any]) -> dict[str, Any]:
    """What of a configuration of transformers makes the module; the rest says where it came from."""
    return {key: value for key, value in config.items() if not key.startswith(_NOT_KEPT)}


def build_other(
    config: dict[str, Any], state: dict[str, Tensor], special: list[int], path: Path
) -> OtherEncoder:
    """The module that a checked ``config.json`` describes, with its weights; ``path`` names the file in messages.

    Raises:
        CorruptModel: sizes or weights that do not go together.
    """
    from transformers import AutoConfig, AutoModel

    family, depth = config["model_type"], config.get("num_hidden_layers")
    if type(depth) is not int or not 0 < depth <= len(state):
        raise CorruptModel(path=str(path), reason=f"{depth!r:.60} layers of {len(state)} tensors")
    weights = path.with_name("model.safetensors")
    try:
        found = AutoConfig.for_model(**kept_config(config))
        filled(lambda: AutoModel.from_config(found, **FAMILIES[family]), state, weights)
        # built again, since buffers that no file holds are empty in the first
        model = AutoModel.from_config(found, **FAMILIES[family])
        model.load_state_dict(state)
    except CorruptModel:
        raise
    except Exception as error:  # a foreign class, built from sizes that nobody vouches for
        reason = f"impossible sizes ({' '.join(str(error).split())[:200]})"
        raise CorruptModel(path=str(path), reason=reason) from error
    return OtherEncoder(model, tuple(special))
