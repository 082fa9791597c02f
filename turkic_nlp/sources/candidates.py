"""Ranking the corpora of the catalog as sources for a target language, with the reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import spacy

from turkic_nlp import corpora
from turkic_nlp.corpora import Card
from turkic_nlp.errors import NoSource, NoTargetText, UnknownTarget, UnrankedTask, UnreadableFile
from turkic_nlp.piece_models import PieceModel
from turkic_nlp.resources import data_dir
from turkic_nlp.sources.features import Profile, of_languages, of_size, of_text, profile, spaced, xlmr
from turkic_nlp.sources.ranking import fitted, with_measured
from turkic_nlp.sources.tables import measured, tongues

TASKS = {"upos": "upos", "las": "dependency-parsing"}
"""Our name of a task, and that of the cards of corpora."""


@dataclass(frozen=True)
class Ranked:
    """A candidate: ``points`` above or below the average one, and how many of them each feature gave.

    A pair that was measured with the encoder has its points from that, and none from features. ``measured`` is the
    accuracy that XLM-R base reached from this source's language on the target (de Vries et al. 2022), if they have it.
    """

    corpus: str
    lang: str
    sentences: int
    points: float
    features: dict[str, float | None]
    contributions: dict[str, float]
    measured: float | None


def rank_sources(
    target: str, task: str, *, encoder: str = "turkic", text: Path | None = None
) -> list[Ranked]:
    """The corpora of other languages that a task can be learned from, the most promising for the target first.

    ``text`` is raw text of the target, else that of a corpus of the catalog is read, never its annotation; only the
    encoder ``turkic`` needs one. The weights were fitted on measured transfer; docs/sources.md tells how far to trust
    the order.

    Raises:
        UnknownTarget: nothing is known of the language.
        UnrankedTask: no transfer of the task was measured with this encoder.
        NoTargetText: the catalog has no text of the language.
        NoSource: no corpus is left.
        UnreadableFile: ``text`` cannot be read.
    """
    if target not in tongues():
        raise UnknownTarget(target, ", ".join(sorted(tongues())))
    model = fitted().get((encoder, task))
    if model is None:
        raise UnrankedTask(task, encoder, ", ".join(f"{task} ({encoder})" for encoder, task in fitted()))
    found = list(candidates(target, task))
    if not found:
        raise NoSource(target, task)
    about = _about_xlmr(target, found) if encoder != "turkic" else _about_turkic(target, found, text)
    known = [_measured(lang, target) if task == "upos" else None for _, lang in found]
    parts = model.contributions(about)
    if encoder != "turkic":
        parts = with_measured(parts, known)
    rows = [
        Ranked(card.id, lang, size(card), sum(part.values()), dict(features), part, score)
        for (card, lang), features, part, score in zip(found, about, parts, known, strict=True)
    ]
    return sorted(rows, key=lambda row: -row.points)


def candidates(target: str, task: str) -> Iterator[tuple[Card, str]]:
    """Corpora of one language, not the target's, that weights may learn the task from."""
    for card in corpora.cards(task=TASKS[task]):
        lang = card.languages[0]
        readable = card.reader == "conllu" and card.access == "download" and len(card.languages) == 1
        sound = not any(file.fault for file in card.files)
        if card.trainable and readable and sound and lang in tongues() and lang != target:
            yield card, lang


def size(card: Card) -> int:
    """Sentences of all splits together."""
    return sum(file.counts.get("sentences", 0) for file in card.files)


def _measured(source: str, target: str) -> float | None:
    return measured().get(source, {}).get(target)


def _about_xlmr(target: str, found: Sequence[tuple[Card, str]]) -> list[Mapping[str, float | None]]:
    return [xlmr(lang, target, size(card)) for card, lang in found]


def _about_turkic(
    target: str, found: Sequence[tuple[Card, str]], text: Path | None
) -> list[Mapping[str, float | None]]:
    split = pieces()
    goal = profile(target_text(target, text), target, split)
    return [turkic(profile(sample(card), lang, split), lang, goal, target) for card, lang in found]


def turkic(source: Profile, lang: str, goal: Profile, target: str) -> dict[str, float | None]:
    """The features of the model for our encoder: of texts, of languages, of what it has read."""
    known = tongues()
    return {
        **of_text(source, goal),
        **of_languages(known[lang], known[target]),
        "read": of_size(known[lang].encoder),
    }


def sample(card: Card) -> Sequence[Sequence[str]]:
    """Sentences of a treebank, evenly spaced over all its splits."""
    splits = (corpora.sentences(card.id, split) for split in card.splits)
    return spaced([[word.form for word in sentence.words] for split in splits for sentence in split])


def target_text(lang: str, text: Path | None = None) -> Sequence[Sequence[str]]:
    """Raw words of a language: of a file, else of SIB-200, else of a treebank of the catalog."""
    if text:
        return spaced([line.split() for line in _lines(text)])
    if lang in corpora.card("sib-200").languages:
        docs = corpora.docs("sib-200", "train", spacy.blank("xx").vocab, lang=lang)
        return spaced([[token.text for token in doc] for doc in docs])
    for card in corpora.cards(lang=lang):
        if card.reader == "conllu" and card.languages == (lang,):
            return sample(card)
    raise NoTargetText(lang)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(str(path), f"it is not UTF-8 ({error.reason})") from error


@cache
def pieces() -> Callable[[str], Sequence[int]]:
    """The pieces of the shipped encoder."""
    return PieceModel((data_dir("models") / "turkic_small" / "encoder" / "pieces.model").read_bytes())
