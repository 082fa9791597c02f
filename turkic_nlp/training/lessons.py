"""What a student is taught beside its gold: the models that teach, and the raw text that they speak of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import spacy

from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import NoText
from turkic_nlp.lang.sentences import sentence_starts
from turkic_nlp.storage import read_head
from turkic_nlp.training.joint import Joint
from turkic_nlp.training.raw_text import files_of, hold
from turkic_nlp.training.recipe import LessonPlan, Recipe
from turkic_nlp.training.text import Remembered, read_lines
from turkic_nlp.weights import checked_json

_SHORTEST, _LONGEST = 4, 60
"""Words of a sentence: shorter ones say little, longer ones are seldom sentences."""
_LINE = 1000
"""Characters that are read of a line."""
_MOST_OF_ONE = 1.5
"""How much more than its share of the sentences a file may give."""


@dataclass
class Lessons:
    """Teachers, a repeated one as the same model, and sentences by language, those of like length together."""

    plan: LessonPlan
    teachers: list[Joint]
    sentences: dict[str, list[list[str]]]
    facts: dict[str, Any]


def read_lessons(recipe: Recipe, plan: LessonPlan) -> Lessons:
    """The teachers and the text of a recipe, without what repeats a sentence of its held-out sets.

    Raises:
        CorruptModel: a teacher lacks one of the recipe's heads, or is damaged.
        NoText: a language has no sentence.
    """
    folders = [recipe.folder(name) for name in plan.teachers]
    langs = sorted({lang for head in recipe.heads.values() for lang in head.styles})
    held = Remembered()
    for name in recipe.held_out:
        hold(held, name)
    counts: dict[str, int] = {}
    texts = {
        lang: _sentences(recipe.folder(plan.text), lang, held, plan.sentences, recipe.plan.seed, counts)
        for lang in langs
    }
    facts = {"teachers": [_about(folder) for folder in folders], "sentences": counts, "weight": plan.weight}
    models = {folder: _teacher(folder, recipe) for folder in dict.fromkeys(folders)}
    return Lessons(plan, [models[folder] for folder in folders], texts, facts)


def _about(folder: Path) -> dict[str, Any]:
    meta = checked_json(folder / "meta.json")
    return {key: meta[key] for key in ("name", "version", "seed", "steps") if key in meta}


def _teacher(folder: Path, recipe: Recipe) -> Joint:
    heads = {name: read_head(plan.task, folder / name)[0] for name, plan in recipe.heads.items()}
    model = Joint(read_folder(folder / "encoder"), heads).requires_grad_(False).eval()
    for head in heads.values():
        head.training = True  # of itself alone: scores as the network has them, without its dropouts
    return model


def _sentences(
    folder: Path, lang: str, held: Remembered, most: int, seed: int, counts: dict[str, int]
) -> list[list[str]]:
    """Sentences of a language, from all files; how many of them each file gave is added to ``counts``."""
    rng = np.random.default_rng((seed, 2))
    files = files_of(folder, lang)
    found: list[tuple[str, list[str]]] = []
    for path in files:
        own = _of_file(path, lang, held, _MOST_OF_ONE * most / len(files), rng)
        found += [(f"{lang}/{path.name}", words) for words in own]
    if not found:
        raise NoText(folder=str(folder / lang))
    chosen = [found[n] for n in rng.permutation(len(found))[:most]]
    counted = Counter(name for name, _ in chosen)
    counts |= {name: counted[name] for name in sorted(counted)}
    return sorted((words for _, words in chosen), key=lambda words: len(words) * rng.uniform(0.8, 1.25))


def _of_file(
    path: Path, lang: str, held: Remembered, most: float, rng: np.random.Generator
) -> list[list[str]]:
    nlp = spacy.blank(lang)
    lines = list(dict.fromkeys(read_lines(path)))
    found: list[list[str]] = []
    for n in rng.permutation(len(lines)):
        if len(found) >= most:
            break
        doc = nlp(lines[n][:_LINE])
        starts = [place for place, is_start in enumerate(sentence_starts(doc)) if is_start]
        for start, end in pairwise([*starts, len(doc)]):
            words = [token.text for token in doc[start:end] if not token.is_space]
            if _SHORTEST <= len(words) <= _LONGEST and not held.holds(words, lang):
                found.append(words)
    return found
