"""The bookkeeping of the benchmarks: what is run, what is summed up."""

from __future__ import annotations

import ablation
import accuracy
import ensemble
import fewshot
import finetune_cost
import kaznerd1000
import memory
import new_language_page
import new_languages
import numpy as np
import pytest
import retrieval
import rivals

import turkic_nlp
from turkic_nlp import conllu
from turkic_nlp.pipeline import model_folder


def test_the_first_cells_of_the_ablation_make_whole_rows():
    cells = list(ablation.cells(ablation.STARTS, [1, 2], ablation.CONDITIONS))
    assert len(set(cells)) == len(cells) == 36
    assert {(cell.start, cell.seed) for cell in cells[:12]} == {("random", 1), ("random", 2)}


def test_a_finished_cell_is_known_by_its_line():
    cell = ablation.Cell("shared", "mlm", "tr", 3)
    assert ablation.cell_of({**cell._asdict(), "steps": 600, "scores": {}}) == cell


def test_the_table_of_the_ablation_has_mean_and_spread_over_seeds():
    scores = {corpus: {"upos": 50.0, "feats": 1.0, "las": 2.0} for _, corpus, _ in ablation.TREEBANKS}
    rows = [
        {**ablation.Cell("shared", "mlm", "tr", seed)._asdict(), "scores": scores | {"ud-kazakh-ktb": found}}
        for seed, found in ((1, scores["ud-kazakh-ktb"]), (2, scores["ud-kazakh-ktb"] | {"upos": 52.0}))
    ]
    text = ablation.table(rows)
    assert "| shared | mlm | 2 | 51.0 ± 1.4 | 50.0 ± 0.0 |" in text
    assert "All treebanks" not in text


def test_scores_of_seeds_are_summed_up_by_set_and_metric():
    row = {"lang": "kk", "corpus": "x", "split": "test", "metric": "las", "sentences": 3}
    (found,) = accuracy.summary([row | {"value": 40.0, "seed": 1}, row | {"value": 44.0, "seed": 2}])
    assert found["value"] == 42.0
    assert found["sd"] == pytest.approx(2.8284)
    assert found["seeds"] == {"1": 40.0, "2": 44.0}


def view(token):
    return (
        token.pos_,
        str(token.morph),
        token.lemma_,
        token.head.i,
        token.dep_,
        token.ent_iob_,
        token.ent_type_,
    )


def test_a_model_twice_is_the_model():
    folder = model_folder("turkic_small")
    texts = ["Қазақстан – Орталық Азиядағы мемлекет. Астана қаласы үлкен.", "Абай өлең жазды."]
    for alone, twice in zip(
        turkic_nlp.load("kk").pipe(texts), ensemble.together("kk", [folder, folder]).pipe(texts), strict=True
    ):
        assert twice.tensor.shape == (len(alone), 2 * alone.tensor.shape[1])
        assert [view(token) for token in twice] == [view(token) for token in alone]
        assert twice.cats == pytest.approx(alone.cats, abs=1e-5)


def test_a_translation_is_found_where_only_the_languages_differ():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(20, 8)).astype(np.float32)
    other = one + 30 * np.eye(8, dtype=np.float32)[0]
    assert retrieval.top1(one, one) == 100.0
    assert retrieval.top1(one, other) < 100.0
    assert retrieval.top1(one, other, method="centred") == 100.0
    assert retrieval.top1(one, other, method="centred csls") == 100.0


def test_a_sentence_that_is_near_to_everything_is_passed_over_by_csls():
    queries = np.eye(12, dtype=np.float32) + 0.5
    targets = np.eye(12, dtype=np.float32)
    targets[0] = 1.0
    assert retrieval.top1(queries, targets) < 50.0
    assert retrieval.top1(queries, targets, method="csls") > 90.0


def test_the_mean_of_retrieval_is_over_the_pairs_without_english():
    pairs = [
        {"from": one, "to": other, **dict.fromkeys(retrieval.METHODS, value)}
        for one, other, value in (
            ("kk", "ky", 40.0),
            ("ky", "kk", 50.0),
            ("kk", "en", 1.0),
            ("en", "kk", 2.0),
        )
    ]
    assert retrieval.mean_scores(pairs) == dict.fromkeys(retrieval.METHODS, 45.0)


def test_a_model_that_learned_a_part_of_a_test_set_is_scored_on_the_rest():
    meta = {"data": [{"corpus": "ud-kazakh-ktb", "splits": ["train", "product-train"]}]}
    found = list(accuracy.sets_of(meta))
    assert ("kk", "ud-kazakh-ktb", "product-test") in found
    assert ("uz", "ud-uzbek-ut", "test") in found


def test_every_round_of_the_rivals_reads_new_sentences_and_as_many():
    assert rivals.slices(1000, 100, rounds=3, warm=40) == [(0, 40), (40, 140), (140, 240), (240, 340)]
    assert rivals.slices(100, 100, rounds=3, warm=40) == [(0, 40), (40, 60), (60, 80), (80, 100)]


def test_the_rivals_take_turns_and_another_one_begins_each_round():
    assert list(rivals.turns(["a", "b"], 2)) == [(0, "a"), (0, "b"), (1, "b"), (1, "a")]


