"""Azerbaijani for spaCy: tables, and the language class in ``turkic_az.language``."""

from pathlib import Path

TABLES = Path(__file__).parent / "tables"
