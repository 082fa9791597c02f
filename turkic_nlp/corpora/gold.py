"""Gold Docs of a corpus, for spaCy: treebanks, named entities, classification."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from turkic_nlp import conllu
from turkic_nlp.conllu.docs import Words
from turkic_nlp.corpora.catalog import Card, CardFile, card
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.corpora.parts import sentences
from turkic_nlp.corpora.readers import Row, class_rows, iob2_rows, table_rows
from turkic_nlp.errors import NoDocs, NotFetchable

_PAST = 2
"""The letters of a past ending, -ды."""
_COLUMNS = {"upos": "pos", "feats": "morphs", "xpos": "tags"}
"""Of a table, and what a Doc calls them."""
_CYRILLIC = str.maketrans("aceiopxy", "асеіорху")


def docs(
    id: str, split: str, vocab: Vocab, *, lang: str | None = None, words: Words = "syntactic"
) -> Iterator[Doc]:
    """Gold Docs of one split, a sentence or a text each; what the corpus lacks is unset.

    Treebanks: see ``conllu.to_doc``. Named entities: every token without one is ``O``, and spaces are unknown
    (``doc.has_unknown_spaces``). Classification: ``doc.cats`` has every label of the corpus, 1.0 or 0.0, and
    the tokens are those of the language's own tokenizer (spaCy's ``xx`` where there is none). Tables of forms and
    lemmas: a Doc of one word for each form that is one word, with its lemma and what columns ``upos``, ``feats``
    and ``xpos`` say, if there are any. Raises NoDocs for other tables and lexica.
    """
    found = card(id)
    if not found.files:
        raise NotFetchable(id, found.access, found.homepage)
    if found.reader == "conllu":
        return (conllu.to_doc(sentence, vocab, words=words) for sentence in sentences(id, split, lang=lang))
    file = found.file(split, lang)
    words_alone = found.reader == "table" and {"lemma", "form"} <= set(file.columns or found.columns)
    if found.reader not in ("iob2", "classes") and not words_alone:
        raise NoDocs(id, found.reader, "load(id)" if found.reader == "table" else "files(id)")
    path = fetch(found, file)
    return _READERS[found.reader](found, file, path, vocab)


def examples(id: str, split: str, nlp: Language, *, lang: str | None = None) -> Iterator[Example]:
    """Examples of one split; the predicted side has the gold words, so that only annotation is compared."""
    for gold in docs(id, split, nlp.vocab, lang=lang):
        spaces = [bool(token.whitespace_) for token in gold]
        yield Example(Doc(nlp.vocab, [token.text for token in gold], spaces), gold)


def _entity_docs(found: Card, file: CardFile, path: Path, vocab: Vocab) -> Iterator[Doc]:
    for row in iob2_rows(found, file, path):
        starts = [True] + [False] * (len(row["tokens"]) - 1)
        tags = [tag[:2] + file.rename.get(tag[2:], tag[2:]) for tag in row["tags"]]
        yield Doc(vocab, row["tokens"], ents=tags, sent_starts=starts)


def _class_docs(found: Card, file: CardFile, path: Path, vocab: Vocab) -> Iterator[Doc]:
    labels = file.labels or found.labels
    tokenizer = _tokenizer(file.lang or found.languages[0])
    for row in class_rows(found, file, path):
        tokens = tokenizer.make_doc(row["text"])
        doc = Doc(vocab, [token.text for token in tokens], [bool(token.whitespace_) for token in tokens])
        doc.cats = {file.rename.get(label, label): float(label in row["labels"]) for label in labels}
        yield doc


def _word_docs(found: Card, file: CardFile, path: Path, vocab: Vocab) -> Iterator[Doc]:
    rows = [_in_one_script(row, file) for row in table_rows(found, file, path)]
    past = [row for row in rows if file.stem_form and row["features"] == file.stem_form]
    stems = {row["lemma"]: row["form"][:-_PAST] for row in past}
    for row in rows:
        if row["lemma"] and row["form"] and " " not in row["form"]:
            lemma = stems.get(row["lemma"], row["lemma"].removesuffix(file.infinitive))
            own = {name: [row[column]] for column, name in _COLUMNS.items() if row.get(column)}
            yield Doc(vocab, [row["form"]], lemmas=[lemma], sent_starts=[True], **own)


def _in_one_script(row: Row, file: CardFile) -> Row:
    """A row whose words have no Latin letter for a Cyrillic one."""
    if not file.look_alikes:
        return row
    return row | {name: row[name].translate(_CYRILLIC) for name in ("lemma", "form")}


_READERS: dict[str, Callable[[Card, CardFile, Path, Vocab], Iterator[Doc]]] = {
    "iob2": _entity_docs,
    "classes": _class_docs,
    "table": _word_docs,
}


@lru_cache(maxsize=16)
def _tokenizer(lang: str) -> Language:
    try:
        return spacy.blank(lang)
    except ImportError:  # spaCy's word for a language that it does not have
        return spacy.blank("xx")
