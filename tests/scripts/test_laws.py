"""What holds for any text: nothing is lost, capitals stay, offsets point back, nothing raises."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from turkic_nlp.errors import UnknownAlphabet, UnknownLanguage
from turkic_nlp.scripts import Script, alphabets, detect_script, shared_form, transliterate
from turkic_nlp.scripts.routes import converter, languages, route

WAYS = [(lang, a, b) for lang in languages() for a in alphabets(lang) for b in (*alphabets(lang), "shared")]
NATIVE = {
    "uz": ("бвгдзклмнпртфхчшқғ", "аоуиў"),
    "kk": ("бгдзлмнңпрт", "аоұыәөүіе"),
    "ky": ("бдзлмнңпртчшж", "аоуөүеи"),
    "tk": ("бгдзклмнңпртчшҗж", "аоуыәөүи"),
}
CASES = [
    *((lang, name) for lang in languages() for name in alphabets(lang) if name.startswith("Latn")),
]
ODD = "абЯшъьеЁңІ ҳoʻʼg‘'ʻshcwIİıVX.,@#/1ٴكىاەق\u00ad\u0306\ud800\0\u200f\n"
KEPT = st.sampled_from(
    ["https://uz.wikipedia.org/a", "info@kun.uz", "@kunuz", "#Xabar", "12,5", "2024", "XXI", "www.kun.uz"]
)


@st.composite
def words(draw, lang):
    consonants, vowels = (st.sampled_from(letters) for letters in NATIVE[lang])
    return "".join(draw(consonants) + draw(vowels) for _ in range(draw(st.integers(1, 4)))) + draw(consonants)


def is_a_loan(word, lang, alphabet):
    """Whether an exception list of the way back spells the word, as it does with nol (ноль)."""
    steps = pairwise(route(lang, alphabet, "Cyrl"))
    forms = [
        (transliterate(word, lang=lang, source="Cyrl", target=a), converter(lang, a, b)) for a, b in steps
    ]
    return any(way.lexicon.find(way.fold(form)) for form, way in forms)


@pytest.mark.parametrize(("lang", "alphabet"), CASES)
@settings(max_examples=40)
@given(data=st.data())
def test_a_word_of_letters_that_lose_nothing_goes_there_and_back(lang, alphabet, data):
    word = data.draw(words(lang))
    there = transliterate(word, lang=lang, source="Cyrl", target=alphabet)
    assume(not is_a_loan(word, lang, alphabet))
    assert transliterate(there, lang=lang, source=alphabet, target="Cyrl") == word


@pytest.mark.parametrize(("lang", "alphabet"), CASES)
@settings(max_examples=40)
@given(data=st.data())
def test_capitals_stay_capitals_and_titles_stay_titles(lang, alphabet, data):
    word = data.draw(words(lang))
    small = transliterate(word, lang=lang, source="Cyrl", target=alphabet)
    capitals = transliterate(word.upper(), lang=lang, source="Cyrl", target=alphabet)
    title = transliterate(word.capitalize(), lang=lang, source="Cyrl", target=alphabet)
    assert not any(map(str.islower, capitals))
    assert (title[:1], title[1:]) == (capitals[:1], small[1:])


@pytest.mark.parametrize(("lang", "source", "target"), WAYS)
@settings(max_examples=15)
@given(kept=KEPT)
def test_what_is_no_word_is_left_alone(lang, source, target, kept):
    assert transliterate(f"{kept} ", lang=lang, source=source, target=target) == f"{kept} "


@pytest.mark.parametrize(("lang", "source", "target"), WAYS)
@settings(max_examples=25)
@given(
    text=st.text(
        st.sampled_from("абЯшъьеЁңІ ҳoʻʼg‘'ʻshIİıVX.,@#/1ٴكىاەق\u00ad\u0306\ud800\0\u200f\n"), max_size=30
    )
)
def test_offsets_rise_and_give_the_same_text_for_any_input(lang, source, target, text):
    plain = transliterate(text, lang=lang, source=source, target=target)
    output, places = transliterate(text, lang=lang, source=source, target=target, offsets=True)
    assert output == plain
    assert len(places) == len(output)
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@settings(max_examples=60)
@given(word=st.text(max_size=12), lang=st.sampled_from(languages()))
def test_the_shared_form_is_small_and_never_empty(word, lang):
    form = shared_form(word, lang)
    assert not any(map(str.isupper, form)) or form.lower() == form
    assert bool(form) == bool(word)


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "\u200f\u202e", "12", "ш" * 1_000_000, "a." * 100_000])
def test_odd_input_raises_nothing(text):
    for target in ("Latn", "Cyrl"):
        assert isinstance(transliterate(text, lang="uz", target=target), str)


def test_a_million_signs_take_no_long_time():
    text = "@#" * 100_000 + ".a" * 100_000 + "XVI" * 100_000
    assert transliterate(text, lang="uz", target="Cyrl", source="Latn")


def test_decomposed_letters_count_as_one():
    assert transliterate("и\u0306од", lang="kk", source="Cyrl", target="Latn") == "iod"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"lang": "xx", "target": "Latn"}, UnknownLanguage),
        ({"lang": "uz", "target": "Arab"}, UnknownAlphabet),
        ({"lang": "uz", "target": "Latn", "source": "Grek"}, UnknownAlphabet),
        ({"lang": "tk", "target": "Latn", "text": "تىل"}, UnknownAlphabet),
    ],
)
def test_what_is_unknown_is_a_numbered_error_that_lists_what_is_known(arguments, error):
    with pytest.raises(error, match=r"\[T10\d\].*Known: .*[a-z]"):
        transliterate(**{"text": "сал", **arguments})


@pytest.mark.parametrize(
    ("text", "script"),
    [("Шаҳарлар iPhone", "Cyrl"), ("Shahar", "Latn"), ("تىل", "Arab"), ("2024!", "Zyyy"), ("", "Zyyy")],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert detect_script(text) == script
    assert detect_script(text).direction == ("rtl" if script == "Arab" else "ltr")
    assert str(Script(script)) == script


@pytest.mark.parametrize(
    ("lang", "text", "cyrillic"),
    [
        ("kk", "áńgime shań", "әңгіме шаң"),
        ("kk", "äñgıme", "әңгіме"),
        ("uz", "ōḡil", "ўғил"),
        ("uz", "õğil", "ўғил"),
    ],
)
def test_the_variant_of_an_alphabet_is_told_by_its_own_letters(lang, text, cyrillic):
    assert transliterate(text, lang=lang, target="Cyrl") == cyrillic
