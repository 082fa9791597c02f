"""Files of a corpus: included, in a mirror folder, or downloaded into a cache; checked before they are opened.

``TURKIC_NLP_MIRROR`` names a folder with ``<id>/<file>``; ``TURKIC_NLP_CACHE`` where downloads go (otherwise
the cache folder of the operating system). What a mirror lacks is downloaded.
What is included lies beside its card, as trustworthy as that, and is never looked for elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from turkic_nlp.corpora.catalog import Card, CardFile, card, folder
from turkic_nlp.errors import DownloadFailed, NotFetchable, UnknownSplit, UnreadableFile, WrongChecksum

MirrorCopy = Literal["original", "cut", "derived"]

MIRROR = "TURKIC_NLP_MIRROR"
CACHE = "TURKIC_NLP_CACHE"


def files(id: str, *, lang: str | None = None) -> dict[str, Path]:
    """Every file of a corpus by split (``lang/split`` where languages share one), present and checked.

    With ``lang`` only that language's files, and plain split names. A file without an address that no mirror
    has is left out; NotFetchable where none remains. Raises DownloadFailed or WrongChecksum.
    """
    found = card(id)
    chosen = obtainable(found)
    if lang is not None:
        chosen = [file for file in chosen if file.lang in ("", lang)]
        if not chosen:
            raise UnknownSplit(id, f"{lang}/*", ", ".join(map(found.key, found.files)))
    return {file.split if lang else found.key(file): fetch(found, file) for file in chosen}


def obtainable(found: Card) -> list[CardFile]:
    """The files that are included, have an address or lie in the mirror; NotFetchable where there is none."""
    here = found.access == "included"
    files = [file for file in found.files if here or file.url or _in_mirror(found, file)]
    if not files:
        raise NotFetchable(found.id, found.access, found.homepage)
    return files


def _in_mirror(found: Card, file: CardFile) -> Path | None:
    mirror = os.environ.get(MIRROR)
    path = Path(mirror, found.id, file.mirror or file.path) if mirror else None
    return path if path and path.is_file() else None


def fetch(found: Card, file: CardFile) -> Path:
    """One file, as ``files`` does it."""
    return fetch_copy(found, file)[0]


def fetch_copy(found: Card, file: CardFile) -> tuple[Path, MirrorCopy]:
    """One file, and whether it is the original, or what a mirror holds in its place."""
    if found.access == "included":
        return folder() / found.id / file.path, "original"
    mirrored = _in_mirror(found, file)
    if mirrored:
        _expect(mirrored, file.mirror_sha256 or file.sha256)
        return mirrored, ("cut" if file.sha256 else "derived") if file.mirror_sha256 else "original"
    if not file.url:
        raise NotFetchable(found.id, found.access, found.homepage)
    path = cache() / found.id / file.path
    if not path.is_file():
        _download(file, path)
    _expect(path, file.sha256)
    return path, "original"


def cache() -> Path:
    """The folder of downloads."""
    chosen = os.environ.get(CACHE)
    if chosen:
        return Path(chosen, "corpora")
    import pooch  # not needed where everything is in a mirror

    return Path(pooch.os_cache("turkic-nlp"), "corpora")


def _download(file: CardFile, path: Path) -> None:
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(file.url, f"sha256:{file.sha256}", fname=path.name, path=path.parent)
    except RequestException as error:
        raise DownloadFailed(file.url, str(error)) from error
    except ValueError as error:  # pooch's word for a wrong hash
        raise WrongChecksum(file.url, file.sha256, "different") from error
    except OSError as error:
        raise DownloadFailed(file.url, str(error)) from error


def _expect(path: Path, sha256: str) -> None:
    status = path.stat()
    found = digest(path, status.st_mtime_ns, status.st_size)
    if found != sha256:
        raise WrongChecksum(str(path), sha256, found)


@lru_cache(maxsize=1024)
def digest(path: Path, mtime: int, size: int) -> str:
    """The sha256 of a file's content, of what is inside a .gz; time and size make a changed file new."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return _sha256(iter(lambda: file.read(1 << 20), b""))
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(str(path), str(error)) from error


def _sha256(chunks: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()
