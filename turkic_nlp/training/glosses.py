"""Glosses: a treebank of one language word for word in another, so that its trees teach that one.

Treebank translation by a word list (Tiedemann, Agić and Nivre 2014, Treebank Translation for Cross-Lingual Parser
Induction): related languages share their order of words, so each word gives way to its gloss and the tree stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spacy.tokens import Doc, Token

from turkic_nlp.corpora.catalog import named
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.corpora.readers import rows
from turkic_nlp.errors import NoGlosses
from turkic_nlp.heads.edits import lower

JOINED = "+"
"""Begins a gloss that is an ending of the word before: *менен* is -мен in Kazakh."""


@dataclass
class Glossary:
    """The glosses of ``source``'s words in another language, by form in small letters and UPOS."""

    source: str
    _glosses: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str) -> Glossary:
        """Read a table of the catalog; ``name`` is ``corpus/split``, its split ``source-target``: ``ky-kk``.

        Raises:
            UnknownCorpus, UnknownSplit: there is none of that name.
            NoGlosses: it is something else.
        """
        card, file = named(name)
        if "gloss" not in (file.columns or card.columns):
            raise NoGlosses(name)
        return cls.of(file.lang, rows(card, file, fetch(card, file)))

    @classmethod
    def of(cls, source: str, rows: Iterable[Mapping[str, str]]) -> Glossary:
        """Of rows with ``form upos gloss``; ``after`` are the letters of which the word before has to end in one."""
        found = cls(source)
        for row in rows:
            found._glosses.setdefault((row["form"], row["upos"]), []).append(
                (row["gloss"], row.get("after", ""))
            )
        return found

    def gloss(self, doc: Doc) -> Doc:
        """A Doc in the other language: parts of speech, features and the tree stay, lemmas are unset.

        A word without a gloss stays as it is. An ending joins the word before, where that is its head.
        """
        forms: list[str] = []
        at: list[int] = []
        for token in doc:
            gloss = self._find(token, forms[-1] if forms else "")
            if gloss.startswith(JOINED):
                forms[-1] += gloss.removeprefix(JOINED)
            else:
                forms.append(_cased(gloss, token.text) if gloss else token.text)
            at.append(len(forms) - 1)
        firsts = [token for token in doc if not token.i or at[token.i] > at[token.i - 1]]
        ends = [bool(doc[i].whitespace_) for i in range(len(doc)) if i + 1 == len(doc) or at[i + 1] > at[i]]
        glossed = Doc(doc.vocab, forms, ends, **_annotation(doc, firsts, at))
        glossed.user_data.update(doc.user_data)
        return glossed

    def _find(self, token: Token, before: str) -> str:
        """The gloss of a word after the word ``before``; empty where there is none."""
        for gloss, after in self._glosses.get((lower(token.text, self.source), token.pos_), ()):
            joins = bool(before) and token.head.i == token.i - 1
            fits = joins or not gloss.startswith(JOINED)
            if fits and (not after or before.lower().endswith(tuple(after))):
                return gloss
        return ""


def _cased(gloss: str, form: str) -> str:
    if len(form) > 1 and form.isupper():
        return gloss.upper()
    return gloss[:1].upper() + gloss[1:] if form[:1].isupper() else gloss


def _annotation(doc: Doc, kept: list[Token], at: list[int]) -> dict[str, Any]:
    """Keyword arguments of Doc: what the words that are left have; ``at`` is where each word of ``doc`` went."""
    found: dict[str, Any] = {"pos": [token.pos_ for token in kept], "tags": [token.tag_ for token in kept]}
    if doc.has_annotation("MORPH"):
        found["morphs"] = [str(token.morph) for token in kept]
    if doc.has_annotation("DEP"):
        found["heads"] = [at[token.head.i] for token in kept]
        found["deps"] = [token.dep_ for token in kept]
    else:
        found["sent_starts"] = [bool(token.is_sent_start) for token in kept]
    return found
