"""The pages of mistakes, one a language, from benchmarks/results/errors.json and the hand-written LANG.why.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROWS = 6
EXAMPLES = 2
COLUMNS = {"upos": "UPOS", "feats": "features", "lemma": "lemma", "uas": "UAS", "las": "LAS"}
LEMMA_KINDS = {
    "case": "only the case of letters",
    "spelling": "another spelling of the same word",
    "unlike the form": "gold does not begin like the form",
    "form expected": "gold repeats the form, the model cut it",
    "nothing cut": "the form repeated, nothing cut",
    "cut too much": "cut too much",
    "cut too little": "cut too little",
    "ending": "right cut, wrong ending restored",
}

Row = Mapping[str, Any]


def pages(root: Path, names: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """(docs/mistakes/LANG.md, its text) of every language that the results have; none without results."""
    results = root / "benchmarks" / "results" / "errors.json"
    if not results.is_file():
        return
    found = json.loads(results.read_text(encoding="utf-8"))
    folder = root / "docs" / "mistakes"
    for lang in dict.fromkeys(facts["lang"] for facts in found["sets"]):
        sets = [facts for facts in found["sets"] if facts["lang"] == lang]
        why = (folder / f"{lang}.why.md").read_text(encoding="utf-8").strip()
        yield folder / f"{lang}.md", page(names[lang], found, sets, why)


def page(name: str, model: Row, sets: Sequence[Row], why: str) -> str:
    """One language's page: the explanation, then the tables of each of its test sets."""
    sources = "; ".join(f"`{facts['corpus']}` ({facts['licence']})" for facts in sets)
    parts = [
        f"# What the model gets wrong in {name}",
        f"Mistakes of `{model['model']}` {model['version']}, seed {model['seed']}, on gold words. The tables are made "
        "from `benchmarks/results/errors.json`, which `python benchmarks/errors.py` writes; the explanation comes "
        f"from a file of its own beside this one. Examples are quoted from the corpora: {sources}. They are of test "
        "sets: to understand scores by, not to tune by.",
        "## Why",
        why,
    ]
    for facts in sets:
        parts += treebank(facts) if facts["task"] == "treebank" else entities(facts)
    return "\n\n".join(parts) + "\n"


def heading(facts: Row) -> str:
    """The title of a set's tables and its size."""
    size = f"{facts['sentences']:,} sentences, {facts['words']:,} words, annotation: {facts['quality']}."
    return f"## {facts['corpus']} {facts['split']}\n\n{size}"


def treebank(facts: Row) -> Iterator[str]:
    """The tables of a treebank."""
    yield heading(facts)
    yield accuracies(facts)
    upos, feats, lemma = (facts[f"{name}_errors"] for name in ("upos", "feature", "lemma"))
    yield f"**Part of speech**: {upos['errors']:,} mistakes."
    yield table(
        ["gold", "taken for", "times", "share", "for example"],
        ([row["gold"], row["guess"], *counted(row), quoted(row)] for row in upos["rows"][:ROWS]),
    )
    if facts["featured"]:
        yield (
            f"**Features**: {feats['errors']:,} mistakes in {feats['words']:,} words; the part of speech of "
            f"{feats['upos_right']:.0f} % of these is right."
        )
        yield feature_table(feats["rows"][:ROWS])
    yield f"**Lemma**: {lemma['errors']:,} mistakes."
    yield lemma_table(lemma["rows"])
    yield from tree(facts)


def accuracies(facts: Row) -> str:
    """Accuracy on all words, on those of the training data and on others, and by length of sentence."""
    columns = {key: name for key, name in COLUMNS.items() if key != "feats" or facts["featured"]}
    rows = [{"group": "all words", **{key: facts[key] for key in ("words", *columns)}}]
    rows += [{**row, "group": f"{row['group']} words"} for row in facts["known"]]
    rows += [{**row, "group": f"sentences of {row['group']} words"} for row in facts["by_length"]]
    text = table(["right, in percent", "words", *columns.values()], (measured(row, columns) for row in rows))
    if not facts["known"]:
        return text
    return f"{text}\n\nKnown words stand in the training treebanks of the language; neither row counts punctuation."


def measured(row: Row, columns: Iterable[str]) -> list[str]:
    """A group, its words and its accuracy in each of the columns."""
    return [row["group"], f"{row['words']:,}", *(f"{row[column]:.1f}" for column in columns)]


def feature_table(rows: Iterable[Row]) -> str:
    """Features with the values that are taken for each other."""
    cells = []
    for row in rows:
        values = row["values"]
        most = "; ".join(f"{value['gold']} > {value['guess']} ({value['count']:,})" for value in values)
        kinds = [f"{row[kind]:,}" for kind in ("missed", "spurious", "wrong")]
        cells.append([row["feature"], *kinds, f"{row['share']:.1f} %", most, quoted(values[0])])
    header = ["feature", "missed", "spurious", "wrong value", "share", "mostly (gold > model)", "for example"]
    return table(header, cells, words=(0, 5, 6))


