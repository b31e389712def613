"""Saving and loading a large model: seconds, and memory beyond the model's, each contestant in processes of its own.

`python -m benchmarks.files kerastorch .safetensors 1024 2` prints the figures of one contestant for a model of
1,024 MiB with two threads as one JSON object. The base is `torch.save` and `torch.load` of the model's `state_dict`,
which do not wait for the disk as the others do.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks import costs
from benchmarks.frameworks import TITLES
from benchmarks.measure import Times, medians, ratio
from benchmarks.memory import MIB, status
from benchmarks.table import Row

UNITS, LAYER_MIB = 2048, 16  # a layer of 2,048 units has 16 MiB of weights
BASE = ("torch", ".pt")
CONTESTANTS = (BASE, ("kerastorch", ".safetensors"), ("kerastorch", ".keras"), ("keras", ".keras"))
MOST = {".safetensors": 1.2, ".keras": 2.0}  # times the base
SHARE = 0.2  # of the model's size, the most memory beyond it
Figures = dict[str, float]


def network(keras: Any, mib: int) -> Any:
    """A model whose weights take up so many MiB."""
    dense = [keras.layers.Dense(UNITS, use_bias=False) for _ in range(mib // LAYER_MIB)]
    return keras.Sequential([keras.Input((UNITS,)), *dense])


def timed(action: Callable[[], Any]) -> tuple[Figures, Any]:
    """Seconds of a call, and how far memory rose meanwhile in MiB."""
    gc.collect()
    os.sync()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before, start = status("VmRSS"), time.perf_counter()
    result = action()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "extra": (status("VmHWM") - before) / MIB}, result


def figures(package: str, ending: str, mib: int, folder: str) -> dict[str, Figures]:
    """What one contestant takes to save a model and to load it."""
    keras = importlib.import_module("kerastorch" if package == "torch" else package)
    model, path = network(keras, mib), os.path.join(folder, f"model{ending}")
    if package == "torch":
        saving, _ = timed(lambda: torch.save(model.state_dict(), path))
        del model
        loading, _ = timed(lambda: torch.load(path))
    elif ending == ".keras":
        saving, _ = timed(lambda: model.save(path))
        del model
        loading, _ = timed(lambda: keras.models.load_model(path))
    else:
        saving, _ = timed(lambda: model.save_weights(path))
        loading, _ = timed(lambda: model.load_weights(path))
    if ending != ".safetensors":  # what is loaded is not in memory before
        loading["extra"] -= mib
    return {"save": saving, "load": loading}


def rows(
    packages: tuple[str, ...], mib: int, rounds: int, threads: int, note: Callable[[str], None]
) -> Iterator[Row]:
    """Seconds in units of torch's, and memory beyond the model's.

    Args:
        packages: the frameworks to measure beside torch.
        mib: the size of the model in MiB.
        rounds: fresh processes for each contestant, in turn.
        threads: threads of torch.
        note: is told what goes on.
    """
    asked = [pair for pair in CONTESTANTS if pair[0] in ("torch", *packages)]
    found: dict[str, list[dict[str, Figures]]] = {_title(*pair): [] for pair in asked}
    code = "import sys; from benchmarks.files import main; main(sys.argv[1:])"
    for number in range(rounds):
        note(f"files: round {number + 1} of {rounds}")
        for package, ending in asked[number % len(asked) :] + asked[: number % len(asked)]:
            answer = costs.run(code, package, ending, str(mib), str(threads))
            found[_title(package, ending)].append(json.loads(answer))
    for action in ("save", "load"):
        yield from _seconds(f"files: {action} {mib:,} MiB", action, asked, found)
    for action in ("save", "load"):
        for pair in asked:
            extra = statistics.median(one[action]["extra"] for one in found[_title(*pair)])
            row = Row(f"files: memory beyond the model, {action}", _title(*pair), extra, "MiB", extra / mib)
            yield row.owing(f"<= {SHARE}", extra <= SHARE * mib) if pair[0] == "kerastorch" else row


def _seconds(title: str, action: str, asked: list[tuple[str, str]], found: dict) -> Iterator[Row]:
    times: Times = {name: [one[action]["seconds"] for one in seen] for name, seen in found.items()}
    base, theirs = _title(*BASE), _title("keras", ".keras")
    for package, ending in asked:
        name = _title(package, ending)
        share = ratio(times, name, base)
        row = Row(title, name, medians(times)[name], "s", share)
        if package == "kerastorch":
            row = row.owing(f"<= {MOST[ending]}", round(share, 2) <= MOST[ending])
        yield row
        if (package, ending) == ("kerastorch", ".keras") and theirs in times:
            share = ratio(times, name, theirs)
            yield Row(title, f"{name} / Keras", share, "x", share).owing("<= 1", round(share, 2) <= 1)


def _title(package: str, ending: str) -> str:
    return "torch.save, torch.load" if package == "torch" else f"{TITLES[package]}, {ending}"


def main(arguments: list[str]) -> None:
    """Prints the figures of one contestant as JSON."""
    package, ending, mib, threads = arguments
    torch.set_num_threads(int(threads))
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(figures(package, ending, int(mib), folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
