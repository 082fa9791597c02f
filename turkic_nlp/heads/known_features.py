"""Which features a style gives to a part of speech, and which a language has: a tagger of many treebanks keeps to them.

What is usual in a style says less than a sentence of another treebank's kind: Kyrgyz news tagged in the manner of
UD_Kazakh-KTB got the numbers and persons that UD_Kyrgyz-KTMU gives to nouns. So a style has only values that its own
sentences give to the part of speech, and a language only features that sentences of the language have, in any style.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from spacy.tokens import Doc
from torch import Tensor

from turkic_nlp.heads.bundles import split

FEATURES = "features"
"""The setting of a head that holds ``NOUN|Case=Dat ...`` by ``language style``; models without it may write any."""

LEAST = 1000
"""Words of such sentences that tell what a style lacks."""


def features_of(docs: Iterable[Doc], style: str) -> dict[str, str]:
    """What the setting holds, for the languages that have sentences with features in which all words are tagged.

    Nothing of a style that has few of these: what it lacks may be chance.
    """
    found: dict[str, set[str]] = {}
    words: Counter[str] = Counter()
    for doc in docs:
        key = f"{doc.lang_} {style}"
        pairs = {f"{token.pos_}|{one}" for token in doc for one in str(token.morph).split("|") if one}
        found.setdefault(key, set()).update(pairs)
        words[key] += len(doc) if pairs and all(token.pos for token in doc) else 0
    if words.total() < LEAST:
        return {}
    return {key: " ".join(sorted(found[key])) for key in sorted(words) if words[key]}


def fitting(kept: Mapping[str, str], styles: Sequence[str], bundles: Sequence[str]) -> Tensor:
    """Which bundles each style may have, and before them no style; all where nothing is known.

    *Shape:* ``[styles + 1, bundles]``, of truth values.
    """
    by_style: dict[str, set[str]] = {}
    for key, pairs in kept.items():
        by_style.setdefault(key.partition(" ")[2], set()).update(pairs.split())
    parts = [[f"{pos}|{name}={value}" for name, value in own.items()] for pos, own in map(split, bundles)]
    table = np.ones((len(styles) + 1, len(bundles)), dtype=np.bool_)
    for row, style in enumerate(styles, 1):
        if style in by_style:
            table[row] = [by_style[style].issuperset(own) for own in parts]
    return torch.from_numpy(table)


def in_language(kept: Mapping[str, str], lang: str, bundles: Sequence[str]) -> list[str]:
    """The features of each bundle, without those whose names the language lacks; all where nothing is known."""
    own = " ".join(pairs for key, pairs in kept.items() if key.partition(" ")[0] == lang)
    known = {pair.partition("|")[2].partition("=")[0] for pair in own.split()}
    features = (split(bundle)[1].items() for bundle in bundles)
    return [
        "|".join(f"{name}={value}" for name, value in items if not known or name in known)
        for items in features
    ]
