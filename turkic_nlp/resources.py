"""Where the package's data is, and the tables of languages that other packages add."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from pathlib import Path

from turkic_nlp.errors import BadTables

TABLES_GROUP = "turkic_nlp_tables"
"""The entry points by which an installed package adds a language: its code and a folder of tables."""
_PACKAGE = Path(__file__).parent


def data_dir(name: str) -> Path:
    """The folder ``corpora`` or ``models``: inside an installed wheel, or beside the package."""
    packed = _PACKAGE / "data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


@cache
def added_languages() -> dict[str, EntryPoint]:
    """The languages that other installed packages add."""
    return {point.name: point for point in entry_points(group=TABLES_GROUP)}


def added_tables(lang: str) -> Path | None:
    """The folder of tables of an added language, None for one that nobody added.

    Raises:
        BadTables: the entry point leads to no folder.
    """
    point = added_languages().get(lang)
    if point is None:
        return None
    try:
        folder = point.load()
    except (ImportError, AttributeError) as error:
        raise BadTables(point.value, f"it cannot be imported ({error})", "a Path to a folder") from error
    if not isinstance(folder, Path) or not folder.is_dir():
        raise BadTables(point.value, f"it is {folder!r}", "a Path to a folder")
    return folder


def requirement() -> str:
    """Our own package as others require it: the versions that read the same weights and tables."""
    try:
        major, minor = version("spacy-turkic").split(".")[:2]
    except PackageNotFoundError:  # a checkout that was never installed
        return "spacy-turkic"
    return f"spacy-turkic>={major}.{minor}.0,<{major}.{int(minor) + 1}.0"
