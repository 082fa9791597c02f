"""A pre-trained encoder goes on learning from raw text of one language, which it may never have seen.

Masked-language modelling with the checkpoint's own language head (Gururangan et al. 2020; for languages that an
encoder lacks, with new pieces for them, Wang et al. 2020). Part of the text is held out and tells what it brought.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from torch import Tensor

from turkic_nlp.encoder import Encoder
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import (
    BadOption,
    FixedVocabulary,
    NothingNew,
    OtherRun,
    OutputExists,
    OutputFailed,
    TurkicError,
    WrongEncoder,
)
from turkic_nlp.hub import language_head, read_encoder
from turkic_nlp.pieces import PAD, WordPieces
from turkic_nlp.training.divided_text import Divided, divide
from turkic_nlp.training.loop import Report
from turkic_nlp.training.masked_loss import held_out_loss
from turkic_nlp.training.pool import Pool, rows
from turkic_nlp.training.pretraining import LanguageModel, Schedule, batches, train
from turkic_nlp.training.vocabulary import add_pieces, missing_pieces
from turkic_nlp.whole import whole

_DEFAULTS: dict[str, Any] = {"rate": 5e-5, "rows": 16, "masked": 0.15, "decay": 0.9}
_WARMUP = 0.06


@dataclass(frozen=True)
class Adaptation:
    """What to adapt to what: an ``encoder`` (name or folder) to the ``text`` (files, or folders of them) of a language.

    ``new_pieces`` are added to the vocabulary at most. The text is read ``epochs`` times; ``schedule`` has other
    settings of :class:`turkic_nlp.training.pretraining.Schedule`.
    """

    encoder: str
    lang: str
    text: tuple[Path, ...]
    new_pieces: int = 0
    epochs: float = 3.0
    schedule: dict[str, Any] = field(default_factory=dict)


def adapt(
    plan: Adaptation, output: Path, *, device: str = "cpu", force: bool = False, report: Report
) -> dict[str, Any]:
    """Write the adapted encoder to the folder ``output`` and return what ``adaptation.json`` there says.

    The folder appears when all is done. An interrupted run, in ``output`` with ``.partial`` at its end, goes on when it
    is called again, and comes to the same weights as one that was not interrupted.

    Raises:
        OutputExists, OtherRun: something else is there, and ``force`` is not set.
        BadOption, NoText, TooLittleToAdapt: the text or the schedule will not do.
        EncoderNotFound, WrongEncoder: the encoder is none that can be adapted.
        FixedVocabulary, NothingNew: no new pieces can be had.
        OutputFailed: the disk is full, say; the last checkpoint is still there.
    """
    if output.exists() and not force:
        raise OutputExists(str(output))
    work = output.with_name(f"{output.name}.partial")
    text = divide(plan.text, plan.lang)
    schedule = _schedule(plan, 1)
    words, head = adaptable(plan.encoder), language_head(plan.encoder)
    try:
        _begin(work, {**text.facts, **_identity(plan, schedule)}, force=force)
        words.encoder.to(device)
        facts = _carry_out(plan, words, head, text, work, report)
        if output.exists():
            shutil.rmtree(output)
        (work / "encoder").replace(output)
        shutil.rmtree(work)
    except (FixedVocabulary, NothingNew):
        shutil.rmtree(work)
        raise
    except (OSError, SafetensorError) as error:
        if isinstance(error, TurkicError):
            raise
        raise OutputFailed(str(work), getattr(error, "strerror", None) or str(error)) from error
    return facts


def _carry_out(
    plan: Adaptation, words: WordEncoder, head: dict[str, Tensor], text: Divided, work: Path, report: Report
) -> dict[str, Any]:
    assert isinstance(words.encoder, Encoder)
    model = LanguageModel(words.encoder, head).to(words.device)
    before = _once(work / "before.json", lambda: held_out_loss(model, words, text.held_out, plan.lang))
    report({"held out before": before["bits_per_character"]})
    if plan.new_pieces:
        counts = text.train.form_counts(words.pieces)
        found = _once(work / "pieces.json", lambda: missing_pieces(counts, words.vocabulary, plan.new_pieces))
        words = add_pieces(words, model, found)
    table = text.train.table(words.pieces)
    schedule = _schedule(plan, _pieces(text.train, table))
    schedule = replace(schedule, length=min(schedule.length, words.pieces.limit))

    def stream(seen: int) -> Iterator[Any]:
        drawn = rows(text.train.lines(), table, schedule.length, schedule.seed)
        sizes = len(words.vocabulary), schedule.seed, words.vocabulary.mask
        for batch in batches(drawn, table, schedule, *sizes):
            if seen <= 0:
                yield batch
            seen -= int((batch[0].ids != PAD).sum())

    train(model, stream, schedule, work / "mlm.pt", report, schedule.tokens)
    after = held_out_loss(model, words, text.held_out, plan.lang)
    report({"held out after": after["bits_per_character"]})
    words.to_disk(work / "encoder", language_head=model.head())
    facts = {
        **text.facts,
        **_identity(plan, schedule),
        "language_head": "of the checkpoint" if head else "fresh",
        "added_pieces": len(found) if plan.new_pieces else 0,
        "before": before,
        "after": after,
    }
    _write(work / "encoder" / "adaptation.json", facts)
    return facts


def adaptable(name: str) -> WordEncoder:
    """An encoder, by name or folder, that masked-language modelling can go on with.

    Raises:
        EncoderNotFound, WrongEncoder: it is none.
    """
    words = read_encoder(name)
    if not isinstance(words.encoder, Encoder):
        raise WrongEncoder(
            name=name, family=words.encoder.config.model_type, known="xlm-roberta (XLM-R, Glot500)"
        )
    return words


def schedule_of(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings such as ``schedule.rate`` without their section.

    Raises:
        BadOption: one is of another section.
    """
    if other := [key for key in settings if not key.startswith("schedule.")]:
        raise BadOption(
            "--set", other[0], "schedule.rate, schedule.tokens or another setting of the schedule"
        )
    return {key.partition(".")[2]: value for key, value in settings.items()}


