"""The soak run: words never end, and the verdict tells a level from a slope."""

from __future__ import annotations

import pytest
import soak

VERDICTS = [
    ([100, 300, 400, 400, 400, 401, 400, 399], True),
    ([100, 300, 400, 420, 440, 460, 480, 500], False),
    ([100, 900, 640, 900, 650, 880, 900, 645], True),
    ([100], True),
]


@pytest.mark.parametrize(("megabytes", "flat"), VERDICTS)
def test_a_level_is_flat_and_a_slope_is_not(megabytes, flat):
    samples = [soak.Sample(float(n), n, float(mb)) for n, mb in enumerate(megabytes)]
    assert soak.summary(samples)["flat"] is flat


@pytest.mark.parametrize("lang", soak.LANGS)
def test_every_round_brings_new_words(lang):
    one, other = ({word for line in soak.documents(lang, n, 30) for word in line.split()} for n in (1, 2))
    assert len(one - other) > 30


def test_sixty_samples_are_kept_of_a_long_run():
    samples = [soak.Sample(float(n), n, 1.0) for n in range(6001)]
    assert len(soak.summary(samples)["samples"]) <= 60
