"""What all tests share: Keras runs on torch, and torch on one thread."""

from __future__ import annotations

import gc
import os
import signal

os.environ.setdefault("KERAS_BACKEND", "torch")

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from kerastorch import config as settings
from kerastorch import policy

torch.set_num_threads(1)

# A shell starts its background jobs with Ctrl-C switched off, which every process below would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def small_heap() -> None:
    """Puts what lives already aside, which `clear_session` would walk through at each collection."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves tests marked `gpu` out where there is no CUDA device."""
    if torch.cuda.is_available():
        return
    away = [item for item in items if item.get_closest_marker("gpu")]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if not item.get_closest_marker("gpu")]


def global_settings() -> dict[str, Any]:
    """The settings that hold for a whole process."""
    found = {name: value for name, value in vars(settings._Settings).items() if not name.startswith("_")}
    return found | {
        "dtype policy": policy.Global.policy,
        "torch's default type": torch.get_default_dtype(),
        "torch's threads": torch.get_num_threads(),
    }


@pytest.fixture(autouse=True)
def settings_stay() -> Iterator[None]:
    """Fails the test that leaves a global setting changed, where it would trip another one much later."""
    before = global_settings()
    yield
    after = global_settings()
    for name, value in before.items():
        if name in vars(settings._Settings):
            setattr(settings._Settings, name, value)
    policy.Global.policy = before["dtype policy"]
    torch.set_default_dtype(before["torch's default type"])
    torch.set_num_threads(before["torch's threads"])
    assert after == before, "this test left a global setting changed"
