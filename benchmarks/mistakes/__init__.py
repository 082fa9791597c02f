"""What kinds of mistakes a model makes: pure functions of gold and guess, for ``benchmarks/errors.py``."""
