"""spaCy's own training works on the components: update, and init fill-config, train, evaluate, package."""

from __future__ import annotations

import pytest
import spacy
from folders import model_folder
from spacy.cli.evaluate import evaluate
from spacy.cli.init_config import fill_config
from spacy.cli.package import package
from spacy.cli.train import train
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from tiny import gold_docs, word_encoder

import turkic_nlp
from turkic_nlp.errors import NothingToLearn, NoWeights
from turkic_nlp.heads import HEADS
from turkic_nlp.learning import lessons

FIRST = ["sentences", "encoder"]
KEYS = {
    "tagger": "pos_acc",
    "lemmatizer": "lemma_acc",
    "parser": "dep_las",
    "ner": "ents_f",
    "textcat": "cats_macro_f",
}


def pipeline(task):
    nlp = spacy.blank("kk")
    nlp.add_pipe("turkic_sentences", name="sentences")
    nlp.add_pipe("turkic_encoder", name="encoder").model = word_encoder()
    nlp.add_pipe(f"turkic_{task}", name=task)
    return nlp


def examples(nlp):
    return [Example(nlp.make_doc(doc.text), doc) for doc in gold_docs()]


@pytest.mark.parametrize("task", HEADS)
def test_updates_teach_a_head_and_leave_the_encoder(task):
    spacy.util.fix_random_seed(0)
    nlp = pipeline(task)
    encoder = {k: v.clone() for k, v in nlp.get_pipe("encoder").model.encoder.state_dict().items()}
    optimiser = nlp.initialize(lambda: examples(nlp))
    first = nlp.update(examples(nlp), sgd=optimiser, annotates=FIRST)[task]
    for _ in range(40):
        losses = nlp.update(examples(nlp), sgd=optimiser, drop=0.1, annotates=FIRST)
    assert losses[task] < first / 2
    assert nlp.evaluate(examples(nlp))[KEYS[task]] >= 0.9
    after = nlp.get_pipe("encoder").model.encoder.state_dict()
    assert all(after[name].equal(value) for name, value in encoder.items())


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return model_folder(tmp_path_factory.mktemp("model"))


def test_a_pipeline_that_goes_on_learning_changes_no_other(model):
    one, other = turkic_nlp.load("kk", model=model), turkic_nlp.load("ky", model=model)
    before = other("Айгүл кітапты оқыды.").cats
    one.resume_training()
    for _ in range(3):
        one.update(examples(one), annotates=FIRST)
    assert one("Айгүл кітапты оқыды.").cats != before
    assert other("Айгүл кітапты оқыды.").cats == before


def test_a_sentence_teaches_where_its_words_are_those_of_the_gold():
    nlp = pipeline("ner")
    nlp.initialize(lambda: examples(nlp))
    head = nlp.get_pipe("ner").head
    one = nlp("Ол келді. Айгүл оқыды.")
    gold = Doc(
        one.vocab,
        ["Ол", "кел", "ді", ".", "Айгүл", "оқыды", "."],
        [True, False, False, True, True, False, False],
        ents=["O", "O", "O", "O", "B-PERSON", "O", "O"],
        sent_starts=[True, False, False, False, True, False, False],
    )
    found = list(lessons(Example(one, gold), head, "ner"))
    assert [lesson.vectors.tolist() for lesson in found] == [one.tensor[3:].tolist()]
    assert found[0].gold.tolist() == [1, 0, 0]


def test_what_cannot_be_learned_is_a_numbered_error():
    nlp = pipeline("ner")
    bare = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in ("Ол келді.", "Кел!")]
    with pytest.raises(NothingToLearn, match="T511"):
        nlp.initialize(lambda: bare)
    with pytest.raises(NoWeights, match="T403"):
        nlp.update(bare)
    nlp.get_pipe("encoder").model = None
    with pytest.raises(NoWeights, match="encoder"):
        nlp.initialize(lambda: examples(nlp))


CONFIG = """
[nlp]
lang = "kk"
pipeline = ["sentences", "encoder", "ner"]

[components]

[components.sentences]
factory = "turkic_sentences"

[components.encoder]
source = "{base}"

[components.ner]
factory = "turkic_ner"

[corpora]

[corpora.train]
@readers = "spacy.Corpus.v1"
path = "{data}"

[corpora.dev]
@readers = "spacy.Corpus.v1"
path = "{data}"

[training]
max_steps = 40
eval_frequency = 20
frozen_components = ["sentences", "encoder"]
annotating_components = ["sentences", "encoder"]
"""


# spaCy's commands leave the files that they read and wrote for the garbage collector to close
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_commands_of_spacy_train_score_and_pack_a_component(model, tmp_path):
    turkic_nlp.load("kk", model=model).to_disk(tmp_path / "base")
    DocBin(docs=gold_docs()).to_disk(tmp_path / "gold.spacy")
    text = CONFIG.format(base=tmp_path / "base", data=tmp_path / "gold.spacy")
    (tmp_path / "base.cfg").write_text(text, encoding="utf-8")
    fill_config(tmp_path / "config.cfg", tmp_path / "base.cfg", silent=True)
    train(tmp_path / "config.cfg", tmp_path / "out")
    best = tmp_path / "out" / "model-best"
    assert evaluate(str(best), tmp_path / "gold.spacy", silent=True)["ents_f"] >= 0.9
    weights = "encoder/model.safetensors"
    assert (best / weights).read_bytes() == (tmp_path / "base" / weights).read_bytes()
    (tmp_path / "packages").mkdir()
    package(best, tmp_path / "packages", name="mine", version="0.1.0", create_sdist=False)
    nlp = spacy.load(tmp_path / "packages" / "kk_mine-0.1.0" / "kk_mine" / "kk_mine-0.1.0")
    assert [ent.text for ent in nlp("Айгүл кітапты оқыды.").ents] == ["Айгүл"]
