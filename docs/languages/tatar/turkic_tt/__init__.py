"""Tatar for spaCy: tables, and the language class in ``turkic_tt.language``."""

from pathlib import Path

TABLES = Path(__file__).parent / "tables"
