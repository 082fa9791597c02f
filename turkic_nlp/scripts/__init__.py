"""Scripts: detection, transliteration and the shared orthography. Alphabets are data in ``tables/``."""

from turkic_nlp.scripts.convert import transliterate
from turkic_nlp.scripts.routes import alphabets
from turkic_nlp.scripts.script import Script, detect_script
from turkic_nlp.scripts.shared import shared_form

__all__ = ["Script", "alphabets", "detect_script", "shared_form", "transliterate"]
