"""A small project that adds a language: what ``turkic-nlp new-language`` writes."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from turkic_nlp.errors import BadOption, OutputExists, OutputFailed, UnknownLanguage
from turkic_nlp.lang.examples import examples
from turkic_nlp.pipeline import LANGUAGES
from turkic_nlp.resources import requirement
from turkic_nlp.scripts.shared import table_of

_TEMPLATES = Path(__file__).parent / "templates" / "language"
_NAMES = {"kk": "Kazakh", "ky": "Kyrgyz", "tk": "Turkmen", "uz": "Uzbek"}
_FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "turkic_{lang}/__init__.py": "init.py",
    "turkic_{lang}/language.py": "language.py",
    "turkic_{lang}/tables/abbreviations.{lang}.tsv": "abbreviations.tsv",
    "turkic_{lang}/tables/numbers.{lang}.tsv": "numbers.tsv",
    "turkic_{lang}/tables/stop_words.{lang}.tsv": "stop_words.tsv",
    "tests/test_{lang}.py": "test.py",
}
_TABLE = "turkic_{lang}/tables/shared.{lang}.tsv"


def new_language(lang: str, *, like: str, output: Path, name: str | None = None) -> Path:
    """Write an installable project that adds the language ``lang`` to spaCy and to this package; return its folder.

    The table of shared orthography starts from the one that the package has for ``lang`` (tt, az, ba, tr), else from
    that of ``like``. The folder appears whole or not at all.

    Raises:
        BadOption: a code or a name that will not do.
        UnknownLanguage: ``like`` is none of the package's languages.
        OutputExists, OutputFailed: the folder is there, or cannot be written.
    """
    if not re.fullmatch("[a-z]{2,3}", lang) or lang in LANGUAGES:
        raise BadOption(
            "LANG", lang, f"an ISO 639 code in small letters; {', '.join(LANGUAGES)} are here already"
        )
    if like not in LANGUAGES:
        raise UnknownLanguage(like, ", ".join(LANGUAGES))
    title = name or lang.capitalize()
    if not re.fullmatch(r"[A-Z][A-Za-z]*", title):
        raise BadOption("--name", title, "a name in Latin letters with one capital, as in Tatar")
    if output.exists():
        raise OutputExists(str(output))
    facts = _facts(lang, like, title)
    table = _table(lang, like, title)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=output.parent, prefix=".language-") as place:
            _write(Path(place) / "project", lang, facts, table)
            (Path(place) / "project").replace(output)
    except OSError as error:
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    return output


def _facts(lang: str, like: str, title: str) -> dict[str, str]:
    own = table_of(lang).is_file()
    return {
        "lang": lang,
        "like": like,
        "name": title,
        "class_name": title,
        "like_name": _NAMES[like],
        "seed": "the package's table for it" if own else f"the table of {_NAMES[like]}",
        "sentence": next(s for s in examples(like) if '"' not in s),
        "requirement": requirement(),
    }


def _table(lang: str, like: str, title: str) -> str:
    """The rows to start from, under a first line that says whose they are."""
    source = table_of(lang if table_of(lang).is_file() else like)
    _, _, rest = source.read_text(encoding="utf-8").partition("\n")
    return f"# {title} -> shared orthography; rows begun from {source.stem.rpartition('.')[2]}\n{rest}"


def _write(folder: Path, lang: str, facts: dict[str, str], table: str) -> None:
    texts = {
        path: Template((_TEMPLATES / f"{source}.in").read_text(encoding="utf-8")).substitute(facts)
        for path, source in _FILES.items()
    }
    for name, text in {**texts, _TABLE: table}.items():
        path = folder / name.format(lang=lang)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
