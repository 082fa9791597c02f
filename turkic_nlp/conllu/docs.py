"""CoNLL-U sentences to spaCy Docs and back. ``ROOT`` is spaCy's name, ``root`` the file's: swapped only here.

A multi-word token is one token of a surface Doc. Its inner words are kept in ``token._.words``, one dict per
word with the columns ``form`` to ``misc`` in lower case; an inner ``head`` counts from the range's first word
(1), and is None for the word through which the token hangs in the tree. A token that another inner word
governs has that word's number in ``token._.inner_head``.
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
from turkic_nlp.errors import BadFeatures, WordsDiffer

__all__ = ["Words", "fill", "from_doc", "to_doc"]

FEATS = re.compile(r"[^=|]+=[^=|]+(\|[^=|]+=[^=|]+)*", re.DOTALL)
ENTITY = re.compile(r"[BI]-.+")
Words = Literal["surface", "syntactic"]

for _name in ("words", "inner_head"):
    if not Token.has_extension(_name):
        Token.set_extension(_name, default=None)


def to_doc(sentence: Sentence, vocab: Vocab, *, words: Words = "syntactic") -> Doc:
    """Make a gold Doc of one sentence; what a column lacks (``_``) stays unset in spaCy's sense.

    ``words="syntactic"`` makes a token of every word; ``"surface"`` one of every multi-word token, with the
    annotation of its inner word nearest to the root. FEATS stay unset only where the whole sentence has none
    (one ``_`` among others says "no features"). Heads stay unset where one is missing or they form a cycle;
    several roots stay, and spaCy sees as many sentences. An UPOS that spaCy does not know stays unset. Spaces
    follow ``# text`` where the forms are found in it, else SpaceAfter. Comments go to
    ``doc.user_data["comments"]``. Raises BadFeatures where FEATS is not Name=Value pairs.
    """
    gold, heads = sentence.words, _heads(sentence.words)
    tokens = sentence.tokens if words == "surface" else gold
    spaces = _spaces(sentence)
    shown, token_of = _shown(tokens, gold, heads)
    after = [spaces[row.span[1] - 1] for row in tokens]
    doc = Doc(vocab, [row.form for row in tokens], after, **_annotation(shown, heads, token_of))
    if any(row.feats != "_" for row in shown):
        for token, row in zip(doc, shown, strict=True):
            token.set_morph(_feats(sentence, row))
    if len(tokens) < len(gold):
        _keep_ranges(doc, tokens, gold, shown, heads)
    if sentence.comments:
        doc.user_data["comments"] = list(sentence.comments)
    return doc


def _feats(sentence: Sentence, row: Word) -> str:
    if row.feats == "_":
        return ""
    if not FEATS.fullmatch(row.feats):
        raise BadFeatures(sentence.sent_id or "?", row.id, row.feats)
    return row.feats


def _heads(gold: list[Word]) -> list[int] | None:
    """1-based heads, 0 for a root; None where a head is missing or there is a cycle."""
    if any(row.head == "_" for row in gold):
        return None
    heads = [int(row.head) for row in gold]
    return None if cycle(heads) else heads


def _shown(tokens: list[Word], gold: list[Word], heads: list[int] | None) -> tuple[list[Word], list[int]]:
    """For each token the word whose annotation it shows, and for each word (0-based) its token."""
    if len(tokens) == len(gold):
        return gold, list(range(len(gold)))
    shown, token_of = [], []
    for index, row in enumerate(tokens):
        first, last = row.span
        token_of += [index] * (last - first + 1)
        shown.append(min(gold[first - 1 : last], key=lambda word: _depth(int(word.id), heads)))
    return shown, token_of


def _depth(word: int, heads: list[int] | None) -> int:
    depth = 0
    while heads and word:
        word, depth = heads[word - 1], depth + 1
    return depth


def _annotation(shown: list[Word], heads: list[int] | None, token_of: list[int]) -> dict[str, Any]:
    """Keyword arguments of Doc: only the columns of which at least one word has a value."""
    found: dict[str, Any] = {
        "pos": [row.upos if row.upos in UPOS else "" for row in shown],
        "tags": ["" if row.xpos == "_" else row.xpos for row in shown],
        "lemmas": ["" if row.lemma == "_" != row.form else row.lemma for row in shown],
    }
    found = {key: values for key, values in found.items() if any(values)}
    entities = [row.misc_value("NER") or "" for row in shown]
    if any(map(ENTITY.fullmatch, entities)):
        found["ents"] = [tag if ENTITY.fullmatch(tag) else "O" for tag in entities]
    if heads is None:
        return {**found, "sent_starts": [True] + [False] * (len(shown) - 1)}
    governors = [heads[int(row.id) - 1] for row in shown]
    found["heads"] = [token_of[head - 1] if head else i for i, head in enumerate(governors)]
    found["deps"] = [{"root": "ROOT", "_": ""}.get(row.deprel, row.deprel) for row in shown]
    return found


def _keep_ranges(
    doc: Doc, tokens: list[Word], gold: list[Word], shown: list[Word], heads: list[int] | None
) -> None:
    """Put the inner words of every range, and who hangs on one that is not shown, into the extensions."""
    first_of = {}
    for token, row, top in zip(doc, tokens, shown, strict=True):
        first, last = row.span
        first_of.update(dict.fromkeys(range(first, last + 1), first))
        if row.is_range:
            token._.words = [_inner(word, first, word is top or not heads) for word in gold[first - 1 : last]]
    visible = {int(word.id) for word in shown}
    for token, word in zip(doc, shown, strict=True):
        head = heads[int(word.id) - 1] if heads else 0
        if head and head not in visible:
            token._.inner_head = head - first_of[head] + 1


def _inner(word: Word, first: int, hangs: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(word, name) for name in Word.__slots__ if name != "id"}
    return {**kept, "head": None if hangs else int(word.head) - first + 1}


def _spaces(sentence: Sentence) -> list[bool]:
    """Whether a space follows each syntactic word; inside a range none does.

    By ``# text`` if the surface forms lie in it, else by SpaceAfter; what follows the last token only
    SpaceAfter can tell.
    """
    tokens, text = sentence.tokens, sentence.text or ""
    found, at = [False] * len(sentence.words), 0
    marked = [row.misc_value("SpaceAfter") != "No" for row in tokens]
    seen = []
    for row in tokens:
        if not text.startswith(row.form, at):
            seen = marked
            break
        at += len(row.form)
        end = at
        while text[at : at + 1].isspace():
            at += 1
        seen.append(at > end)
    seen[-1:] = marked[-1:]  # there may be empty nodes alone
    for row, space in zip(tokens, seen, strict=True):
        found[row.span[1] - 1] = space
    return found


def fill(sentence: Sentence, doc: Doc) -> Sentence:
    """Copy a sentence with UPOS XPOS FEATS LEMMA HEAD DEPREL of ``doc``, made with ``words="syntactic"``.

    Ranges, empty nodes, comments, DEPS and MISC stay. What the Doc lacks becomes ``_``. Raises WordsDiffer.
    """
    gold = sentence.words
    if [row.form for row in gold] != [token.text for token in doc]:
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
