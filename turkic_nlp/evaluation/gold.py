"""Gold to score against: a file of any of the three tasks, or a split of a corpus of the catalog."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp import conllu, corpora
from turkic_nlp.components import in_style
from turkic_nlp.corpora.own import own_docs, task_of
from turkic_nlp.errors import BadGold

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
    """Gold in a file, as :func:`turkic_nlp.corpora.own.own_docs` reads it; a treebank's sentences stay CoNLL-U."""
    kind = task or task_of(path)
    if kind != "treebank":
        return Gold(str(path), kind, docs=list(own_docs(path, nlp, task=kind)))
    if not (sentences := list(conllu.read(path))):
        raise BadGold(str(path), "nothing is in it", "a sentence or a text at least")
    return Gold(str(path), kind, sentences=sentences)


def from_corpus(id: str, split: str, nlp: Language) -> Gold:
    """A split of a corpus; where it has several languages, that of the pipeline."""
    card = corpora.card(id)
    lang = nlp.lang if any(file.lang for file in card.files) else None
    name = f"{id} {split}"
    if card.reader == "conllu":
        return Gold(name, "treebank", sentences=list(corpora.sentences(id, split, lang=lang)))
    docs = list(corpora.docs(id, split, nlp.vocab, lang=lang))
    return Gold(name, _BY_READER[card.reader], docs=docs, same_as=card.same_as)


def in_style_of(nlp: Language, corpus: str) -> Language:
    """The pipeline in the annotation style of a corpus of the catalog, tags and trees also in the manner of its card.

    A component that has learned neither stays as it is.
    """
    if manner := corpora.card(corpus).manner.get(nlp.lang):
        in_style(nlp, manner, ("tagger", "parser"))
    return in_style(nlp, corpus)
