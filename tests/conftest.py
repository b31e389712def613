"""What all tests share: Keras runs on torch, and torch on one thread."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import pytest
import torch

torch.set_num_threads(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves tests marked `gpu` out where there is no CUDA device."""
    if torch.cuda.is_available():
        return
    away = [item for item in items if item.get_closest_marker("gpu")]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if not item.get_closest_marker("gpu")]
