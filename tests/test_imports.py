"""Light at the door: importing the package and asking the command line for help loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "spacy", "transformers", "datasets", "thinc", "pyarrow", "pandas")
PROBE = "import sys; {}; print([m for m in %r if m in sys.modules])" % (HEAVY,)  # noqa: UP031
HELP = """import contextlib, io
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main()"""


def loaded(code, *arguments):
    command = [sys.executable, "-c", PROBE.replace("{}", code), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_package_loads_nothing_heavy():
    assert loaded("import turkic_nlp") == "[]"


@pytest.mark.parametrize("command", [[], ["annotate"], ["evaluate"], ["demo"]])
def test_help_loads_nothing_heavy(command):
    code = f"from turkic_nlp.cli import main; exec({HELP!r})"
    assert loaded(code, *command, "--help") == "[]"


def test_a_checkout_runs_without_being_installed():
    done = subprocess.run(
        [sys.executable, "cli.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "annotate" in done.stdout
