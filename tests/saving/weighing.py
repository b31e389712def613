"""How far memory rises while a model is saved and loaded: `python -m tests.saving.weighing FOLDER NAME`, as JSON.

The model has 71 MiB of weights, in tensors of all kinds: one large one, many that do not lie in memory as their shapes
say, and some of half the size. The process measures its own peaks, which is why it does nothing else.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import kerastorch
from kerastorch import layers

MIB = 1 << 20
SHARD = 40 / 1024  # gigabytes
OF_MODELS = ("model.keras", "model.h5", "folder")
NAMES = (
    *OF_MODELS,
    "a.weights.h5",
    "a.weights.json",
    "a.safetensors",
    "a.pt",
    "a.npz",
    "old.h5",
    "memory.keras",
)


def network(size: int = 1) -> Any:
    """A model of 71 MiB, or of a share of that."""
    return kerastorch.Sequential(
        [
            kerastorch.Input((8, 8, 256)),
            layers.Conv2D(512 // size, 4, strides=4, padding="same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1024 // size),
            layers.Dense(8 * 1024 // size, use_bias=False),  # 32 MiB
            layers.Dense(512 // size, use_bias=False, dtype="bfloat16"),
            layers.Dense(3072 // size),
            layers.Dense(1280 // size),
        ]
    )


def status(field: str) -> int:
    """A figure of this process in bytes, `VmRSS` (now) or `VmHWM` (its peak)."""
    found = re.search(
        rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE
    )
    return int(found[1]) * 1024 if found else 0


def rise(action: Callable[[], Any]) -> tuple[float, Any]:
    """How far memory rises above what it is when an action begins, in MiB, and what it returns."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = status("VmRSS")
    result = action()
    return (status("VmHWM") - before) / MIB, result


def save(model: Any, path: str) -> None:
    if os.path.basename(path) in OF_MODELS:
        model.save(path, zipped=False if path.endswith("folder") else None)
    elif path.endswith("memory.keras"):
        with open(path, "wb") as stream:
            model.save(stream)
    else:
        model.save_weights(path, max_shard_size=SHARD if path.endswith(".json") else None)


def load(model: Any, path: str) -> Any:
    """Loads into a model, or a new one."""
    if os.path.basename(path) in OF_MODELS:
        return kerastorch.models.load_model(path)
    if path.endswith("memory.keras"):
        with open(path, "rb") as stream:
            return kerastorch.models.load_model(stream)
    return model.load_weights(path)


def main(folder: str, name: str) -> None:
    torch.set_num_threads(1)
    path, warm = os.path.join(folder, name), os.path.join(folder, "warm")
    os.mkdir(warm)
    small = network(8)
    save(small, os.path.join(warm, name))
    load(small, os.path.join(warm, name))  # whatever is imported late is there now
    model = network()
    size = sum(weight.numel() * weight.element_size() for weight in model.weights) / MIB
    saving, _ = rise(lambda: save(model, path))
    loading, other = rise(lambda: load(model, path))  # the first model stays, so that no memory is used again
    print(json.dumps({"size": size, "save": saving, "load": loading - (size if other is not None else 0)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
