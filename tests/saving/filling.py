"""Saves that run out of room: `python -m tests.saving.filling FOLDER disk|limit`; what happened is printed as JSON.

`disk` fills the disk of the folder, which should be a small one; `limit` lets no file grow beyond a size.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np

import kerastorch

OF_WEIGHTS = ("model.weights.h5", "model.safetensors", "model.pt", "model.npz", "model.weights.json")
NAMES = ("model.keras", "model.h5", "model", *OF_WEIGHTS)


def network(value: float):
    model = kerastorch.Sequential([kerastorch.Input((300,)), kerastorch.layers.Dense(300)])
    model.set_weights([np.full(weight.shape, value) for weight in model.weights])
    return model


@contextlib.contextmanager
def full_disk(folder: Path):
    """No room is left on the disk inside the block."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(4096))
    yield
    filler.unlink()


@contextlib.contextmanager
def small_files(folder: Path):
    """No file grows beyond 200 kB inside the block."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def run(path: Path, kind: str) -> dict:
    """Saves once, and once more when there is no room."""
    of_weights = path.name in OF_WEIGHTS
    old, new = network(1.0), network(2.0)
    old.save_weights(path) if of_weights else old.save(path)
    message, before = "", set(os.listdir(path.parent))
    with {"disk": full_disk, "limit": small_files}[kind](path.parent):
        try:
            new.save_weights(path) if of_weights else new.save(path)
        except OSError as error:
            message = str(error)
        left = sorted({*os.listdir(path.parent)} ^ before ^ ({"filler"} if kind == "disk" else set()))
    if of_weights:
        new.load_weights(path)
    else:
        new = kerastorch.models.load_model(path)
    return {"error": message, "left": left, "value": float(np.mean(new.get_weights()[0]))}


def main(folder: str, kind: str) -> None:
    found = {}
    for name in NAMES:
        own = Path(folder, name.replace(".", "_"))
        own.mkdir()
        found[name] = run(own / name, kind)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
