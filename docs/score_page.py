"""docs/scores.md: scores over seeds that compare with those of others, beside the best that others published."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = {
    "comparable": (
        "Comparable",
        "Trained as `benchmarks/recipes/joint.cfg`, `joint_on.cfg` and then `joint_last.cfg` say, without a "
        "sentence of any official test set; of Kazakh trees they saw the 31 of UD_Kazakh-KTB's training part. They "
        "also learned what this project wrote: pronouns, frequent words (`project-words`, of Kazakh with features),"
        " texts by topic, names (`project-names`), everyday sentences in Kyrgyz and Turkmen, and others (`project-"
        "prose`), among which Kyrgyz ones have the trees that they would have in UD_Kazakh-KTB, by the 31 and UD's "
        "pages on Kazakh; these were read in Kazakh too, word for word, by the list `project-glosses`: no Kazakh "
        "sentence with a tree was seen beyond the 31, but Kyrgyz ones in Kazakh words were. Narrative prose in the "
        "manner of UD_Kyrgyz-KTMU is of the kinds that its test part has, of which the writers saw nothing. "
        "Features in the manner of UD_Uzbek-UT follow UD's pages of statistics on that treebank, which are counted "
        "on its sentences and quote some; none of these was learned from. The last two runs learn from whole "
        "training parts, with none held back to judge them by; that of UD_Turkmen-TUD is to a third CC BY-NC-SA and"
        " has no part in the shipped model. Mean over seeds, standard deviation after ±. This is not the shipped "
        "model, which has learned more and is scored in its card.",
        "comparable",
    ),
    "ensemble": (
        "Three seeds as one larger model",
        "Three models of this kind together, by `benchmarks/ensemble.py`: for every label the mean of their scores. "
        "It tells what a larger model of the same kind reaches, and reads a text three times.",
        "comparable",
    ),
    "zero_shot_tr": (
        "From Turkish alone",
        "Trained as `benchmarks/recipes/zero_shot_tr.cfg` says: no labelled word of the four languages. Of the styles "
        "of Turkish treebanks, those that it writes in were chosen on training parts of Kyrgyz, Uzbek and Turkmen.",
        "zero_shot_tr",
    ),
    "zero_shot_glossed": (
        "From Turkish alone, with a word list",
        "The same, but the Turkish sentences are learned in Kazakh words too, word for word, by the list "
        "`project-glosses`, as `benchmarks/recipes/zero_shot_glossed.cfg` and then `zero_shot_clues.cfg` say: no "
        "labelled sentence of the four languages, but Kazakh glosses of the words of these treebanks, by form and part "
        "of speech.",
        "zero_shot_tr",
    ),
}
METRICS = ("upos", "feats", "lemma", "uas", "las", "f", "accuracy", "macro_f1")


def page(root: Path, names: dict[str, str]) -> tuple[Path, str]:
    """(file, what it should say)."""
    lines = [
        "# Scores that compare",
        "",
        "Written by `python docs/generate.py` from `benchmarks/results/`, which `python benchmarks/accuracy.py` fills.",
        "In percent; treebanks on gold words. The Turkmen treebank is silver: nobody checked it. The `project-` sets",
        "were written and annotated by a language model, and read by no native speaker. References are of",
        "other releases and settings, as `benchmarks/references.tsv` tells, with their sources.",
    ]
    for name, (title, about, compared_with) in RESULTS.items():
        path = root / "benchmarks" / "results" / f"{name}.json"
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            lines += [
                "",
                f"## {title}",
                "",
                f"{about} Version {found['version']}.",
                "",
                *table(found["scores"], references(root, compared_with), names),
            ]
    return root / "docs" / "scores.md", "\n".join(lines) + "\n"


def references(root: Path, results: str) -> dict[tuple[str, str, str], dict[str, str]]:
    """What others published in the setting of a results file, by corpus, split and metric."""
    with (root / "benchmarks" / "references.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {(row["corpus"], row["split"], row["metric"]): row for row in rows if row["results"] == results}


def table(
    scores: list[dict[str, Any]], known: dict[tuple[str, str, str], dict[str, str]], names: dict[str, str]
) -> Iterator[str]:
    """A row per test set and metric."""
    yield "| language | corpus and split | sentences | metric | score | seeds | reference |"
    yield "| --- | --- | ---: | --- | ---: | ---: | --- |"
    for row in scores:
        if row["metric"] in METRICS:
            other = known.get((row["corpus"], row["split"], row["metric"]))
            spread = f" ± {row['sd']:.1f}" if "sd" in row else ""
            cells = [
                names[row["lang"]],
                f"{row['corpus']} {row['split']}",
                f"{row['sentences']:,}",
                row["metric"],
                f"{row['value']:.1f}{spread}",
                str(len(row.get("seeds", row.get("members", [1])))),
                f"{other['value']} {other['system']} {other['release']}".strip() if other else "",
            ]
            yield "| " + " | ".join(cells) + " |"