def lemma_table(rows: Iterable[Row]) -> str:
    """Kinds of wrong lemmas with what gold and model have."""
    cells = (
        [
            LEMMA_KINDS[row["kind"]],
            *counted(row),
            *(f"{row[name]:,}" for name in ("nouns", "verbs", "others")),
            "; ".join(
                f"{safe(example['word'])}: {safe(example['gold'])}, not {safe(example['guess'])}"
                for example in row["examples"]
            ),
        ]
        for row in rows
    )
    header = [
        "what is wrong",
        "times",
        "share",
        "nouns",
        "verbs",
        "others",
        "for example (gold, not the model's)",
    ]
    return table(header, cells, words=(0, 6))


def tree(facts: Row) -> Iterator[str]:
    """The tables of heads and relations."""
    heads, names = facts["head_errors"], facts["relation_errors"]
    yield f"**Heads**: {heads['errors']:,} mistakes, by the relation that gold has."
    yield table(
        ["relation", "times", "share", "of its words", "for example (gold head, not the model's)"],
        (
            [row["relation"], *counted(row), f"{row['rate']:.1f} %", heads_of(row)]
            for row in heads["rows"][:ROWS]
        ),
        words=(0, 4),
    )
    yield f"**Relations** of words whose head is right: {names['errors']:,} mistakes."
    yield table(
        ["gold", "taken for", "times", "share", "for example"],
        ([row["gold"], row["guess"], *counted(row), quoted(row)] for row in names["rows"][:ROWS]),
    )
    groups = [*facts["by_distance"], *facts["by_upos"][:ROWS]]
    count = len(facts["by_distance"])
    names_of = [f"head {row['group']} away" if row["group"] != "root" else "root" for row in groups[:count]]
    names_of += [f"gold {row['group']}" for row in groups[count:]]
    rows = ({**row, "group": name} for row, name in zip(groups, names_of, strict=True))
    yield table(["right, in percent", "words", "UAS", "LAS"], (measured(row, ("uas", "las")) for row in rows))


def heads_of(row: Row) -> str:
    """Examples of wrong heads."""
    return "; ".join(
        f"{in_context(example)}: {safe(example['gold'])}, not {safe(example['guess'])}"
        for example in row["examples"][:EXAMPLES]
    )


def entities(facts: Row) -> Iterator[str]:
    """The tables of named entities."""
    found = facts["entity_errors"]
    shares = ", ".join(f"{kind} {share:.0f} %" for kind, share in found["shares"].items())
    yield heading(facts)
    yield f"**Entities**: {found['errors']:,} mistakes: {shares}."
    kinds = ["right", "type", "borders", "missed", "spurious"]
    yield table(
        ["label", *kinds],
        ([row["label"], *(f"{row[kind]:,}" for kind in kinds)] for row in found["labels"][: 2 * ROWS]),
        words=(0,),
    )
    rows = [
        *(("type", f"{row['gold']} > {row['guess']}", row) for row in found["types"][:ROWS]),
        *(("borders", f"{row['side']}, {row['label']}", row) for row in found["borders"][:ROWS]),
        *(("missed", row["gold"], row) for row in found["missed"][: ROWS // 2]),
        *(("spurious", row["guess"], row) for row in found["spurious"][: ROWS // 2]),
    ]
    yield table(
        ["mistake", "what", "times", "share", "for example"],
        ([kind, what, *counted(row), bordered(row)] for kind, what, row in rows),
    )


def counted(row: Row) -> list[str]:
    """The count and the share of a row."""
    return [f"{row['count']:,}", f"{row['share']:.1f} %"]


def quoted(row: Row) -> str:
    """The examples of a row in their sentences."""
    return "; ".join(map(in_context, row["examples"][:EXAMPLES]))


def bordered(row: Row) -> str:
    """The examples of a row of entities; where the borders are wrong, those of the model too."""
    texts = (
        f"{in_context(example)} (model: {safe(example['guess'])})"
        if "guess" in example
        else in_context(example)
        for example in row["examples"][:EXAMPLES]
    )
    return "; ".join(texts)


def in_context(example: Row) -> str:
    """A word, or an entity, in bold among its neighbours."""
    before, after = (safe(example[side]) for side in ("before", "after"))
    return " ".join(part for part in (before, f"**{safe(example['word'])}**", after) if part)


def safe(text: str) -> str:
    """Text that Markdown shows as it is, in a cell of a table."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", text)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, words: Sequence[int] | None = None) -> str:
    """A Markdown table. Columns of numbers, all but ``words``, stand to the right."""
    lines = [list(row) for row in rows]
    left = words if words is not None else [at for at, _ in enumerate(header) if not _numbers(lines, at)]
    rule = ["---" if at in left else "---:" for at, _ in enumerate(header)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines))


def _numbers(rows: Sequence[Sequence[str]], column: int) -> bool:
    return all(re.fullmatch(r"[\d.,]+(?: %)?", row[column]) for row in rows)
