"""Score the seeds of one recipe as one larger model, whose scores for every label are the means of theirs.

    python benchmarks/ensemble.py --model runs/joint1 runs/joint2 runs/joint3

Needs the corpora, as accuracy.py does. The models must come of one recipe, so that their labels are the same. Writes
benchmarks/results/ensemble.json. It says what a larger model of the same kind would reach; none is shipped, as it
reads a text as many times as it has members.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accuracy import ROOT, pipeline, rows_of, sets_of, write
from spacy.language import Language
from spacy.tokens import Doc
from torch import Tensor, nn

from turkic_nlp.components import EncoderPipe, HeadPipe
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.evaluation import in_style_of
from turkic_nlp.heads import Head
from turkic_nlp.heads.base import mean_of
from turkic_nlp.heads.parser import ArcScores, ParserHead
from turkic_nlp.heads.tagger import TagScores
from turkic_nlp.layout import Layout
from turkic_nlp.pipeline import model_folder
from turkic_nlp.reading import read_vectors


class Heads(Head):
    """The heads of the members as one; what it does with the scores is what its first member does."""

    def __init__(self, heads: Sequence[Head]) -> None:
        first = heads[0]
        super().__init__({**first.settings, "word_width": len(heads) * first.settings["word_width"]})
        labels = [{key: head.settings[key] for key in head.settings if key != "word_width"} for head in heads]
        assert all(other == labels[0] for other in labels), "the models are not of one recipe"
        self.heads = nn.ModuleList(heads)
        self.per_document = first.per_document  # type: ignore[misc]

    @classmethod
    def learn_settings(cls, docs: Any, **options: Any) -> dict[str, Any]:
        """Nothing: it is made of heads that have learned."""
        raise NotImplementedError

    def gold(self, doc: Doc) -> Tensor | None:
        """The gold of a unit, as its members read it."""
        return self.heads[0].gold(doc)

    def loss(self, scores: Any, gold: Sequence[Tensor]) -> Tensor:
        """Nothing: it does not learn."""
        raise NotImplementedError

    def recall(self, layout: Layout, style: str | None) -> Sequence[Any] | None:
        """What training saw, which is the same for all members."""
        return self.heads[0].recall(layout, style)

    def weigh(self, scores: Any, sightings: Sequence[Any]) -> Any:
        """The mean scores with what was seen; of a parser those of its first member."""
        if isinstance(scores, list):
            return [self.heads[0].weigh(scores[0], sightings), *scores[1:]]
        return self.heads[0].weigh(scores, sightings)

    def annotate(self, layout: Layout, labels: Any) -> None:
        """Write the labels, as a member does."""
        self.heads[0].annotate(layout, labels)

    def forward(self, words: Tensor, sizes: Sequence[int], style: int) -> Any:
        """Mean scores; of a parser those of its members, each for itself."""
        parts = words.chunk(len(self.heads), dim=1)
        found = [head(part, sizes, style) for head, part in zip(self.heads, parts, strict=True)]
        if isinstance(found[0], ArcScores):
            return found
        if isinstance(found[0], TagScores):
            values, usual = (torch.stack([one[n] for one in found]).mean(0) for n in (0, 1))
            return found[0]._replace(values=values, usual=usual)
        return torch.stack(found).mean(0)

    def predict(self, scores: Any, sizes: Sequence[int]) -> Any:
        """Labels, as a member finds them in the mean scores."""
        if not isinstance(scores, list):
            return self.heads[0].predict(scores, sizes)
        parser = copy.copy(self.heads[0])
        assert isinstance(parser, ParserHead)

        def relations(_: ArcScores, heads: Tensor) -> Tensor:
            members = zip(self.heads, scores, strict=True)
            return mean_of([member._relations(one, heads) for member, one in members])

        parser._relations = relations  # type: ignore[method-assign]
        return parser.predict(scores[0]._replace(arcs=mean_of([one.arcs for one in scores])), sizes)


def together(lang: str, folders: Sequence[Path]) -> Language:
    """The pipeline of a language in which all models have their say."""
    members = [pipeline(lang, folder, "fp32") for folder in folders]
    nlp = members[0]
    for name in nlp.pipe_names:
        pipes = [member.get_pipe(name) for member in members]
        if isinstance(pipes[0], HeadPipe):
            pipes[0].head = Heads([pipe.head for pipe in pipes])
        elif isinstance(pipes[0], EncoderPipe):
            pipes[0].annotate = partial(leave_vectors, [pipe.model for pipe in pipes])  # type: ignore[method-assign]
    return nlp


def leave_vectors(models: Sequence[WordEncoder], docs: Sequence[Doc]) -> None:
    """Set ``doc.tensor`` to the word vectors of all models side by side. *Shape:* ``[words, models * word_width]``."""
    found = [read_vectors(model, docs) for model in models]
    for doc, *parts in zip(docs, *found, strict=True):
        doc.tensor = np.concatenate(parts, axis=1)


def main() -> None:
    """Score every test set, print a line a row, write the file."""
    parser = argparse.ArgumentParser(description="Score the seeds of one recipe as one larger model.")
    parser.add_argument("--model", nargs="+", required=True)
    folders = [model_folder(name) for name in parser.parse_args().model]
    metas = [json.loads((folder / "meta.json").read_text(encoding="utf-8")) for folder in folders]
    rows = [
        row | {"members": [meta["seed"] for meta in metas]}
        for lang, corpus, split in sets_of(metas[0])
        for row in rows_of(in_style_of(together(lang, folders), corpus), lang, corpus, split)
    ]
    for row in rows:
        print(f"{row['lang']}  {row['corpus']:24} {row['split']:13} {row['metric']:12} {row['value']:6.2f}")
    facts = {"model": metas[0]["name"], "version": metas[0]["version"], "versions": metas[0]["versions"]}
    write(ROOT / "benchmarks" / "results" / "ensemble.json", {**facts, "scores": rows})


if __name__ == "__main__":
    main()
