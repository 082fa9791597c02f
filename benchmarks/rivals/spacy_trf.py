"""spaCy with spacy-transformers: one transformer, and components that listen to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import spacy
import worker
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

LISTENER = {
    "@architectures": "spacy-transformers.TransformerListener.v1",
    "grad_factor": 1.0,
    "pooling": {"@layers": "reduce_mean.v1"},
}
TAGGER = {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}
TRANSITIONS = {"@architectures": "spacy.TransitionBasedParser.v2", "use_upper": False, "tok2vec": LISTENER}
"""Heads with the sizes of spaCy's quickstart configuration for transformers."""


def build(settings: worker.Settings) -> None:
    """Initialise the pipeline on the sample, so that the heads have as many labels as ours, and save it."""
    nlp = spacy.blank("xx")
    nlp.add_pipe("transformer", config={"model": _transformer(settings["encoder"])})
    nlp.add_pipe("tagger", config={"model": TAGGER})
    nlp.add_pipe("morphologizer", config={"model": TAGGER})
    parser = {"state_type": "parser", "extra_state_tokens": False, "hidden_width": 128, "maxout_pieces": 3}
    nlp.add_pipe("parser", config={"model": TRANSITIONS | parser, "min_action_freq": 1})
    ner = {"state_type": "ner", "extra_state_tokens": False, "hidden_width": 64, "maxout_pieces": 2}
    nlp.add_pipe("ner", config={"model": TRANSITIONS | ner})
    sample = json.loads(Path(settings["sample"]).read_text(encoding="utf-8"))
    nlp.initialize(lambda: [_example(nlp, sentence) for sentence in sample])
    nlp.to_disk(settings["model"])


def _transformer(encoder: str) -> dict[str, Any]:
    return {
        "@architectures": "spacy-transformers.TransformerModel.v3",
        "name": encoder,
        "tokenizer_config": {"use_fast": True},
        "get_spans": {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 128, "stride": 96},
    }


def _example(nlp: Language, sentence: dict[str, Any]) -> Example:
    gold = Doc(nlp.vocab, **sentence)
    return Example(Doc(nlp.vocab, words=sentence["words"], spaces=sentence["spaces"]), gold)


def load(settings: worker.Settings) -> worker.Run:
    """The saved pipeline."""
    nlp = spacy.load(settings["model"])

    def run(texts: list[str]) -> None:
        for _ in nlp.pipe(texts, batch_size=settings["batch_size"]):
            pass

    return run


if __name__ == "__main__":
    worker.main(load, build)
