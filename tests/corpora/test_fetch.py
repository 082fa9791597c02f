"""Files: from a mirror or by download, and never opened unless the checksum is right."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from turkic_nlp.corpora.catalog import Card
from turkic_nlp.corpora.fetch import fetch, fetch_copy, files
from turkic_nlp.errors import DownloadFailed, NotFetchable, UnknownSplit, UnreadableFile, WrongChecksum

Make = Callable[..., Card]
DATA = "Ал\tO\n".encode()


def served(made: Card, address: str, data: bytes = DATA) -> Card:
    """The card of a corpus whose one file lies on the server."""
    file = replace(
        made.files[0],
        url=f"{address}/a.txt",
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        mirror_sha256="",
    )
    return replace(made, files=(file,))


def test_a_mirror_stands_in_for_the_network(make: Make, tmp_path: Path) -> None:
    make("files", {"a.txt": DATA, "b.txt.gz": gzip.compress(DATA)})
    paths = files("x")
    assert paths == {"a": tmp_path / "mirror/x/a.txt", "b": tmp_path / "mirror/x/b.txt.gz"}


def test_a_file_that_changed_is_refused(make: Make, tmp_path: Path) -> None:
    make("files", {"a.txt": DATA})
    files("x")
    (tmp_path / "mirror/x/a.txt").write_bytes(DATA + b"\n")
    with pytest.raises(WrongChecksum, match="T326"):
        files("x")


def test_a_cut_copy_has_its_own_checksum(make: Make) -> None:
    made = make("files", {"a.txt": DATA})
    assert fetch_copy(made, made.files[0])[1] == "derived"
    assert fetch_copy(made, replace(made.files[0], sha256="0" * 64))[1] == "cut"
    whole = replace(made.files[0], sha256=made.files[0].mirror_sha256, mirror_sha256="")
    assert fetch_copy(made, whole)[1] == "original"


def test_a_broken_gzip_file_is_a_numbered_error(make: Make, tmp_path: Path) -> None:
    make("files", {"a.txt.gz": gzip.compress(DATA)})
    (tmp_path / "mirror/x/a.txt.gz").write_bytes(gzip.compress(DATA)[:-8])
    with pytest.raises(UnreadableFile, match="T310"):
        files("x")


def test_what_has_no_address_is_left_out_and_refused_alone(make: Make, tmp_path: Path) -> None:
    made = make("files", {"a.txt": DATA, "b.txt": DATA})
    (tmp_path / "mirror/x/b.txt").unlink()
    assert list(files("x")) == ["a"]
    (tmp_path / "mirror/x/a.txt").unlink()
    with pytest.raises(NotFetchable, match="T324"):
        files("x")
    with pytest.raises(NotFetchable, match="TURKIC_NLP_MIRROR"):
        fetch(made, made.files[0])


@pytest.mark.parametrize("id", ["kyrgyz-ner", "til-corpus"])
def test_a_corpus_that_lies_elsewhere_says_where(id: str) -> None:
    with pytest.raises(NotFetchable, match=r"github\.com"):
        files(id)


def test_a_language_that_a_corpus_lacks_is_refused(make: Make) -> None:
    make("files", {"a.txt": DATA})
    assert list(files("x", lang="kk")) == ["a"]
    with pytest.raises(UnknownSplit, match="T321"):
        files("sib-200", lang="tlh")


def test_a_download_is_checked_kept_and_not_repeated(
    make: Make, server: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = server
    (folder / "a.txt").write_bytes(DATA)
    made = served(make("files", {"a.txt": DATA}), address)
    (tmp_path / "mirror/x/a.txt").unlink()
    path = fetch(made, made.files[0])
    assert path == tmp_path / "cache/corpora/x/a.txt"
    assert path.read_bytes() == DATA
    (folder / "a.txt").unlink()
    assert fetch(made, made.files[0]) == path


def test_a_download_with_another_content_is_not_kept(
    make: Make, server: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = server
    (folder / "a.txt").write_bytes(b"something else")
    made = served(make("files", {"a.txt": DATA}), address)
    (tmp_path / "mirror/x/a.txt").unlink()
    with pytest.raises(WrongChecksum, match="not opened"):
        fetch(made, made.files[0])
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_failed_download_is_a_numbered_error(make: Make, server: tuple[str, Path], tmp_path: Path) -> None:
    made = served(make("files", {"a.txt": DATA}), server[0])
    (tmp_path / "mirror/x/a.txt").unlink()
    with pytest.raises(DownloadFailed, match="T325"):
        fetch(made, made.files[0])
