"""The card of a model, and the table of scores in README.md: both say what the model's meta.json says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from turkic_nlp.corpora import card

NAMES = {"kk": "Kazakh", "uz": "Uzbek", "ky": "Kyrgyz", "tk": "Turkmen", "tr": "Turkish"}
TASKS = {
    "upos": "part of speech",
    "feats": "features",
    "lemma": "lemma",
    "uas": "dependencies, unlabelled (UAS)",
    "las": "dependencies (LAS)",
    "f": "entities (F1)",
    "accuracy": "topic (accuracy)",
    "tokens": "tokens from raw text (F1)",
    "sents": "sentences from raw text (F1)",
}
POLARITY = "polarity of reviews (macro-F1)"
OURS = ("kk", "uz", "ky", "tk")


def overview(root: Path) -> str:
    """The scores of the models that ship, a column a language, and the corpora that they stand for."""
    metas = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(root.glob("models/*/meta.json"))]
    scores_ = [score for meta in metas for score in known(meta) if score["lang"] in OURS]
    if not scores_:
        return "No model has been scored yet.\n"
    lines = [f"| | {' | '.join(NAMES[lang] for lang in OURS)} |", "| --- |" + " ---: |" * len(OURS)]
    for task in (*TASKS.values(), POLARITY):
        cells = [
            ", ".join(_value(s) for s in scores_ if (s["lang"], task_of(s)) == (lang, task)) for lang in OURS
        ]
        lines.append(f"| {task} | {' | '.join(cells)} |")
    lines += [
        "",
        "The test sets, with their sentences; several scores in a cell are in the order given here.",
    ]
    lines += ["", *(f"- {NAMES[lang]}: {', '.join(_sets(scores_, lang))}." for lang in OURS)]
    return "\n".join(lines) + "\n"


def _value(score: dict[str, Any]) -> str:
    mark = "*" if score["quality"] == "silver" else "†" if score["corpus"].startswith("project-") else ""
    return f"{score['value']:.1f}{mark}"


def _sets(scores_: list[dict[str, Any]], lang: str) -> list[str]:
    mine = [score for score in scores_ if score["lang"] == lang]
    return list(dict.fromkeys(f"{s['corpus']} {s['split']} ({s['sentences']:,})" for s in mine))


def known(meta: dict[str, Any]) -> list[dict[str, Any]]:
    """The scores that the tables show, by language and task."""
    order = {task: number for number, task in enumerate([*TASKS.values(), POLARITY])}
    found = [score for score in meta.get("scores", []) if task_of(score) and score["lang"] in NAMES]
    return sorted(found, key=lambda s: (list(NAMES).index(s["lang"]), order[task_of(s)], s["corpus"]))


def table_of(rows: list[str]) -> str:
    """Rows of scores under their header."""
    if not rows:
        return "No model has been scored yet.\n"
    lines = [
        "| language | task | score | corpus and split | sentences | licence of the corpus | annotation |",
        "| --- | --- | ---: | --- | ---: | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def scores(meta: dict[str, Any]) -> Iterator[str]:
    """The rows of one model, by language and task."""
    for score in known(meta):
        cells = [
            NAMES[score["lang"]],
            task_of(score),
            f"{score['value']:.1f}",
            f"{score['corpus']} {score['split']}",
            f"{score['sentences']:,}",
            card(score["corpus"]).licence,
            score["quality"],
        ]
        yield "| " + " | ".join(cells) + " |"


def task_of(score: dict[str, Any]) -> str:
    """What a row of scores is about; empty for one that the tables leave out."""
    if "sentiment-polarity" in card(score["corpus"]).tasks:
        return POLARITY if score["metric"] == "macro_f1" else ""
    return TASKS.get(score["metric"], "")


def model_card(path: Path) -> str:
    """The card of a model: what it is, how good, learned from what under which licences, how to make it."""
    meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    parts = [
        f"# {meta['name']} {meta['version']}",
        f"{meta['description']}. Generated from `meta.json` by `docs/generate.py`.",
        f"Components: {', '.join(f'`{name}`' for name in meta['components'])}, on one shared encoder.",
        "## Scores",
        "In percent, on gold words unless a row says otherwise. Silver is annotation that nobody checked. The "
        "`project-` sets were annotated by a language model, and read by no native speaker.",
        table_of(list(scores(meta))).rstrip(),
        *expected(path.parent, meta),
        "## What it learned from",
        "The weights come under the terms of these corpora; whoever uses them should cite the corpora.",
        "\n".join(data_table(all_data(meta))),
        "Held out, and every sentence that also stands in one of these removed from the training data: "
        + (", ".join(f"`{name}`" for name in held_out(meta)) or "nothing")
        + ".",
        "## How it was made",
        f"`turkic-nlp train models/{path.parent.name}/recipe.cfg`: {meta.get('steps', 0):,} steps, seed "
        f"{meta.get('seed')}, {meta.get('minutes', 0):,.0f} minutes on {meta.get('machine', '?')}; "
        + ", ".join(f"{name} {version}" for name, version in meta.get("versions", {}).items())
        + ".",
        *after(meta),
        *before(meta),
        *lessons(meta),
        *pretraining(meta.get("pretraining") or {}),
    ]
    return "\n\n".join(parts) + "\n"


def expected(folder: Path, meta: dict[str, Any]) -> Iterator[str]:
    """What classifiers take for usual: the shares of labels that they were told."""
    for path in sorted(folder.glob("*/settings.json")):
        name, settings = path.parent.name, json.loads(path.read_text(encoding="utf-8"))
        for style, shares in settings.get("shares", {}).items():
            told = ", ".join(f"{100 * share:.0f} percent {label}" for label, share in shares.items())
            langs = [NAMES[lang] for lang, known in meta["styles"][name].items() if known == style]
            yield (
                f"`{name}` takes for usual what its recipe says of `{style}`: {told}. That holds for "
                f"{', '.join(langs)}; for texts of which half are {next(iter(shares))}, look at the shares in "
                "`doc.cats` rather than at the best label."
            )


def before(meta: dict[str, Any]) -> Iterator[str]:
    """The runs before the main one, the last one first, each with the stages that followed it."""
    for start in starts(meta):
        yield (
            f"Earlier: `{start['name']}` {start['version']}, {start['steps']:,} steps, seed {start['seed']}, on "
            f"{', '.join(sorted({facts['corpus'] for facts in start['data']}))}."
        )
        yield from after(start)


def after(run: dict[str, Any]) -> Iterator[str]:
    """The stages that followed a run."""
    for stage in run.get("later", []):
        yield (
            f"After that {' and '.join(stage['heads'])} alone, on the frozen encoder: `{stage['recipe']}`, "
            f"{stage['steps']:,} steps, on {', '.join(sorted({facts['corpus'] for facts in stage['data']}))}."
        )


def starts(meta: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The runs that a model's encoder comes from, the last one first."""
    while meta := meta.get("start", {}):
        yield meta


