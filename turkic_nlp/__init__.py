"""Kazakh, Uzbek, Kyrgyz and Turkmen for spaCy. Importing it imports neither torch nor spaCy."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turkic_nlp.pipeline import blank, load
    from turkic_nlp.scripts import detect_script, transliterate

try:
    __version__ = version("spacy-turkic")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__", "blank", "detect_script", "load", "transliterate"]

_HOMES = {
    "blank": "turkic_nlp.pipeline",
    "load": "turkic_nlp.pipeline",
    "detect_script": "turkic_nlp.scripts",
    "transliterate": "turkic_nlp.scripts",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
