"""A model of nothing but an encoder, from the hub say, for a first component to be added to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from turkic_nlp.errors import OutputFailed
from turkic_nlp.hub import read_encoder


@contextmanager
def encoder_alone(encoder: str, output: Path) -> Iterator[str]:
    """The model's folder, beside ``output`` and gone afterwards.

    Raises:
        EncoderNotFound, WrongEncoder, CorruptModel: the encoder cannot be read.
        OutputFailed: the disk is full, say.
    """
    words = read_encoder(encoder)
    name = Path(encoder).name
    meta = {
        "name": name,
        "version": "0.1.0",
        "description": f"The encoder {name}",
        "license": "unstated",
        "components": {},
        "styles": {},
        "encoder": name,
        "pretraining": {},
    }
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        place = TemporaryDirectory(dir=output.parent, prefix=".encoder-")
    except OSError as error:
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    with place as folder:
        try:
            words.to_disk(Path(folder) / "encoder")
            (Path(folder) / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
        except OSError as error:
            raise OutputFailed(str(output), error.strerror or str(error)) from error
        yield folder
