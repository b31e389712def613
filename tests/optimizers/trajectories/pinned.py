"""Short trajectories on TensorFlow, which the tests can't run: pinned in `keras.json` and `tf_keras.json`.

They were recorded with TensorFlow 2.21.0, Keras 3.15.1 and tf_keras 2.21.0, from the root of the repository:

    KERAS_BACKEND=tensorflow python -m tests.optimizers.trajectories.pinned keras
    python -m tests.optimizers.trajectories.pinned tf_keras
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.optimizers.trajectories.table import ALONE, COMMON, RULES, Options, label, make, own_rows

STEPS = 15
SHAPES = {"kernel": (3, 2), "bias": (2,)}
# Optimizers of each kind of update, which have every shared option pinned.
WITH_ALL_OPTIONS = ("SGD", "Adam", "Ftrl")


def rows() -> dict[str, tuple[str, Options]]:
    """The rows that are pinned, by label."""
    own = {label(name, options): (name, options) for name, options in own_rows() if name not in ALONE}
    shared = {
        f"{name}+{option}": (name, {**RULES[name][0], **common})
        for name in WITH_ALL_OPTIONS
        for option, common in COMMON.items()
    }
    return own | shared


def waves(phase: float) -> list[np.ndarray]:
    """Numbers between -1 and 1 for every variable."""
    return [np.sin(1.7 * np.arange(np.prod(s)) + phase).reshape(s).astype("float32") for s in SHAPES.values()]


def start() -> list[np.ndarray]:
    return waves(0.5)


def gradients(step: int) -> list[np.ndarray]:
    return waves(2.3 * step)


def read(library: str) -> dict[str, list[float] | None]:
    """The weights at the end of each row, in one list; None where the library does not know an option."""
    return json.loads(Path(__file__).with_name(f"{library}.json").read_text())


def record(library: Any, name: str, options: Options) -> list[float] | None:
    """Trains with a library that runs on TensorFlow."""
    tensorflow = importlib.import_module("tensorflow")
    try:
        optimizer = make(library.optimizers, name, options)
    except (AttributeError, TypeError, ValueError):
        return None
    make_variable = getattr(library, "Variable", None) or tensorflow.Variable
    variables = [make_variable(value, name=n) for n, value in zip(SHAPES, start(), strict=True)]
    for step in range(STEPS):
        grads = [tensorflow.constant(gradient) for gradient in gradients(step)]
        optimizer.apply_gradients(zip(grads, variables, strict=True))
    return [float(f"{number:.8g}") for variable in variables for number in np.array(variable).ravel()]


if __name__ == "__main__":
    module = importlib.import_module(sys.argv[1])
    made = {key: record(module, *row) for key, row in rows().items()}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in made.items())
    Path(__file__).with_name(f"{sys.argv[1]}.json").write_text(f"{{\n{lines}\n}}\n")
