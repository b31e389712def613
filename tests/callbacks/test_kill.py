"""Runs that are killed at any moment, again and again, end where a run without interruption does, bit by bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEFAULTS = {
    "built": True,
    "double": False,
    "epochs": 5,
    "kills": 0,
    "signal": "SIGKILL",
    "pace": 0.0,
    "most": 0.08,
}


@pytest.fixture(scope="module")
def server():
    """A process that runs scripts and kills them; returns a function of a request."""
    command = [sys.executable, "-m", "tests.callbacks.killed"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def ask(**request):
            process.stdin.write(json.dumps({**DEFAULTS, **request}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert "error" not in answer, answer
            return answer

        yield ask
        process.stdin.close()


def compare(server, **request):
    expected = server(**{**request, "kills": 0, "pace": 0})
    answer = server(**request)
    assert answer["goes on"]
    for name in ("weights", "loss", "mae"):
        assert answer[name] == expected[name], name
    assert answer["left"] == []  # neither a backup nor half a file
    return answer


@pytest.mark.parametrize("save_freq", ["epoch", 3], ids=["epochs", "steps"])
@pytest.mark.parametrize("data", ["arrays", "pipeline"])
def test_killed_four_times(server, data, save_freq):
    compare(server, data=data, save_freq=save_freq, kills=4, seed=1, pace=0.002)


OTHERS = {
    "a pass that is longer than an epoch": {"data": "pipeline in parts", "save_freq": 3},
    "a loader": {"data": "loader", "save_freq": 2},
    "random batches of a function": {"data": "noisy batches", "save_freq": 3},
    "a model without weights at first": {"data": "arrays", "save_freq": 2, "built": False},
    "by SIGTERM": {"data": "arrays", "save_freq": "epoch", "signal": "SIGTERM"},
    "two backups": {"data": "arrays", "save_freq": 1, "double": True},
}


@pytest.mark.parametrize("case", list(OTHERS))
def test_killed_twice(server, case):
    compare(server, **OTHERS[case], kills=2, seed=2, pace=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("save_freq", ["epoch", 3], ids=["epochs", "steps"])
@pytest.mark.parametrize("data", ["arrays", "pipeline"])
def test_killed_twenty_times(server, data, save_freq):
    answer = compare(server, data=data, save_freq=save_freq, kills=20, seed=3, pace=0.004, epochs=25)
    assert answer["torn"] > 0
