"""A save that runs out of room leaves the old file, nothing else, and an error that says what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.saving.filling import NAMES

ROOT = Path(__file__).parents[2]
MOUNTED = 'mount -t tmpfs -o size=3m none "$0" && exec "$@"'  # a disk of 3 MB at $0


def command(folder, kind):
    return [sys.executable, "-W", "ignore", "-m", "tests.saving.filling", str(folder), kind]


def may_mount(folder):
    """Whether this system lets a process mount a disk that only it sees."""
    try:
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", MOUNTED, folder, "true"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0


def check(line, text):
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(NAMES)
    for name, seen in found.items():
        assert text in seen["error"], name
        assert f"{name}'" in seen["error"]
        assert (seen["left"], seen["value"]) == ([], 1.0)


def test_a_file_that_would_be_too_large(tmp_path):
    check(command(tmp_path, "limit"), "larger than a file may be here; choose another disk")


@pytest.mark.slow
def test_a_disk_without_room(tmp_path):
    if may_mount(tmp_path):
        line = ["unshare", "-rm", "sh", "-c", MOUNTED, str(tmp_path), *command(tmp_path, "disk")]
        check(line, "there is no room on the disk; make some")
    else:
        check(command(tmp_path, "limit"), "larger than a file may be here")
