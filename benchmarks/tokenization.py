"""Tokens and sentences on raw text against treebanks, by the CoNLL-2018 scorer.

    python benchmarks/tokenization.py [--corpora ky_ktmu] [--write]

The raw text is the treebank's own ``# text`` lines, joined by one space into documents of ten sentences in
file order (a ``# newdoc`` starts a document too, a ``# newpar`` a paragraph) and, the harder setting, into
one document. A third setting is kinder: a fragment, a gold sentence without a final mark (`Efes restorany`),
is a paragraph of its own, as a heading is in real text; joined by spaces nothing tells where it ends.
Sentences whose words do not rebuild their ``# text`` are left out and counted; a multi-word token is one.
Needs the mirror of corpora, in TURKIC_NLP_MIRROR.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from udtools.udeval import evaluate, load_conllu

from turkic_nlp.lang.sentences import sentence_starts

ROOT = Path(__file__).parent.parent
FINAL = re.compile(r"[.!?…]\W*$")
RESULTS = ROOT / "benchmarks/results/tokenization.json"
CORPORA = {
    "kk_ktb test": ("kk", "ud-kazakh-ktb/kk_ktb-ud-test.conllu"),
    "kk_ktb train": ("kk", "ud-kazakh-ktb/kk_ktb-ud-train.conllu"),
    "ky_ktmu test": ("ky", "ud-kyrgyz-ktmu/ky_ktmu-ud-test.conllu"),
    "ky_ktmu train": ("ky", "ud-kyrgyz-ktmu/ky_ktmu-ud-train.conllu"),
    "uz_ut test": ("uz", "ud-uzbek-ut/uz_ut-ud-test.conllu"),
    "uz_uzudt train": ("uz", "ud-uzbek-uzudt/uz_uzudt-ud-train.conllu"),
    "uz_uzudt test": ("uz", "ud-uzbek-uzudt/uz_uzudt-ud-test.conllu"),
    "tk_tud dev (silver)": ("tk", "ud-turkmen-tud-silver/tk_tud-ud-dev.conllu"),
    "tk_tud train (silver)": ("tk", "ud-turkmen-tud-silver/tk_tud-ud-train.conllu"),
}

SETTINGS = (("documents of 10", 10, False), ("fragments apart", 10, True))


@dataclass
class Gold:
    """One sentence of a treebank: its raw text, its surface tokens and the break before it."""

    text: str
    tokens: list[str]
    newdoc: bool
    newpar: bool


def main() -> None:
    """Print the table; with --write, keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", default="", help="score only corpora whose name contains this")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    options = parser.parse_args()
    table = [row for name in CORPORA if options.corpora in name for row in score(name)]
    for row in table:
        print("\t".join(str(value) for value in row.values()))
    if options.write:
        RESULTS.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def score(name: str) -> Iterator[dict[str, Any]]:
    """Rows of one corpus: each way of joining, each system."""
    lang, path = CORPORA[name]
    gold, skipped = read(mirror() / path)
    settings = (
        ("documents of 10", 10, False),
        ("one document", len(gold), False),
        ("fragments apart", 10, True),
    )
    for joined, size, apart in settings:
        documents = list(group(gold, size, apart=apart))
        for label, nlp in systems(lang):
            result = evaluate(parse(gold_lines(gold)), parse(system_lines(nlp, documents)))
            yield {
                "corpus": name, "system": label, "joined": joined,
                "sentences": len(gold), "left_out": skipped,
                "tokens": sum(len(sentence.tokens) for sentence in gold),
                "token_f1": round(100 * result["Tokens"].f1, 2),
                "sentence_f1": round(100 * result["Sentences"].f1, 2),
            }  # fmt: skip


def systems(lang: str) -> list[tuple[str, Language]]:
    """Ours, and spaCy's blank classes with the rule-based sentencizer."""
    baselines = [(f"spacy {code}", blank(code)) for code in ("xx", "tr")]
    return [("spacy-turkic", spacy.blank(lang)), *baselines]


