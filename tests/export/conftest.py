"""A Python that runs exported code and cannot import what exported it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

_BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("kerastorch", "keras"):
            raise ModuleNotFoundError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture
def run_alone(tmp_path) -> Callable[[str], str]:
    """Runs code in a folder of its own, with torch and without kerastorch, and returns what it prints."""

    def run(code: str) -> str:
        script = tmp_path / "alone.py"
        script.write_text(_BLOCK + code, encoding="utf-8")
        found = subprocess.run(
            [sys.executable, "-I", str(script)], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert found.returncode == 0, found.stderr
        return found.stdout.strip()

    return run
