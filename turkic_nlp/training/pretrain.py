"""A whole pre-training run: text in, an encoder folder out, each finished stage kept so that a re-run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from confection import Config, ConfigValidationError

from turkic_nlp import affixes as affix_file
from turkic_nlp.affixes import Affixes
from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import BadRecipe
from turkic_nlp.hub import language_head
from turkic_nlp.piece_models import PieceModel
from turkic_nlp.pieces import ORTHOGRAPHIES, Pieces, WordPieces
from turkic_nlp.training import pretraining
from turkic_nlp.training.adaptation import adaptable
from turkic_nlp.training.growth import grow
from turkic_nlp.training.loop import Report, set_dropout
from turkic_nlp.training.pool import Pool, piece_lines, rows
from turkic_nlp.training.raw_text import Text, TextPlan, gather
from turkic_nlp.training.vocabulary import train_vocabulary
from turkic_nlp.weights import read_tensors, round_to_half, write_tensors


def run(path: Path, output: Path, *, overrides: dict[str, Any], device: str = "cpu", report: Report) -> Path:
    """Pre-train by a recipe; ``output / "encoder"`` is what a training recipe starts from.

    Where ``[encoder]`` has ``start``, the encoder of that folder goes on learning, with its own sizes and vocabularies,
    and with its language head where it has one.

    Raises:
        BadRecipe: the recipe cannot be read.
        NoText: there is no text of a language.
        EncoderNotFound, WrongEncoder: there is no encoder to start from.
    """
    plan, sizes, schedule = read_plans(path, overrides)
    output.mkdir(parents=True, exist_ok=True)
    begun = Path(sizes["start"]) if "start" in sizes else None
    words = adaptable(str(begun)) if begun else None  # first, for the text takes minutes
    text = gather(plan, report)
    pieces = words.pieces if words else make_pieces(plan, text.pool, output)
    table = text.pool.table(pieces)
    encoder = words.encoder if words else start(plan, sizes, pieces, text.pool, table, output)
    assert isinstance(encoder, Encoder)
    set_dropout(encoder, 0.0)
    head = language_head(str(begun)) if begun else None
    model = pretraining.LanguageModel(encoder, head).to(device)
    vocabulary = encoder.config.vocab_size

    def stream(seen: int) -> Iterator[Any]:
        seed = schedule.seed + seen  # a resumed run reads no text in the same order twice
        drawn = rows(text.pool.lines(), table, schedule.length, seed)
        return pretraining.batches(drawn, table, schedule, vocabulary, seed)

    losses: list[dict[str, float]] = []

    def log(row: dict[str, float]) -> None:
        losses.append(row)
        report(row)

    checkpoint = output / "mlm.pt"
    if schedule.first_layers and not begun and not checkpoint.exists():
        _train_shallow(model, stream, schedule, output, log)
    pretraining.train(model, stream, schedule, checkpoint, log, schedule.tokens)
    return finish(model, pieces, plan, text, losses, output, begun)


def _train_shallow(
    model: pretraining.LanguageModel,
    stream: Callable[[int], Iterator[Any]],
    schedule: pretraining.Schedule,
    output: Path,
    log: Report,
) -> None:
    """Train an encoder of ``first_layers`` from the start of ``model`` and leave it, grown, as the checkpoint."""
    encoder = Encoder(replace(model.encoder.config, num_hidden_layers=schedule.first_layers))
    encoder.load_state_dict(model.encoder.state_dict(), strict=False)
    small, path = pretraining.LanguageModel(encoder).to(model.bias.device), output / "mlm-shallow.pt"
    pretraining.train(small, stream, schedule, path, log, schedule.first_tokens)
    grown = grow(torch.load(path, weights_only=True), small, model, pretraining.parameter_groups)
    torch.save(grown, output / "mlm.partial")
    (output / "mlm.partial").replace(output / "mlm.pt")


def make_pieces(plan: TextPlan, pool: Pool, output: Path) -> Pieces:
    """The vocabularies, learned or, in a re-run, read."""
    pieces_path, affix_path = output / "pieces.model", output / "affixes.txt"
    if not pieces_path.exists():
        counts = pool.form_counts(Pieces(split=lambda _: (), orthography=plan.orthography))
        learned = Affixes.learn(counts, plan.affixes)
        affix_path.write_text("".join(f"{string}\n" for string in learned.strings), encoding="utf-8")
        pieces_path.write_bytes(train_vocabulary(counts, plan.pieces))
    with affix_path.open(encoding="utf-8") as lines:
        known = affix_file.read(lines)
    return Pieces(
        PieceModel(pieces_path.read_bytes()), plan.orthography, known if plan.affixes else None, limit=128
    )


def start(
    plan: TextPlan,
    sizes: dict[str, Any],
    pieces: Pieces,
    pool: Pool,
    table: Sequence[WordPieces],
    output: Path,
) -> Encoder:
    """A fresh encoder whose embeddings start from skip-gram vectors."""
    assert isinstance(pieces.split, PieceModel)
    affixes = len(pieces.affixes) if pieces.affixes else 0
    torch.manual_seed(1)
    encoder = Encoder(
        EncoderConfig(vocab_size=len(pieces.split), affixes=affixes, hidden_dropout_prob=0.0, **sizes)
    )
    path = output / "skipgram.safetensors"
    if plan.skipgram and not path.exists():
        lines = list(piece_lines(pool.lines(), table))
        vectors = pretraining.skipgram(lines, len(pieces.split), encoder.width, epochs=plan.skipgram)
        counts = np.bincount(np.concatenate(pool.lines()), minlength=len(table))
        ends = pretraining.affix_vectors(table, counts.tolist(), vectors, affixes)
        write_tensors(path, {"pieces": vectors, "affixes": ends})
    if plan.skipgram:
        found = read_tensors(path)
        with torch.no_grad():
            encoder.pieces.weight.copy_(found["pieces"])
            if encoder.affixes is not None:
                encoder.affixes.weight.copy_(found["affixes"])
    return encoder


def finish(
    model: pretraining.LanguageModel,
    pieces: Pieces,
    plan: TextPlan,
    text: Text,
    losses: Sequence[dict[str, float]],
    output: Path,
    begun: Path | None = None,
) -> Path:
    """Write the encoder and its language head, in half precision, and ``pretraining.json``.

    That says which text was read, how much, and the loss on the way. What the encoder in ``begun`` has read counts as
    read; held out is what was held out both times.
    """
    round_to_half(model)
    folder = output / "encoder"
    WordEncoder(model.encoder, pieces).to_disk(folder, language_head=model.head())
    _write_words(text.pool, plan.frequent, folder / "words.tsv")
    licences = _licences(Path(plan.folder) / "SOURCES.json")
    earlier = _json(begun / "pretraining.json", {}) if begun else {}
    seen = earlier.get("tokens", 0)
    here = [[seen + int(row["tokens"]), round(row["loss"], 3)] for row in losses]
    facts = {
        "orthography": pieces.orthography,
        "words": dict(text.pool.counts),
        "files": earlier.get("files", {})
        | {name: {"words": words, "licence": licences.get(name, "")} for name, words in text.files.items()},
        "lines_dropped_as_held_out": text.dropped,
        "held_out": [name for name in plan.held_out if not begun or name in earlier.get("held_out", ())],
        "tokens": here[-1][0] if here else seen,
        "loss": [*earlier.get("loss", ()), *here[:: max(1, len(here) // 40)]],
    }
    (folder / "pretraining.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return folder


def _write_words(pool: Pool, least: int, path: Path) -> None:
    """The frequent words of each language, in lower case: ``language<TAB>word``."""
    lines = (f"{lang}\t{word}\n" for lang, word in pool.frequent(least))
    path.write_text("".join(lines), encoding="utf-8")


def _licences(path: Path) -> dict[str, str]:
    """Licences by file from a list of sources (``file``, ``licence``) beside the text, where there is one."""
    return {row["file"]: str(row["licence"]) for row in _json(path, [])}


def _json(path: Path, without: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else without


def read_plans(
    path: Path, overrides: dict[str, Any]
) -> tuple[TextPlan, dict[str, Any], pretraining.Schedule]:
    """The text, the sizes of the encoder and the schedule of a recipe.

    Raises:
        BadRecipe: it cannot be read, or something in it is unknown.
    """
    try:
        config = Config().from_disk(path, overrides=overrides)
        text: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in config["text"].items()
        }
        plan = TextPlan(**text)
        if plan.orthography not in ORTHOGRAPHIES:
            raise ValueError(f"orthography {plan.orthography!r} is none of {', '.join(ORTHOGRAPHIES)}")
        return plan, dict(config["encoder"]), pretraining.Schedule(**config["schedule"])
    except KeyError as error:
        raise BadRecipe(path=str(path), reason=f"the section [{error.args[0]}] is missing") from error
    except (OSError, ValueError, TypeError, ConfigValidationError) as error:
        raise BadRecipe(path=str(path), reason=str(error).strip().replace("\n", " ")) from error