def blank(code: str) -> Language:
    """A blank spaCy class with its rule-based sentencizer."""
    nlp = spacy.blank(code)
    nlp.add_pipe("sentencizer")
    return nlp


def mirror() -> Path:
    """The folder of the corpora, laid out as the catalog expects."""
    folder = Path(os.environ.get("TURKIC_NLP_MIRROR", ROOT / "../shared/corpora"))
    return folder if folder.is_dir() else sys.exit("Set TURKIC_NLP_MIRROR to the mirror of corpora.")


def read(path: Path) -> tuple[list[Gold], int]:
    """The sentences whose tokens rebuild their text, and how many do not."""
    blocks = [block.splitlines() for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]
    sentences = [sentence(block) for block in blocks]
    kept = [item for item in sentences if rebuilds(item)]
    return kept, len(sentences) - len(kept)


def sentence(lines: list[str]) -> Gold:
    """One sentence of a CoNLL-U file; without tokens when they do not rebuild its text."""
    comments = [line for line in lines if line.startswith("#")]
    text = next(line.partition("= ")[2] for line in comments if line.startswith("# text ="))
    words, last = [], 0
    for columns in (line.split("\t") for line in lines if line[0].isdigit()):
        first, _, end = columns[0].partition("-")
        if "." not in first and int(first) > last:
            words.append((columns[1], "SpaceAfter=No" not in columns[9]))
            last = int(end or first)
    newdoc = any(line.startswith("# newdoc") for line in comments)
    rebuilt = "".join(word + " " * space for word, space in words)
    good = " ".join(rebuilt.split()) == " ".join(text.split())
    newpar = any(line.startswith("# newpar") for line in comments)
    return Gold(text.strip(), [word for word, _ in words] if good else [], newdoc, newpar)


def rebuilds(gold: Gold) -> bool:
    """Whether the tokens of the sentence rebuild its text."""
    return bool(gold.tokens)


def group(gold: list[Gold], size: int, *, apart: bool = False) -> Iterator[str]:
    """Documents of at most ``size`` sentences, as raw text; ``apart`` makes each fragment a paragraph."""
    parts: list[str] = []
    fragment = False
    for item in gold:
        if parts and (len(parts) == 2 * size or item.newdoc):
            yield "".join(parts[1:])
            parts = []
        before, fragment = fragment, not FINAL.search(item.text)
        parts += ["\n\n" if item.newpar or (apart and (before or fragment)) else " ", item.text]
    yield "".join(parts[1:])


def gold_lines(gold: list[Gold]) -> str:
    """The gold tokens as CoNLL-U."""
    return "".join(chain.from_iterable(lines(item.tokens) for item in gold))


def system_lines(nlp: Language, documents: list[str]) -> str:
    """The documents, annotated, as CoNLL-U."""
    return "".join(chain.from_iterable(lines(words) for text in documents for words in split(nlp, text)))


def split(nlp: Language, text: str) -> Iterator[list[str]]:
    """Sentences of a text as lists of tokens."""
    doc = nlp(text)
    starts = [token.is_sent_start for token in doc] if nlp.pipe_names else sentence_starts(doc)
    words: list[str] = []
    for token, start in zip(doc, starts, strict=True):
        if start and words:
            yield words
            words = []
        if not token.is_space:
            words.append(token.text)
    if words:
        yield words


def lines(words: list[str]) -> Iterator[str]:
    """A sentence as CoNLL-U with a tree that means nothing: the scorer wants one."""
    for number, word in enumerate(words, 1):
        yield f"{number}\t{word}\t_\t_\t_\t_\t{min(number - 1, 1)}\tdep\t_\t_\n"
    yield "\n"


def parse(text: str) -> Any:
    """CoNLL-U as the scorer holds it."""
    return load_conllu(io.StringIO(text), "", {})


if __name__ == "__main__":
    main()
