"""Recipes: one training run as a .cfg file in spaCy's own syntax, checked before anything is built."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from configparser import Error as ConfigParserError
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from confection import Config, ConfigValidationError

from turkic_nlp.errors import BadRecipe
from turkic_nlp.resources import data_dir


@dataclass(frozen=True)
class CorpusPlan:
    """One training corpus: ``id`` of the catalog, or ``files`` of your own (see :mod:`turkic_nlp.corpora.own`).

    ``dev`` is the share of it, chosen by a hash of the text, that is held out for selection; ``dev_files`` are files of
    your own for the same, ``dev_splits`` splits of the catalog's corpus. ``skip_sent_id`` is a regular expression of
    sentences to leave out, ``tasks`` limits what is learned from it (empty: everything it has), ``weight`` multiplies
    its share of the batches, ``limit`` caps its sentences (0: none). With ``glosses``, a word list of the catalog such
    as ``project-glosses/ky-kk``, it is a treebank in the first language whose words are glossed in the second, which
    is then ``lang`` (:mod:`turkic_nlp.training.glosses`).
    """

    id: str
    lang: str
    files: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("train",)
    style: str = ""
    dev: float = 0.0
    dev_files: tuple[str, ...] = ()
    dev_splits: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    glosses: str = ""
    skip_sent_id: str = ""
    weight: float = 1.0
    limit: int = 0

    @property
    def written_in(self) -> str:
        """The language of its texts before they are glossed."""
        return self.glosses.rpartition("/")[2].partition("-")[0] or self.lang


@dataclass(frozen=True)
class HeadPlan:
    """One head: its task, the languages' default styles, and the weight of its loss.

    With ``keep`` it goes on from the head of that name of the model whose encoder the recipe starts from, and has that
    one's labels: what a few sentences can teach. Labels of the data that it lacks are not learned.
    """

    task: str
    weight: float = 1.0
    keep: bool = False
    styles: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The optimiser's course.

    Rates are peaks; an ``encoder_rate`` of 0 freezes the encoder; ``layer_decay`` multiplies the rate from each layer
    to the one below; ``bf16`` runs matrix products in bfloat16. With a rank ``lora`` the one head of
    the recipe trains an adapter at ``encoder_rate`` and the encoder stays as it is (:mod:`turkic_nlp.adapters`).
    ``label_reg`` is the weight of label regularisation (:mod:`turkic_nlp.training.label_reg`).
    """

    seed: int = 1
    steps: int = 6000
    batch_pieces: int = 1500
    temperature: float = 0.5
    encoder_rate: float = 4e-4
    head_rate: float = 2e-3
    layer_decay: float = 0.9
    warmup: float = 0.05
    dropout: float = 0.1
    word_dropout: float = 0.08
    style_dropout: float = 0.1
    average: float = 0.998
    clip: float = 1.0
    evaluate_every: int = 1000
    dev_sentences: int = 150
    patience: int = 4
    checkpoint_minutes: float = 5.0
    bf16: bool = False
    lora: int = 0
    label_reg: float = 0.0


@dataclass(frozen=True)
class LessonPlan:
    """What other models teach beside the gold (:mod:`turkic_nlp.training.distillation`).

    ``teachers`` are folders of models; ``text`` has a sub-folder of text files (.txt, .gz, .xz) for each language that
    the heads have a default style for, of which ``sentences`` are read at most, about ``pieces`` pieces in a step.
    ``heads`` are those that are taught (empty: all), ``weight`` multiplies the loss.
    """

    teachers: tuple[str, ...]
    text: str
    heads: tuple[str, ...] = ()
    sentences: int = 20_000
    pieces: int = 1000
    weight: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """A whole run.

    ``license`` is that of the weights, ``encoder`` what to start from, ``held_out`` the evaluation sets to stay clear
    of, as ``corpus/split`` or ``corpus/split/language``. ``lessons`` are those of the section ``[distillation]``.
    """

    name: str
    version: str
    description: str
    license: str
    encoder: str
    corpora: dict[str, CorpusPlan]
    heads: dict[str, HeadPlan]
    plan: Plan
    held_out: tuple[str, ...]
    path: Path
    lessons: LessonPlan | None = None

    @property
    def encoder_folder(self) -> Path:
        """Where the encoder is; a Hugging Face name stays."""
        return self.folder(self.encoder)

    def folder(self, name: str) -> Path:
        """A folder that the recipe names: beside it, in the working folder or shipped; itself if it is nowhere."""
        places = (self.path.parent / name, Path(name), data_dir("models").parent / name)
        return next((place for place in places if place.is_dir()), Path(name))


