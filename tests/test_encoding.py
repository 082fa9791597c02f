import json

import pytest
import torch
from tiny import TEXT, huggingface_folder, word_encoder

from turkic_nlp.encoding import read_folder
from turkic_nlp.errors import CorruptModel, WrongEncoder
from turkic_nlp.hub import read_huggingface
from turkic_nlp.pieces import PAD, collate

SENTENCES = [text.split() for text, _ in TEXT]
LANGS = [lang for _, lang in TEXT]


@pytest.fixture(scope="module")
def words():
    return word_encoder()


def vectors(words, sentences, langs, budget=4096):
    with torch.inference_mode():
        return words(sentences, langs, budget)


def test_the_fused_encoder_gives_what_the_hugging_face_module_gives(tmp_path):
    from transformers import XLMRobertaModel

    folder = huggingface_folder(tmp_path)
    ours = read_huggingface(str(folder))
    theirs = XLMRobertaModel.from_pretrained(folder, add_pooling_layer=False).eval()
    batch = collate([ours.pieces.sentence(words, lang) for words, lang in zip(SENTENCES, LANGS, strict=True)])
    real = batch.ids != PAD
    with torch.inference_mode():
        expected = theirs(input_ids=batch.ids, attention_mask=real.long()).last_hidden_state
        assert torch.allclose(ours.encoder(batch)[real], expected[real], atol=1e-5)


def test_our_folder_opens_in_transformers_as_an_xlm_r_checkpoint(words, tmp_path):
    from transformers import AutoModel

    words.to_disk(tmp_path)
    theirs, report = AutoModel.from_pretrained(tmp_path, add_pooling_layer=False, output_loading_info=True)
    assert type(theirs).__name__ == "XLMRobertaModel"
    assert report["missing_keys"] == set()
    assert torch.equal(theirs.embeddings.word_embeddings.weight, words.encoder.pieces.weight)


def test_a_batch_of_one_equals_a_batch_of_many(words):
    together = vectors(words, SENTENCES, LANGS)
    for sentence, lang, vector in zip(SENTENCES, LANGS, together, strict=True):
        assert torch.allclose(vectors(words, [sentence], [lang])[0], vector, atol=1e-5)


def test_a_budget_changes_nothing(words):
    small, large = vectors(words, SENTENCES, LANGS, 20), vectors(words, SENTENCES, LANGS)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(small, large, strict=True))


@pytest.mark.parametrize("count", [0, 1, 5, 700])
def test_every_word_has_a_vector_however_long_the_sentence(words, count):
    found = vectors(words, [["қала"] * count], ["kk"])[0]
    assert found.shape == (count, words.encoder.word_width)
    assert bool(torch.isfinite(found).all())


def test_saving_and_loading_change_nothing(words, tmp_path):
    words.to_disk(tmp_path)
    again = read_folder(tmp_path)
    pairs = zip(vectors(words, SENTENCES, LANGS), vectors(again, SENTENCES, LANGS), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("broken", ["config.json", "model.safetensors", "pieces.model", "affixes.txt"])
def test_a_missing_or_truncated_file_is_a_numbered_error(words, tmp_path, broken):
    words.to_disk(tmp_path)
    content = (tmp_path / broken).read_bytes()
    (tmp_path / broken).write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptModel, match=broken.replace(".", r"\.")):
        read_folder(tmp_path)
    (tmp_path / broken).unlink()
    with pytest.raises(CorruptModel, match=broken.replace(".", r"\.")):
        read_folder(tmp_path)


def test_a_pickle_in_the_place_of_weights_is_refused(words, tmp_path):
    words.to_disk(tmp_path)
    torch.save({"a": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(CorruptModel, match="T402"):
        read_folder(tmp_path)


def test_weights_of_another_shape_are_refused(words, tmp_path):
    words.to_disk(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config["hidden_size"] = 64
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(CorruptModel, match="expected"):
        read_folder(tmp_path)


@pytest.mark.parametrize("size", [-1, 31, "many", None, 1e3])
def test_impossible_sizes_are_a_numbered_error(words, tmp_path, size):
    words.to_disk(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config["hidden_size"] = size
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(CorruptModel, match="T402"):
        read_folder(tmp_path)


def test_another_architecture_is_refused_by_name(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "t5"}), encoding="utf-8")
    with pytest.raises(WrongEncoder, match="t5"):
        read_huggingface(str(tmp_path))
