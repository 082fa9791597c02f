"""Regular expressions of the tokenizer: what is cut off a word, where a word is cut, what is never cut."""

from __future__ import annotations

import re

from turkic_nlp.lang._chars import APOSTROPHES, CURRENCY, EMOJI, LETTER, LOWER, MODIFIERS, UPPER

# Runs of one mark are one token ("!!!", "----", ")))"), which also keeps long runs cheap.
_RUN = r"(?:\.{2,}|…+|!+|\?+|-{2,}|[–—―‒−]+|_{2,}|={2,}|\*{2,}|#{2,}|~{2,}|\){3,}|\({3,})"
_BRACKETS = r"()\[\]{}"
_DOUBLE_QUOTES = '«»‹›“”„‟"'
_MARKS = re.escape(",;:،؛؟۔、。¡¿†‡·•*|\\~^<>=©®™") + _BRACKETS + _DOUBLE_QUOTES
# What may follow a mark without a space: "деді:«Кел!»-деп".
_AFTER = _BRACKETS + _DOUBLE_QUOTES + "–—-"
_QUOTE = "'\u2019`\u00b4"
_TURNED = "\u2018\u201b"

# Digraphs that stand for a first name: "Sh. Rashidov", "Oʻ. Hoshimov", "Дж. Байрон".
_DIGRAPH = rf"(?:[SC]h|Y[uaoe]|Ts|Дж|[OG][{MODIFIERS}{_QUOTE}{_TURNED}])"
_ALONE = rf"(?<![\w{APOSTROPHES}°-])"

PREFIXES = (
    _RUN,
    EMOJI,
    f"[{_MARKS}{CURRENCY}%‰§/&]",
    f"[{MODIFIERS}{_QUOTE}{_TURNED}‚]",
    r"\.(?!\d)",
    r"[-+](?!\d)",
    r"[#@](?!\w)",
)

SUFFIXES = (
    _RUN,
    EMOJI,
    f"[{_MARKS}{CURRENCY}]",
    # A full stop is a word's own after one letter alone, "Қ.", but for the pronoun "u"; never otherwise.
    rf"(?<!{_ALONE}(?![uу]){LETTER})(?<!{_ALONE}{_DIGRAPH})\.",
    # An apostrophe at the end is a letter in "togʻ" and "bogʻ", and a quotation mark elsewhere.
    f"(?<![gGoO])[{MODIFIERS}{_TURNED}]",
    f"(?:(?<![gG])|(?<=[nN][gG]))[{_QUOTE}]",
    r"(?<!\d)-",
)

# Between words without a space; Uyghur joins the halves of a pair by it, "ئاتا–ئانا".
DASH_INFIX = r"(?<=\w)[–—―](?=\w)"

INFIXES = (
    r"\.{2,}|…+|-{2,}",
    EMOJI,
    f"[{_BRACKETS}{_DOUBLE_QUOTES}]",
    rf"(?<=[{LOWER}][{LOWER}])\.(?=[{UPPER}\d|{_AFTER}])",
    rf"(?<=\b[{UPPER}]\.)(?=[{UPPER}])",  # "Қ.К.Тоқаев" is three tokens
    rf"(?<=\b{_DIGRAPH}\.)(?=[{UPPER}])",
    rf"(?<={LETTER})[,،؛؟](?=[\w{_AFTER}])|(?<=\d),(?={LETTER})",
    rf"(?<={LETTER})[;:!?=/<>|+*&](?=[\w{_AFTER}])|(?<=\d)[;!?](?=[\w{_AFTER}])",
    DASH_INFIX,
    r"(?<=\d)-(?=\d)",
)

# The Kyrgyz and Uzbek treebanks cut the sign off the number and its ending ("80|%|га"), the others do not.
PERCENT_SUFFIX = "[%‰]"
PERCENT_INFIX = r"(?<=\d)[%‰](?=[\w-])"

_WORLD = (
    "com org net info biz edu gov mil int io ai app dev me tv cc co eu us uk de fr it es pl tr cn jp kr in"
)
_REGION = "kz uz kg tm ru su az tj by ua am ge mn қаз рф"
_DOMAIN = "|".join(f"{_WORLD} {_REGION}".split())
URL = re.compile(
    rf"(?:[a-z][\w+.-]*://\S+|www\.\S+\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?:[\w-]+\.)+(?:{_DOMAIN})(?:[:/?#]\S*)?)(?:-{LETTER}+)?$",
    re.IGNORECASE,
)

_EMOTICON = r"[:;=]['-]?[)(\]\[DPpoO3*|\\]+|<3+|\^_+\^|[xX]D+"
# т.б., б.з.б., h.k. are one token; capitals are initials, which are cut.
_SHORT = rf"(?:[{LOWER}]{{1,2}}\.){{2,}}"
# Dates and telephone numbers, 2020-05-11 or +998-90-123-45-67; a range, 8-10, is cut.
_DIGITS = r"\+?\d+(?:-\d+){2,}"
TOKEN = re.compile(rf"(?:[#@]\w[\w.-]*(?<![.-])|{_EMOTICON}|{_SHORT}|{_DIGITS})$")