T = TypeVar("T")
DISTILLATION = "distillation"
_MODEL = ("name", "version", "description", "license", "encoder")


def read_recipe(path: Path, overrides: dict[str, Any] | None = None) -> Recipe:
    """A recipe from a file; ``overrides`` are dotted keys such as ``training.seed``.

    Raises:
        BadRecipe: the file cannot be read, a section or key is missing, unknown, or of the wrong kind.
    """
    try:
        config = Config().from_disk(path, overrides=overrides or {})
    except (OSError, ValueError, RecursionError, ConfigParserError, ConfigValidationError) as error:
        raise BadRecipe(path=str(path), reason=str(error).strip().replace("\n", " ")) from error
    known = {"model", "corpora", "heads", "training", "held_out"}
    if missing := known - set(config):
        raise BadRecipe(path=str(path), reason=f"the section [{min(missing)}] is missing")
    lessons = config.get(DISTILLATION)
    for name in known | ({DISTILLATION} & set(config)):
        parts = config[name].values() if name in ("corpora", "heads") else [config[name]]
        if not all(isinstance(part, dict) for part in parts):
            raise BadRecipe(path=str(path), reason=f"[{name}] holds something else than sections")
    model = config["model"]
    if missing := set(_MODEL) - set(model):
        raise BadRecipe(path=str(path), reason=f"[model] lacks {min(missing)!r}")
    return Recipe(
        **{key: str(model[key]) for key in _MODEL},
        corpora={name: _corpus(part, f"corpora.{name}", path) for name, part in config["corpora"].items()},
        heads={name: _build(HeadPlan, part, f"heads.{name}", path) for name, part in config["heads"].items()},
        plan=_build(Plan, config["training"], "training", path),
        held_out=_held_out(config["held_out"].get("sets", []), path),
        path=path,
        lessons=None if lessons is None else _lessons(lessons, set(config["heads"]), path),
    )


def _corpus(part: dict[str, Any], section: str, path: Path) -> CorpusPlan:
    plan = _build(CorpusPlan, part, section, path)
    if plan.glosses and not plan.glosses.endswith(f"-{plan.lang}"):
        reason = f"[{section}] glosses = {plan.glosses!r} are not in its lang, {plan.lang!r}"
        raise BadRecipe(path=str(path), reason=reason)
    return plan


def _lessons(part: dict[str, Any], heads: Collection[str], path: Path) -> LessonPlan:
    plan = _build(LessonPlan, part, DISTILLATION, path)
    if not plan.teachers:
        raise BadRecipe(path=str(path), reason=f"[{DISTILLATION}] teachers names no model")
    if unknown := set(plan.heads).difference(heads):
        raise BadRecipe(path=str(path), reason=f"[{DISTILLATION}] heads: there is no [heads.{min(unknown)}]")
    return plan


def _held_out(sets: Any, path: Path) -> tuple[str, ...]:
    if not _FITS["tuple[str, ...]"](sets):
        raise BadRecipe(
            path=str(path), reason=f"[held_out] sets = {sets!r} is not of the kind tuple[str, ...]"
        )
    return tuple(sets)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


_FITS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) in (int, float) and math.isfinite(value),
    "tuple[str, ...]": lambda value: isinstance(value, list) and all(isinstance(text, str) for text in value),
    "dict[str, str]": lambda value: (
        _is_table(value) and all(isinstance(text, str) for text in value.values())
    ),
    "dict[str, Any]": _is_table,
}


def _build(kind: type[T], part: dict[str, Any], section: str, path: Path) -> T:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(part) - names:
        raise BadRecipe(
            path=str(path),
            reason=f"[{section}] has no key {min(unknown)!r}; it has {', '.join(sorted(names))}",
        )
    kinds = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    for key, value in part.items():
        if not _FITS[kinds[key]](value):
            raise BadRecipe(
                path=str(path), reason=f"[{section}] {key} = {value!r} is not of the kind {kinds[key]}"
            )
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in part.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise BadRecipe(path=str(path), reason=f"[{section}] {error}") from error
