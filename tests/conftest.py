"""What several test files share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # speed is for benchmarks, never for tests
settings.load_profile("no deadline")

SIBLING = Path(__file__).resolve().parents[1].parent / "shared" / "corpora"


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mirror of original corpora, set as TURKIC_NLP_MIRROR; without one the test is skipped."""
    folder = Path(os.environ.get("TURKIC_NLP_MIRROR") or SIBLING)
    if not folder.is_dir():
        pytest.skip("no mirror of the corpora: set TURKIC_NLP_MIRROR")
    monkeypatch.setenv("TURKIC_NLP_MIRROR", str(folder))
    return folder
