"""Losses of alignment: values worked out by hand, and laws."""

from __future__ import annotations

import copy
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import TEXT, word_encoder

from turkic_nlp.alignment.aligner import Aligner, frozen
from turkic_nlp.alignment.bitext import Pair
from turkic_nlp.alignment.contrast import contrast, contrast_all
from turkic_nlp.alignment.losses import LOSSES, L2Loss, XlcoLoss
from turkic_nlp.alignment.plan import LOSS_NAMES, make_plan
from turkic_nlp.encoding import WordEncoder

SENTENCES = [(tuple(text.split()), lang) for text, lang in TEXT]
PAIRS = [Pair(one, other, ("kk", "ky")) for (one, _), (other, _) in pairwise(SENTENCES)]
SAME = [Pair(words, words, (lang, lang)) for words, lang in SENTENCES]
ORIGINAL = word_encoder()


@pytest.fixture
def words() -> WordEncoder:
    return WordEncoder(copy.deepcopy(ORIGINAL.encoder), ORIGINAL.pieces)


def loss_of(name, words, pairs, **options):
    torch.manual_seed(0)
    found = LOSSES[name](words, make_plan({"loss": name, **options}))
    return found(pairs, np.random.default_rng(0)).item()


EYE = torch.eye(2)
BY_HAND = [
    # both rows find their own at cosine 1, the other is at 0: -log(e / (e + 1))
    (contrast, EYE, EYE, 1.0, math.log(1 + math.exp(-1))),
    (contrast, EYE, EYE, 0.5, math.log(1 + math.exp(-2))),
    (contrast, EYE, EYE.flip(0), 1.0, math.log(1 + math.exp(1))),
    (contrast, 3 * EYE, 7 * EYE, 1.0, math.log(1 + math.exp(-1))),
    (contrast, EYE[:1], EYE[1:], 1.0, 0.0),
    # three others: the own one at 1, two at 0
    (contrast_all, EYE, EYE, 1.0, math.log(1 + 2 * math.exp(-1))),
    # the own one at 0, of the others one at 1 and one at 0
    (contrast_all, EYE, EYE.flip(0), 1.0, math.log(2 + math.e)),
]


@pytest.mark.parametrize(("loss", "one", "other", "tau", "wanted"), BY_HAND)
def test_a_contrast_is_what_one_works_out_by_hand(loss, one, other, tau, wanted):
    assert float(loss(one, other, tau)) == pytest.approx(wanted, abs=1e-6)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(2, 6), st.sampled_from([contrast, contrast_all]))
def test_a_contrast_does_not_care_which_side_is_which_nor_in_what_order(seed, rows, loss):
    one, other = torch.randn(2, rows, 5, generator=torch.Generator().manual_seed(seed))
    order = torch.randperm(rows)
    assert float(loss(one, other, 0.3)) == pytest.approx(float(loss(other, one, 0.3)), abs=1e-5)
    assert float(loss(one, other, 0.3)) == pytest.approx(float(loss(one[order], other[order], 0.3)), abs=1e-5)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(2, 6), st.sampled_from([contrast, contrast_all]))
def test_rows_that_match_lose_less_than_rows_that_are_shuffled(seed, rows, loss):
    one = torch.randn(rows, 12, generator=torch.Generator().manual_seed(seed))
    assert float(loss(one, one, 0.3)) < float(loss(one, one.roll(1, 0), 0.3))


def test_the_names_of_the_plan_are_those_of_the_table():
    assert tuple(LOSSES) == LOSS_NAMES


@pytest.mark.parametrize("name", ["token", "sentence", "translit", "l2"])
def test_a_sentence_and_itself_lose_less_than_a_sentence_and_another(words, name):
    shuffled = [pair._replace(other=SAME[n - 1].other) for n, pair in enumerate(SAME)]
    assert loss_of(name, words, SAME, links="simalign") < loss_of(name, words, shuffled, links="simalign")


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_every_loss_teaches_the_encoder(words, name):
    # of nothing that is hidden nothing is learned, of nearly all that is hidden a little
    aligner = Aligner(words, PAIRS, make_plan({"loss": name, "masked": 0.9, "links": "simalign"}))
    torch.manual_seed(1)
    words.encoder.train()
    for step in range(2):
        loss = aligner(step)
    loss.backward()
    slopes = [p.grad for p in words.encoder.parameters() if p.grad is not None]
    assert sum(float(slope.abs().sum()) for slope in slopes) > 0
    assert torch.isfinite(loss)


