"""How an annotated Doc is written: CoNLL-U, JSON lines, spaCy's DocBin, Parquet.

While a run goes on every format is a file that only grows (so that a broken run can be cut back and gone on
with); ``finish`` turns it into the real thing where that differs.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from spacy.tokens import Doc, DocBin, Span, Token

from turkic_nlp import conllu
from turkic_nlp.annotate.document import Document
from turkic_nlp.pipeline import classes

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("conllu", "jsonl", "spacy", "parquet")
TOKEN = ("start", "end", "text", "lemma", "upos", "xpos", "feats", "governor", "deprel", "entity")
STREAMS = ("conllu", "jsonl")
_LENGTH = struct.Struct("<Q")
_ROWS = 256
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Annotated:
    """A document with what the pipeline made of it; ``classifiers`` are the labels of each, by its name."""

    document: Document
    doc: Doc
    lang: str
    script: str
    classifiers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def classes(self) -> Iterator[tuple[str, dict[str, float]]]:
        """The name of each classifier that said something, with the share of each of its labels."""
        return classes(self.doc, self.classifiers)


def to_conllu(item: Annotated) -> str:
    """The sentences of a document under ``# newdoc id``; a sentence of CoNLL-U keeps all that it had."""
    if item.document.sentence is not None:
        return conllu.fill(item.document.sentence, item.doc).to_text()
    sentences = conllu.from_doc(item.doc, prefix=f"{item.document.name}-")
    if sentences:
        head = [f"# newdoc id = {item.document.name}", f"# lang = {item.lang}", f"# script = {item.script}"]
        head += [f"# {name} = {max(shares, key=shares.__getitem__)}" for name, shares in item.classes()]
        sentences[0].comments[:0] = head
    return "".join(sentence.to_text() for sentence in sentences)


def to_record(item: Annotated) -> dict[str, Any]:
    """A document as JSON types: offsets count characters, ``governor`` is a token number, -1 for a root."""
    doc = item.doc
    return {
        "id": item.document.name,
        "lang": item.lang,
        "script": item.script,
        "text": doc.text,
        "tokens": [_token(token) for token in doc],
        "sents": [{"start": sent.start, "end": sent.end} for sent in _sents(doc)],
        "ents": [_entity(ent) for ent in doc.ents],
        "cats": [
            {"classifier": name, "label": label, "score": round(score, _DIGITS)}
            for name, shares in item.classes()
            for label, score in sorted(shares.items())
        ],
    }


def _sents(doc: Doc) -> Iterator[Span]:
    return doc.sents if doc.has_annotation("SENT_START") else iter([doc[:]] if len(doc) else [])


def _entity(ent: Span) -> dict[str, Any]:
    return {"start": ent.start_char, "end": ent.end_char, "label": ent.label_, "text": ent.text}


def _token(token: Token) -> dict[str, Any]:
    return {
        "start": token.idx,
        "end": token.idx + len(token.text),
        "text": token.text,
        "lemma": token.lemma_,
        "upos": token.pos_,
        "xpos": token.tag_,
        "feats": str(token.morph),
        "governor": token.head.i if token.head.i != token.i else -1,
        "deprel": "root" if token.dep_ == "ROOT" else token.dep_,
        "entity": token.ent_type_,
    }


def encode(items: Sequence[Annotated], format: str) -> bytes:
    """The bytes that a batch adds to a growing file of that format (Parquet grows as JSON lines)."""
    if format == "conllu":
        return "".join(map(to_conllu, items)).encode("utf-8")
    if format == "spacy":
        data = _docbin(items).to_bytes() if items else b""
        return _LENGTH.pack(len(data)) + data if data else b""
    lines = (json.dumps(to_record(item), ensure_ascii=False) for item in items)
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _docbin(items: Sequence[Annotated]) -> DocBin:
    """User data is cut down to the words of multi-word tokens and to id, lang and script."""
    bin = DocBin(store_user_data=True)
    for item in items:
        words = {key: value for key, value in item.doc.user_data.items() if key[:2] == ("._.", "words")}
        about = {"id": item.document.name, "lang": item.lang, "script": item.script}
        item.doc.user_data = {**words, **about}
        bin.add(item.doc)
    return bin


def finish(grown: Path, final: Path, format: str) -> None:
    """Write the finished form of a grown file; a DocBin is put together in memory."""
    with grown.open("rb") as file:
        if format == "spacy":
            _merged(file).to_disk(final)
        else:
            _to_parquet(file, final)


def _merged(file: IO[bytes]) -> DocBin:
    whole = DocBin(store_user_data=True)
    while head := file.read(_LENGTH.size):
        whole.merge(DocBin(store_user_data=True).from_bytes(file.read(_LENGTH.unpack(head)[0])))
    return whole


def _to_parquet(file: IO[bytes], final: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema()
    with pq.ParquetWriter(final, schema) as writer:
        for lines in iter(lambda: file.readlines(_ROWS << 10), []):
            rows = [json.loads(line) for line in lines]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))


def _schema() -> pa.Schema:
    import pyarrow as pa

    texts, number = pa.string(), pa.int32()
    numbers = ("start", "end", "governor")
    token = [(name, number if name in numbers else texts) for name in TOKEN]
    sent = pa.struct([("start", number), ("end", number)])
    ent = pa.struct([("start", number), ("end", number), ("label", texts), ("text", texts)])
    cat = pa.struct([("classifier", texts), ("label", texts), ("score", pa.float32())])
    columns = [(name, texts) for name in ("id", "lang", "script", "text")]
    lists = {"tokens": pa.struct(token), "sents": sent, "ents": ent, "cats": cat}
    return pa.schema([*columns, *((name, pa.list_(of)) for name, of in lists.items())])
