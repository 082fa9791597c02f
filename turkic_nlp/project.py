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
from turkic_nlp.scripts.native import native_table
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
_TABLES = "turkic_{lang}/tables/{kind}.{lang}.tsv"


def new_language(lang: str, *, like: str, output: Path, name: str | None = None) -> Path:
    """Write an installable project that adds the language ``lang`` to spaCy and to this package; return its folder.

    The tables of the shared orthography and of the way back start from those that the package has for ``lang`` (tt, az,
    ba, tr; the way back: az, tr), else from those of ``like``. The folder appears whole or not at all.

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
    tables = {
        _TABLES.format(lang=lang, kind="shared"): _begun(
            _shared(lang, like), f"{title} -> shared orthography"
        ),
        _TABLES.format(lang=lang, kind="native"): _begun(
            _native(lang, like), f"shared orthography -> {title}"
        ),
    }
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=output.parent, prefix=".language-") as place:
            _write(Path(place) / "project", lang, facts, tables)
            (Path(place) / "project").replace(output)
    except OSError as error:
        raise OutputFailed(str(output), error.strerror or str(error)) from error
    return output


def _facts(lang: str, like: str, title: str) -> dict[str, str]:
    return {
        "lang": lang,
        "like": like,
        "name": title,
        "class_name": title,
        "like_name": _NAMES[like],
        "seed": _whose(_shared(lang, like), lang, like),
        "back": _whose(_native(lang, like), lang, like),
        "sentence": next(s for s in examples(like) if '"' not in s),
        "requirement": requirement(),
    }


def _whose(table: Path, lang: str, like: str) -> str:
    own = lang in table.stem.replace("-", ".").split(".")
    return "started from " + ("the package's table for it" if own else f"the table of {_NAMES[like]}")


def _shared(lang: str, like: str) -> Path:
    return table_of(lang if table_of(lang).is_file() else like)


def _native(lang: str, like: str) -> Path:
    """The letters of the language itself, or of the one that it is like, in Cyrillic if that one has them so."""
    return next(
        path
        for code in (lang, like)
        for script in ("Cyrl", "Latn")
        if (path := native_table(code, script)).is_file()
    )


def _begun(source: Path, title: str) -> str:
    """The rows to start from, under a first line that says whose they are."""
    _, _, rest = source.read_text(encoding="utf-8").partition("\n")
    return f"# {title}; rows begun from {source.stem.rpartition('.')[2]}\n{rest}"


def _write(folder: Path, lang: str, facts: dict[str, str], tables: dict[str, str]) -> None:
    texts = {
        path: Template((_TEMPLATES / f"{source}.in").read_text(encoding="utf-8")).substitute(facts)
        for path, source in _FILES.items()
    }
    for name, text in {**texts, **tables}.items():
        path = folder / name.format(lang=lang)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
