"""A small corpus of each kind, with cards, in a folder of its own."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from turkic_nlp.corpora import catalog
from turkic_nlp.corpora.catalog import Card, CardFile

Make = Callable[..., Card]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Puts a corpus ``x`` of given files into a mirror and its card in front of the catalog."""
    monkeypatch.setenv("TURKIC_NLP_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("TURKIC_NLP_CACHE", str(tmp_path / "cache"))

    def build(
        reader: str, files: dict[str, bytes], rename: dict[str, str] | None = None, /, **facts: object
    ) -> Card:
        entries = []
        for path, data in files.items():
            split = str(path).partition(".")[0]
            target = tmp_path / "mirror" / "x" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            inside = gzip.decompress(data) if path.endswith(".gz") else data
            entries.append(
                CardFile(
                    split,
                    path.removesuffix(".gz"),
                    mirror=path,
                    mirror_sha256=sha256(inside),
                    rename=rename or {},
                )
            )
        base = replace(catalog.card("kaznerd"), columns={}, notes=())
        made = replace(base, id="x", reader=reader, files=tuple(entries), **facts)  # type: ignore[arg-type]
        real = catalog.card

        def found(id: str) -> Card:
            return made if id == "x" else real(id)

        for module in ("fetch", "gold", "tables", "check", "parts"):
            monkeypatch.setattr(f"turkic_nlp.corpora.{module}.card", found)
        return made

    return build


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine: its address and its folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as httpd:
        thread = Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}", folder
        httpd.shutdown()
        thread.join()


@pytest.fixture
def nothing_but_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No mirror, and no cache with anything in it."""
    monkeypatch.delenv("TURKIC_NLP_MIRROR", raising=False)
    monkeypatch.setenv("TURKIC_NLP_CACHE", str(tmp_path))
