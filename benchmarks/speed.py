"""Words per second of the pipeline, against the bare encoder in the same run.

    python benchmarks/speed.py [--text ../shared/text] [--sentences 5000] [--parts pipeline side ...]

All parts take about an hour on two cores that do nothing else.

The bare encoder is the limit: the same weights on the same sentences, cut, sorted by length and batched beforehand,
nothing else. A ratio is that of the medians of rounds in which the two take turns, so that what else the machine does
falls on both. Parts: ``pipeline`` (all components in each precision), ``side`` (all but the encoder's and the heads'
matrix products, which are played back from a recording), ``workers`` (two processes), ``one`` (a sentence of fifteen
words; loading), ``base`` (random weights of the size of XLM-R base), ``growth`` (speed and memory as the input grows to
a million sentences in int8, which alone takes half an hour). Writes benchmarks/results/speed.json, part by part;
docs/generate.py makes the page.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from spacy.language import Language

import turkic_nlp
from turkic_nlp.annotate import annotate
from turkic_nlp.batching import by_budget
from turkic_nlp.encoder import Encoder, EncoderConfig
from turkic_nlp.encoding import WordEncoder
from turkic_nlp.pieces import Batch, collate, windows
from turkic_nlp.precision import PRECISIONS

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
LANGUAGES = ("kk", "ky", "uz", "tk")
ROUNDS = 3
LIMIT = 2048
"""Pieces of a batch of the bare encoder, whose threads share each batch: as many as it is fastest with."""
FEW = 12
"""One sentence in so many is read by an encoder of the size of XLM-R base."""
MANY = 200_000
"""Words that workers share, that their start may not be what is measured."""
BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}


def main() -> None:
    """Measure the parts that were asked for and write them down."""
    parser = argparse.ArgumentParser(description="Words per second against the bare encoder.")
    parser.add_argument("--text", default=str(ROOT.parent / "shared" / "text"))
    parser.add_argument("--sentences", type=int, default=5000)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    options = parser.parse_args()
    chosen = {lang: texts(options, lang) for lang in LANGUAGES}
    for part in options.parts:
        torch.set_num_threads(options.threads)
        rows = []
        for lang in LANGUAGES:
            for row in PARTS[part](lang, chosen[lang]):
                rows.append(row)
                print(part, *(f"{key}={value}" for key, value in row.items()), flush=True)
        found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        state = {"machine": _processor(), "threads": options.threads, "torch": version("torch")}
        found[part] = {**state, "version": turkic_nlp.__version__, "rows": rows}
        RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def texts(options: argparse.Namespace, lang: str) -> list[str]:
    """Sentences of at least three words, chosen by a hash from all raw text of the language."""
    nlp = turkic_nlp.blank(lang)
    nlp.add_pipe("turkic_sentences")
    lines: list[str] = []
    for path in sorted((Path(options.text) / lang).glob("*.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            lines += [line.strip() for line in file if 20 < len(line) < 2000]
    lines = sorted(set(lines), key=lambda line: sha256(line.encode()).digest())[: options.sentences]
    found = [sent.text.strip() for doc in nlp.pipe(lines) for sent in doc.sents if len(sent) > 2]
    return found[: options.sentences]


def taking_turns(*runs: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """Median seconds of each function, run in turn; one round to warm up is not counted."""
    for run in runs:
        run()
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, mine in zip(runs, seconds, strict=True):
            began = time.perf_counter()
            run()
            mine.append(time.perf_counter() - began)
    return [statistics.median(mine) for mine in seconds]


def batches_of(words: WordEncoder, sentences: Sequence[Sequence[str]], lang: str) -> list[Batch]:
    """What the bare encoder reads: cut, sorted by length, batched."""
    read = [words.pieces.sentence(sentence, lang) for sentence in sentences]
    read = [
        sentence[window.start : window.end]
        for sentence in read
        for window in windows([len(word.ids) for word in sentence], words.pieces.limit)
    ]
    lengths = [2 + sum(len(word.ids) for word in sentence) for sentence in read]
    return [collate([read[index] for index in group]) for group in by_budget(lengths, LIMIT)]


def bare(encoder: Encoder, batches: Sequence[Batch]) -> Callable[[], None]:
    """A run of the encoder alone."""

    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                encoder.words(batch)

    return run


def whole(nlp: Language, lines: Sequence[str]) -> Callable[[], None]:
    """A run of the pipeline."""

    def run() -> None:
        for _ in nlp.pipe(lines):
            pass

    return run


def count(nlp: Language, lines: Sequence[str]) -> tuple[int, list[list[str]]]:
    """Words, white space left out, and the words of each text."""
    sentences = [[token.text for token in doc if not token.is_space] for doc in nlp.tokenizer.pipe(lines)]
    return sum(len(sentence) for sentence in sentences), sentences


def pipeline(lang: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    """All components against the bare encoder, in each precision, and on one long document."""
    pipelines = {precision: turkic_nlp.load(lang, precision=precision) for precision in PRECISIONS}
    full = pipelines["fp32"]
    words, sentences = count(full, lines)
    encoder = full.get_pipe("encoder").model
    batches = batches_of(encoder, sentences, lang)
    runs = [whole(nlp, lines) for nlp in pipelines.values()]
    limit, *seconds = taking_turns(bare(encoder.encoder, batches), *runs)
    for precision, took in zip(pipelines, seconds, strict=True):
        yield _row(lang, precision, words, limit, took)
    document = " ".join(lines)[:500_000]
    many, _ = count(full, [document])
    (took,) = taking_turns(whole(full, [document]), rounds=1)
    yield {"lang": lang, "what": "one document", "words": many, "words_per_second": round(many / took)}


def _row(lang: str, what: str, words: int, limit: float, seconds: float) -> dict[str, Any]:
    speeds = {"words_per_second": round(words / seconds), "bare_encoder": round(words / limit)}
    return {"lang": lang, "what": what, "words": words, **speeds, "ratio": round(limit / seconds, 3)}


class Playback:
    """Records what functions of objects return, then hands it back without the work; each function has its own tape."""

    def __init__(self, places: Sequence[tuple[Any, str]]) -> None:
        self.places = places
        self.kept: list[list[Any]] = [[] for _ in places]

    def record(self, run: Callable[[], None]) -> None:
        """Run once and keep what comes back."""
        for (thing, name), tape in zip(self.places, self.kept, strict=True):
            object.__setattr__(thing, name, self._keeping(getattr(thing, name), tape))
        run()

    def _keeping(self, function: Callable[..., Any], tape: list[Any]) -> Callable[..., Any]:
        def kept(*args: Any) -> Any:
            tape.append(function(*args))
            return tape[-1]

        return kept

    def rewind(self) -> None:
        """Hand back from the beginning."""
        for (thing, name), tape in zip(self.places, self.kept, strict=True):
            object.__setattr__(thing, name, partial(_next, iter(tape)))

    def stop(self) -> None:
        """The functions work again."""
        for thing, name in self.places:
            object.__delattr__(thing, name)


def _next(tape: Iterator[Any], *args: Any) -> Any:
    return next(tape)


def places_of(nlp: Language) -> list[tuple[Any, str]]:
    """Where the matrix products are."""
    heads = [nlp.get_pipe(name).head for name in nlp.pipe_names if hasattr(nlp.get_pipe(name), "head")]
    inner = [
        (head, name) for head in heads for name in ("_relations", "_best_bundles") if hasattr(head, name)
    ]
    return [(nlp.get_pipe("encoder").model.encoder, "words"), *((head, "forward") for head in heads), *inner]


def side(lang: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    """Everything but the matrix products, on one core: the first time that words are met, and later."""
    torch.set_num_threads(1)
    nlp = turkic_nlp.load(lang)
    words, _ = count(nlp, lines)
    tape = Playback(places_of(nlp))
    tape.record(whole(nlp, lines))
    seconds = []
    for fresh in (True, False, False, False):
        if fresh:
            forget(nlp)
        tape.rewind()
        began = time.process_time()
        whole(nlp, lines)()
        seconds.append(time.process_time() - began)
    tape.stop()
    yield {
        "lang": lang,
        "words": words,
        "words_per_second_first": round(words / seconds[0]),
        "words_per_second": round(words / statistics.median(seconds[1:])),
    }


def forget(nlp: Language) -> None:
    """Empty the caches, as in a process that has just started."""
    nlp.get_pipe("encoder").model.pieces._cache.clear()
    nlp.get_pipe("lemmatizer").head._lexicons.clear()
    nlp.tokenizer.token_match = nlp.tokenizer.token_match  # which empties the tokenizer's cache


def workers(lang: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    """Two processes against one, one thread each, with their start; for one language."""
    if lang != LANGUAGES[0]:
        return
    torch.set_num_threads(1)
    nlp = turkic_nlp.load(lang)
    words, _ = count(nlp, lines)
    times = -(-MANY // words)
    many = lines * times

    def piped(n: int) -> float:
        began = time.perf_counter()
        for _ in nlp.pipe(many, n_process=n):
            pass
        return time.perf_counter() - began

    yield _two(lang, "nlp.pipe", words * times, piped(1), piped(2))
    with text_file(many) as path:
        yield _two(lang, "annotate", words * times, *(_annotated(path, lang, n) for n in (1, 2)))


def _two(lang: str, what: str, words: int, one: float, two: float) -> dict[str, Any]:
    speeds = {"one": round(words / one), "two": round(words / two), "ratio": round(one / two, 2)}
    return {"lang": lang, "what": what, "words": words, **speeds}


def _annotated(path: Path, lang: str, n: int) -> float:
    return float(annotate([path], io.BytesIO(), pipeline_for=_loaded, lang=lang, n_process=n).seconds)


@cache
def _loaded(lang: str) -> Language:
    torch.set_num_threads(1)
    return turkic_nlp.load(lang)


@contextmanager
def text_file(lines: Sequence[str]) -> Iterator[Path]:
    """A file with a sentence a line."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sentences.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield path


