"""Training from recipes: checked before it starts, disjoint by text, resumable to the bit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
import torch
from spacy.tokens import Doc
from tiny import gold_docs, interrupt_at, recipe_in, word_encoder

import turkic_nlp
from turkic_nlp.errors import BadRecipe, EmptyCorpus, OtherCheckpoint, UntrainableCorpus
from turkic_nlp.heads.memory import NEVER
from turkic_nlp.heads.parser import ParserHead
from turkic_nlp.layout import Layout
from turkic_nlp.storage import read_head
from turkic_nlp.training.gold import Gold, gather, keep_dev_apart
from turkic_nlp.training.loop import make_heads
from turkic_nlp.training.order import draws
from turkic_nlp.training.recipe import CorpusPlan, read_recipe
from turkic_nlp.training.run import run


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return recipe_in(tmp_path)


def weights(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.safetensors")}


def test_a_recipe_gives_a_model_that_loads_and_says_what_it_learned_from(recipe, tmp_path):
    folder = run(recipe, output=tmp_path / "model")
    nlp = turkic_nlp.load("kk", model=folder)
    assert nlp.pipe_names == ["sentences", "encoder", "tagger", "parser"]
    assert all(token.pos_ and token.dep_ for token in nlp("Мен кітапты оқыды."))
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    facts = meta["data"][0]
    assert facts["train"] + facts["dev"] == len(gold_docs())
    assert meta["seed"] == 1


def test_an_interrupted_run_goes_on_and_ends_with_the_same_weights(recipe, tmp_path):
    whole = run(recipe, output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(recipe, output=tmp_path / "twice", report=interrupt_at(3))
    assert not (tmp_path / "twice" / "meta.json").exists()
    assert weights(run(recipe, output=tmp_path / "twice")) == weights(whole)


@pytest.mark.parametrize("bf16", [False, True])
def test_bfloat16_is_for_products_and_weights_stay_exact(recipe, tmp_path, monkeypatch, bf16):
    kinds = set()
    loss = ParserHead.loss

    def watched(head, scores, gold):
        kinds.add(scores.arcs.dtype)
        return loss(head, scores, gold)

    monkeypatch.setattr(ParserHead, "loss", watched)
    folder = run(recipe, output=tmp_path / "model", overrides={"training.bf16": bf16})
    assert kinds == {torch.bfloat16 if bf16 else torch.float32}
    head, _ = read_head("parser", folder / "parser")
    assert all(weight.dtype == torch.float32 and weight.isfinite().all() for weight in head.parameters())


def test_a_checkpoint_of_another_run_is_a_numbered_error(recipe, tmp_path):
    folder = run(recipe, output=tmp_path / "model")
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace('[heads.parser]\ntask = "parser"\n', ""), encoding="utf-8")
    with pytest.raises(OtherCheckpoint, match="T506"):
        run(recipe, output=folder)
    checkpoint = folder / "training" / recipe.stem / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(OtherCheckpoint, match="T506"):
        run(recipe, output=folder)


def test_other_seeds_give_other_weights(recipe, tmp_path):
    one = run(recipe, output=tmp_path / "one")
    two = run(recipe, output=tmp_path / "two", overrides={"training.seed": 2})
    assert weights(one) != weights(two)


def test_a_run_from_a_model_goes_on_with_its_heads_and_says_where_from(recipe, tmp_path):
    first = run(recipe, output=tmp_path / "first")
    second = read_recipe(recipe, {"model.encoder": str(first / "encoder")})
    heads = make_heads(second, gather(second), word_width=word_encoder().encoder.word_width)
    old, _ = read_head("parser", first / "parser")
    assert all(
        torch.equal(value, old.state_dict()[name]) for name, value in heads["parser"].state_dict().items()
    )
    (tmp_path / "gold.conllu").write_text(
        (tmp_path / "gold.conllu").read_text(encoding="utf-8").replace("nsubj", "obl"), encoding="utf-8"
    )
    other = make_heads(second, gather(second), word_width=word_encoder().encoder.word_width)["parser"]
    assert other.settings != old.settings
    assert torch.equal(other.split.weight, old.split.weight)
    new = other.relations.index("obl")
    for place, relation in enumerate(other.relations):
        if place != new:
            assert torch.equal(other.relation[place], old.relation[old.relations.index(relation)])
    folder = run(recipe, output=tmp_path / "second", overrides={"model.encoder": str(first / "encoder")})
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert meta["start"]["steps"] == 6


def test_a_tagger_remembers_the_forms_of_train_and_none_of_dev(recipe):
    plan = read_recipe(recipe)
    golds = gather(plan)
    gold = golds[0]
    head = make_heads(plan, golds, word_width=word_encoder().encoder.word_width)["tagger"]
    train, dev = ({token.text for doc in docs for token in doc} for docs in (gold.train, gold.dev))
    known = {
        word
        for word in train | dev
        if head.recall(Layout([Doc(gold.train[0].vocab, words=[word])]), gold.style)[0].seen != NEVER
    }
    assert known
    assert known <= train  # not all of it: a value of a feature that occurs once is no label
    assert dev - train


def test_train_and_dev_are_disjoint_and_repeated_texts_count_once(recipe, tmp_path):
    text = (tmp_path / "gold.conllu").read_text(encoding="utf-8")
    (tmp_path / "gold.conllu").write_text(text * 2, encoding="utf-8")
    gold = gather(read_recipe(recipe))[0]
    train, dev = {doc.text for doc in gold.train}, {doc.text for doc in gold.dev}
    assert len(train) == len(gold.train) and len(dev) == len(gold.dev) and dev
    assert not train & dev
    assert gold.repeated == len(gold_docs())


def test_a_list_may_have_a_form_again_with_another_analysis(recipe, tmp_path):
    line = "# text = {0}\n1\t{0}\t{1}\t{2}\t_\t_\t0\troot\t_\tSpaceAfter=No\n\n"
    rows = [("алма", "алма", "NOUN"), ("алма", "ал", "VERB"), ("алма", "алма", "NOUN")]
    rows += [(form, form, "NOUN") for form in ("үй", "су", "тау", "көл", "қой", "ағаш")]
    (tmp_path / "gold.conllu").write_text("".join(line.format(*row) for row in rows), encoding="utf-8")
    gold = gather(read_recipe(recipe))[0]
    found = sorted((doc.text, doc[0].lemma_, doc[0].pos_) for doc in gold.train + gold.dev)
    assert found == sorted(set(rows))
    assert gold.repeated == 1


def test_the_order_of_batches_depends_on_the_seed_alone_and_an_epoch_has_every_text_once(recipe):
    golds = gather(read_recipe(recipe))
    size = len(golds[0].train)
    first = draws(golds, 25, 0.5, 7)
    seen: list[int] = []
    while len(seen) < size:
        seen += next(first).docs
    assert sorted(seen) == list(range(size))
    again = draws(golds, 25, 0.5, 7)
    assert [n for _ in range(50) for n in next(again).docs][: len(seen)] == seen


def test_a_head_alone_on_a_frozen_encoder_changes_no_other_component(recipe, tmp_path):
    folder = run(recipe, output=tmp_path / "model")
    before = weights(folder)
    text = recipe.read_text(encoding="utf-8").replace("steps = 6", "steps = 6\nencoder_rate = 0.0")
    text = text.replace('[heads.tagger.styles]\nkk = "tiny"\n', "")
    text = text.replace('[heads.parser]\ntask = "parser"\n', "")
    text = text.replace('[heads.tagger]\ntask = "tagger"', '[heads.lemmatizer]\ntask = "lemmatizer"')
    (tmp_path / "lemmas.cfg").write_text(text, encoding="utf-8")
    run(tmp_path / "lemmas.cfg", output=folder)
    after = weights(folder)
    assert {name: after[name] for name in before} == before
    assert turkic_nlp.load("kk", model=folder)("Мен кітапты оқыды.")[0].lemma_
    assert json.loads((folder / "meta.json").read_text(encoding="utf-8"))["later"][0]["heads"] == [
        "lemmatizer"
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[training]", "[trainin]", r"\[training\] is missing"),
        ("steps = 6", "stepps = 6", "no key 'stepps'"),
        ('version = "0.0.1"', "", "lacks 'version'"),
        ('lang = "kk"', "", "lang"),
        ('lang = "kk"', 'lang = "kk"\nglosses = "project-glosses/ky-uz"', "not in its lang, 'kk'"),
        ("[model]", "[model", "T501"),
    ],
)
def test_a_bad_recipe_is_one_error_that_names_the_place(recipe, old, new, message):
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRecipe, match=message):
        read_recipe(recipe)


def test_a_recipe_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadRecipe, match=r"none\.cfg"):
        read_recipe(tmp_path / "none.cfg")


def test_a_dev_text_that_repeats_a_part_of_train_goes_to_train():
    vocab = spacy.blank("kk").vocab

    def docs(*texts):
        return [Doc(vocab, words=text.split()) for text in texts]

    gold = Gold("kk", CorpusPlan(id="kaznerd", lang="kk", splits=("dev",), dev=0.5))
    gold.train = docs("а б в г д е ж")
    gold.dev = docs("о п р с т у", "х в Г д е Ж ц ч о п р", "о п р с ц ц", "ц ч о п р", "а б в г")
    before = {doc.text for doc in gold.train + gold.dev}
    keep_dev_apart(gold)
    # the fourth shares its five words with the second alone, which is in train by then
    assert [doc.text.strip() for doc in gold.dev] == ["о п р с т у", "о п р с ц ц", "а б в г"]
    assert {doc.text for doc in gold.train + gold.dev} == before


def test_a_corpus_that_weights_may_not_learn_from_is_refused(recipe):
    text = recipe.read_text(encoding="utf-8").replace('id = "tiny"', 'id = "ud-turkish-imst"')
    recipe.write_text("\n".join(line for line in text.splitlines() if "files" not in line), encoding="utf-8")
    with pytest.raises(UntrainableCorpus, match="CC-BY-NC-SA"):
        gather(read_recipe(recipe))


def test_a_corpus_of_which_nothing_is_left_is_an_error(recipe):
    with pytest.raises(EmptyCorpus, match="T503"):
        gather(read_recipe(recipe, {"corpora.tiny.skip_sent_id": "", "corpora.tiny.dev": 1.0}))


def test_a_model_says_which_glosses_it_learned_from(recipe, tmp_path):
    text = recipe.read_text(encoding="utf-8").replace(
        'lang = "kk"', 'lang = "kk"\nglosses = "project-glosses/ky-kk"'
    )
    recipe.write_text(text, encoding="utf-8")
    meta = json.loads((run(recipe, output=tmp_path / "model") / "meta.json").read_text(encoding="utf-8"))
    assert [facts["glosses"] for facts in meta["data"]] == ["project-glosses/ky-kk"]


def test_held_out_texts_and_the_originals_of_translations_are_dropped(mirror, recipe):
    sets = '["ud-kyrgyz-ktmu/test", "ud-turkmen-tud-silver/dev"]'
    corpora = "".join(
        f'[corpora.{name}]\nid = "{name}"\nlang = "{lang}"\nsplits = ["{split}"]\n'
        for name, lang, split in [("ud-kyrgyz-ktmu", "ky", "train"), ("ud-turkish-gb", "tr", "test")]
    )
    text = recipe.read_text(encoding="utf-8").replace("sets = []", f"sets = {sets}")
    recipe.write_text(text[: text.index("[corpora.tiny]")] + corpora, encoding="utf-8")
    kyrgyz, turkish = gather(read_recipe(recipe))
    assert kyrgyz.held_out >= 88
    assert turkish.held_out > 200


def test_dropout_is_on_in_training_and_off_in_the_model(recipe, tmp_path):
    run(recipe, output=tmp_path / "model")
    nlp = turkic_nlp.load("kk", model=tmp_path / "model")
    one, two = nlp("Мен кітапты оқыды."), nlp("Мен кітапты оқыды.")
    assert torch.equal(torch.from_numpy(one.tensor), torch.from_numpy(two.tensor))