def _pieces(pool: Pool, table: Sequence[WordPieces]) -> int:
    sizes = np.asarray([len(word.ids) for word in table])
    return int(sum(sizes[line].sum() for line in pool.lines()))


def _schedule(plan: Adaptation, pieces: int) -> Schedule:
    if plan.epochs <= 0:
        raise BadOption("--epochs", str(plan.epochs), "a number above 0")
    tokens = max(1, math.ceil(plan.epochs * pieces))
    warmup = max(1, int(_WARMUP * tokens))
    known = {key: type(value) for key, value in asdict(Schedule()).items() if not key.startswith("first_")}
    for key, value in plan.schedule.items():
        fits = type(value) is known.get(key) or (type(value) is int and known.get(key) is float)
        if not fits or value < 0:
            raise BadOption("--set", f"schedule.{key}={value}", f"a number for one of {', '.join(known)}")
    return Schedule(**{**_DEFAULTS, "tokens": tokens, "warmup": warmup, **plan.schedule})


def _identity(plan: Adaptation, schedule: Schedule) -> dict[str, Any]:
    kept = {"encoder": plan.encoder, "lang": plan.lang, "new_pieces": plan.new_pieces, "epochs": plan.epochs}
    return {**kept, "schedule": asdict(schedule)}


def _begin(work: Path, facts: dict[str, Any], *, force: bool) -> None:
    """Make the working folder, or see whether the one that is there is of this run."""
    path = work / "run.json"
    facts = json.loads(json.dumps(facts))
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
        if before == facts:
            return
        if not force:
            other = [key for key in facts if before.get(key) != facts[key]]
            raise OtherRun(str(work), ", ".join(other))
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    _write(path, facts)


def _once(path: Path, make: Callable[[], Any]) -> Any:
    """What ``make`` gave the first time, as JSON holds it."""
    if not path.is_file():
        _write(path, make())
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> None:
    with whole(path) as part:
        part.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