def one(lang: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    """The median time of one sentence of about fifteen words, and of loading in a fresh process."""
    chosen = [line for line in lines if 14 <= len(line.split()) <= 16][:200]
    took = {f"sentence_ms_{precision}": _sentence_ms(lang, precision, chosen) for precision in PRECISIONS}
    code = (
        "import time; t = time.perf_counter(); import turkic_nlp; "
        f"turkic_nlp.load('{lang}'); print(time.perf_counter() - t)"
    )
    load = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(2)
    )
    yield {"lang": lang, **took, "load_s": round(load, 2)}


def _sentence_ms(lang: str, precision: str, lines: Sequence[str]) -> float:
    nlp = turkic_nlp.load(lang, precision=precision)
    forget(nlp)
    for line in lines[-20:]:
        nlp(line)
    took = []
    for line in lines:
        began = time.perf_counter()
        nlp(line)
        took.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(took), 2)


def base(lang: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    """An encoder of the size of XLM-R base with random weights and heads of its width, on one text in FEW."""
    nlp = turkic_nlp.load(lang)
    pipe = nlp.get_pipe("encoder")
    sizes = EncoderConfig(vocab_size=pipe.model.encoder.config.vocab_size, affixes=0, **BASE)
    torch.manual_seed(1)
    words = WordEncoder(Encoder(sizes).eval(), pipe.model.pieces)
    for name in nlp.pipe_names:
        head = getattr(nlp.get_pipe(name), "head", None)
        if head is not None:
            nlp.get_pipe(name).head = type(head)(
                {**head.settings, "word_width": 2 * sizes.hidden_size}
            ).eval()
    pipe.model = words
    chosen = lines[: max(1, len(lines) // FEW)]
    total, sentences = count(nlp, chosen)
    batches = batches_of(words, sentences, lang)
    limit, seconds = taking_turns(bare(words.encoder, batches), whole(nlp, chosen), rounds=2)
    yield _row(lang, "size of XLM-R base", total, limit, seconds)


def growth(lang: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    """Speed and peak memory of ``annotate`` in int8 in a process of its own, over more and more sentences."""
    code = (
        "import functools, io, sys, turkic_nlp; from pathlib import Path; from turkic_nlp.annotate import annotate;"
        f"s = annotate([Path(sys.argv[1])], open('/dev/null', 'wb'), lang={lang!r},"
        "pipeline_for=functools.cache(functools.partial(turkic_nlp.load, precision='int8')));"
        "peak = [l for l in open('/proc/self/status') if l.startswith('VmHWM')][0].split()[1];"
        "print(s.words, s.seconds, peak)"
    )
    for size in (100, 1000, 10_000, 100_000, 1_000_000) if lang == LANGUAGES[0] else ():
        with text_file((lines * (size // len(lines) + 1))[:size]) as path:
            command = [sys.executable, "-c", code, str(path)]
            found = subprocess.run(command, capture_output=True, text=True, check=True)
        words, seconds, peak = found.stdout.split()
        row = {"lang": lang, "sentences": size, "words_per_second": round(int(words) / float(seconds))}
        yield row | {"peak_mb": round(int(peak) / 1024)}


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


PARTS: dict[str, Callable[[str, list[str]], Iterator[dict[str, Any]]]] = {
    "pipeline": pipeline,
    "side": side,
    "workers": workers,
    "one": one,
    "base": base,
    "growth": growth,
}

if __name__ == "__main__":
    main()