def test_each_rival_is_compared_with_the_part_of_ours_that_does_the_same():
    about = {"about": {"load_s": 1.0, "versions": {}}}

    def answer(*seconds: float) -> dict[str, object]:
        rounds = [
            {"first": 2 * place, "last": 2 * place + 2, "seconds": took, "peak_mb": 100 + place}
            for place, took in enumerate(seconds)
        ]
        return {**about, "rounds": rounds}

    answers = {"ours": answer(2, 2, 4), "ours-tags": answer(1, 1, 2), "hf-32": answer(3, 3, 8)}
    *_, row = rivals.summary("kk", answers, [10] * 6)
    assert (row["words"], row["words_per_second"], row["peak_mb"]) == (60, 7, 102)
    assert (row["compared_with"], row["ours_is_faster"]) == ("ours-tags", 3.0)
    assert row["all_of_ours_is_faster"] == 1.5
    (alone,) = rivals.summary("kk", {"hf-32": answers["hf-32"]}, [10] * 6)
    assert alone["ours_is_faster"] is None


def test_a_rival_that_is_not_installed_is_skipped_with_the_reason(tmp_path):
    options = rivals.argparse.Namespace(venv_dir=tmp_path, threads=1, langs=["kk"])
    assert "not installed" in rivals.built("stanza", options)


def test_all_rivals_have_a_script_and_a_part_of_ours_to_be_compared_with():
    for rival in rivals.RIVALS.values():
        assert (rivals.SCRIPTS / rival.script).exists()
        assert rival.like in rivals.OURS
        assert not rival.venv or rival.venv in rivals.ENVIRONMENTS


def test_the_table_of_label_regularisation_pairs_seeds():
    rows = [
        {**fewshot.Cell("sib-200", 0.01, seed, weight)._asdict(), "texts": 7, "score": seed + weight * shift}
        for seed, shift in ((1, 10), (2, 30))
        for weight in fewshot.WEIGHTS
    ]
    rows.append({**fewshot.Cell("kaznerd", 0.01, 1, 0.0)._asdict(), "texts": 9, "score": 1.0})
    (line,) = fewshot.table(rows).splitlines()[2:]
    assert line == "| SIB-200 kk, topics, macro-F1 | 7 (1 %) | 2 | 1.5 ± 0.7 | 3.5 ± 2.1 | 2.0 ± 1.4 |"


def test_a_table_goes_between_its_marks_and_nothing_else_changes(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n", encoding="utf-8")
    for _ in range(2):
        memory.write_table(page, "x", "new\n")
    assert page.read_text(encoding="utf-8") == "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n"


def test_the_tables_of_memory_and_of_a_thousand_sentences_have_a_line_a_row():
    row = {"components": 6, "rss_mb": 434.5, "weights_mb": 55.4, "unshared_mb": 294.9}
    assert "| kk | 6 | 434 | 55 | 295 |" in memory.table({"rows": {"kk": row}})
    way = {"seconds": 61.2, "steps": 300, "f": 60.0, "seconds_of_test": 20.4, "bytes": 1_500_000}
    assert "| frozen | 61 | 300 | 60.0 | 20 | 1.5 |" in kaznerd1000.table({"ways": {"frozen": way}})


def test_the_cost_of_a_whole_model_is_on_the_line_through_its_rows():
    def row(layers):
        cost = {"parameters": 100 + layers, "in_layers": layers, "peak_gb": 2.0 + layers}
        settings = {"batch_pieces": 1000, "recipe_steps": 3600}
        return {
            "size": "large",
            "layers": layers,
            "seconds_of_recipe_step": 1.0 + 2 * layers,
            **cost,
            **settings,
        }

    assert finetune_cost.model_of("large", [row(2)]) == {}
    found = finetune_cost.model_of("large", [row(2), row(6)])
    assert (found["seconds_a_step"], found["peak_gb"], found["parameters"]) == (49.0, 26.0, 124)
    assert found["hours_of_recipe_on_one_thread"] == 49.0
    assert "straight line" in found["how"]
    assert finetune_cost.model_of("large", [row(2), row(24)])["how"] == "measured"


@pytest.fixture
def articles(tmp_path):
    """Thirty articles of three sentences; the last sentence of each says the same."""
    path = tmp_path / "news.conllu"
    rows = [
        f"# sent_id = {a}_{n}\n1\t{'Шул' if n == 2 else f'хәбәр{a}{n}'}\t_\tNOUN\t_\t_\t0\troot\t_\t_\n"
        for a in range(30)
        for n in range(3)
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return list(conllu.read(path))


def test_a_test_set_is_divided_by_articles_and_no_text_is_on_both_sides(articles):
    train, test = new_languages.divided(articles, seed=1, most=10)
    assert len(train) == 12
    groups = [{sentence.sent_id.split("_")[0] for sentence in part} for part in (train, test)]
    assert not groups[0] & groups[1]
    assert not {new_languages.key(s) for s in train} & {new_languages.key(s) for s in test}
    assert len(test) == 2 * 26


def test_another_seed_divides_otherwise_and_the_same_seed_alike(articles):
    one, again, other = (new_languages.divided(articles, seed=seed) for seed in (1, 1, 2))
    assert one == again != other


def test_scores_of_seeds_become_mean_and_deviation():
    assert new_language_page._cell([40.0, 44.0]) == "42.0 ± 2.8"
    assert (new_language_page._cell([62.65]), new_language_page._cell([None])) == ("62.6", "—")
