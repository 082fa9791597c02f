"""A model as a Python package of one language, by spaCy's own packager: ``pip install`` it, then ``spacy.load`` it."""

from __future__ import annotations

import json
import keyword
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spacy.cli.package import package as spacy_package

from turkic_nlp import corpora
from turkic_nlp.errors import BadOption, OutputExists, OutputFailed, UnknownCorpus
from turkic_nlp.pipeline import load, model_folder
from turkic_nlp.resources import added_languages, requirement
from turkic_nlp.weights import checked_json


def package(lang: str, model: str, output: Path, *, name: str | None = None, force: bool = False) -> Path:
    """Write the folder ``output/<lang>_<name>-<version>``, which ``pip install`` takes, and return it.

    ``name`` is that of the model unless given. The package holds weights alone and requires this one, whose entry
    points give spaCy the language and the components. It appears whole or not at all.

    Raises:
        BadOption: the name is none that Python can import.
        OutputExists: the folder is there, and ``force`` is not set.
        OutputFailed: the system refused to write.
        TurkicError: the language or the model is not usable, see :func:`turkic_nlp.pipeline.load`.
    """
    nlp = load(lang, model=model)
    source = model_folder(model)
    title = _importable(lang, name or str(nlp.meta["name"]))
    folder = output / f"{lang}_{title}-{nlp.meta['version']}"
    if folder.exists() and not force:
        raise OutputExists(str(folder))
    try:
        output.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=output, prefix=".package-") as place:
            nlp.to_disk(Path(place) / "pipeline")
            _describe(Path(place) / "pipeline", source, title)
            spacy_package(Path(place) / "pipeline", Path(place), create_sdist=False)
            shutil.rmtree(folder, ignore_errors=True)
            (Path(place) / folder.name).replace(folder)
    except OSError as error:
        raise OutputFailed(str(folder), error.strerror or str(error)) from error
    return folder


def _importable(lang: str, name: str) -> str:
    """The name without the language, which spaCy puts before it."""
    title = name.removeprefix(f"{lang}_")
    if not re.fullmatch(r"[A-Za-z0-9](\w*[A-Za-z0-9])?", title, re.ASCII) or keyword.iskeyword(title):
        raise BadOption("--name", name, "letters a-z, digits and _ inside, as in my_model")
    return title


def _describe(pipeline: Path, source: Path, title: str) -> None:
    """Complete spaCy's ``meta.json`` by name, requirement and sources, and lay the model's card beside it."""
    path = pipeline / "meta.json"
    meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    origin = checked_json(source / "meta.json")
    meta |= {"name": title, "requirements": _requirements(meta["lang"]), "sources": list(_sources(origin))}
    path.write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if (source / "README.md").is_file():
        shutil.copyfile(source / "README.md", pipeline / "README.md")


def _requirements(lang: str) -> list[str]:
    """Our own package, and the one that adds the language, if another does."""
    point = added_languages().get(lang)
    return [requirement(), *([point.dist.name] if point and point.dist else [])]


def _sources(meta: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The corpora that the weights learned from, as spaCy's package lists them."""
    licences: dict[str, str] = {}
    for facts in (facts for stage in [meta, *meta.get("later", [])] for facts in stage.get("data", [])):
        licences.setdefault(str(facts["corpus"]), str(facts.get("licence", "unstated")))
        if glosses := str(facts.get("glosses", "")).partition("/")[0]:
            licences.setdefault(glosses, corpora.card(glosses).licence)
    for name, licence in licences.items():
        yield {"name": name, "license": licence, "url": _homepage(name)}


def _homepage(name: str) -> str:
    try:
        return corpora.card(name).homepage
    except UnknownCorpus:  # files of the user's own
        return ""
