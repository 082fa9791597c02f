"""Do what docs/new-language.md tells, command by command, and write down how long each took.

    python -m venv --system-site-packages runs/venv && . runs/venv/bin/activate
    python benchmarks/new_language_steps.py tt --kin runs/kin
    python benchmarks/new_language_steps.py ug --trained runs/uyghur_small

The commands run in an empty folder and install two projects into the environment that runs them: make it one to throw
away. In place of the evening in which somebody fills the tables, those of docs/languages are copied. Training Uyghur
takes long, so with ``--trained`` its time is that of the run that made the model. Seconds are of the clock and of the
processor; the tail of what a command printed is kept.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from new_languages import SMALL, divided

from turkic_nlp import conllu, corpora

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PROJECTS = {"tt": ("Tatar", "kk"), "ug": ("Uyghur", "uz"), "az": ("Azerbaijani", "tk")}
TEXTS = {
    "tt": "Казанда яңа китапханә ачылды. Анда бик күп китап бар.",
    "ug": "ئۈرۈمچىدە يېڭى كۇتۇپخانا ئېچىلدى. ئۇ يەردە كىتاب ناھايىتى كۆپ.",
    "az": "Bakıda yeni kitabxana açıldı. Orada çox kitab var.",
}
SHOW = (
    "import spacy; nlp = spacy.load('{lang}_{model}'); "
    "[print(t.text, t.pos_, t.lemma_, t.dep_, t.head.text, t.is_sent_start) for t in nlp('{text}')]"
)
TAIL = 12


def main() -> None:
    """Run every step of one language and write ``new_language_LANG.json``."""
    parser = argparse.ArgumentParser(description="Time the steps of adding a language.")
    parser.add_argument("lang", choices=PROJECTS)
    parser.add_argument("--kin", type=Path, help="model to go on from, for a language with few sentences")
    parser.add_argument("--trained", type=Path, help="model that a recipe has made already")
    options = parser.parse_args()
    with TemporaryDirectory() as place:
        steps = (
            few(options.lang, options.kin, Path(place))
            if options.kin
            else whole(options.lang, options.trained)
        )
        done = [run(what, command, Path(place)) for what, command in begun(options.lang) + steps]
    if options.trained:
        meta = json.loads((options.trained / "meta.json").read_text(encoding="utf-8"))
        done.insert(
            4,
            {
                "what": "training",
                "command": TRAIN,
                "seconds": 60 * meta["minutes"],
                "cpu": None,
                "output": [],
            },
        )
    path = RESULTS / f"new_language_{options.lang}.json"
    path.write_text(json.dumps(done, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


TRAIN = "turkic-nlp train uyghur/uyghur.cfg --output uyghur_small"
Steps = list[tuple[str, str]]


def begun(lang: str) -> Steps:
    """From nothing to a language that spaCy knows."""
    name, like = PROJECTS[lang]
    folder = name.lower()
    filled = ROOT / "docs" / "languages" / folder
    return [
        ("a project", f"turkic-nlp new-language {lang} --like {like} --name {name} --output {folder}"),
        ("the tables, filled", f"cp -r {filled}/. {folder}"),
        ("install", f"pip install --quiet -e {folder}"),
        ("its tests", f"python -m pytest -q {folder}"),
    ]


def few(lang: str, kin: Path, place: Path) -> Steps:
    """Components that go on from those of kindred languages with sixty sentences."""
    train, test = divided(list(corpora.sentences(SMALL[lang], "test")), seed=1)
    conllu.write(train[:60], place / "sixty.conllu")
    conllu.write(test, place / "rest.conllu")
    model = f"{PROJECTS[lang][0].lower()}_small"
    taught = [
        (
            f"a {task} from 60 sentences",
            f"turkic-nlp new-component {task} --lang {lang} --data sixty.conllu --dev-share 0 --keep"
            f" --model {kin.resolve() if task == 'tagger' else model} --output {model}",
        )
        for task in ("tagger", "lemmatizer", "parser")
    ]
    before = ("scores before", f"turkic-nlp evaluate rest.conllu --lang {lang} --model {kin.resolve()}")
    after = ("scores after", f"turkic-nlp evaluate rest.conllu --lang {lang} --model {model}")
    return [before, *taught, after, *given(lang, model, Path(model))]


def whole(lang: str, trained: Path) -> Steps:
    """The package of a model that a recipe has made."""
    score = (
        f"turkic-nlp evaluate --corpus ud-uyghur-udt --split test --lang {lang} --model {trained.resolve()}"
    )
    return [("scores", score), *given(lang, trained.name, trained.resolve())]


def given(lang: str, model: str, folder: Path) -> Steps:
    """The model as a package, installed and loaded by spaCy alone."""
    return [
        ("a package", f"turkic-nlp package {folder} --lang {lang} --output packages"),
        ("install it", f"pip install --quiet packages/{lang}_{model}-0.1.0"),
        ("a text", f'python -c "{SHOW.format(lang=lang, model=model, text=TEXTS[lang])}"'),
    ]


def run(what: str, command: str, place: Path) -> dict[str, Any]:
    """One step; a command that fails ends everything."""
    print(f"$ {command}", flush=True)
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    found = subprocess.run(
        command, shell=True, cwd=place, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if found.returncode:
        sys.exit(found.stdout)
    lines = [line.rstrip() for line in found.stdout.splitlines() if line.strip()]
    print("\n".join(lines[-TAIL:]), flush=True)
    shown = re.sub(r"/\S*/(docs/languages|runs)/", r"\1/", command)
    seconds = round(time.monotonic() - start, 1)
    return {
        "what": what,
        "command": shown,
        "seconds": seconds,
        "cpu": round(cpu, 1),
        "output": [line for line in lines[-TAIL:] if str(ROOT) not in line],
    }


if __name__ == "__main__":
    main()
