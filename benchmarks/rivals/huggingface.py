"""Hugging Face's token-classification pipeline: a tag for each piece."""

from __future__ import annotations

import worker
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

TAGS = 17


def load(settings: worker.Settings) -> worker.Run:
    """An XLM-R of our size with a fast tokenizer that cuts our pieces, and a linear layer of 17 tags."""
    model = AutoModelForTokenClassification.from_pretrained(settings["encoder"], num_labels=TAGS)
    tokenizer = AutoTokenizer.from_pretrained(settings["encoder"])
    tag = pipeline(
        "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="none", device=-1
    )

    def run(texts: list[str]) -> None:
        for _ in tag(texts, batch_size=settings["batch_size"]):
            pass

    return run


if __name__ == "__main__":
    worker.main(load)
