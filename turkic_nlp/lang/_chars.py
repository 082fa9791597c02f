"""Character classes for regular expressions: spaCy's own lack letters such as ғ қ ұ ў ҳ ң һ and ʻ."""

from __future__ import annotations

from collections.abc import Callable

# Latin, Greek and Cyrillic with their extensions; letters elsewhere have no case that matters here.
_CASED = (range(0x41, 0x530), range(0x1C80, 0x1CC0), range(0x1E00, 0x2000), range(0xA640, 0xA6A0))


def _letters(wanted: Callable[[str], bool]) -> str:
    return "".join(chr(code) for block in _CASED for code in block if wanted(chr(code)))


UPPER = _letters(str.isupper)
LOWER = _letters(str.islower)
LETTER = r"[^\W\d_]"

# Letters by Unicode that write the Uzbek oʻ gʻ and the tutuq belgisi ...
MODIFIERS = "\u02bb\u02bc\u02bd\u02b9"
# ... and every other shape in which people type them; ` and ´ come from keyboards without the right key.
APOSTROPHES = MODIFIERS + "'\u2018\u2019\u201b`\u00b4\u2032"

CURRENCY = "$£€¥₸₽₺₼฿₴₮₩₹₿¢"

_PICTURE = (
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
)
_GLUE = "[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
# One picture with its skin tone, a family joined into one, a flag of two letters, a key with a digit.
EMOJI = (
    rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f\u20e3|{_PICTURE}{_GLUE}*(?:\u200d{_PICTURE}{_GLUE}*)*)"
)
