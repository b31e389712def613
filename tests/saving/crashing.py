"""Processes that save again and again, and are killed: `python -m tests.saving.crashing FOLDER KILLS`.

All weights have the same value, which grows with each save, so that a file is whole exactly when it loads and holds one
value. The processes are forked, so that none of them has to import anything. What was found is printed as JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import kerastorch
from kerastorch.callbacks import BackupAndRestore, LambdaCallback, ModelCheckpoint

X = np.ones((1, 200), "float32")
WEIGHTS = (".weights.h5", ".weights.json", ".safetensors")


def network() -> Any:
    dense = kerastorch.layers.Dense
    model = kerastorch.Sequential([kerastorch.Input((200,)), dense(300), dense(200)])
    model.compile(kerastorch.optimizers.SGD(0.0), "mse")
    return model


def fill(model: Any, number: int) -> None:
    model.set_weights([np.full(weight.shape, number) for weight in model.weights])


def save(path: Path, first: int) -> None:
    model = network()
    for number in itertools.count(first):
        fill(model, number)
        write(model, path)


def write(model: Any, path: Path) -> None:
    """Saves a model, or its weights, as the path says in files of at most 250 kB, if there are several."""
    if path.name.endswith(".weights.json"):
        model.save_weights(path, max_shard_size=250_000 / 1024**3)
    elif path.name.endswith(WEIGHTS):
        model.save_weights(path)
    else:
        model.save(path)


def fit_with(make: Callable[[Path], Any]) -> Callable[[Path, int], None]:
    """Saves by a callback after each step of `fit`."""

    def save_in_fit(path: Path, first: int) -> None:
        model, numbers = network(), itertools.count(first)
        filling = LambdaCallback(on_train_batch_begin=lambda batch, logs: fill(model, next(numbers)))
        model.fit(X, X, epochs=10**6, verbose=0, callbacks=[filling, make(path)])

    return save_in_fit


Check = Callable[[Path], Any]
checkpoint = fit_with(lambda path: ModelCheckpoint(path, save_freq=1))
weights_alone = fit_with(lambda path: ModelCheckpoint(path, save_freq=1, save_weights_only=True))
backup = fit_with(lambda path: BackupAndRestore(path.parent, save_freq=1))
KINDS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "archive": ("model.keras", save),
    "weights": ("model.weights.h5", save),
    "hdf5": ("model.h5", save),
    "folder": ("model", save),
    "safetensors": ("model.safetensors", save),
    "shards": ("model.weights.json", save),
    "checkpoint": ("model.keras", checkpoint),
    "checkpoint of weights": ("model.weights.h5", weights_alone),
    "backup": ("latest.weights.h5", backup),
}


def value_in(path: Path) -> int:
    """The one value of all weights in a file."""
    if path.name.endswith(WEIGHTS):
        model = network()
        model.load_weights(path)
    else:
        model = kerastorch.models.load_model(path, compile=False)
    (value,) = {float(value) for weight in model.get_weights() for value in np.unique(weight)}
    return int(value)


def files_at(path: Path) -> set[str]:
    """The file of a path, and the others that it names."""
    if not path.name.endswith(".weights.json"):
        return {path.name}
    return {path.name, *json.loads(path.read_text(encoding="utf-8"))["weight_map"].values()}


def kill_one(kind: str, path: Path, first: int, after: float) -> None:
    """Begins to save in a process of its own, and kills it."""
    process = os.fork()
    if not process:
        try:
            KINDS[kind][1](path, first)
        finally:
            os._exit(1)
    while not path.exists():
        time.sleep(0.001)
    time.sleep(after)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise RuntimeError(f"A process that saves ended by itself: {kind}.")


def kill_many(kind: str, folder: Path, kills: int) -> dict[str, Any]:
    """What was in the file after each kill, how often one was half written, and what is left over after the last."""
    moments, values, cut_off = random.Random(kind), [], 0
    folder.mkdir()
    path = folder / KINDS[kind][0]
    for _ in range(kills):
        kill_one(kind, path, 1 + values[-1] if values else 0, moments.uniform(0, 0.15))
        values.append(value_in(path))
        cut_off += sum(name.endswith(".tmp") for name in os.listdir(folder))
    write(network(), path)
    there = {entry.name for entry in folder.iterdir() if entry.is_file() or any(entry.iterdir())}
    return {"values": values, "cut off": cut_off, "left": sorted(there - files_at(path))}


def main(folder: str, kills: str) -> None:
    torch.set_num_threads(1)
    found = {kind: kill_many(kind, Path(folder, kind), int(kills)) for kind in KINDS}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
