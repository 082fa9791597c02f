"""Documents in, annotated bytes out: one batch after another, here or in worker processes."""

from __future__ import annotations

import shutil
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

import torch
from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp.annotate.document import Document
from turkic_nlp.annotate.formats import Annotated, encode
from turkic_nlp.annotate.heap import give_back
from turkic_nlp.annotate.vocabulary import renew
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.errors import DocumentFailed, OtherLanguage, TurkicError, UnknownLanguage, WorkerDied
from turkic_nlp.heads import Head
from turkic_nlp.langid import detect_language
from turkic_nlp.pipeline import Weights, classifiers, use_weights, weights_in_use
from turkic_nlp.pretokenized import words_only
from turkic_nlp.scripts import detect_script

AUTO = "auto"
SHARED_MEMORY = Path("/dev/shm")  # of Linux
STARTING = 300.0  # seconds that workers have to start in
PipelineFor = Callable[[str], Language]


@dataclass
class Batch:
    """What became of some documents: the bytes to write, counts, and the error of each document left out."""

    data: bytes = b""
    sentences: int = 0
    words: int = 0
    failures: list[TurkicError] = field(default_factory=list)


@dataclass(frozen=True)
class Annotator:
    """Annotates a batch of documents; ``pipeline_for`` is asked for the pipeline of a language each time.

    Under ``lang="auto"`` a document's language is detected where its input does not tell it; a document in a
    language that ``pipeline_for`` does not know (UnknownLanguage) is left out with OtherLanguage (T609).
    """

    pipeline_for: PipelineFor
    lang: str
    format: str

    def __call__(self, documents: Sequence[Document]) -> Batch:
        """Annotate; documents keep their order. A document that fails takes no other with it."""
        batch = Batch()
        batch.failures += [document.error for document in documents if document.error]
        by_lang: dict[str, list[int]] = {}
        for index, document in enumerate(documents):
            if not document.error:
                lang = (document.lang or detect_language(document.text)) if self.lang == AUTO else self.lang
                by_lang.setdefault(lang, []).append(index)
        found: dict[int, Annotated] = {}
        for lang, indices in by_lang.items():
            results = self._annotated(lang, [documents[index] for index in indices])
            for index, result in zip(indices, results, strict=True):
                if isinstance(result, Annotated):
                    found[index] = result
                else:
                    batch.failures.append(result)
        self._write([found[index] for index in sorted(found)], batch)
        give_back()
        return batch

    def _annotated(self, lang: str, documents: list[Document]) -> list[Annotated | TurkicError]:
        try:
            nlp = self.pipeline_for(lang)
        except UnknownLanguage:
            if self.lang != AUTO:
                raise
            return [OtherLanguage(document.name, lang) for document in documents]
        renew(nlp)
        labels = classifiers(nlp)
        try:
            docs: list[Doc | TurkicError] = [*_pipe(nlp, documents)]
        except Exception:
            docs = [_alone(nlp, document) for document in documents]
        return [
            doc if isinstance(doc, TurkicError) else Annotated(document, doc, lang, _script(doc), labels)
            for document, doc in zip(documents, docs, strict=True)
        ]

    def _write(self, items: list[Annotated], batch: Batch) -> None:
        try:
            batch.data = encode(items, self.format)
        except Exception:  # a lone surrogate, or a form that the format cannot hold
            items = [item for item in items if _is_writable(item, self.format, batch)]
            batch.data = encode(items, self.format)
        batch.words = sum(not token.is_space for item in items for token in item.doc)
        batch.sentences = sum(_sentence_count(item.doc) for item in items)


def _pipe(nlp: Language, documents: Sequence[Document]) -> list[Doc]:
    """Sentences of CoNLL-U keep their words and their ends; other documents are tokenized and split."""
    texts = [d.text if d.sentence is None else words_only(d.sentence, nlp) for d in documents]
    return list(nlp.pipe(texts, batch_size=len(texts)))


def _alone(nlp: Language, document: Document) -> Doc | TurkicError:
    """The document by itself, or the numbered reason why it failed."""
    try:
        return _pipe(nlp, [document])[0]
    except TurkicError as error:
        return error
    except Exception as error:
        return DocumentFailed(document.name, _said(error))


def _is_writable(item: Annotated, format: str, batch: Batch) -> bool:
    try:
        encode([item], format)
    except Exception as error:
        batch.failures.append(DocumentFailed(item.document.name, _said(error)))
        return False
    return True


def _script(doc: Doc) -> str:
    return str(detect_script(doc.text))


def _said(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__).rstrip(".")


def _sentence_count(doc: Doc) -> int:
    return sum(1 for _ in doc.sents) if doc.has_annotation("SENT_START") else min(len(doc), 1)


def run(
    annotator: Annotator, batches: Iterable[list[Document]], *, n_process: int = 1
) -> Iterator[tuple[list[Document], Batch]]:
    """Annotate batches in their order; with ``n_process`` above 1 by workers, who share this process's threads.

    ``pipeline_for`` must be picklable then: a function of a module, or a ``functools.partial`` of one. Raises
    WorkerDied (T617) where the system kills a worker.
    """
    if n_process == 1:
        for batch in batches:
            yield batch, annotator(batch)
        return
    threads = max(1, torch.get_num_threads() // n_process)
    context = get_context("spawn")  # not fork: torch's threads and CUDA do not survive it
    told = (annotator, threads, _shareable(), context.Barrier(n_process, timeout=STARTING))
    with ProcessPoolExecutor(n_process, context, _start, told) as pool:
        waiting: deque[tuple[list[Document], Future[Batch]]] = deque()
        try:
            # all at first: the executor waits for ever for a process that it starts while another one dies
            for started in [pool.submit(int) for _ in range(n_process)]:
                started.result()
            for batch in batches:
                waiting.append((batch, pool.submit(_work, batch)))
                if len(waiting) > 2 * n_process:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        except BrokenProcessPool as error:
            raise WorkerDied() from error
        finally:
            pool.shutdown(cancel_futures=True)


def _shareable() -> Weights:
    """The weights that this process has loaded, if shared memory has room for them; torch moves them there.

    Without room a process that writes to it is killed, and containers often have 64 MB.
    """
    weights = weights_in_use()
    size = sum(tensor.nbytes for module in weights.values() for tensor in _tensors(module))
    if not SHARED_MEMORY.is_dir() or shutil.disk_usage(SHARED_MEMORY).free < 2 * size:
        return {}
    return weights


def _tensors(module: WordEncoder | Head) -> Iterator[torch.Tensor]:
    found = module.encoder if isinstance(module, WordEncoder) else module
    return chain(found.parameters(), found.buffers())


_worker: list[Annotator] = []


def _start(annotator: Annotator, threads: int, weights: Weights, together: Barrier) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    torch.set_num_threads(threads)
    use_weights(weights)
    _worker[:] = [annotator]
    together.wait()


def _work(batch: list[Document]) -> Batch:
    return _worker[0](batch)
