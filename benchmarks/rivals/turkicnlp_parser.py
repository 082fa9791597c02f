"""turkicnlp's neural tagger and parser behind its own tokenizer, one text at a time, as its Pipeline.batch does."""

from __future__ import annotations

import torch
import worker
from turkicnlp.models.document import Document
from turkicnlp.processors import multilingual_model
from turkicnlp.processors.multilingual_backend import (
    MultilingualDepParser,
    MultilingualPOSTagger,
    _MultilingualParserManager,
)
from turkicnlp.processors.tokenizer import RegexTokenizer

LANGUAGES = {"kk": "kaz", "ky": "kir", "uz": "uzb", "tk": "tuk"}


def load(settings: worker.Settings) -> worker.Run:
    """Its parser on an encoder of random weights; where it would download its checkpoint, it finds this one."""
    multilingual_model.HIDDEN_DIM = settings["width"]
    model = multilingual_model.TurkicParser(hf_cache_dir=settings["encoder"]).eval()
    _MultilingualParserManager._models[("cpu",)] = (model, torch.device("cpu"))
    _MultilingualParserManager.ensure_downloaded = lambda: None
    lang = LANGUAGES[settings["lang"]]
    processors = [kind(lang) for kind in (RegexTokenizer, MultilingualPOSTagger, MultilingualDepParser)]
    for processor in processors:
        processor.load("")

    def run(texts: list[str]) -> None:
        for text in texts:
            doc = Document(text=text, lang=lang)
            for processor in processors:
                doc = processor.process(doc)

    return run


if __name__ == "__main__":
    worker.main(load)
