import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
import source_check
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from turkic_nlp.cli import app
from turkic_nlp.corpora import card
from turkic_nlp.errors import NoTargetText, TurkicError, UnknownTarget, UnrankedTask, UnreadableFile
from turkic_nlp.scripts.shared import shared_form
from turkic_nlp.sources import candidates, rank_sources
from turkic_nlp.sources.features import Evidence, Profile, of_languages, of_text, profile, spaced
from turkic_nlp.sources.ranking import Linear, Pair, fit, fitted, with_measured
from turkic_nlp.sources.tables import agreement, measured, tongues

SCORES = st.lists(st.floats(0, 100), min_size=4, max_size=8)


def letters(word: str) -> list[int]:
    return [ord(letter) for letter in word]


def pairs(scores: list[float], weight: float) -> list[Pair]:
    return [Pair(f"s{n}", "t", {"a": x, "b": None}, weight * x) for n, x in enumerate(scores)]


def test_the_matrix_has_the_figures_that_others_have_read_in_it():
    found = measured()
    assert (len(found), len(found["tr"])) == (65, 105)
    better = {source for source in found if found[source]["kk"] > found["tr"]["kk"]}
    assert max(found, key=lambda source: found[source]["kk"]) == "hy" and len(better) + 1 == 24
    assert (found["tr"]["kk"], found["en"]["kk"], found["hy"]["kk"]) == (81.1, 82.5, 86.3)


def test_every_language_of_the_matrix_is_in_the_table_of_languages():
    assert set(measured()["tr"]) | {"ky", "uz", "tk", "az", "tt", "sah"} <= set(tongues())


@pytest.mark.parametrize(
    ("one", "other", "share", "attested"),
    [("kk", "ky", 1.0, 9), ("kk", "en", 4 / 9, 9), ("tr", "tr", 1.0, 11), ("kk", "akk", None, 0)],
)
def test_word_order_is_compared_where_both_are_attested(one, other, share, attested):
    assert agreement(tongues()[one], tongues()[other]) == (share, attested)


def test_overlap_is_counted_in_the_shared_orthography():
    kazakh = profile([["жаңа", "қала", "!"]], "kk", letters)
    kyrgyz = profile([["жаңы", "кала"]], "ky", letters)
    found = of_text(kazakh, kyrgyz)
    assert found["words"] == 0.5
    assert found["pieces"] == 7 / 8


@pytest.mark.parametrize(
    ("word", "lang", "form"),
    [
        ("قەلەم", "ug", "kelem"),
        ("ئەمگەك", "ug", "emgek"),
        ("биһиги", "sah", "bisigi"),
        ("таас", "sah", "tas"),
    ],
)
def test_uyghur_and_sakha_are_read_in_the_shared_orthography(word, lang, form):
    assert shared_form(word, lang) == form


@given(st.lists(st.text("абв", min_size=1), min_size=1))
def test_a_text_overlaps_wholly_with_itself(words):
    text = Profile(tuple(words), tuple(map(ord, "".join(words))))
    assert of_text(text, text) == {"words": 1.0, "pieces": 1.0, "ttr": 0.0}


@given(st.integers(1, 2000))
def test_a_sample_is_spread_over_the_whole(count):
    found = spaced([[str(n)] for n in range(count)], most=100)
    steps = [int(b[0]) - int(a[0]) for a, b in pairwise(found)]
    assert len(found) == min(count, 100) and max(steps, default=1) - min(steps, default=1) <= 1


@given(SCORES, st.floats(-5, 5))
def test_the_fit_finds_the_weight_that_made_the_scores(scores, weight):
    if max(scores) - min(scores) > 1:
        assert math.isclose(fit(pairs(scores, weight), ["a", "b"], 1e-9).weights["a"], weight, abs_tol=1e-3)


@given(SCORES)
def test_points_are_against_the_average_candidate_and_unknown_features_give_none(scores):
    candidates = [{"a": x, "b": None} for x in scores]
    model = Linear({"a": 2.0, "b": 9.0})
    assert math.isclose(sum(model.scores(candidates)), 0, abs_tol=1e-6)
    assert all(row["b"] == 0 for row in model.contributions(candidates))


def test_what_was_measured_takes_the_place_of_the_prediction():
    parts = [{"a": 3.0}, {"a": 1.0}, {"a": -4.0}]
    found = with_measured(parts, [None, 70.0, 80.0])
    assert found == [{"a": 4.5}, {"measured": -5.0}, {"measured": 5.0}]
    assert with_measured(parts, [None] * 3) == parts


