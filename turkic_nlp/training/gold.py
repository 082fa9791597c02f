"""The gold of a run: Docs of all corpora, disjoint by text from every evaluation set, split into train and dev."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp import corpora
from turkic_nlp.corpora.own import own_docs
from turkic_nlp.errors import EmptyCorpus, UntrainableCorpus
from turkic_nlp.lang.sentences import sentence_starts
from turkic_nlp.layout import Layout
from turkic_nlp.training.glosses import Glossary
from turkic_nlp.training.recipe import CorpusPlan, Recipe
from turkic_nlp.training.text import Remembered


@dataclass
class Gold:
    """Train and dev Docs of one corpus of a recipe, and what was dropped on the way."""

    name: str
    plan: CorpusPlan
    train: list[Doc] = field(default_factory=list)
    dev: list[Doc] = field(default_factory=list)
    held_out: int = 0
    repeated: int = 0
    skipped: int = 0

    @property
    def style(self) -> str:
        """The name of the annotation style: the corpus id unless the recipe names another."""
        return self.plan.style or self.plan.id


def gather(recipe: Recipe) -> list[Gold]:
    """The gold of every corpus of a recipe.

    Raises:
        UntrainableCorpus: its card says that weights may not learn from it.
        EmptyCorpus: nothing is left of it.
    """
    taken = set(_held_out_keys(recipe.held_out))
    return [gather_one(name, plan, taken) for name, plan in recipe.corpora.items()]


def gather_one(name: str, plan: CorpusPlan, taken: Collection[str] = ()) -> Gold:
    """The gold of one corpus, without the texts whose keys are ``taken``; raises as :func:`gather` does."""
    if not plan.files and not corpora.card(plan.id).trainable:
        raise UntrainableCorpus(id=plan.id, licence=corpora.card(plan.id).licence)
    gold = Gold(name, plan)
    seen: set[tuple[str, ...]] = set()
    glossary = Glossary.read(plan.glosses) if plan.glosses else None
    for doc, for_dev in _docs(plan):
        key = corpora.text_key(doc.text)
        whole = (key, *_analysis(doc))
        texts = [key]
        if glossary:
            doc = glossary.gloss(doc)
            texts.append(corpora.text_key(doc.text))
        if plan.skip_sent_id and re.match(plan.skip_sent_id, sent_id(doc)):
            gold.skipped += 1
        elif any(text in taken for text in texts) or not len(doc):
            gold.held_out += 1
        elif whole in seen:
            gold.repeated += 1
        elif not plan.limit or len(gold.train) < plan.limit:
            seen.add(whole)
            (gold.dev if for_dev or is_dev(key, plan.dev) else gold.train).append(doc)
    if not gold.train:
        raise EmptyCorpus(name=gold.name, held_out=gold.held_out, repeated=gold.repeated)
    if plan.files and not plan.dev_files:
        _learn_every_label(gold)
    if plan.dev and not plan.files and not plan.dev_splits:
        keep_dev_apart(gold)
    return gold


def _analysis(doc: Doc) -> tuple[str, ...]:
    """What a list of words says of one: it may list the form again with another lemma or part of speech."""
    return (doc[0].lemma_, doc[0].pos_, str(doc[0].morph)) if len(doc) == 1 else ()


def _docs(plan: CorpusPlan) -> Iterator[tuple[Doc, bool]]:
    """All Docs with their sentences, and whether they are for dev alone; these come first."""
    nlp = spacy.blank(plan.lang)
    dev = chain(_own_docs(plan.dev_files, nlp), _catalog_docs(plan, plan.dev_splits))
    train = _own_docs(plan.files, nlp) if plan.files else _catalog_docs(plan, plan.splits)
    for doc, for_dev in chain(((doc, True) for doc in dev), ((doc, False) for doc in train)):
        if not doc.has_annotation("SENT_START"):
            for token, start in zip(doc, sentence_starts(doc), strict=True):
                token.is_sent_start = start
        yield doc, for_dev


def keep_dev_apart(gold: Gold) -> None:
    """Move the texts from dev to train that share a run of five words with train: they tell what was learned by heart.

    Many dev sentences of KazNERD do, and few of its test set.
    """
    known, lang = Remembered(run=5), gold.plan.lang
    new = list(gold.train)
    while new:
        for doc in new:
            known.add([token.text for token in doc], lang)
        dev, new, gold.dev = gold.dev, [], []
        for doc in dev:
            (new if known.holds([token.text for token in doc], lang) else gold.dev).append(doc)
        gold.train += new


def _learn_every_label(gold: Gold) -> None:
    """Move the texts from dev to train whose labels train would not know else."""
    known = {label for doc in gold.train for label in labels(doc)}
    dev, gold.dev = gold.dev, []
    for doc in dev:
        (gold.dev if labels(doc) <= known else gold.train).append(doc)
        known |= labels(doc)


def labels(doc: Doc) -> set[str]:
    """The entity types and classes of a gold Doc."""
    return {span.label_ for span in doc.ents} | {label for label, share in doc.cats.items() if share > 0.5}


def _own_docs(files: Iterable[str], nlp: Language) -> Iterator[Doc]:
    return (doc for file in files for doc in own_docs(Path(file), nlp))


def _catalog_docs(plan: CorpusPlan, splits: Iterable[str]) -> Iterator[Doc]:
    if not splits:
        return
    vocab = spacy.blank(plan.lang).vocab
    lang = plan.written_in if len(corpora.card(plan.id).languages) > 1 else None
    for split in splits:
        yield from corpora.docs(plan.id, split, vocab, lang=lang)


def sentences(doc: Doc) -> list[list[str]]:
    """The words of each sentence of a Doc, cut as the components cut them."""
    return Layout([doc]).sentence_texts()


def sent_id(doc: Doc) -> str:
    """The ``# sent_id`` of a treebank sentence, or an empty string."""
    return next((value for key, value in _comments(doc) if key == "sent_id"), "")


def _comments(doc: Doc) -> Iterator[tuple[str, str]]:
    for comment in doc.user_data.get("comments", ()):
        key, _, value = comment.lstrip("# ").partition("=")
        yield key.strip(), value.strip()


def _held_out_keys(sets: Iterable[str]) -> Iterator[str]:
    """Keys of all texts of evaluation sets, and of the originals that a translated treebank names (``text[tur]``)."""
    for name in sets:
        id_, split, *lang = name.split("/")
        vocab = spacy.blank(lang[0] if lang else "xx").vocab
        for doc in corpora.docs(id_, split, vocab, lang=lang[0] if lang else None):
            yield corpora.text_key(doc.text)
            yield from (corpora.text_key(value) for key, value in _comments(doc) if key.startswith("text"))


def is_dev(key: str, share: float) -> bool:
    """Whether a text is one of the share for dev, which a hash of its key decides."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 0x1_0000_0000 < share
