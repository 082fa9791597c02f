"""spaCy Docs to CoNLL-U sentences, and the whitespace of a text as MISC says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from spacy.tokens import Doc, Token

from turkic_nlp.conllu.format import Sentence, Word
from turkic_nlp.errors import UnwritableForm

ESCAPES = str.maketrans({"\\": r"\\", " ": r"\s", "\t": r"\t", "\r": r"\r", "\n": r"\n", "|": r"\p"})


def from_doc(doc: Doc, *, first: int = 1, prefix: str = "") -> list[Sentence]:
    r"""One Sentence per sentence of the Doc, with ``# sent_id = {prefix}{first}`` counted on, and ``# text``.

    Whitespace tokens are no words: what stands between two words goes to MISC, as ``SpaceAfter=No`` or,
    unless it is one space, ``SpacesAfter=\s\n`` (UDPipe's convention), so that the text can be rebuilt; at
    the end of the Doc nothing counts as one space. Entities go to MISC as ``NER=B-GPE``. A Doc of one
    sentence that came from ``to_doc`` gets its own comments back.
    """
    spans = doc.sents if doc.has_annotation("SENT_START") else iter([doc[:]])
    groups = [real for span in spans if (real := [token for token in span if not token.text.isspace()])]
    writer = _Writer.of(doc, [token for group in groups for token in group])
    kept = doc.user_data.get("comments") if len(groups) == 1 else None
    return [
        Sentence(
            writer.rows(tokens), list(kept or (f"# sent_id = {prefix}{n}", f"# text = {writer.text(tokens)}"))
        )
        for n, tokens in enumerate(groups, first)
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


@dataclass
class _Writer:
    """What is true of a whole Doc, by token index: the gap after a word, the inner words of a range."""

    gaps: dict[int, str]
    ranges: dict[int, list[dict[str, Any]]]
    has_heads: bool
    before: tuple[int, str]

    @classmethod
    def of(cls, doc: Doc, real: list[Token]) -> _Writer:
        text = doc.text
        ends = [*(token.idx for token in real[1:]), len(text)]
        gaps = {token.i: text[token.idx + len(token) : end] for token, end in zip(real, ends, strict=False)}
        if real:
            gaps[real[-1].i] = gaps[real[-1].i] or " "
        has_ranges = any(key[:2] == ("._.", "words") for key in doc.user_data if isinstance(key, tuple))
        ranges = {token.i: token._.words for token in real if token._.words} if has_ranges else {}
        before = (real[0].i, text[: real[0].idx]) if real else (0, "")
        return cls(gaps, ranges, doc.has_annotation("DEP"), before)

    def text(self, tokens: list[Token]) -> str:
        """The ``# text`` of a sentence: every gap inside it is one space."""
        spaced = (token.text + (" " if self.gaps[token.i] else "") for token in tokens)
        return "".join(spaced).rstrip(" ")

    def rows(self, tokens: list[Token]) -> list[Word]:
        """The rows of a sentence, whose real tokens are given in order."""
        numbers, at = {}, 1
        for token in tokens:
            numbers[token.i] = at
            at += len(self.ranges.get(token.i, "1"))
        rows: list[Word] = []
        for token in tokens:
            head = self.head(token, numbers) if self.has_heads else "_"
            rows.extend(self.token_rows(token, numbers[token.i], head))
        for row in rows:  # an inner word may point past a sentence that was cut after the Doc was made
            if row.head != "_" and not 0 <= int(row.head) < at:
                row.head = "0"
        return rows

    def token_rows(self, token: Token, number: int, head: str) -> Iterator[Word]:
        """The row of a token, or the range and the inner words of a multi-word token."""
        form, words = token.text, self.ranges.get(token.i)
        if not form or "\t" in form or "\n" in form or "\r" in form:
            raise UnwritableForm(token.i, form)
        if not words:
            yield Word(str(number), form, **columns(token), head=head, misc=self.misc(token))
            return
        yield Word(f"{number}-{number + len(words) - 1}", form, misc=self.misc(token))
        for offset, word in enumerate(words, number):
            row = Word(str(offset), **{**word, "head": "_"})
            if word["head"] is None:
                row = Word(row.id, row.form, **columns(token), head=head, deps=row.deps, misc=row.misc)
            elif self.has_heads:
                row.head = str(number + word["head"] - 1)
            yield row

    def head(self, token: Token, numbers: dict[int, int]) -> str:
        """The word number of the governor; a whitespace governor is passed over; 0 for a root."""
        head = token.head
        while head.text.isspace() and head.head.i != head.i:
            head = head.head
        if head.i == token.i or head.i not in numbers:
            return "0"
        words = self.ranges.get(head.i)
        if not words:
            return str(numbers[head.i])
        tops = [inner for inner, word in enumerate(words, 1) if word["head"] is None]
        return str(numbers[head.i] + (token._.inner_head or tops[0]) - 1)

    def misc(self, token: Token) -> str:
        """Entity and whitespace of a token."""
        items = []
        if token.ent_iob_ in ("B", "I") and token.ent_type_:
            items.append(f"NER={token.ent_iob_}-{token.ent_type_}")
        gap = self.gaps[token.i]
        if not gap:
            items.append("SpaceAfter=No")
        elif gap != " ":
            items.append(f"SpacesAfter={gap.translate(ESCAPES)}")
        if self.before[1] and token.i == self.before[0]:
            items.append(f"SpacesBefore={self.before[1].translate(ESCAPES)}")
        return "|".join(items) or "_"
