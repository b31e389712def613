"""`%load_ext kerastorch`, in a real IPython."""

from __future__ import annotations

import subprocess
import sys

import pytest

CELLS = """
%load_ext kerastorch.compat.notebook
from tensorflow.keras.layers.core import Dense
print(Dense.__module__)
%unload_ext kerastorch.compat.notebook
import importlib.util
print("kerastorch" in importlib.util.find_spec("keras").origin)
sys = __import__("sys")
sys.modules["keras"] = sys
%load_ext kerastorch.compat.notebook
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """What the cells print."""
    home = tmp_path_factory.mktemp("ipython")
    script = home / "cells.ipy"
    script.write_text(CELLS)
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "--quick", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, env=None)
    return done.stdout.splitlines() + done.stderr.splitlines()


def test_the_names_mean_kerastorch_while_the_extension_is_loaded(lines):
    assert lines[0] == "kerastorch.layers.core.dense"


def test_unloading_gives_the_names_back(lines):
    assert lines[1] == "False"


def test_a_notebook_that_has_imported_keras_is_told_to_restart(lines):
    assert any("in a notebook, restart the kernel first" in line for line in lines)
