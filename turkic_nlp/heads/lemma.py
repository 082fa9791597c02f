"""Lemmas: each word is classified into an edit script (Chrupała 2006), in native letters cut, in shared ones added.

Where the classifier is not sure, its best scripts are weighed against what is known: a script gains when it leads to a
word that raw text of the language has, when it leads to a lemma or cuts an ending that some language of the training
data has (compared in the shared orthography, so that a Turkish or Uzbek lemma vouches for a Kyrgyz one), and most when
this very form had this lemma in the language. A form that had one and the same lemma wherever a sentence of the
language had it keeps it. Most treebanks write lemmas with a small letter, but for those of proper nouns; then a word
that has been tagged, and is no proper noun, gets such a one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import LEMMA
from spacy.parts_of_speech import IDS as POS_IDS
from spacy.symbols import PROPN
from spacy.tokens import Doc, Token
from torch import Tensor, nn
from torch.nn import functional

from turkic_nlp.heads.base import IGNORE, Head, Project
from turkic_nlp.heads.edits import edit_script, lowers
from turkic_nlp.heads.lexicon import NONE, Lexicon, endings, lemmas_by_tag, lemmas_of, read_words
from turkic_nlp.layout import Layout
from turkic_nlp.scripts.shared import shared_form

SMALL = "small"
"""The setting that lists the styles with small letters; unlike the others it says nothing of what a head learns."""
_CONVENTION = 0.8
"""The share of capitalised words, without proper nouns, whose lemma has a small letter where that is the rule."""
_RULE = 100.0
"""More than scores differ by."""
SURE = 0.95
CANDIDATES = 6
BEST = np.dtype([("rows", np.int64, CANDIDATES), ("shares", np.float32, CANDIDATES)])
"""The best scripts of a word, with NONE after the last."""


class LemmaHead(Head):
    """Scripts seen in training, the most frequent first; ``lemmas`` and ``pairs`` are what was seen.

    ``words`` are the frequent words of each language in raw text, in lower case, as one string parted by spaces,
    ``endings`` what was cut, in the shared orthography, and ``agreed`` the forms that have one lemma in all sentences
    of the language and lists with parts of speech, likewise. ``by_tag`` has lemmas by language and ``form UPOS``.
    """

    name: ClassVar[str] = "lemmatizer"
    kept: ClassVar[Sequence[str]] = ("lemmas", "pairs", "words", "endings", "agreed", "by_tag")

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.scripts: list[str] = settings["scripts"]
        self._rows = {script: index for index, script in enumerate(self.scripts)}
        self._lemmas = frozenset(settings["lemmas"])
        self._endings = {lang: frozenset(own.split()) for lang, own in settings.get("endings", {}).items()}
        self._words = {lang: frozenset(words.split()) for lang, words in settings["words"].items()}
        self._pairs: dict[str, dict[str, str]] = settings["pairs"]
        agreed = {lang: forms.split() for lang, forms in settings.get("agreed", {}).items()}
        self._agreed = {
            lang: {form: self._pairs[lang][form] for form in forms} for lang, forms in agreed.items()
        }
        self._by_tag: dict[str, dict[str, dict[int, str]]] = {}
        for lang, forms in settings.get("by_tag", {}).items():
            for key, lemma in forms.items():
                form, _, pos = key.rpartition(" ")
                self._by_tag.setdefault(lang, {}).setdefault(form, {})[POS_IDS[pos]] = lemma
        self._lexicons: dict[str, Lexicon] = {}
        self.project = Project(settings["word_width"], settings["width"], len(self.styles))
        self.out = nn.Linear(settings["width"], len(self.scripts))
        self._small: Tensor
        small = np.asarray([lowers(script) for script in self.scripts], dtype=np.float32)
        self.register_buffer("_small", torch.from_numpy(small * _RULE), persistent=False)

    @classmethod
    def learn_settings(cls, docs: Iterable[Doc], *, words: str = "", **options: Any) -> dict[str, Any]:
        """Scripts that occur at least twice in gold Docs; ``words`` is a file that pre-training wrote."""
        docs = list(docs)
        counts = Counter(_script(token) for doc in docs for token in doc if token.lemma)
        scripts = [script for script, count in counts.most_common() if count > 1]
        seen = lemmas_of(docs)
        trusted = lemmas_of(doc for doc in docs if len(doc) > 1 or doc.has_annotation("POS"))
        agreed = {
            lang: {form: next(iter(lemmas)) for form, lemmas in forms.items() if len(lemmas) == 1}
            for lang, forms in trusted.items()
        }
        best = {
            lang: {form: lemmas.most_common(1)[0][0] for form, lemmas in forms.items()} | agreed.get(lang, {})
            for lang, forms in seen.items()
        }
        lemmas = {shared_form(lemma, lang) for lang, forms in best.items() for lemma in forms.values()}
        known = {"lemmas": sorted(lemmas), "pairs": best, "words": read_words(words) if words else {}}
        known["endings"] = {lang: " ".join(sorted(endings(forms, lang))) for lang, forms in best.items()}
        known["by_tag"] = lemmas_by_tag(docs)
        known["agreed"] = {lang: " ".join(forms) for lang, forms in agreed.items()}
        return {"scripts": scripts or ["l;0;"], **known, "width": 256, **options}

    def remember(self, docs: Iterable[Doc], style: str) -> None:
        """Keep whether lemmas have small letters, but for those of proper nouns."""
        tagged = (token for doc in docs for token in doc if token.lemma and token.pos)
        lemmas = [token.lemma_ for token in tagged if token.pos != PROPN and _capitalised(token.text)]
        styles = [known for known in self.settings.get(SMALL, []) if known != style]
        if lemmas and sum(not _capitalised(lemma) for lemma in lemmas) >= _CONVENTION * len(lemmas):
            styles.append(style)
        self.settings[SMALL] = styles

    def recall(self, layout: Layout, style: str | None) -> Sequence[bool] | None:
        """Which words get a lemma with a small letter by the rule."""
        if not self._writes_small(style):
            return None
        pos = layout.tags[:, 0]
        common = ((pos != 0) & (pos != PROPN)).tolist()
        texts = (layout.texts[place] for place in layout.words.tolist())
        return [known and _capitalised(text) for known, text in zip(common, texts, strict=True)]

    def _writes_small(self, style: str | None) -> bool:
        """Whether the rule is that of a style, or, of one that the head never learned, of most styles."""
        small = self.settings.get(SMALL, ())
        return style in small if style in self.styles else 2 * len(small) > len(self.styles)

    def weigh(self, scores: Tensor, sightings: Sequence[bool]) -> Tensor:
        """The scores, changed where they are, with the rule."""
        words = torch.tensor(sightings).nonzero()[:, 0].to(scores.device)
        return scores.index_add_(0, words, self._small.expand(len(words), -1))

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
        if self._by_tag:
            for word, pos, lexicon in zip(words, layout.tags[:, 0].tolist(), lexicons, strict=True):
                if known := lexicon.by_tag.get(layout.texts[word]):
                    lemmas[word] = known.get(pos, lemmas[word])
        layout.write([LEMMA], layout.numbers(lemmas)[:, None])

    def _lexicon(self, lang: str) -> Lexicon:
        if lang not in self._lexicons:
            self._lexicons[lang] = Lexicon(
                lang,
                self.scripts,
                words=self._words.get(lang, frozenset()),
                lemmas=self._lemmas,
                endings=frozenset().union(*self._endings.values()),
                own_endings=self._endings.get(lang, frozenset()),
                pairs=self._pairs.get(lang, {}),
                agreed=self._agreed.get(lang, {}),
                by_tag=self._by_tag.get(lang, {}),
            )
        return self._lexicons[lang]


def _script(token: Token) -> str:
    return edit_script(token.text, token.lemma_, token.doc.lang_)


def _capitalised(text: str) -> bool:
    """A capital with small letters after it; an initial is none."""
    return text[:1].isupper() and text[1:].islower()
