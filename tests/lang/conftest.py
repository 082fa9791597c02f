"""One blank pipeline per language for all the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from turkic_nlp.lang.kk import Kazakh
from turkic_nlp.lang.ky import Kyrgyz
from turkic_nlp.lang.sentences import sentence_starts
from turkic_nlp.lang.tk import Turkmen
from turkic_nlp.lang.uz import Uzbek


@pytest.fixture(scope="session")
def blanks() -> dict[str, Language]:
    return {"kk": Kazakh(), "uz": Uzbek(), "ky": Kyrgyz(), "tk": Turkmen()}


@pytest.fixture(scope="session")
def sentences() -> Callable[[Doc], list[str]]:
    """The texts between the starts that the rule gives, without white space at their ends."""

    def split(doc: Doc) -> list[str]:
        starts = [index for index, starts in enumerate(sentence_starts(doc)) if starts]
        return [doc[a:b].text.strip() for a, b in zip(starts, [*starts[1:], len(doc)], strict=True)]

    return split
