"""Scripts as old tutorials have them, which import `keras` and run as they are."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from kerastorch import backend, utils
from kerastorch.compat.redirect import redirected

SCRIPTS = {path.stem: path for path in sorted((Path(__file__).parent / "tutorials").glob("*.py"))}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_keras_2_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    utils.set_random_seed(1)
    try:
        with redirected():
            runpy.run_path(str(SCRIPTS[name]), run_name="__main__")
    finally:
        backend.clear_session()