def test_relatives_are_those_of_the_branch_first_and_never_the_target():
    matrix = {
        "tr": {"kk": 90.0, "tt": 80.0, "en": 50.0, "de": 50.0},
        "en": {"kk": 10.0, "tt": 40.0, "en": 99.0, "de": 70.0},
    }
    evidence = Evidence(matrix)
    assert evidence.relatives("tr", "kk") == pytest.approx(10.625)
    assert evidence.relatives("tr", "kk", without="tt") < evidence.relatives("tr", "kk")
    changed = {**matrix, "tr": {**matrix["tr"], "kk": 0.0}}
    assert Evidence(changed).relatives("tr", "kk") == evidence.relatives("tr", "kk")
    assert evidence.relatives("ky", "kk") is None


@given(st.lists(st.integers(0, 100), min_size=3, max_size=8, unique=True))
def test_the_true_order_has_ndcg_1_and_loses_nothing(scores):
    case = source_check.Case("t", "t", [Pair(str(s), "t", {}, float(s)) for s in scores], ["x"] * len(scores))
    gain, lost, lost3, place = source_check.measure(case, scores)
    assert (round(gain, 9), lost, lost3, place) == (1.0, 0.0, 0.0, 1.0)
    assert source_check.measure(case, [-s for s in scores])[1] == max(scores) - min(scores)


def test_a_left_out_language_is_in_no_pair_that_the_weights_see():
    rest = source_check.xlmr_rest("kk")
    assert len(rest) == 104
    rest = source_check.xlmr_rest("tr")
    assert all("tr" not in (pair.source, pair.target) for case in rest for pair in case.pairs)


def test_turkish_is_not_the_answer_because_it_is_turkic(mirror):
    found = rank_sources("kk", "upos", encoder="xlm-roberta")
    place = {lang: min(n for n, row in enumerate(found) if row.lang == lang) for lang in ("tr", "en", "ug")}
    assert place["en"] < place["ug"] < place["tr"]
    assert {row.lang for row in found}.isdisjoint({"kk"})


@pytest.mark.parametrize(("encoder", "task"), sorted(fitted()))
def test_points_are_the_sum_of_the_reasons(mirror, encoder, task, tmp_path, monkeypatch):
    few = [(card("ud-kazakh-ktb"), "kk"), (card("ud-uzbek-uzudt"), "uz"), (card("ud-tatar-nmctt"), "tt")]
    monkeypatch.setattr(candidates, "candidates", lambda target, task: few)
    text = tmp_path / "ky.txt"
    text.write_text("Айгүл кечээ Бишкектен келди .\n", encoding="utf-8")
    found = rank_sources("ky", task, encoder=encoder, text=text)
    assert [row.points for row in found] == sorted((row.points for row in found), reverse=True)
    assert all(math.isclose(row.points, sum(row.contributions.values())) for row in found)


@pytest.mark.parametrize(
    ("target", "task", "encoder", "error"),
    [
        ("xx", "upos", "turkic", UnknownTarget),
        ("kk", "ner", "turkic", UnrankedTask),
        ("kk", "las", "xlm-roberta", UnrankedTask),
        ("kk", "upos", "bert", UnrankedTask),
    ],
)
def test_what_cannot_be_ranked_is_refused(target, task, encoder, error):
    with pytest.raises(error, match=error.code):
        rank_sources(target, task, encoder=encoder)


def test_a_language_without_text_and_a_file_that_is_none_are_refused(tmp_path):
    from turkic_nlp.sources.candidates import target_text

    with pytest.raises(NoTargetText, match="T533"):
        target_text("otk")
    (tmp_path / "broken").write_bytes(b"\xff\xfe\xff")
    for path in (tmp_path / "absent", tmp_path / "broken", tmp_path):
        with pytest.raises(UnreadableFile):
            target_text("kk", path)


def test_the_command_prints_every_candidate_with_its_reasons(mirror):
    command = ["rank-sources", "--target", "tk", "--encoder", "xlm-roberta"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0 and "ud-kyrgyz-ktmu" in shown.output and "attested)" in shown.output
    rows = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    assert rows[0]["corpus"] in shown.output.splitlines()[1]
    refused = CliRunner().invoke(app, ["rank-sources", "--target", "xx"])
    assert isinstance(refused.exception, TurkicError)


def test_features_of_languages_say_how_much_is_attested():
    assert of_languages(tongues()["kk"], tongues()["otk"])["attested"] == 0.0
    assert of_languages(tongues()["uz"], tongues()["ug"])["branch"] == 1.0


def test_the_weights_come_from_their_benchmark():
    folder = Path(source_check.__file__).parent
    checked = json.loads((folder / "results" / "source_check.json").read_text(encoding="utf-8"))
    assert {" ".join(key) for key in fitted()} == set(checked["matrices"])
