"""What is kept of words: each looked up once by style and language, and few enough of them."""

from turkic_nlp.heads import kept
from turkic_nlp.heads.kept import KeptWords


def test_new_words_are_looked_up_together_once_for_a_style_and_language():
    asked: list[list[str]] = []

    def find(new, lang, style):
        asked.append(new)
        return [len(word) for word in new]

    found = KeptWords[int]()
    assert found(["аты", "үй", "аты"], "ky", "a", find)["аты"] == 3
    assert found(["үй", "тоо"], "ky", "a", find)["үй"] == 2
    found(["үй"], "kk", "a", find)
    found(["үй"], "ky", "b", find)
    assert asked == [["аты", "үй"], ["тоо"], ["үй"], ["үй"]]
    found.forget()
    found(["үй"], "ky", "a", find)
    assert asked[-1] == ["үй"]


def test_memory_stays_flat_and_every_word_asked_for_is_there(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 5)
    found = KeptWords[str]()
    for batch in range(20):
        words = [f"{batch}-{place}" for place in range(4)]
        known = found(words, "ky", "", lambda new, *_: [word.upper() for word in new])
        assert [known[word] for word in words] == [word.upper() for word in words]
        assert len(known) <= 5 + len(words)
