"""Cards: every one is complete and honest, and a wrong one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from turkic_nlp.corpora import cards, listing
from turkic_nlp.corpora.catalog import Card, card, folder, parse_card
from turkic_nlp.errors import BadCard, SplitUnclear, UnknownCorpus, UnknownSplit

ALL = cards()
RAW = re.compile(r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/.+")
NOT_FREE = re.compile(r"NC|ND|GPL|unstated")
KEPT_FOR_EVALUATION = {
    "flores-plus",
    "project-ner",
    "ud-azerbaijani-tuecl",
    "ud-kyrgyz-tuecl",
    "ud-turkish-tuecl",
    "ud-uzbek-tuecl",
}


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_a_card_pins_every_address_to_a_commit_and_a_checksum(found: Card) -> None:
    for file in found.files:
        assert bool(file.url) == bool(file.sha256)
        assert not file.url or RAW.fullmatch(file.url)
        assert file.url or found.access in ("derived", "included") or any(other.url for other in found.files)
        assert (file.mirror_note != "") == bool(file.sha256 and file.mirror_sha256)
    assert (found.access in ("download", "derived", "included")) == bool(found.files)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_shipped_weights_learn_only_from_free_corpora_outside_evaluation(found: Card) -> None:
    expected = not NOT_FREE.search(found.licence) and found.id not in KEPT_FOR_EVALUATION
    assert found.trainable == expected


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_a_card_names_its_labels_where_its_reader_needs_them(found: Card) -> None:
    if found.reader == "classes":
        assert all(file.labels or found.labels for file in found.files)
    if found.reader == "iob2":
        assert {"word", "tag"} <= set(found.columns)
    assert set(found.scripts) <= {"Arab", "Cyrl", "Latn"}
    assert all(file.lang in ("", *found.languages) for file in found.files)
    source = found.citation["url"]
    assert source == "CITATION.cff" if found.access == "included" else source.startswith("https://")
    assert found.name and found.citation["title"]


def test_the_four_languages_have_their_corpora() -> None:
    wanted = {
        ("kk", "dependency-parsing"): "ud-kazakh-ktb",
        ("uz", "dependency-parsing"): "ud-uzbek-uzudt",
        ("ky", "dependency-parsing"): "ud-kyrgyz-ktmu",
        ("tk", "dependency-parsing"): "ud-turkmen-tud-silver",
        ("kk", "ner"): "kaznerd",
        ("uz", "ner"): "project-ner",
        ("ky", "ner"): "project-ner",
        ("tk", "ner"): "project-ner",
        ("tk", "topic-classification"): "sib-200",
    }
    for (lang, task), id in wanted.items():
        assert id in [found.id for found in cards(lang, task)]
    assert cards("tlh") == []


def test_every_card_file_is_listed_once() -> None:
    assert [found.id for found in ALL] == sorted(path.stem for path in folder().glob("*.toml"))
    assert len(ALL) >= 70


def test_the_readme_of_the_cards_is_the_generated_one() -> None:
    assert (folder() / "README.md").read_text(encoding="utf-8") == listing.markdown()


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("ud_kyrgyz_ktmu", "ud-kyrgyz-ktmu"),
        ("KazNERD", "kaznerd"),
        ("sib200", "sib-200"),
        ("qqqq", "corpora list"),
    ],
)
def test_an_unknown_id_names_the_nearest_known_one(given: str, near: str) -> None:
    with pytest.raises(UnknownCorpus, match="T320") as caught:
        card(given)
    assert near in str(caught.value)


@pytest.mark.parametrize(
    ("split", "lang", "error", "says"),
    [
        ("train", None, SplitUnclear, "kk, uz, ky"),
        ("train", "xx", UnknownSplit, "xx/train"),
        ("devtest", None, UnknownSplit, "kk/train"),
    ],
)
def test_a_split_of_several_languages_must_be_told_apart(
    split: str, lang: str | None, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        card("sib-200").file(split, lang)
    assert says in str(caught.value)


def test_a_language_is_needed_only_where_several_share_a_split() -> None:
    assert card("sib-200").file("dev", "ky").path == "kir_Cyrl/dev.tsv"
    assert card("kaznerd").file("dev", "kk") == card("kaznerd").file("dev")
    assert card("kaznerd").key(card("kaznerd").file("dev")) == "dev"


GOOD = """\
id = "x"
name = "X"
languages = ["kk"]
scripts = ["Cyrl"]
tasks = ["ner"]
licence = "MIT"
quality = "gold"
trainable = true
access = "download"
homepage = "https://example.org"
citation = { title = "X", year = 2020, url = "https://example.org" }
"""
FILE = '[[files]]\nsplit = "a"\npath = "a.txt"\n'
BAD_CARDS = {
    "not TOML": "id = ",
    "another id": GOOD.replace('"x"', '"y"'),
    "a key is missing": GOOD.replace('licence = "MIT"\n', ""),
    "a key is misspelt": GOOD + 'license = "MIT"\n',
    "no SPDX licence": GOOD.replace('"MIT"', '"free for all"'),
    "unknown quality": GOOD.replace('"gold"', '"good"'),
    "unknown access": GOOD.replace('"download"', '"torrent"'),
    "unknown reader": GOOD + 'reader = "xml"\n',
    "citation without year": GOOD.replace("year = 2020, ", ""),
    "address without checksum": GOOD + FILE + 'url = "https://example.org"\n',
    "neither address nor checksum": GOOD + FILE,
    "a bad checksum": GOOD + FILE + 'mirror_sha256 = "abc"\n',
    "two files for one split": GOOD + (FILE + f'mirror_sha256 = "{"0" * 64}"\n') * 2,
    "an unknown key of a file": GOOD + FILE + f'mirror_sha256 = "{"0" * 64}"\nsize = 1\n',
}


@pytest.mark.parametrize("text", BAD_CARDS.values(), ids=BAD_CARDS.keys())
def test_a_wrong_card_is_refused_with_its_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadCard, match="T322") as caught:
        parse_card(path)
    assert str(path) in str(caught.value)


def test_a_right_card_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD + FILE + f'mirror_sha256 = "{"0" * 64}"\n', encoding="utf-8")
    assert parse_card(path).splits == ("a",)
