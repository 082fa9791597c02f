"""Pipelines: ``load`` gives a language its components with the weights of a model, ``blank`` its tokenizer alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp.adapters import FOLDER, AdaptedWords, read_adapter
from turkic_nlp.components import EncoderPipe, HeadPipe
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.errors import UnknownLanguage, UnknownModel
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.precision import with_precision
from turkic_nlp.resources import added_languages, data_dir
from turkic_nlp.soundness import components
from turkic_nlp.storage import read_head
from turkic_nlp.weights import checked_json

LANGUAGES = ("kk", "ky", "tk", "uz")
DEFAULT_MODEL = "turkic_small"
CPU_BATCH = 512
"""Docs that ``nlp.pipe`` takes at once: on a CPU small batches are as fast, and the next is read meanwhile."""


def blank(lang: str) -> Language:
    """A pipeline with the language's tokenizer and no components.

    Raises:
        UnknownLanguage: the package has no such language, and no other adds it (docs/new-language.md).
    """
    known = (*LANGUAGES, *sorted(added_languages()))
    if lang not in known:
        raise UnknownLanguage(lang=lang, known=", ".join(known))
    return spacy.blank(lang)


def load(
    lang: str,
    *,
    model: str | Path | None = None,
    disable: Iterable[str] = (),
    device: str = "cpu",
    precision: str = "fp32",
) -> Language:
    """The pipeline of a language with trained components, offline.

    ``model`` is the name of a shipped model or a folder that holds one. ``device`` is ``cpu``, ``cuda`` or ``auto``.
    Pipelines of several languages share one copy of the weights. ``precision`` is ``fp32``, ``bf16`` (for GPUs, and
    CPUs that have instructions for it) or ``int8`` (CPUs only): faster, with scores a little lower (docs/speed.md).

    Raises:
        UnknownLanguage: the package has no such language.
        UnknownModel: no such model.
        CorruptModel: its files are damaged.
        BadPrecision: no such precision, or not on this device.
    """
    nlp = blank(lang)
    folder = model_folder(model or DEFAULT_MODEL)
    meta = checked_json(folder / "meta.json")
    listed = components(meta, HEADS, folder)
    place = (
        "cuda" if device == "auto" and torch.cuda.is_available() else "cpu" if device == "auto" else device
    )
    if place == "cpu":
        nlp.batch_size = CPU_BATCH
    nlp.add_pipe("turkic_sentences", name="sentences")
    nlp.add_pipe("turkic_encoder", name="encoder")
    _component(nlp, "encoder", EncoderPipe).model = _encoder(folder / "encoder", place, precision)
    for name, (task, styles) in listed.items():
        if name not in disable:
            nlp.add_pipe(f"turkic_{task}", name=name, config={"style": styles.get(lang)})
            pipe = _component(nlp, name, HeadPipe)
            pipe.head = _head(task, folder / name, place)
            if (folder / name / FOLDER).exists():
                pipe.reader = _adapted(folder / name / FOLDER, folder / "encoder", place, precision)
    nlp.meta.update({key: meta[key] for key in ("name", "version", "description", "license") if key in meta})
    return nlp


def model_folder(model: str | Path) -> Path:
    """The folder of a model, by its name or its path.

    Raises:
        UnknownModel: neither is there.
    """
    for folder in (data_dir("models") / model, Path(model)):
        if (folder / "meta.json").is_file():
            return folder
    raise UnknownModel(name=str(model), known=", ".join(models()) or "none")


def classifiers(nlp: Language) -> dict[str, tuple[str, ...]]:
    """The labels of each classifier of a pipeline, by its component's name: ``doc.cats`` mixes them all."""
    names = [name for name in nlp.pipe_names if "doc.cats" in nlp.get_pipe_meta(name).assigns]
    return {name: tuple(getattr(nlp.get_pipe(name), "labels", ())) for name in names}


def classes(doc: Doc, classifiers: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, dict[str, float]]]:
    """The name of each classifier that said something of a Doc, with the share of each of its labels."""
    for name, labels in classifiers.items():
        if shares := {label: doc.cats[label] for label in labels if label in doc.cats}:
            yield name, shares


def models() -> list[str]:
    """The names of the shipped models."""
    return sorted(path.parent.name for path in data_dir("models").glob("*/meta.json"))


Weights = Mapping[tuple[str, ...], WordEncoder | Head]
_in_use: WeakValueDictionary[tuple[str, ...], Any] = WeakValueDictionary()
_given: dict[tuple[str, ...], Any] = {}


def weights_in_use() -> Weights:
    """The encoders and heads of pipelines on the CPU in fp32: what other processes of this machine can share."""
    return dict(_in_use)


def use_weights(weights: Weights) -> None:
    """Let pipelines of this process take weights of another one rather than read the same files."""
    _given.update(weights)


@lru_cache(maxsize=4)
def _encoder(folder: Path, device: str, precision: str) -> WordEncoder:
    key = (str(folder), device, precision)
    if key in _given:
        return _given[key]  # type: ignore[no-any-return]
    found = read_folder(folder)
    words = WordEncoder(with_precision(found.encoder.to(device), precision), found.pieces)
    if (device, precision) == ("cpu", "fp32"):
        _in_use[key] = words
    return words


@lru_cache(maxsize=32)
def _head(task: str, folder: Path, device: str) -> Head:
    key = (str(folder), device, task)
    if key in _given:
        return _given[key]  # type: ignore[no-any-return]
    found = read_head(task, folder)[0].to(device)
    if device == "cpu":
        _in_use[key] = found
    return found


@lru_cache(maxsize=32)
def _adapted(folder: Path, encoder: Path, device: str, precision: str) -> AdaptedWords:
    base = _encoder(encoder, device, "fp32")
    return AdaptedWords(base, read_adapter(folder, base.encoder), precision)


def _component(nlp: Language, name: str, kind: type[Any]) -> Any:
    found = nlp.get_pipe(name)
    assert isinstance(found, kind)
    return found
