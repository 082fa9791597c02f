"""A tiny encoder and a tiny model, made in a second, for tests of everything that needs weights."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sentencepiece
import spacy
import torch
from spacy.tokens import Doc

from turkic_nlp import conllu
from turkic_nlp.affixes import Affixes
from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.piece_models import PieceModel
from turkic_nlp.pieces import Pieces
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.training.loop import Report

TEXT = [
    ("Қазақстан Республикасының астанасы Астана қаласы .", "kk"),
    ("Мен кітап оқыдым , сен хат жаздың .", "kk"),
    ("Бишкек Кыргызстандын борбору , ал чоң шаар .", "ky"),
    ("Oʻzbekiston poytaxti Toshkent , u katta shahar .", "uz"),
    ("Aşgabat Türkmenistanyň paýtagty , ol uly şäher .", "tk"),
]


def piece_model(size: int = 150) -> PieceModel:
    model = io.BytesIO()
    forms = [shared_form(word, lang) for text, lang in TEXT for word in text.split()]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(forms * 5),
        model_writer=model,
        vocab_size=size,
        hard_vocab_limit=False,
        model_type="unigram",
        unk_id=0,
        bos_id=1,
        eos_id=2,
        minloglevel=2,
    )
    return PieceModel(model.getvalue())


def word_encoder(*, window: int = 40) -> WordEncoder:
    """Two layers of width 32, affixes, weights from a fixed seed, rounded as a shipped model's."""
    torch.manual_seed(0)
    split = piece_model()
    affixes = Affixes.learn({shared_form(w, lang): 1 for text, lang in TEXT for w in text.split()}, 100)
    config = EncoderConfig(
        vocab_size=len(split),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
        affixes=len(affixes),
    )
    return WordEncoder(Encoder(config).eval(), Pieces(split=split, affixes=affixes, limit=window))


def gold_docs() -> list[Doc]:
    """Eight annotated sentences, enough to be learned by heart."""
    vocab = spacy.blank("kk").vocab
    subjects = [("Мен", "мен", "1"), ("Сен", "сен", "2"), ("Ол", "ол", "3"), ("Айгүл", "Айгүл", "3")]
    objects = [("кітапты", "кітап"), ("хатты", "хат")]
    return [_sentence(vocab, *subject, *thing) for subject in subjects for thing in objects]


def _sentence(vocab: spacy.Vocab, form: str, lemma: str, person: str, thing: str, thing_lemma: str) -> Doc:
    proper = form == "Айгүл"
    doc = Doc(
        vocab,
        words=[form, thing, "оқыды", "."],
        spaces=[True, True, False, False],
        pos=["PROPN" if proper else "PRON", "NOUN", "VERB", "PUNCT"],
        tags=["np" if proper else "prn", "n", "v", "sent"],
        lemmas=[lemma, thing_lemma, "оқы", "."],
        morphs=[f"Case=Nom|Person={person}", "Case=Acc", "Mood=Ind|Tense=Past", ""],
        heads=[2, 2, 2, 2],
        deps=["nsubj", "obj", "ROOT", "punct"],
        ents=["B-PERSON" if proper else "O", "O", "O", "O"],
    )
    doc.cats = {"letters": float(thing == "хатты"), "books": float(thing != "хатты")}
    return doc


def interrupt_at(step: int) -> Report:
    """A report function that interrupts a run when it reports a step."""

    def report(row: dict[str, Any]) -> None:
        if row["step"] == step:
            raise KeyboardInterrupt

    return report


def huggingface_folder(folder: Path) -> Path:
    """An XLM-R checkpoint in Hugging Face's own format, with its special-token offsets, random weights."""
    from transformers import XLMRobertaConfig, XLMRobertaModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    split = piece_model()
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=len(split),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
        type_vocab_size=1,
    )
    XLMRobertaModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    (folder / "sentencepiece.bpe.model").write_bytes(split.serialized)
    return folder


SPECIAL = ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")


def other_folder(folder: Path, family: str) -> Path:
    """A checkpoint of another class in Hugging Face's own format; special tokens are last, RoBERTa's first."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    letters = sorted({char for text, _ in TEXT for char in text if char != " "})
    text = [*letters, *(f"##{char}" for char in letters)]
    names = [*SPECIAL, *text] if family == "roberta" else [*text, *SPECIAL]
    ids = {name: index for index, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    roles = {
        f"{role}_token": name
        for role, name in zip(("cls", "pad", "sep", "unk", "mask"), SPECIAL, strict=True)
    }
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles).save_pretrained(folder)
    sizes: dict[str, Any] = {
        "vocab_size": len(names),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 256,
        "pad_token_id": ids["[PAD]"],
        "cls_token_id": ids["[CLS]"],
        "bos_token_id": ids["[CLS]"],
        "sep_token_id": ids["[SEP]"],
        "eos_token_id": ids["[SEP]"],
    }
    torch.manual_seed(0)
    AutoModel.from_config(AutoConfig.for_model(family, **sizes)).eval().save_pretrained(folder)
    return folder


RECIPE = """
[model]
name = "tiny"
version = "0.0.1"
description = "A model for tests"
license = "CC0-1.0"
encoder = "{folder}/encoder"

[training]
steps = {steps}
evaluate_every = {every}
batch_pieces = 60
checkpoint_minutes = 0.0

[held_out]
sets = []

[heads]
{heads}
[heads.tagger.styles]
kk = "tiny"

[corpora]

[corpora.tiny]
id = "tiny"
lang = "kk"
files = ["{folder}/gold.conllu"]
dev = {dev}
"""


def recipe_in(
    folder: Path,
    *,
    tasks: Sequence[str] = ("tagger", "parser"),
    steps: int = 6,
    every: int = 3,
    dev: float = 0.4,
) -> Path:
    """A recipe with an encoder and a treebank beside it."""
    words = word_encoder()
    words.encoder.half().float()
    words.to_disk(folder / "encoder")
    conllu.write((s for doc in gold_docs() for s in conllu.from_doc(doc)), folder / "gold.conllu")
    heads = "".join(f'\n[heads.{task}]\ntask = "{task}"\n' for task in tasks)
    path = folder / "recipe.cfg"
    text = RECIPE.format(folder=folder, steps=steps, every=every, heads=heads, dev=dev)
    path.write_text(text, encoding="utf-8")
    return path