def test_of_the_same_words_l2_leaves_the_pull_alone_and_that_is_nought_at_the_start(words):
    loss = L2Loss(words, make_plan({"loss": "l2", "links": "simalign"}))
    words.encoder.eval()
    assert loss(SAME, np.random.default_rng(0)).item() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        words.encoder.norm.bias += 0.5
    expected = 0.5 * math.sqrt(words.encoder.width)
    assert loss.of_words(torch.zeros(1, 4), torch.zeros(1, 4)).item() == pytest.approx(expected, rel=1e-4)
    assert loss.of_words(torch.zeros(1, 4), torch.ones(1, 4)).item() == pytest.approx(4 + expected, rel=1e-4)


def test_the_queue_takes_in_each_batch_and_forgets_the_oldest_first(words):
    loss = XlcoLoss(words, make_plan({"loss": "xlco", "queue": 6}))
    words.encoder.eval()
    assert loss(PAIRS, np.random.default_rng(0)).item() == 0
    assert int(loss.filled) == 4
    first = loss.queue.clone()
    assert torch.allclose(first[:4].norm(dim=1), torch.ones(4))
    assert loss(PAIRS, np.random.default_rng(0)).item() > 0
    assert int(loss.filled) == 8
    assert torch.equal(loss.queue[2:4], first[2:4])
    assert torch.allclose(loss.queue[4:6], first[0:2], atol=1e-6)


@pytest.mark.parametrize(("momentum", "share"), [(1.0, 0.0), (0.75, 0.25), (0.0, 1.0)])
def test_the_slow_encoder_follows_by_the_share_that_momentum_leaves(words, momentum, share):
    loss = XlcoLoss(words, make_plan({"loss": "xlco", "momentum": momentum}))
    before = words.encoder.norm.bias.clone()
    with torch.no_grad():
        words.encoder.norm.bias += 1
    loss(PAIRS, np.random.default_rng(0))
    assert torch.allclose(loss.slow["encoder"].norm.bias, before + share, atol=1e-6)


def test_what_a_masked_loss_saves_is_its_head_alone(words):
    names = set(LOSSES["tlm"](words, make_plan({"loss": "tlm"})).state_dict())
    assert names == {"dense.weight", "dense.bias", "norm.weight", "norm.bias", "bias"}


def test_tlm_sees_the_translation_and_mlm_does_not(words):
    mlm, tlm = (LOSSES[name](words, make_plan({"loss": name})) for name in ("mlm", "tlm"))
    one = [words.pieces.sentence(*SENTENCES[0])]
    other = [words.pieces.sentence(*SENTENCES[1])]
    assert mlm.texts((one, other)) == [one[0], other[0]]
    (joined,) = tlm.texts((one, other))
    whole = one[0] + other[0]
    assert len(joined) > len(one[0])
    assert joined == whole[: len(joined)]
    assert sum(len(word.ids) for word in joined) <= words.encoder.config.max_position_embeddings - 4


@pytest.mark.parametrize(("part", "kept"), [("lower", (True, False)), ("upper", (False, True))])
def test_a_frozen_half_gets_no_gradient_and_is_free_again_afterwards(words, part, kept):
    aligner = Aligner(words, PAIRS, make_plan({"loss": "mlm", "masked": 0.9, "freeze": part}))
    aligner(0).backward()
    layers = words.encoder.layers.layers
    assert tuple(layer.linear1.weight.grad is None for layer in layers) == kept
    assert (words.encoder.positions.weight.grad is None) == kept[0]
    assert all(p.requires_grad for p in words.encoder.parameters())


def test_what_was_frozen_before_stays_so(words):
    words.encoder.norm.bias.requires_grad_(False)
    with frozen(words.encoder, "lower"):
        assert not words.encoder.pieces.weight.requires_grad
    assert not words.encoder.norm.bias.requires_grad
    assert words.encoder.pieces.weight.requires_grad


def test_the_pairs_of_a_step_depend_on_seed_and_step_alone(words):
    def drawn(seed, step):
        aligner = Aligner(words, PAIRS * 3, make_plan({"loss": "sentence", "seed": seed, "batch_pieces": 60}))
        return aligner.batch(np.random.default_rng((seed, step, 540)))

    assert drawn(1, 4) == drawn(1, 4)
    batches = [drawn(1, step) for step in range(20)]
    assert any(batch != batches[0] for batch in batches)
    assert all(len({pair.langs for pair in batch}) == 1 for batch in batches)
