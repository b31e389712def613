"""Saving and loading take up at most a fifth of a model's size beyond the model, in all formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.saving.weighing import NAMES

ROOT = Path(__file__).parents[2]
FIRST = ("model.keras", "old.h5", "a.safetensors")  # the others carry `sweep`


@pytest.mark.parametrize(
    "name", [name if name in FIRST else pytest.param(name, marks=pytest.mark.sweep) for name in NAMES]
)
def test_a_fifth_of_the_model_is_enough(name, tmp_path):
    command = [sys.executable, "-W", "ignore", "-m", "tests.saving.weighing", tmp_path, name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["size"] > 64
    assert found["save"] < found["size"] / 5
    assert abs(found["load"]) < found["size"] / 5
