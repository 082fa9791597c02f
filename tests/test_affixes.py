import pytest

from turkic_nlp.affixes import Affixes, candidates, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [("lar", "ler"), ("dı", "tü"), ("ağaçta".replace("ğ", "g"), "egeşde"), ("kitap", "kıdab")],
)
def test_harmony_and_voicing_variants_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_a_word_has_beginnings_endings_and_folded_endings():
    assert candidates("at") == ["a-", "at-", "-t", "-at", "~at"]


def test_only_known_strings_count_and_ids_are_positions():
    affixes = Affixes.learn({"kitaplar": 3, "atlar": 2}, 1000)
    found = affixes.of("otlar")
    assert [affixes.strings[i] for i in found] == ["-r", "-ar", "-lar", "-tlar", "~ar", "~lar", "~tlar"]


def test_an_empty_word_has_no_affix():
    assert candidates("") == []
