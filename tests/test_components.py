import numpy as np
import pytest
import spacy
import torch
from tiny import gold_docs, huggingface_folder, word_encoder

from turkic_nlp.components import EncoderPipe, HeadPipe, in_style
from turkic_nlp.errors import NoEncoding, NoWeights
from turkic_nlp.heads import HEADS
from turkic_nlp.layout import LONGEST_UNIT, Layout

TEXTS = ["Мен кітап оқыдым. Сен хат жаздың!", "Ол  келді.\n\nАстана\tқаласы.", "", " ", "қала " * 90, "😀"]


@pytest.fixture(scope="module")
def nlp():
    torch.manual_seed(0)
    words, docs = word_encoder(), gold_docs()
    pipeline = spacy.blank("kk")
    pipeline.add_pipe("turkic_sentences", name="sentences")
    pipeline.add_pipe("turkic_encoder", name="encoder")
    pipeline.get_pipe("encoder").model = words
    for task, kind in HEADS.items():
        settings = kind.learn_settings(docs, word_width=words.encoder.word_width, styles=["tiny"])
        pipeline.add_pipe(f"turkic_{task}", name=task)
        pipeline.get_pipe(task).head = kind(settings).eval()
    return pipeline


def view(doc):
    rows = [
        (t.text, t.pos_, t.tag_, str(t.morph), t.lemma_, t.dep_, t.head.i, t.ent_type_, t.sent_start)
        for t in doc
    ]
    return doc.text, rows, {label: round(share, 3) for label, share in doc.cats.items()}


def test_a_style_is_that_of_the_components_which_have_learned_it(nlp):
    heads = [nlp.get_pipe(task) for task in HEADS]
    before = [pipe.style for pipe in heads]
    in_style(nlp, "not a corpus")
    assert [pipe.style for pipe in heads] == before
    in_style(nlp, "tiny")
    assert [pipe.style for pipe in heads] == ["tiny"] * len(heads)
    for pipe, style in zip(heads, before, strict=True):
        pipe.style = style


def test_one_text_at_a_time_equals_a_stream(nlp):
    streamed = [view(doc) for doc in nlp.pipe(TEXTS, batch_size=4)]
    assert streamed == [view(nlp(text)) for text in TEXTS]


def test_a_saved_pipeline_loads_without_an_import_and_gives_the_same(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    for text in TEXTS:
        one, other = nlp(text), again(text)
        assert view(one) == view(other)
        assert np.array_equal(one.tensor, other.tensor)


def test_processes_give_what_one_process_gives(nlp):
    assert [view(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=2)] == [
        view(nlp(text)) for text in TEXTS
    ]


def test_the_text_is_never_changed_and_every_sentence_is_a_tree_with_one_root(nlp):
    for doc in nlp.pipe(TEXTS):
        assert "".join(token.text_with_ws for token in doc) == doc.text
        for sentence in doc.sents:
            roots = [token for token in sentence if token.head == token]
            assert len(roots) == 1
            assert all(token.head in sentence for token in sentence)


def test_vectors_come_from_the_encoder(nlp):
    doc = nlp("Мен кітап оқыдым.")
    assert doc[1].vector.shape == doc.vector.shape == doc[:2].vector.shape == (64,)
    assert np.allclose(doc[1].vector, doc.tensor[1])
    assert not np.allclose(doc[0].vector, doc[1].vector)


def test_white_space_is_a_space_and_hangs_on_the_word_before_it(nlp):
    doc = nlp("Ол  келді.")
    assert [(t.pos_, t.dep_, t.head.text) for t in doc if t.is_space] == [("SPACE", "dep", "Ол")]


def test_components_can_be_switched_off_and_selected(nlp):
    with nlp.select_pipes(enable=["sentences", "encoder", "tagger"]):
        doc = nlp("Мен кітап оқыдым.")
    assert doc.has_annotation("POS") and not doc.has_annotation("DEP")


def test_scores_of_every_component_come_from_spacy(nlp):
    from spacy.training import Example

    from turkic_nlp.pretokenized import bare

    examples = [Example(bare(doc), doc) for doc in gold_docs()]
    scores = nlp.evaluate(examples)
    assert {"pos_acc", "morph_acc", "lemma_acc", "dep_las", "ents_f", "cats_macro_f"} <= set(scores)


def test_a_sentence_longer_than_a_unit_is_cut():
    layout = Layout([spacy.blank("kk")("қала " * (LONGEST_UNIT + 3))])
    assert layout.sentences.tolist() == [0, LONGEST_UNIT, LONGEST_UNIT + 3]
    assert layout.documents.tolist() == [0, LONGEST_UNIT + 3]


def test_a_component_without_weights_says_what_to_do():
    nlp = spacy.blank("uz")
    nlp.add_pipe("turkic_encoder", name="encoder")
    with pytest.raises(NoWeights, match=r"T403.*encoder.*turkic_nlp\.load"):
        nlp("Salom")


def test_a_head_without_an_encoder_before_it_says_so(nlp):
    pipe = HeadPipe("tagger", "tagger", nlp.get_pipe("tagger").head)
    with pytest.raises(NoEncoding, match="T405"):
        pipe(spacy.blank("kk")("Мен кітап оқыдым."))


def test_an_encoder_starts_from_a_hugging_face_folder(tmp_path):
    nlp = spacy.blank("ky")
    pipe = nlp.add_pipe("turkic_encoder", config={"source": str(huggingface_folder(tmp_path))})
    assert isinstance(pipe, EncoderPipe)
    assert nlp("Бишкек чоң шаар").tensor.shape == (3, 64)
