"""spaCy Docs to CoNLL-U sentences, and the whitespace of a text as MISC says it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from spacy.tokens import Doc, Span, Token

from turkic_nlp.conllu.format import Sentence, Word
from turkic_nlp.errors import UnwritableForm

ESCAPES = str.maketrans({"\\": r"\\", " ": r"\s", "\t": r"\t", "\r": r"\r", "\n": r"\n", "|": r"\p"})


def from_doc(doc: Doc, *, first: int = 1, prefix: str = "") -> list[Sentence]:
    r"""One Sentence per sentence of the Doc, numbered ``# sent_id = {prefix}{first}`` and on, with ``# text``.

    Whitespace tokens are no words: everything between two words goes to MISC as ``SpaceAfter=No`` or, unless it is
    one space, ``SpacesAfter=\s\n`` (UDPipe's convention), so that the text can be rebuilt. Entities go to MISC as
    ``NER=B-GPE``. A Doc of one sentence that came from ``to_doc`` gets its own comments back.
    """
    spans = doc.sents if doc.has_annotation("SENT_START") else iter([doc[:]])
    groups = [real for span in spans if (real := [token for token in span if not token.is_space])]
    kept = doc.user_data.get("comments") if len(groups) == 1 else None
    return [
        Sentence(_rows(tokens), list(kept or [f"# sent_id = {prefix}{number}", f"# text = {_text(tokens)}"]))
        for number, tokens in enumerate(groups, first)
    ]


def columns(token: Token) -> dict[str, str]:
    """UPOS, XPOS, FEATS, LEMMA and DEPREL of a token, ``_`` where unset."""
    return {
        "upos": token.pos_ or "_",
        "xpos": token.tag_ or "_",
        "feats": ud_order(str(token.morph)) or "_",
        "lemma": token.lemma_ or "_",
        "deprel": ("root" if token.dep_ == "ROOT" else token.dep_) or "_",
    }


@lru_cache(maxsize=4096)
def ud_order(feats: str) -> str:
    """Features sorted as UD asks, whatever the case (Number before NumType); spaCy puts capitals first."""
    return "|".join(sorted(feats.split("|"), key=lambda item: item.partition("=")[0].lower()))


def _rows(tokens: list[Token]) -> list[Word]:
    """The rows of a sentence, the tokens of which are real words in order."""
    firsts, at = {}, 1
    for token in tokens:
        firsts[token.i] = at
        at += len(token._.words or [0])
    has_heads = tokens[0].doc.has_annotation("DEP")
    rows: list[Word] = []
    for token in tokens:
        head = _head(token, firsts) if has_heads else "_"
        rows.extend(_token_rows(token, firsts[token.i], head))
    count = at - 1
    for row in rows:  # an inner word may point past a sentence that was cut after the Doc was made
        if row.head != "_" and not 0 <= int(row.head) <= count:
            row.head = "0"
    return rows


def _token_rows(token: Token, number: int, head: str) -> Iterator[Word]:
    """The row of a token, or the range and the inner words of a multi-word token."""
    form = token.text
    if not form or "\t" in form or "\n" in form or "\r" in form:
        raise UnwritableForm(token.i, form)
    words: list[dict[str, Any]] = token._.words or []
    if not words:
        yield Word(str(number), form, **columns(token), head=head, misc=_misc(token))
        return
    yield Word(f"{number}-{number + len(words) - 1}", form, misc=_misc(token))
    for offset, word in enumerate(words):
        row = Word(str(number + offset), **{**word, "head": "_"})
        if word["head"] is None:
            row = Word(row.id, row.form, **columns(token), head=head, deps=row.deps, misc=row.misc)
        elif head != "_":
            row.head = str(number + word["head"] - 1)
        yield row


def _head(token: Token, firsts: dict[int, int]) -> str:
    """The word number of the governor; a whitespace governor is passed over; 0 for a root."""
    head = token.head
    while head.is_space and head.head.i != head.i:
        head = head.head
    if head.i == token.i or head.i not in firsts:
        return "0"
    inner = [i for i, word in enumerate(head._.words or []) if word["head"] is None]
    return str(firsts[head.i] + (inner[0] if inner else 0))


def _text(tokens: list[Token]) -> str:
    return "".join(token.text + (" " if gap(token) else "") for token in tokens).rstrip(" ")


def gap(token: Token) -> str:
    """The whitespace between a word and the next one; at the end of the Doc what is left, or one space."""
    after = token.i + 1
    doc = token.doc
    while after < len(doc) and doc[after].is_space:
        after += 1
    rest: Span = doc[token.i : after]
    found = rest.text_with_ws[len(token.text) :]
    return found or ("" if after < len(doc) else " ")


def _misc(token: Token) -> str:
    items = []
    before = token.doc[: token.i]
    if token.ent_type_ and token.ent_iob_ in ("B", "I"):
        items.append(f"NER={token.ent_iob_}-{token.ent_type_}")
    space = gap(token)
    if not space:
        items.append("SpaceAfter=No")
    elif space != " ":
        items.append(f"SpacesAfter={space.translate(ESCAPES)}")
    if len(before) and before[0].is_space and all(other.is_space for other in before):
        items.append(f"SpacesBefore={before.text_with_ws.translate(ESCAPES)}")
    return "|".join(items) or "_"
