"""Scripts: what a text is written in, and in which direction."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum


class Script(str, Enum):
    """A script by its ISO 15924 code; it compares equal to the plain code (``Script.CYRL == "Cyrl"``)."""

    CYRL = "Cyrl"
    LATN = "Latn"
    ARAB = "Arab"
    ZYYY = "Zyyy"

    @property
    def direction(self) -> str:
        """``"rtl"`` for Arabic, else ``"ltr"``."""
        return "rtl" if self is Script.ARAB else "ltr"

    def __str__(self) -> str:
        return self.value


LETTERS = {
    Script.CYRL: r"\u0400-\u0481\u048A-\u052F\u1C80-\u1C88",
    Script.LATN: r"A-Za-z\u00AA\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02AF\u1E00-\u1EFF",
    Script.ARAB: r"\u0620-\u063F\u0641-\u064A\u066E-\u066F\u0671-\u06D3\u06D5\u06FA-\u06FC\u0750-\u077F"
    r"\uFB50-\uFDFB\uFE70-\uFEFC",
}
_RUNS = [(script, re.compile(f"[{letters}]+")) for script, letters in LETTERS.items()]


def count_scripts(text: str) -> Counter[Script]:
    """How many letters of each script the text has; digits, signs and other scripts do not count."""
    return Counter({script: sum(map(len, runs.findall(text))) for script, runs in _RUNS})


def detect_script(text: str) -> Script:
    """Script of most letters of a text or a word; ``Script.ZYYY`` when none of the three occurs."""
    script, letters = count_scripts(text).most_common(1)[0]
    return script if letters else Script.ZYYY
