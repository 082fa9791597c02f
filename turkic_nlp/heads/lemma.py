"""Lemmas: each word is classified into an edit script (Chrupała 2006), in native letters cut, in shared ones added.

Where the classifier is not sure, its best scripts are weighed against what is known: a script gains when it leads to a
word that raw text of the language has, when it leads to a lemma that some language of the training data has (compared
in the shared orthography, so that a Turkish or Uzbek lemma vouches for a Kyrgyz one), and most when this very form had
this lemma in the language. A form that had one and the same lemma wherever a sentence of the language had it keeps it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import LEMMA
from spacy.tokens import Doc, Token
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.errors import BadWordList
from turkic_nlp.heads.base import IGNORE, Head, Project
from turkic_nlp.heads.edits import apply_script, edit_script, lower
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form

SURE = 0.95
CANDIDATES = 6
NONE = -1
BEST = np.dtype([("rows", np.int64, CANDIDATES), ("shares", np.float32, CANDIDATES)])
"""The best scripts of a word, with NONE after the last."""
_CACHE_SIZE = 30_000
KNOWN_WORD = 2.0
KNOWN_LEMMA = 1.5
KNOWN_PAIR = 3.0
"""Bonuses in nats, chosen on the dev parts of the training treebanks."""


class LemmaHead(Head):
    """Scripts seen in training, the most frequent first; ``lemmas`` and ``pairs`` are what was seen.

    ``words`` are the frequent words of each language in raw text, in lower case, as one string parted by spaces, and
    ``agreed`` the forms that have one lemma in all sentences of the language.
    """

    name: ClassVar[str] = "lemmatizer"

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.scripts: list[str] = settings["scripts"]
        self._rows = {script: index for index, script in enumerate(self.scripts)}
        self._lemmas = frozenset(settings["lemmas"])
        self._words = {lang: frozenset(words.split()) for lang, words in settings["words"].items()}
        self._pairs: dict[str, dict[str, str]] = settings["pairs"]
        agreed = {lang: forms.split() for lang, forms in settings.get("agreed", {}).items()}
        self._agreed = {
            lang: {form: self._pairs[lang][form] for form in forms} for lang, forms in agreed.items()
        }
        self._lexicons: dict[str, _Lexicon] = {}
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], len(self.scripts))

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], *, words: str = "", **options: Any) -> dict[str, Any]:
        """Scripts that occur at least twice in gold Docs; ``words`` is a file that pre-training wrote."""
        docs = list(docs)
        counts = Counter(_script(token) for doc in docs for token in doc if token.lemma)
        scripts = [script for script, count in counts.most_common() if count > 1]
        seen, in_sentences = _lemmas_of(docs), _lemmas_of(doc for doc in docs if len(doc) > 1)
        agreed = {
            lang: {form: next(iter(lemmas)) for form, lemmas in forms.items() if len(lemmas) == 1}
            for lang, forms in in_sentences.items()
        }
        best = {
            lang: {form: lemmas.most_common(1)[0][0] for form, lemmas in forms.items()} | agreed.get(lang, {})
            for lang, forms in seen.items()
        }
        lemmas = {shared_form(lemma, lang) for lang, forms in best.items() for lemma in forms.values()}
        known = {"lemmas": sorted(lemmas), "pairs": best, "words": _read_words(words) if words else {}}
        known["agreed"] = {lang: " ".join(forms) for lang, forms in agreed.items()}
        return {"scripts": scripts or ["l;0;"], **known, "width": 256, **options}

    def gold(self, doc: Doc) -> Tensor | None:
        """*Shape:* ``[words]``; IGNORE for words without a lemma or with a script that was not learned."""
        if not doc.has_annotation("LEMMA"):
            return None
        return torch.tensor([self._rows.get(_script(t), IGNORE) if t.lemma else IGNORE for t in doc])

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Tensor:
        """Scores. *Shape:* ``[words, scripts]``."""
        scores: Tensor = self.out(self.project(words, style))
        return scores

    def loss(self, scores: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Cross-entropy over the words that have a known script."""
        target = torch.cat(list(gold))
        if not bool((target != IGNORE).any()):
            return scores.sum() * 0.0
        return functional.cross_entropy(scores, target, ignore_index=IGNORE)

    def labelled(self) -> dict[str, tuple[Sequence[str], ...]]:
        """Scripts."""
        return super().labelled() | dict.fromkeys(("out.weight", "out.bias"), (self.scripts,))

    def predict(self, scores: Tensor, sizes: Sequence[int]) -> NDArray[np.void]:
        """The best scripts of every word as BEST, and how much worse they are; one alone where it is sure."""
        table: NDArray[np.float32] = scores.float().cpu().numpy()
        found = np.zeros(len(table), dtype=BEST)
        found["rows"] = NONE
        found["rows"][:, 0] = table.argmax(1)
        unsure = np.flatnonzero((scores.float().softmax(-1).amax(-1) <= SURE).cpu().numpy())
        rest, rows = table[unsure], np.arange(len(unsure))
        for rank in range(min(CANDIDATES, len(self.scripts))):  # many times faster than torch's topk on a CPU
            column = rest.argmax(1)
            found["rows"][unsure, rank] = column
            found["shares"][unsure, rank] = rest[rows, column]
            rest[rows, column] = -np.inf
        found["shares"] -= found["shares"][:, :1]
        return found

    def annotate(self, layout: Layout, labels: NDArray[np.void]) -> None:
        """Write ``lemma_``; white space is its own lemma."""
        lemmas, words = list(layout.texts), layout.words.tolist()
        langs = (layout.docs[n].lang_ for n in layout.with_words)
        sizes = np.diff(layout.documents).tolist()
        lexicons = [
            known for lang, size in zip(langs, sizes, strict=True) for known in [self._lexicon(lang)] * size
        ]
        for word, row, lexicon in zip(words, labels["rows"][:, 0].tolist(), lexicons, strict=True):
            lemmas[word] = lexicon.lemma(lemmas[word], row)[0]
        unsure = np.flatnonzero(labels["rows"][:, 1] != NONE)
        best = (labels[name][unsure].tolist() for name in ("rows", "shares"))
        for place, rows, shares in zip(unsure.tolist(), *best, strict=True):
            word = words[place]
            lemmas[word] = lexicons[place].choose(layout.texts[word], rows, shares)
        layout.write([LEMMA], layout.numbers(lemmas)[:, None])

    def _lexicon(self, lang: str) -> _Lexicon:
        if lang not in self._lexicons:
            words, pairs = self._words.get(lang, frozenset()), self._pairs.get(lang, {})
            agreed = self._agreed.get(lang, {})
            self._lexicons[lang] = _Lexicon(lang, self.scripts, words, self._lemmas, pairs, agreed)
        return self._lexicons[lang]


