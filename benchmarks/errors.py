"""Sort the mistakes of a model on every treebank and entity test set of the four languages into kinds.

    python benchmarks/errors.py                        the shipped model
    python benchmarks/errors.py --model runs/1

Needs the corpora (a mirror named in TURKIC_NLP_MIRROR, or the network). Writes benchmarks/results/errors.json, from
which ``python docs/generate.py`` makes docs/mistakes/*.md; the explanations there are written by hand, in
docs/mistakes/*.why.md. The model gets gold words and sentences. A set whose file is not there is left out, and said so.
It is made to be read, not to tune by: these are test sets.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from accuracy import sets_of
from mistakes import entities, trees, words
from mistakes.words import Pair
from spacy.language import Language
from spacy.tokens import Doc

import turkic_nlp
from turkic_nlp import conllu, corpora, evaluation
from turkic_nlp.corpora.catalog import PARTS
from turkic_nlp.corpora.fetch import fetch
from turkic_nlp.errors import NotFetchable, UnknownCorpus, UnreadableFile
from turkic_nlp.evaluation.tasks import BATCH, without_other_tasks
from turkic_nlp.pipeline import LANGUAGES, model_folder
from turkic_nlp.pretokenized import bare, words_only
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.training.gold import gather
from turkic_nlp.training.recipe import read_recipe

RESULTS = Path(__file__).resolve().parent / "results" / "errors.json"


def main() -> None:
    """Score, sort, print a line a set, write the file."""
    parser = argparse.ArgumentParser(description="Sort the mistakes of a model into kinds.")
    parser.add_argument("--model", default="turkic_small")
    folder = model_folder(parser.parse_args().model)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    known = training_forms(folder)
    found = []
    for lang, corpus, split in sets_of(meta):
        try:
            facts = about(lang, corpus, split)
        except (NotFetchable, UnknownCorpus, UnreadableFile) as error:
            print(f"{lang}  {corpus:24} {split:6} left out: {error}")
            continue
        if facts["task"] in REPORTS:
            found.append(facts | REPORTS[facts["task"]](folder, facts, known))
            print(
                f"{lang}  {corpus:24} {split:6}",
                *(f"{key} {found[-1][key]}" for key in ("sentences", "words")),
            )
    facts = {"model": meta["name"], "version": meta["version"], "seed": meta["seed"], "sets": found}
    RESULTS.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def about(lang: str, corpus: str, split: str) -> dict[str, Any]:
    """What a set is. Raises NotFetchable, UnknownCorpus or UnreadableFile where it is not there."""
    card = corpora.card(corpus)
    several = any(file.lang for file in card.files)
    whole = "test" if split in PARTS else split
    path = fetch(card, card.file(whole, lang if several else None))
    if not path.is_file():
        raise UnreadableFile(path.name, "it does not exist")
    task = {"conllu": "treebank", "iob2": "ner"}.get(card.reader, "")
    facts = {"lang": lang, "corpus": corpus, "split": split, "task": task, "featured": "feats" in card.tasks}
    return facts | {"quality": card.quality, "licence": card.licence}


def training_forms(folder: Path) -> dict[str, set[str]]:
    """The words of the model's training treebanks by language, in the shared orthography; none without a recipe."""
    if not (folder / "recipe.cfg").is_file():
        return {}
    recipe = read_recipe(folder / "recipe.cfg")
    langs = set(LANGUAGES)
    plans = {
        name: plan
        for name, plan in recipe.corpora.items()
        if plan.lang in langs and (plan.files or corpora.card(plan.id).reader == "conllu")
    }
    held_out = tuple(name for name in recipe.held_out if corpora.card(name.split("/")[0]).reader == "conllu")
    forms: dict[str, set[str]] = {}
    for gold in gather(replace(recipe, corpora=plans, held_out=held_out)):
        lang = gold.plan.lang
        forms.setdefault(lang, set()).update(
            shared_form(token.text, lang) for doc in gold.train for token in doc
        )
    return forms


def treebank(folder: Path, facts: dict[str, Any], known: dict[str, set[str]]) -> dict[str, Any]:
    """The mistakes of a treebank's words and trees."""
    nlp = evaluation.in_style_of(turkic_nlp.load(facts["lang"], model=folder), facts["corpus"])
    gold = evaluation.from_corpus(facts["corpus"], facts["split"], nlp).sentences
    sentences = annotated(nlp, gold)
    pairs = [pair for sentence in sentences for pair in sentence]
    lang = facts["lang"]
    return {
        "sentences": len(sentences),
        **words.accuracy(pairs),
        "known": words.by_known(pairs, known[lang], lang) if lang in known else [],
        "upos_errors": words.parts_of_speech(pairs),
        "feature_errors": words.features(pairs),
        "lemma_errors": words.lemmas(pairs, lang),
        "relation_errors": trees.relations(pairs),
        "head_errors": trees.attachments(pairs),
        "by_distance": trees.by_distance(pairs),
        "by_upos": trees.by_part_of_speech(pairs),
        "by_length": trees.by_length(sentences),
    }


def annotated(nlp: Language, gold: Sequence[conllu.Sentence]) -> list[list[Pair]]:
    """Gold words beside what the pipeline makes of them, by sentence."""
    with without_other_tasks(nlp, {"tagger", "lemmatizer", "parser"}):
        docs = list(nlp.pipe((words_only(sentence, nlp) for sentence in gold), batch_size=BATCH))
    return [
        words.pairs_of(sentence, conllu.fill(sentence, doc)) for sentence, doc in zip(gold, docs, strict=True)
    ]


def named_entities(folder: Path, facts: dict[str, Any], known: dict[str, set[str]]) -> dict[str, Any]:
    """The mistakes of a corpus of named entities."""
    nlp = turkic_nlp.load(facts["lang"], model=folder)
    gold = evaluation.from_corpus(facts["corpus"], facts["split"], nlp)
    with without_other_tasks(nlp, {"ner"}):
        guess = list(nlp.pipe(map(bare, gold.docs), batch_size=BATCH))
    documents = [
        ([token.text for token in left], spans(left), entities.read_as(spans(right), gold.same_as))
        for left, right in zip(gold.docs, guess, strict=True)
    ]
    counts = {"sentences": len(gold.docs), "words": sum(map(len, gold.docs))}
    return counts | {"entity_errors": entities.report(documents)}


def spans(doc: Doc) -> list[entities.Entity]:
    """The entities of a Doc."""
    return [entities.Entity(ent.start, ent.end, ent.label_) for ent in doc.ents]


REPORTS = {"treebank": treebank, "ner": named_entities}

if __name__ == "__main__":
    main()
