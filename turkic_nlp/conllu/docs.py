"""CoNLL-U sentences to spaCy Docs and back. ``ROOT`` is spaCy's name, ``root`` the file's: converted only here.

A multi-word token is one token of a surface Doc. Its inner words are kept in ``token._.words``, one dict per word
with the columns ``form`` to ``misc`` in lower case; an inner ``head`` counts from the range's first word (1), and is
None for the word through which the token hangs in the tree.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

from spacy.parts_of_speech import IDS as UPOS
from spacy.tokens import Doc, Token
from spacy.vocab import Vocab

from turkic_nlp.conllu.check import cycle
from turkic_nlp.conllu.format import Sentence, Word
from turkic_nlp.conllu.out import columns, from_doc
from turkic_nlp.errors import WordsDiffer

__all__ = ["fill", "from_doc", "to_doc"]

ENTITY = re.compile(r"[BI]-.+")
Words = Literal["surface", "syntactic"]

if not Token.has_extension("words"):
    Token.set_extension("words", default=None)


def to_doc(sentence: Sentence, vocab: Vocab, *, words: Words = "syntactic") -> Doc:
    """A gold Doc of one sentence; what a column lacks (``_``) stays unset in spaCy's sense.

    ``words="syntactic"`` makes a token of every word; ``"surface"`` of every multi-word token, with the annotation of
    the inner word nearest to the root. FEATS of a word stay unset only where the whole sentence has none (one ``_``
    among others says "no features"). Heads stay unset where they form a cycle. Spaces follow ``# text`` where the
    forms can be found in it, and SpaceAfter otherwise. Comments go to ``doc.user_data["comments"]``.
    """
    gold = sentence.words
    heads, surface_of = _heads(gold), list(range(len(gold)))
    tokens, shown = gold, gold
    if words == "surface":
        tokens = sentence.tokens
        shown, surface_of = _heads_of_ranges(tokens, gold, heads)
    spaces = _spaces(sentence, tokens) if words == "surface" else _syntactic_spaces(sentence, gold)
    doc = Doc(vocab, [row.form for row in tokens], spaces, **_annotation(shown, heads, surface_of))
    if any(row.feats != "_" for row in shown):
        for token, row in zip(doc, shown, strict=True):
            token.set_morph("" if row.feats == "_" else row.feats)
    for token, row in zip(doc, tokens, strict=True):
        if row.is_range:
            token._.words = _inner(row, gold, heads, shown[token.i])
    if sentence.comments:
        doc.user_data["comments"] = list(sentence.comments)
    return doc


def _heads(gold: list[Word]) -> list[int] | None:
    """1-based heads, 0 for a root; None where a head is missing or there is a cycle. Several roots are kept."""
    if any(row.head == "_" for row in gold):
        return None
    heads = [int(row.head) for row in gold]
    return None if cycle(heads) else heads


def _annotation(shown: list[Word], heads: list[int] | None, surface_of: list[int]) -> dict[str, Any]:
    """Keyword arguments of Doc: only the columns of which at least one word has a value."""
    found: dict[str, Any] = {
        "pos": [row.upos if row.upos in UPOS else "" for row in shown],
        "tags": ["" if row.xpos == "_" else row.xpos for row in shown],
        "lemmas": ["" if row.lemma == "_" != row.form else row.lemma for row in shown],
    }
    if any(ENTITY.fullmatch(row.misc_value("NER") or "") for row in shown):
        found["ents"] = [_ent(row) for row in shown]
    found = {key: values for key, values in found.items() if any(values)}
    if heads is None:
        return {**found, "sent_starts": [True] + [False] * (len(shown) - 1)}
    governors = [heads[int(row.id) - 1] for row in shown]
    found["heads"] = [surface_of[head - 1] if head else i for i, head in enumerate(governors)]
    found["deps"] = [_dep(row.deprel) for row in shown]
    return found


def _ent(row: Word) -> str:
    tag = row.misc_value("NER") or ""
    return tag if ENTITY.fullmatch(tag) else "O"


def _dep(deprel: str) -> str:
    return {"root": "ROOT", "_": ""}.get(deprel, deprel)


def _heads_of_ranges(
    tokens: list[Word], gold: list[Word], heads: list[int] | None
) -> tuple[list[Word], list[int]]:
    """For each token the word whose annotation it shows, and for each word (0-based) its token."""
    shown, surface_of = [], []
    for index, row in enumerate(tokens):
        first, last = row.span
        surface_of += [index] * (last - first + 1)
        shown.append(min(gold[first - 1 : last], key=lambda word: _depth(int(word.id), heads)))
    return shown, surface_of


def _depth(word: int, heads: list[int] | None) -> int:
    depth = 0
    while heads and word:
        word, depth = heads[word - 1], depth + 1
    return depth


def _inner(row: Word, gold: list[Word], heads: list[int] | None, top: Word) -> list[dict[str, Any]]:
    first, last = row.span
    words = []
    for word in gold[first - 1 : last]:
        columns: dict[str, Any] = {name: getattr(word, name) for name in Word.__slots__ if name != "id"}
        columns["head"] = int(word.head) - first + 1 if heads and word is not top else None
        words.append(columns)
    return words


def _spaces(sentence: Sentence, tokens: list[Word]) -> list[bool]:
    """Whether a space follows each surface token: by ``# text`` if the forms lie in it, else by SpaceAfter.

    What follows the last token only SpaceAfter can tell.
    """
    text, at, found = sentence.text or "", 0, []
    for row in tokens:
        if not text.startswith(row.form, at):
            return [row.misc_value("SpaceAfter") != "No" for row in tokens]
        at += len(row.form)
        after = at
        at += len(text[at:]) - len(text[at:].lstrip())
        found.append(at > after)
    found[-1] = tokens[-1].misc_value("SpaceAfter") != "No"
    return found


def _syntactic_spaces(sentence: Sentence, gold: list[Word]) -> list[bool]:
    """As ``_spaces``; inside a range no word is followed by a space."""
    tokens = sentence.tokens
    found = [False] * len(gold)
    for row, space in zip(tokens, _spaces(sentence, tokens), strict=True):
        found[row.span[1] - 1] = space
    return found


def fill(sentence: Sentence, doc: Doc) -> Sentence:
    """A copy whose UPOS XPOS FEATS LEMMA HEAD DEPREL come from ``doc``, made with ``words="syntactic"``.

    Ranges, empty nodes, comments, DEPS and MISC stay. What the Doc lacks becomes ``_``.
    """
    gold = sentence.words
    if len(gold) != len(doc) or any(row.form != token.text for row, token in zip(gold, doc, strict=True)):
        raise WordsDiffer(sentence.sent_id or "?", len(gold), len(doc))
    has_heads = doc.has_annotation("DEP")
    rows = []
    for row in sentence.rows:
        if not row.id.isdecimal():
            rows.append(replace(row))
            continue
        token = doc[int(row.id) - 1]
        head = token.head.i + 1 if token.head.i != token.i else 0
        rows.append(replace(row, **columns(token), head=str(head) if has_heads else "_"))
    return replace(sentence, rows=rows, comments=list(sentence.comments))
