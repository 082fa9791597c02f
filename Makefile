# demo and test set up .venv by themselves; PYTHON chooses the interpreter (3.10 to 3.13), VENV the folder.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEV = pytest pytest-randomly hypothesis ruff mypy import-linter hatchling peft matplotlib

.PHONY: demo test check docs clean

demo: $(VENV)/installed
	$(BIN)/turkic-nlp demo

test: $(VENV)/tools
	$(BIN)/python -m pytest

check: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

docs: $(VENV)/installed
	$(BIN)/python docs/generate.py

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/tools: $(VENV)/installed
	$(BIN)/pip install --quiet $(DEV)
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
