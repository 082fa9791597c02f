import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import word_encoder

from turkic_nlp.pieces import EOS, UNK, WordPieces, collate, shape, windows

PIECES = word_encoder().pieces


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ата", 0),
        ("Ата", 1),
        ("АТА", 2),
        ("А", 1),
        ("2020-жыл", 3),
        (".", 4),
        ("", 4),
        ("iPhone", 0),
        ("Oʻzbekiston", 1),
    ],
)
def test_the_shape_of_a_word_is_its_case_or_its_signs(word, expected):
    assert shape(word) == expected


@given(st.lists(st.integers(1, 9), max_size=80), st.integers(12, 40))
def test_windows_keep_every_word_once_in_order_and_fit(lengths, limit):
    found = windows(lengths, limit)
    kept = [index for window in found for index in range(window.keep_from, window.keep_to)]
    assert kept == list(range(len(lengths)))
    for window in found:
        assert window.start <= window.keep_from <= window.keep_to <= window.end
        assert sum(lengths[window.start : window.end]) <= limit - 2


def test_a_word_in_the_middle_of_a_long_sentence_has_context_on_both_sides():
    second = windows([1] * 100, 32)[1]
    assert second.start < second.keep_from < second.keep_to < second.end


@given(st.text(max_size=30))
def test_any_word_has_pieces_and_no_more_than_a_quarter_of_a_window(word):
    found = PIECES.word(word, "uz")
    assert 1 <= len(found.ids) <= PIECES.limit // 4


def test_an_unknown_word_is_unk_and_scripts_of_one_language_share_pieces():
    assert PIECES.word("", "kk").ids == (UNK,)
    assert PIECES.word("қала", "kk").ids == PIECES.word("qala", "kk").ids


def test_a_batch_pads_and_points_to_the_first_and_last_piece_of_kept_words():
    parts = [[WordPieces((7, 8), (0, 2), 1), WordPieces((9,), (), 0)], [WordPieces((7,), (1,), 0)]]
    batch = collate(parts, [(1, 2), (0, 1)])
    assert batch.ids.tolist() == [[0, 7, 8, 9, EOS], [0, 7, EOS, 1, 1]]
    assert batch.word.tolist() == [[0, 1, 1, 2, 0], [0, 3, 0, 0, 0]]
    assert (batch.first.tolist(), batch.last.tolist()) == ([3, 6], [3, 6])
    assert (batch.affix_ids.tolist(), batch.affix_offsets.tolist()) == ([0, 2, 1], [0, 2, 2])
