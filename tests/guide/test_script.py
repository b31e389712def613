"""The guide, written for TensorFlow's Keras, runs as it is, with neither Keras nor TensorFlow to be found."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("script.py")
SECTIONS = ["G1 to G5", "G6, G7", "G8, G9", "G10 to G14", "G15, G16, G21", "G17 to G20", "custom loop"]


def test_the_script_names_nothing_of_kerastorch():
    modules = [
        name
        for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    assert {name.partition(".")[0] for name in modules} >= {"tensorflow", "numpy"}
    assert not [name for name in modules if "kerastorch" in name]


def test_the_guide_runs_unmodified(tmp_path):
    for name in ("keras", "tensorflow", "tf_keras"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ImportError('{name} itself was imported')\n", encoding="utf-8"
        )
    results = tmp_path / "results"
    results.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "kerastorch", str(SCRIPT), str(results)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert [line[: -len(" ok")] for line in done.stdout.splitlines() if line.endswith(" ok")] == SECTIONS
    assert {"mymodel_1", "log.csv", "logs", "ckpt"} <= set(os.listdir(results))
