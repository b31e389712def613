"""A process that is killed while it saves leaves the old file or the new one, and nothing that stands in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.saving.crashing import KINDS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.sweep)], ids=["some", "many"])
def test_every_kill_leaves_a_whole_file_and_the_next_save_clears_up(kills, tmp_path):
    command = [sys.executable, "-W", "ignore", "-m", "tests.saving.crashing", tmp_path, str(kills)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(KINDS)
    for kind, seen in found.items():
        assert len(seen["values"]) == kills, kind
        assert seen["values"] == sorted(seen["values"]), kind  # none is older than the one before
        assert seen["left"] == [], kind
    assert sum(seen["cut off"] for seen in found.values()) > 0  # some did hit a write
