"""A server of runs that are killed: each run is a forked process that gets a SIGKILL at some moment, again and again.

It reads requests from its input, a line of JSON each, and answers each with a line of JSON. The processes are forked
so that none of them has to import anything.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

import kerastorch
from kerastorch.data.pipeline.dataset import Dataset

torch.set_num_threads(1)
ROWS, BATCH = 60, 7
X = np.random.default_rng(0).normal(size=(ROWS, 5)).astype("float32")
Y = X @ np.arange(5, dtype="float32")[:, None]


def noisy_batches():
    for start in range(0, ROWS, BATCH):
        x = X[start : start + BATCH]
        yield x + np.random.normal(size=x.shape).astype("float32"), Y[start : start + BATCH]


def pipeline():
    return Dataset.from_tensor_slices((X, Y)).shuffle(24).batch(BATCH)


DATA = {
    "arrays": lambda: {"x": X, "y": Y, "batch_size": BATCH, "shuffle": True},
    "pipeline": lambda: {"x": pipeline()},
    "pipeline in parts": lambda: {"x": pipeline().repeat(), "steps_per_epoch": 5},
    "loader": lambda: {
        "x": DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), BATCH, shuffle=True)
    },
    "noisy batches": lambda: {"x": noisy_batches},
}


def network(built: bool) -> kerastorch.Sequential:
    layers = kerastorch.layers
    first = [kerastorch.Input((5,))] if built else []
    return kerastorch.Sequential(
        [*first, layers.Dense(16, "relu"), layers.Dropout(0.3), layers.BatchNormalization(), layers.Dense(1)]
    )


def train(request: dict, folder: Path) -> None:
    """The script of a user. What it ends with is written to a file."""
    kerastorch.utils.set_random_seed(7)
    model = network(request["built"])
    model.compile(kerastorch.optimizers.Adam(0.01), "mse", metrics=["mae"])
    backup = kerastorch.callbacks.BackupAndRestore(
        folder / "backup",
        save_freq=request["save_freq"],
        double_checkpoint=request["double"],
        save_before_preemption=request["signal"] == "SIGTERM",
    )
    pace = kerastorch.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: time.sleep(request["pace"])
    )
    goes_on = (folder / "backup" / "latest.weights.h5").exists()
    history = model.fit(
        **DATA[request["data"]](), epochs=request["epochs"], verbose=0, callbacks=[backup, pace]
    )
    values = b"".join(weight.tobytes() for weight in model.get_weights())
    result = {
        "weights": hashlib.sha256(values).hexdigest(),
        "loss": history.history["loss"][-1:],
        "mae": history.history["mae"][-1:],
        "goes on": goes_on,
        "left": sorted(os.listdir(folder)),
    }
    (folder / "result").write_text(json.dumps(result))


def begin(request: dict, folder: Path) -> int:
    """Starts a process that trains; returns its number."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        train(request, folder)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ended(process: int, options: int = 0) -> bool:
    """Whether a process is over; one that failed is an error here as well."""
    number, status = os.waitpid(process, options)
    if number and os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL, -signal.SIGTERM):
        raise RuntimeError(f"A run ended with {os.waitstatus_to_exitcode(status)}.")
    return bool(number)


def wait_for_a_write(process: int, folder: Path, count: int) -> bool:
    """Waits until so many backups were begun; returns False if the process ends before."""
    seen: set[str] = set()
    while not ended(process, os.WNOHANG):
        seen |= half_written(folder)
        if len(seen) >= count:
            return True
    return False


def half_written(folder: Path) -> set[str]:
    backup = folder / "backup"
    return {name for name in os.listdir(backup) if name.endswith(".tmp")} if backup.exists() else set()


def kill_one(request: dict, folder: Path, moments: random.Random, most: float) -> bool:
    """Starts a run and kills it within `most` seconds, or in the middle of a backup; False if it ends before.

    There is one backup at least when it is killed, so that the next one has something to go on from.
    """
    process = begin(request, folder)
    while not (folder / "backup" / "latest.weights.h5").exists() and not ended(process, os.WNOHANG):
        time.sleep(0.001)
    if moments.random() < 0.5:
        old = len(half_written(folder))
        alive = wait_for_a_write(process, folder, old + moments.randrange(1, 3))
        time.sleep(moments.random() * 0.003)
    else:
        time.sleep(moments.random() * most)
        alive = not ended(process, os.WNOHANG)
    if alive:
        os.kill(process, signal.Signals[request["signal"]])
        ended(process)
    return alive


def kill_often(request: dict, folder: Path, most: float) -> int:
    """Kills one run again and again; returns how often that was in the middle of a backup, or -1 if it was too fast."""
    moments = random.Random(request["seed"])
    torn = 0
    for _ in range(request["kills"]):
        if not kill_one(request, folder, moments, most):
            return -1
        torn += bool(half_written(folder))
    return torn


def run(request: dict) -> dict:
    """Runs a script to its end, with the given number of kills on the way."""
    most = request["most"]
    while True:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            torn = kill_often(request, folder, most)
            if torn >= 0:
                ended(begin(request, folder))
                return {**json.loads((folder / "result").read_text()), "torn": torn}
        most /= 2  # this machine is fast: the run was over before the last kill


def main() -> None:
    """Answers requests until the input ends; what the runs import late is imported before they are forked."""
    for late in ("h5py", "torch._dynamo"):
        importlib.import_module(late)
    for line in sys.stdin:
        try:
            answer = run(json.loads(line))
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
