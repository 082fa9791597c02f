"""A GPU does what the CPU does; skipped where there is none."""

from __future__ import annotations

import pytest
import torch
from tiny import recipe_in

import turkic_nlp
from turkic_nlp.pipeline import LANGUAGES
from turkic_nlp.resources import data_dir
from turkic_nlp.training.run import run

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]


@pytest.mark.model
@pytest.mark.parametrize("lang", LANGUAGES)
def test_annotation_is_that_of_the_cpu(lang):
    texts = (data_dir("corpora") / "samples" / f"{lang}.txt").read_text(encoding="utf-8").splitlines()
    views = [
        [(t.pos, t.morph.key, t.lemma, t.head.i, t.dep, t.ent_type) for doc in nlp.pipe(texts) for t in doc]
        for nlp in (turkic_nlp.load(lang), turkic_nlp.load(lang, device="cuda"))
    ]
    same = sum(one == other for one, other in zip(*views, strict=True))
    assert same >= 0.99 * len(views[0])  # sums in another order may turn a tie


def test_a_model_trained_there_loads_here_and_its_run_goes_on_here(tmp_path):
    for steps, device in ((6, "cuda"), (9, "cpu")):
        recipe = recipe_in(tmp_path, tasks=["tagger", "lemmatizer", "parser"], steps=steps)
        run(recipe, output=tmp_path / "model", device=device)
        nlp = turkic_nlp.load("kk", model=tmp_path / "model")
        assert all(token.pos_ and token.dep_ for token in nlp("Мен кітапты оқыды."))
