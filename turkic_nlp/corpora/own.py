"""Files of the user's own, of any of the three tasks: what a file holds by its suffix, and its gold Docs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp import conllu
from turkic_nlp.corpora.catalog import Card, CardFile
from turkic_nlp.corpora.readers import iob2_rows
from turkic_nlp.errors import BadGold, UnreadableFile

TASKS = ("treebank", "ner", "textcat")
_BY_SUFFIX = {".conllu": "treebank", ".tsv": "textcat", ".csv": "textcat", ".jsonl": "textcat"}


def task_of(path: Path) -> str:
    """What a file holds by its suffix: .conllu a treebank; .tsv .csv .jsonl classes; all others IOB2 entities."""
    return _BY_SUFFIX.get(path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix, "ner")


def own_docs(path: Path, nlp: Language, *, task: str | None = None) -> Iterator[Doc]:
    """Gold Docs of a file, a sentence or a text each; ``task`` overrules the suffix.

    CoNLL-U as ``conllu.to_doc`` says. Tables have the columns ``text`` and ``label``; every Doc has all labels of
    the file in ``doc.cats``. IOB2 is a word a line, its tag in the last column, blank lines between sentences.

    Raises:
        BadGold: nothing is in it, or a table lacks a column.
        BadRow, ConlluError, UnreadableFile: the line and what was met there.
    """
    empty = True
    for doc in _READERS[task or task_of(path)](path, nlp):
        empty = False
        yield doc
    if empty:
        raise BadGold(str(path), "nothing is in it", "a sentence or a text at least")


def _sentences(path: Path, nlp: Language) -> Iterator[Doc]:
    return (conllu.to_doc(sentence, nlp.vocab) for sentence in conllu.read(path))


def _entities(path: Path, nlp: Language) -> Iterator[Doc]:
    file = CardFile("", str(path), columns={"word": 0, "tag": -1})
    for row in iob2_rows(_card(path, nlp), file, path):
        starts = [True] + [False] * (len(row["tokens"]) - 1)
        yield Doc(nlp.vocab, row["tokens"], ents=row["tags"], sent_starts=starts)


def _card(path: Path, nlp: Language) -> Card:
    """The card of a file that is of no corpus: nothing is known of it."""
    return Card(
        id=path.stem,
        name=path.name,
        languages=(nlp.lang,),
        scripts=(),
        tasks=("ner",),
        licence="unstated",
        quality="unstated",
        trainable=False,
        access="elsewhere",
        homepage="",
        citation={},
    )


def _texts(path: Path, nlp: Language) -> Iterator[Doc]:
    rows = list(_rows(path))
    labels = sorted({label for _, label in rows})
    for text, label in rows:
        doc = nlp.make_doc(text)
        doc.cats = {known: float(known == label) for known in labels}
        yield doc


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(_table(file, path.suffix), 1):
                text, label = (row.get("text"), row.get("label")) if isinstance(row, dict) else (None, None)
                if not isinstance(text, str) or not isinstance(label, str):
                    met = sorted(map(str, row)) if isinstance(row, dict) else row
                    raise BadGold(str(path), f"row {number} has {met}", "columns text and label")
                yield text, label
    except UnicodeDecodeError as error:
        raise BadGold(str(path), f"it is not UTF-8 ({error.reason})", "UTF-8") from error
    except (csv.Error, json.JSONDecodeError) as error:
        reason = f"row {number + 1} cannot be read ({error})"
        raise BadGold(str(path), reason, "a table with a header, or one JSON object a line") from error
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or str(error)) from error


def _table(file: Any, suffix: str) -> Iterator[Any]:
    if suffix == ".jsonl":
        return (json.loads(line) for line in file if line.strip())
    if suffix == ".csv":
        return csv.DictReader(file)
    return csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


_READERS: dict[str, Callable[[Path, Language], Iterator[Doc]]] = {
    "treebank": _sentences,
    "ner": _entities,
    "textcat": _texts,
}