def held_out(meta: dict[str, Any]) -> list[str]:
    """The sets that the main run and the later ones stay clear of."""
    runs = [meta, *meta.get("later", [])]
    return list(dict.fromkeys(name for run in runs for name in run.get("held_out", [])))


def all_data(meta: dict[str, Any]) -> list[dict[str, Any]]:
    """Each corpus and choice of its splits, by language, of all runs and stages; the largest where several had it."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    runs = [meta, *starts(meta)]
    for stage in [*runs, *(later for run in runs for later in run.get("later", []))]:
        for facts in stage.get("data", []):
            key = (facts["corpus"], facts["lang"], facts.get("glosses", ""), *facts["splits"])
            found[key] = max(found.get(key, facts), facts, key=lambda one: one["train"])
    return list(found.values())


def data_table(data: list[dict[str, Any]]) -> Iterator[str]:
    """A row per corpus and choice of its splits, by language."""
    yield "| corpus | language | splits | training sentences | annotation | licence | please cite |"
    yield "| --- | --- | --- | ---: | --- | --- | --- |"
    for facts in data:
        cite = card(facts["corpus"]).citation
        cells = [
            f"`{facts['corpus']}`",
            NAMES.get(facts["lang"], facts["lang"])
            + (f", glossed by `{facts['glosses']}`" if "glosses" in facts else ""),
            ", ".join(facts["splits"]),
            f"{facts['train']:,}",
            facts["quality"],
            facts["licence"],
            f"[{cite['title']}]({cite['url']})".replace("|", "/"),
        ]
        yield "| " + " | ".join(cells) + " |"


def lessons(meta: dict[str, Any]) -> Iterator[str]:
    """The models that taught each run beside its gold, and how many sentences of raw text they spoke of."""
    for run in (meta, *starts(meta)):
        if told := run.get("distillation"):
            teachers = [f"`{one['name']}` {one['version']}, seed {one['seed']}" for one in told["teachers"]]
            counts: dict[str, int] = {}
            for name, count in told["sentences"].items():
                lang = NAMES[name.partition("/")[0]]
                counts[lang] = counts.get(lang, 0) + count
            text = ", ".join(f"{count:,} {lang}" for lang, count in counts.items())
            yield (
                f"In the run of {run['steps']:,} steps, seed {run['seed']}, it also learned from other models "
                f"({'; '.join(teachers)}) what these say of raw text: {text} sentences of the files below, which "
                "are listed in `meta.json`."
            )


def pretraining(facts: dict[str, Any]) -> Iterator[str]:
    """What pre-training noted about itself: the plain facts, then each file of raw text with its licence."""
    plain = {key: value for key, value in facts.items() if isinstance(value, (str, int, float))}
    if plain:
        yield (
            "Pre-training: "
            + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plain.items())
            + "."
        )
    if facts.get("files"):
        rows = [
            f"| {name} | {file['words']:,} | {file['licence'] or 'unstated'} |"
            for name, file in facts["files"].items()
        ]
        yield "\n".join(["| raw text | words | licence |", "| --- | ---: | --- |", *rows])
