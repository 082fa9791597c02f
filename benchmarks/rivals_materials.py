"""What rivals.py gives to all rivals: texts, an annotated sample, and encoders of random weights with a tokenizer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from sentencepiece import SentencePieceProcessor
from spacy.tokens import Span, Token
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import XLMRobertaConfig, XLMRobertaModel

import turkic_nlp
from turkic_nlp.scripts import shared_form

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "turkic_small" / "encoder"
GLOT500 = {
    "vocab_size": 401_145,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 514,
    "type_vocab_size": 1,
}
"""Sizes of cis-lmu/glot500-base (Imani et al. 2023), the encoder of turkicnlp's neural parser."""
SIZES = tuple(GLOT500)
SAMPLE = 200
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MARGIN = 0.7
"""A sentence of more pieces than this share of the window is left out: rivals cut words apart where we do not."""


def encoders(folder: Path, *, glot500: bool) -> dict[str, int]:
    """Write an encoder of our size, and one of Glot500's where asked for; gives our sizes."""
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    sizes = {name: config[name] for name in SIZES}
    _encoder(folder / "encoder", sizes)
    if glot500:
        _encoder(folder / "glot500", GLOT500)
    return sizes


def _encoder(folder: Path, sizes: Mapping[str, int]) -> None:
    path = folder / "model.safetensors"
    if not path.exists():
        torch.manual_seed(1)
        XLMRobertaModel(XLMRobertaConfig(**sizes), add_pooling_layer=False).save_pretrained(folder)
    _tokenizer().save(str(folder / "tokenizer.json"))
    names = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    more = {"unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}
    about = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": sizes["max_position_embeddings"] - 2,
        "model_input_names": ["input_ids", "attention_mask"],
    }
    settings = json.dumps({**names, **more, **about}, indent=1)
    (folder / "tokenizer_config.json").write_text(settings + "\n", encoding="utf-8")


@cache
def _tokenizer() -> Tokenizer:
    """XLM-R's fast tokenizer over our pieces: its ids, its cutting at white space."""
    pieces = SentencePieceProcessor(model_file=str(SHIPPED / "pieces.model"))
    rows = [(pieces.id_to_piece(index), pieces.get_score(index)) for index in range(3, len(pieces))]
    vocabulary = [*((name, 0.0) for name in SPECIAL), *rows, ("<mask>", 0.0)]
    found = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>")))
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    found.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    found.add_special_tokens([*SPECIAL, "<mask>"])
    return found


def texts(folder: Path, lang: str, lines: Sequence[str]) -> list[int]:
    """Write the texts as they are, in the shared orthography, and as words of it; gives the number of words of each."""
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    limit = MARGIN * (config["max_position_embeddings"] - 2)
    found: dict[str, list[Any]] = {"native": [], "shared": [], "words": []}
    nlp = turkic_nlp.blank(lang)
    for line, doc in zip(lines, nlp.tokenizer.pipe(lines), strict=True):
        tokens = [token for token in doc if not token.is_space]
        shared = " ".join("".join(_shared(token) + token.whitespace_ for token in tokens).split())
        if len(_tokenizer().encode(shared).ids) <= limit:
            found["native"].append(line)
            found["shared"].append(shared)
            found["words"].append([_shared(token) for token in tokens])
    _write(folder / f"texts-{lang}.json", found)
    return [len(words) for words in found["words"]]


def sample(folder: Path, lines: Mapping[str, Sequence[str]]) -> None:
    """Write sentences that our pipeline annotated, the labels that the heads of rivals are made for."""
    found = []
    for lang, some in lines.items():
        docs = turkic_nlp.load(lang).pipe(some[-SAMPLE // len(lines) :])
        found += [_annotated(sent) for doc in docs for sent in doc.sents if len(sent) > 2]
    _write(folder / "sample.json", found)


def _annotated(sent: Span) -> dict[str, list[Any]]:
    """The arguments of a spaCy Doc."""
    return {
        "words": [_shared(token) for token in sent],
        "spaces": [bool(token.whitespace_) for token in sent],
        "tags": [token.tag_ for token in sent],
        "pos": [token.pos_ for token in sent],
        "morphs": [str(token.morph) for token in sent],
        "lemmas": [token.lemma_ for token in sent],
        "heads": [token.head.i - sent.start for token in sent],
        "deps": [token.dep_ for token in sent],
        "ents": [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in sent],
    }


def _shared(token: Token) -> str:
    return shared_form(token.text, token.lang_) or token.text


def _write(path: Path, found: Any) -> None:
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
