"""The raw text of a pre-training run: from which files, corpora and translations, a line once, clear of test sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import spacy

from turkic_nlp import corpora
from turkic_nlp.errors import NoText
from turkic_nlp.training.loop import Report
from turkic_nlp.training.pool import Pool
from turkic_nlp.training.text import Remembered, read_lines, words_of

_LONGEST_LINE = 400


@dataclass(frozen=True)
class TextPlan:
    """Raw text: ``folder`` has a sub-folder of text files (.txt, .gz, .xz) for each of ``languages``.

    ``orthography`` is what the pieces are made of, a key of :data:`turkic_nlp.pieces.ORTHOGRAPHIES`; ``pieces`` and
    ``affixes`` are sizes of vocabularies (no affix embeddings when 0); ``skipgram`` epochs start the embeddings (none
    when 0). ``parallel`` is a folder of translations, ``a-b/*.tsv.xz`` with a column per language, and ``corpora`` are
    labelled corpora, as ``corpus/split/language``, whose text is read too. Words that occur ``frequent`` times are
    written to ``words.tsv``.
    """

    folder: str
    languages: tuple[str, ...]
    held_out: tuple[str, ...] = ()
    orthography: str = "shared"
    pieces: int = 16000
    affixes: int = 12000
    skipgram: int = 3
    parallel: str = ""
    corpora: tuple[str, ...] = ()
    frequent: int = 5


@dataclass
class Text:
    """The pool and the bookkeeping of what went into it."""

    pool: Pool = field(default_factory=Pool)
    files: dict[str, int] = field(default_factory=dict)
    dropped: int = 0


def gather(plan: TextPlan, report: Report) -> Text:
    """All text, the same words once however they are spaced, without what repeats a held-out sentence."""
    held = Remembered()
    for name in plan.held_out:
        hold(held, name)
    text, seen = Text(), set[str]()
    for name, lang, lines in _sources(plan):
        before = text.pool.counts[lang]
        for line in lines:
            words = words_of(line)
            if len(words) < 2 or (known := " ".join(words)) in seen:
                continue
            seen.add(known)
            if held.holds(words, lang):
                text.dropped += 1
            else:
                _add(text.pool, words, lang)
        text.files[name] = text.pool.counts[lang] - before
        report({"text": name, "words": text.files[name]})
    return text


def _sources(plan: TextPlan) -> Iterator[tuple[str, str, Iterator[str]]]:
    """Every source of text: its name, its language, its lines."""
    for lang in plan.languages:
        files = files_of(Path(plan.folder), lang)
        yield from ((f"{lang}/{path.name}", lang, read_lines(path)) for path in files)
    for path in sorted(Path(plan.parallel).glob("*-*/*.tsv*")) if plan.parallel else ():
        for column, lang in enumerate(path.parent.name.split("-", 1)):
            if lang in plan.languages:
                yield f"parallel/{path.parent.name}/{path.name}/{lang}", lang, _column(path, column)
    for name in plan.corpora:
        yield f"corpora/{name}", name.split("/")[2], _corpus_lines(name)


def files_of(folder: Path, lang: str) -> list[Path]:
    """The text files of a language in a folder of texts; NoText (T504) where there is none."""
    own = folder / lang
    if files := sorted(path for path in own.glob("*.*") if path.suffix in (".txt", ".xz", ".gz")):
        return files
    raise NoText(folder=str(own))


def _column(path: Path, column: int) -> Iterator[str]:
    return (cells[column] for line in read_lines(path) if len(cells := line.split("\t")) > column)


def _corpus_lines(name: str) -> Iterator[str]:
    id_, split, lang = name.split("/")
    chosen = lang if len(corpora.card(id_).languages) > 1 else None
    for doc in corpora.docs(id_, split, spacy.blank("xx").vocab, lang=chosen):
        yield " ".join(token.text for token in doc)


def _add(pool: Pool, words: Sequence[str], lang: str) -> None:
    for start in range(0, len(words), _LONGEST_LINE):
        pool.add(words[start : start + _LONGEST_LINE], lang)


def hold(held: Remembered, name: str) -> None:
    """Remember the sentences of an evaluation set, ``corpus/split/language``, or without the last."""
    id_, split, *named = name.split("/")
    known = corpora.card(id_).languages
    lang = named[0] if named else known[0]
    for doc in corpora.docs(id_, split, spacy.blank("xx").vocab, lang=lang if len(known) > 1 else None):
        held.add([token.text for token in doc], lang)