@dataclass
class _Lexicon:
    """What is known of the words of a language. Lemmas are kept for the next time, by form and by row of the script."""

    lang: str
    scripts: list[str]
    words: frozenset[str]
    lemmas: frozenset[str]
    pairs: dict[str, str]
    agreed: dict[str, str]
    found: dict[str, dict[int, tuple[str, float]]] = field(default_factory=dict)

    def lemma(self, form: str, row: int) -> tuple[str, float]:
        """The lemma of a form by a script, and the bonus for what is known of it."""
        mine = self.found.get(form)
        if mine is None:
            if len(self.found) >= _CACHE_SIZE:
                self.found.clear()
            mine = self.found[form] = {}
        return mine.get(row) or mine.setdefault(row, self._vouched(form, row))

    def choose(self, form: str, rows: Sequence[int], shares: Sequence[float]) -> str:
        """The lemma by the script of the greatest weight; scripts that can no longer win are not tried."""
        lemma, weight = self.lemma(form, rows[0])
        most = KNOWN_WORD + KNOWN_LEMMA + KNOWN_PAIR * (form in self.pairs)
        mine = self.found[form]
        for row, share in zip(rows[1:], shares[1:], strict=True):
            if row == NONE or share + most <= weight:
                break
            other, bonus = mine.get(row) or self.lemma(form, row)
            if share + bonus > weight:
                lemma, weight = other, share + bonus
        return lemma

    def _vouched(self, form: str, row: int) -> tuple[str, float]:
        lemma = self.agreed.get(form) or apply_script(form, self.scripts[row], self.lang)
        bonus = (
            KNOWN_WORD * (lower(lemma, self.lang) in self.words)
            + KNOWN_LEMMA * (shared_form(lemma, self.lang) in self.lemmas)
            + KNOWN_PAIR * (lemma == self.pairs.get(form))
        )
        return lemma, bonus


def _read_words(path: str) -> dict[str, str]:
    """Words by language from lines of ``language<TAB>word``."""
    words: dict[str, list[str]] = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        for lang, word in (line.split("\t") for line in lines):
            words.setdefault(lang, []).append(word)
    except (OSError, ValueError) as error:
        raise BadWordList(path=path, reason=str(error)) from error
    return {lang: " ".join(found) for lang, found in words.items()}


def _lemmas_of(docs: Iterable[Doc]) -> dict[str, dict[str, Counter[str]]]:
    """How often each form of letters had each lemma, by language."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for token in (token for doc in docs for token in doc if token.lemma and token.is_alpha):
        found.setdefault(token.doc.lang_, {}).setdefault(token.text, Counter())[token.lemma_] += 1
    return {lang: dict(sorted(forms.items())) for lang, forms in sorted(found.items())}


def _script(token: Token) -> str:
    return edit_script(token.text, token.lemma_, token.doc.lang_)
