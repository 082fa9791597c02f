"""Gold to score against: a file of any of the three tasks, or a split of a corpus of the catalog."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp import conllu, corpora
from turkic_nlp.corpora import Card, CardFile
from turkic_nlp.corpora.readers import iob2_rows
from turkic_nlp.errors import BadGold, UnreadableFile

TASKS = ("treebank", "ner", "textcat")
_BY_SUFFIX = {".conllu": "treebank", ".tsv": "textcat", ".csv": "textcat", ".jsonl": "textcat"}
_BY_READER = {"conllu": "treebank", "iob2": "ner", "classes": "textcat"}


@dataclass(frozen=True)
class Gold:
    """What is scored against: ``sentences`` of a treebank, else ``docs`` with entities or categories.

    ``same_as`` is that of the corpus' card: how entity labels of other corpora read here.
    """

    name: str
    task: str
    sentences: list[conllu.Sentence] = field(default_factory=list)
    docs: list[Doc] = field(default_factory=list)
    same_as: dict[str, str] = field(default_factory=dict)


def from_file(path: Path, nlp: Language, *, task: str | None = None) -> Gold:
    """Gold in a file: .conllu is a treebank; .tsv, .csv, .jsonl have ``text`` and ``label``; others are IOB2.

    IOB2 is a word a line, its tag in the last column, blank lines between sentences. ``task`` overrules the
    suffix.
    Raises BadGold (T613) with what the file lacks, BadRow, ConlluError or UnreadableFile.
    """
    kind = task or _BY_SUFFIX.get(path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix, "ner")
    if kind == "treebank":
        gold = Gold(str(path), kind, sentences=list(conllu.read(path)))
    else:
        gold = Gold(str(path), kind, docs=list((_entities if kind == "ner" else _texts)(path, nlp)))
    if not gold.sentences and not gold.docs:
        raise BadGold(str(path), "nothing is in it", "a sentence or a text at least")
    return gold


def from_corpus(id: str, split: str, nlp: Language) -> Gold:
    """A split of a corpus; where it has several languages, that of the pipeline."""
    card = corpora.card(id)
    lang = nlp.lang if any(file.lang for file in card.files) else None
    name = f"{id} {split}"
    if card.reader == "conllu":
        return Gold(name, "treebank", sentences=list(corpora.sentences(id, split, lang=lang)))
    docs = list(corpora.docs(id, split, nlp.vocab, lang=lang))
    return Gold(name, _BY_READER[card.reader], docs=docs, same_as=card.same_as)


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
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(_table(file, path.suffix), 1):
                text, label = row.get("text"), row.get("label")
                if not isinstance(text, str) or not isinstance(label, str):
                    raise BadGold(
                        str(path), f"row {number} has {sorted(map(str, row))}", "columns text and label"
                    )
                yield text, label
    except UnicodeDecodeError as error:
        raise BadGold(str(path), f"it is not UTF-8 ({error.reason})", "UTF-8") from error
    except (csv.Error, json.JSONDecodeError) as error:
        raise BadGold(str(path), str(error), "a table with a header, or one JSON object a line") from error
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or str(error)) from error


def _table(file: Any, suffix: str) -> Iterator[dict[Any, Any]]:
    if suffix == ".jsonl":
        return (json.loads(line) for line in file if line.strip())
    if suffix == ".csv":
        return csv.DictReader(file)
    return csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
