"""Who is compared in rivals.py: what each does, how it is run, and what its numbers leave out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENVIRONMENTS = {
    "spacy-transformers": ["spacy>=3.8.11,<3.9", "spacy-transformers==1.4.0"],
    "turkicnlp": ["turkicnlp==0.5.0", "transformers>=5,<6"],
    "stanza": ["stanza[transformers]==1.15.0", "transformers>=5,<6"],
}
TORCH = "torch==2.13.0"

NOTES = [
    "Random weights for the rivals: speed only. Trees of random weights have more cycles than trained ones, which "
    "costs Stanza some time; turkicnlp's scorers start at zero, which costs it none.",
    "All from text to annotated object is timed: tokenization, encoder, heads, decoding, the Doc. Loading is not.",
    "Rivals that cut our pieces read texts already in the shared orthography (done before the clock starts), in which "
    "they have about as many pieces as ours; we read the texts as they are written and convert them on the clock.",
    "Words are those of our tokenizer for all. Stanza gets them given: no time for its own tokenizer.",
    "Stanza's lemmatizer is left out (a lemma is its word): a decoder of random weights writes until its limit.",
    "A slow rival reads fewer sentences of each round ('sentences'); its words per second are of those.",
    "Texts are single sentences in random order, as long ones as fit the encoder's window.",
    "Peak memory is the process's largest resident set, loading included, so also that of its libraries.",
]


@dataclass(frozen=True)
class Rival:
    """How to run one: ``like`` names which of ours does the same tasks, ``most`` the sentences of a round it reads."""

    what: str
    tasks: str
    script: str
    like: str
    packages: tuple[str, ...]
    venv: str = ""
    reads: str = "shared"
    most: int = 1_000_000
    options: dict[str, Any] = field(default_factory=dict)


def _ours(what: str, tasks: str, name: str, *kept: str) -> Rival:
    every = ("tagger", "lemmatizer", "parser", "ner", "textcat", "sentiment")
    left_out = [component for component in every if component not in kept] if kept else []
    packages = ("spacy-turkic", "spacy", "torch")
    options = {"disable": left_out}
    return Rival(what, tasks, "ours.py", name, packages, reads="native", options=options)


def _huggingface(size: int) -> Rival:
    what = f"Hugging Face token-classification pipeline, batch size {size}"
    packages = ("transformers", "tokenizers", "torch")
    options = {"batch_size": size, "encoder": "encoder"}
    return Rival(what, "pieces, one tag", "huggingface.py", "ours-tags", packages, options=options)


def _turkicnlp(what: str, most: int, encoder: str, width: int) -> Rival:
    options = {"encoder": encoder, "width": width}
    packages = ("turkicnlp", "transformers", "torch")
    tasks = "tokens, sentences, UPOS, trees"
    return Rival(
        what, tasks, "turkicnlp_parser.py", "ours-trees", packages, "turkicnlp", most=most, options=options
    )


def _stanza(what: str, model: str, encoder: str) -> Rival:
    options = {"model": model, "encoder": encoder}
    tasks = "UPOS, XPOS, features, trees"
    return Rival(
        what,
        tasks,
        "stanza_pipeline.py",
        "ours-trees",
        ("stanza", "torch"),
        "stanza",
        "words",
        options=options,
    )


_TAGS = "tokens, sentences, UPOS, XPOS, features"
RIVALS = {
    "ours": _ours("ours, all components", f"{_TAGS}, lemmas, trees, entities, topic, sentiment", "ours"),
    "ours-tags": _ours("ours, tagger alone", _TAGS, "ours-tags", "tagger"),
    "ours-trees": _ours("ours, tagger and parser", f"{_TAGS}, trees", "ours-trees", "tagger", "parser"),
    "ours-entities": _ours(
        "ours, tagger, parser, entities",
        f"{_TAGS}, trees, entities",
        "ours-entities",
        "tagger",
        "parser",
        "ner",
    ),
    "hf-1": _huggingface(1),
    "hf-32": _huggingface(32),
    "spacy-transformers": Rival(
        "spaCy with spacy-transformers",
        f"{_TAGS}, trees, entities",
        "spacy_trf.py",
        "ours-entities",
        ("spacy-transformers", "spacy", "transformers", "torch"),
        "spacy-transformers",
        options={"batch_size": 1024, "encoder": "encoder", "model": "spacy-model"},
    ),
    "turkicnlp": _turkicnlp("turkicnlp's neural parser, its own encoder size (Glot500)", 100, "glot500", 768),
    "turkicnlp-small": _turkicnlp("turkicnlp's neural parser on an encoder of our size", 300, "encoder", 256),
    "stanza": _stanza("Stanza's tagger and parser, BiLSTM over word vectors", "stanza-lstm", ""),
    "stanza-small": _stanza(
        "Stanza's tagger and parser over an encoder of our size", "stanza-encoder", "encoder"
    ),
}
OURS = [name for name, rival in RIVALS.items() if rival.script == "ours.py"]
PATHS = ("encoder", "model")
