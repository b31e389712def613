"""The files of `tests/files/tensorflow.zip`, which tf_keras 2.21 wrote, and the user's classes in them."""

from __future__ import annotations

import functools
import io
import pathlib
import zipfile
from typing import Any

import numpy as np
import torch

import kerastorch as keras
from tests.saving.users import Scale, halved

ARCHIVE = pathlib.Path(__file__).parents[2] / "files" / "tensorflow.zip"
layers = keras.layers


class Blocks(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = layers.Dense(units)
        self.blocks = [
            layers.Dense(4, "relu"),
            keras.Sequential([layers.Dense(3), layers.BatchNormalization()]),
        ]
        self.norms = {"last": layers.LayerNormalization()}

    def build(self, shape):
        self.offset = self.add_weight(name="offset", shape=(shape[-1],), initializer="ones")
        super().build(shape)

    def call(self, x, training=None):
        x = self.first(x + self.offset)
        for block in self.blocks:
            x = block(x, training=training) if isinstance(block, keras.Sequential) else block(x)
        return self.norms["last"](x)


class Tracked(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.head = layers.Dense(2)
        self.tracker = keras.metrics.Mean(name="tracker")
        self.head_optimizer = keras.optimizers.Adam()

    def call(self, x):
        return self.head(x)


class Unknown(keras.Model):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.body = [layers.Dense(4, "tanh"), layers.Dense(units)]
        self.last = self.body[-1]

    def call(self, x):
        return self.last(self.body[0](x))


class Largest(keras.metrics.Metric):
    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.top = self.add_weight(name="top", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.top.assign(torch.maximum(self.top, (y_true - y_pred).abs().max()))

    def result(self):
        return self.top


CUSTOM = {"corpus>Scale": Scale, "corpus>halved": halved, "corpus>Blocks": Blocks, "corpus>Tracked": Tracked}
CUSTOM |= {"Unknown": Unknown, "corpus>Largest": Largest}


@functools.cache
def members() -> dict[str, bytes]:
    """The files of the corpus."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@functools.cache
def numbers(name: str) -> dict[str, np.ndarray]:
    """Inputs, outputs and more of a model."""
    with np.load(io.BytesIO(members()[f"{name}.npz"])) as arrays:
        return dict(arrays)


def models() -> list[str]:
    """The names of the models that have recorded outputs."""
    return sorted(name.removesuffix(".npz") for name in members() if name.endswith(".npz"))


def checkpoints() -> list[str]:
    """The names of the checkpoints."""
    return sorted(
        name.split("/")[1].removesuffix(".index")
        for name in members()
        if name.count("/") == 1 and name.startswith("checkpoint/") and name.endswith(".index")
    )


def saved_model(name: str, folder: pathlib.Path) -> pathlib.Path:
    """Writes the folder of a SavedModel, and returns it."""
    return unpacked(f"saved_model/{name}/", folder) / "saved_model" / name


def checkpoint(name: str, folder: pathlib.Path) -> pathlib.Path:
    """Writes the files of a checkpoint, and returns its path without an ending."""
    return unpacked(f"checkpoint/{name}.", folder) / "checkpoint" / name


def unpacked(prefix: str, folder: pathlib.Path) -> pathlib.Path:
    """Writes the files whose names begin with `prefix`."""
    for name, content in members().items():
        if name.startswith(prefix):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


def outputs(model: Any, name: str) -> list[np.ndarray]:
    """The outputs of a model for the recorded inputs."""
    recorded = numbers(name)
    inputs = [recorded[key] for key in sorted(recorded) if key[0] == "x"]
    fed: Any = inputs if len(inputs) > 1 else inputs[0]
    if name == "by_name":
        fed = dict(zip(model.input_names, inputs, strict=True))
    if all(x.dtype.kind in "fiu" for x in inputs):
        fed = keras.tree.map_structure(torch.as_tensor, fed)
    result = model(fed, training=False)
    return [np.asarray(keras.ops.convert_to_numpy(y)) for y in keras.tree.flatten(result)]


def expected(name: str) -> list[np.ndarray]:
    """The recorded outputs."""
    recorded = numbers(name)
    return [recorded[key] for key in sorted(recorded) if key[0] == "y"]
