"""The README tells the truth: its examples run, its commands and files exist."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parent.parent
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}


def test_the_examples_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    x, y = np.random.rand(20, 784).astype("float32"), np.arange(20) % 10
    names = {"torch": torch, "x_train": x, "y_train": y, "x_test": x, "y_test": y, "x_new": x}
    blocks = re.findall(r"^```python\n(.*?)^```", TEXTS["README.md"], flags=re.MULTILINE | re.DOTALL)
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert names["probabilities"].shape == (20, 10)
    assert "def forward" in capsys.readouterr().out


@pytest.mark.parametrize("name", TEXTS)
def test_every_make_target_exists(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\d )make ([a-z]+)", TEXTS[name], flags=re.MULTILINE))
    assert {"test", "quick"} <= named <= targets


@pytest.mark.parametrize("name", TEXTS)
def test_every_linked_file_exists(name):
    links = re.findall(r"\]\(([^)#:]+)\)", TEXTS[name])
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_extra_that_the_readme_names_is_declared():
    named = set(re.findall(r"\[([a-z]+)\]['`]", TEXTS["README.md"]))
    declared = set(
        re.findall(r"^([a-z]+) =$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert {"plot", "tensorboard", "export", "jupyter"} <= named <= declared


def test_every_notebook_is_linked():
    notebooks = sorted(path.name for path in (ROOT / "tutorials").glob("*.ipynb"))
    assert len(notebooks) >= 6
    assert [name for name in notebooks if f"(tutorials/{name})" not in TEXTS["README.md"]] == []
