"""The spaCy components: sentences, the encoder, and one component per head.

The encoder reads each sentence once and leaves its word vectors in ``doc.tensor``, where spaCy's own ``doc.vector``,
``span.vector`` and ``token.vector`` find them; every head reads them there.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from turkic_nlp.adapters import FOLDER, AdaptedWords, read_adapter, write_adapter
from turkic_nlp.encoding import WordEncoder, read_folder
from turkic_nlp.errors import NoEncoding, NoWeights
from turkic_nlp.heads import HEADS, Head
from turkic_nlp.hub import read_encoder
from turkic_nlp.layout import Layout
from turkic_nlp.learning import Teacher, fresh_head
from turkic_nlp.pipe import Pipe, Sentences
from turkic_nlp.predicting import predict
from turkic_nlp.reading import read_vectors
from turkic_nlp.scoring import SCORES
from turkic_nlp.storage import read_head, write_head
from turkic_nlp.threads import one_ahead


class EncoderPipe(Pipe):
    """Reads every sentence once; leaves ``[words, word_width]`` in ``doc.tensor``."""

    def __init__(self, name: str, model: WordEncoder | None = None) -> None:
        self.name = name
        self.model = model

    def _worked(self, batches: Iterable[list[Doc]]) -> Iterator[tuple[list[Doc], Exception | None]]:
        return one_ahead(batches, self.annotate)

    def annotate(self, docs: Sequence[Doc]) -> None:
        """Set ``doc.tensor``."""
        if self.model is None:
            raise NoWeights(name=self.name)
        for doc, vectors in zip(docs, read_vectors(self.model, docs), strict=True):
            doc.tensor = vectors

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Write weights, vocabulary and configuration."""
        if self.model is None:
            raise NoWeights(name=self.name)
        self.model.to_disk(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> EncoderPipe:
        """Read what :meth:`to_disk` wrote."""
        self.model = read_folder(Path(path))
        return self


class HeadPipe(Pipe):
    """One task. ``style`` names the corpus whose annotation it should follow; see :class:`turkic_nlp.heads.Head`.

    A component with a LoRA adapter reads the Docs itself, by ``reader``, which costs a second pass of the encoder; it
    neither looks at ``doc.tensor`` nor changes it.
    """

    reader: AdaptedWords | None = None

    def __init__(
        self,
        name: str,
        task: str,
        head: Head | None = None,
        style: str | None = None,
        nlp: Language | None = None,
    ) -> None:
        self.name = name
        self.task = task
        self.head = head
        self.style = style
        self._nlp = weakref.ref(nlp) if nlp is not None else None
        self._teacher: Teacher | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the head can give, as spaCy lists them."""
        settings = self.head.settings if self.head else {}
        found = (
            settings.get("types")
            or settings.get("labels")
            or settings.get("relations")
            or settings.get("scripts")
        )
        return tuple(found or settings.get("fields", {}).get("UPOS", ()))

    def annotate(self, docs: Sequence[Doc]) -> None:
        """Write the head's annotation to every Doc."""
        if self.head is None:
            raise NoWeights(name=self.name)
        layout = Layout(docs)
        width = self.head.settings["word_width"]
        tensors = read_vectors(self.reader.words, docs) if self.reader else [doc.tensor for doc in docs]
        for doc, tensor in zip(docs, tensors, strict=True):
            if len(doc) and tensor.shape != (len(doc), width):
                raise NoEncoding(name=self.name, width=width, got=str(tuple(tensor.shape)))
        if layout.with_words:
            self.head.annotate(layout, predict(self.head, self.style, tensors, layout))

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language) -> None:
        """Make a head for the labels of the examples (spaCy's hook); the encoder before it has its weights already."""
        width = _shared(nlp).encoder.word_width
        docs = [example.reference for example in get_examples()]
        self.head = fresh_head(self.name, self.task, docs, width, self.style)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from the vectors of the predicted Docs (spaCy's hook). ``sgd`` is not looked at: torch has its own.

        The first update gives the component a head of its own, which pipelines that shared it do not see change.
        """
        if self.head is None:
            raise NoWeights(name=self.name)
        if self._teacher is None or self._teacher.head is not self.head:
            self.head = deepcopy(self.head)
            self._teacher = Teacher(self.head)
        losses = {} if losses is None else losses
        if self.reader:
            examples = [Example(_with_vectors(eg.predicted, self.reader), eg.reference) for eg in examples]
        loss = self._teacher.teach(examples, name=self.name, drop=drop, style=self.style)
        losses[self.name] = losses.get(self.name, 0.0) + loss
        return losses

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """spaCy's scores for the task."""
        if self.head is None:
            raise NoWeights(name=self.name)
        return SCORES[self.task](list(examples), self.head)

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Write ``settings.json`` and ``weights.safetensors``, and the adapter if there is one."""
        if self.head is None:
            raise NoWeights(name=self.name)
        write_head(self.head, Path(path), style=self.style)
        if self.reader:
            write_adapter(self.reader.adapter, Path(path) / FOLDER)

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> HeadPipe:
        """Read what :meth:`to_disk` wrote. An adapter goes with the encoder of the pipeline, which comes before."""
        self.head, style = read_head(self.task, Path(path))
        self.style = self.style or style
        self.reader = None
        if (Path(path) / FOLDER).exists():
            base = _shared(self._nlp() if self._nlp else None)
            self.reader = AdaptedWords(base, read_adapter(Path(path) / FOLDER, base.encoder))
        return self

    def __getstate__(self) -> dict[str, Any]:
        # a weak reference can be neither pickled nor copied
        return {**self.__dict__, "_nlp": None}


def _with_vectors(doc: Doc, reader: AdaptedWords) -> Doc:
    """A copy of a Doc with the vectors of an adapted encoder."""
    own = doc.copy()
    own.tensor = read_vectors(reader.words, [doc])[0]
    return own


def _shared(nlp: Language | None) -> WordEncoder:
    """The encoder of a pipeline, though it may be switched off now."""
    encoders = [pipe for _, pipe in nlp.components if isinstance(pipe, EncoderPipe)] if nlp else []
    if not encoders or encoders[0].model is None:
        raise NoWeights(name=encoders[0].name if encoders else "encoder")
    return encoders[0].model


def in_style(nlp: Language, corpus: str, tasks: Collection[str] = tuple(HEADS)) -> Language:
    """The pipeline, with the annotation style of a corpus from now on in every component that has learned it.

    ``tasks`` limits it to components of these.
    """
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, HeadPipe) and pipe.head and corpus in pipe.head.styles and pipe.task in tasks:
            pipe.style = corpus
    return nlp


def make_sentences(nlp: Language, name: str) -> Sentences:
    """The factory of :class:`Sentences`."""
    return Sentences(name)


def make_encoder(nlp: Language, name: str, source: str | None) -> EncoderPipe:
    """The factory of :class:`EncoderPipe`; ``source`` is a Hugging Face name, or a folder, to start from."""
    return EncoderPipe(name, read_encoder(source) if source else None)


Language.factory(
    "turkic_sentences", assigns=["token.is_sent_start", "doc.sents"], retokenizes=False, func=make_sentences
)
Language.factory("turkic_encoder", default_config={"source": None}, assigns=["doc.tensor"], func=make_encoder)


def _register(task: str, assigns: list[str], scores: dict[str, float]) -> Callable[..., HeadPipe]:
    def make(nlp: Language, name: str, style: str | None) -> HeadPipe:
        return HeadPipe(name, task, style=style, nlp=nlp)

    Language.factory(
        f"turkic_{task}",
        default_config={"style": None},
        requires=["doc.tensor"],
        assigns=assigns,
        default_score_weights=scores,
        func=make,
    )
    return make


make_tagger = _register(
    "tagger", ["token.pos", "token.tag", "token.morph"], {"pos_acc": 0.5, "morph_acc": 0.5}
)
make_lemmatizer = _register("lemmatizer", ["token.lemma"], {"lemma_acc": 1.0})
make_parser = _register("parser", ["token.dep", "token.head", "doc.sents"], {"dep_uas": 0.5, "dep_las": 0.5})
make_ner = _register("ner", ["doc.ents", "token.ent_iob", "token.ent_type"], {"ents_f": 1.0})
make_textcat = _register("textcat", ["doc.cats"], {"cats_score": 1.0})
