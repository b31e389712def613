"""What both makers of the corpora do: models with odd weights, their outputs, and a step of training."""

from __future__ import annotations

import os
import pathlib
import zipfile
from collections.abc import Iterable
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import numpy as np
import tensorflow as tf
import tf_keras as keras
from models import WORDS

HERE = pathlib.Path(__file__).parent
MEASURED = {"mean:0", "variance:0", "total:0", "count:0"}
rng = np.random.default_rng(0)

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.01),
    "amsgrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True, clipnorm=1.0),
    "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "adagrad": lambda: keras.optimizers.Adagrad(0.1),
    "adadelta": lambda: keras.optimizers.Adadelta(1.0),
    "adafactor": lambda: keras.optimizers.Adafactor(0.01),
    "adamax": lambda: keras.optimizers.Adamax(0.01),
    "nadam": lambda: keras.optimizers.Nadam(0.01),
    "ftrl": lambda: keras.optimizers.Ftrl(0.1),
    "lion": lambda: keras.optimizers.Lion(0.01),
    "averaged": lambda: keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.5),
    "scheduled": lambda: keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
    "old_adam": lambda: keras.optimizers.legacy.Adam(0.01),
    "old_amsgrad": lambda: keras.optimizers.legacy.Adam(0.01, amsgrad=True),
    "old_momentum": lambda: keras.optimizers.legacy.SGD(0.1, momentum=0.9, decay=0.1),
    "old_rmsprop": lambda: keras.optimizers.legacy.RMSprop(0.01, momentum=0.5, centered=True),
    "old_adagrad": lambda: keras.optimizers.legacy.Adagrad(0.1),
    "old_adadelta": lambda: keras.optimizers.legacy.Adadelta(1.0),
    "old_adamax": lambda: keras.optimizers.legacy.Adamax(0.01),
    "old_nadam": lambda: keras.optimizers.legacy.Nadam(0.01),
    "old_ftrl": lambda: keras.optimizers.legacy.Ftrl(0.1),
}


def fresh(build: Any) -> Any:
    """A model whose names and weights do not depend on the models before, with weights that no initializer gives."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    model = build()
    stir(model)
    return model


def stir(model: Any) -> None:
    """Gives every weight values that no initializer gives; what was measured stays."""
    for weight in model.weights:
        is_number = isinstance(weight, tf.Variable) and weight.dtype.is_floating
        if is_number and weight.name.split("/")[-1] not in MEASURED:
            noise = rng.uniform(0.05, 0.15, weight.shape)
            weight.assign(np.round(weight.numpy() + noise, 3).astype(weight.dtype.name))


def values_for(tensor: Any) -> np.ndarray:
    """Random numbers or words that fit a symbolic tensor."""
    shape = (3, *tensor.shape[1:])
    if tensor.dtype.name == "string":
        return rng.choice([*WORDS, "dog"], shape).astype(object)
    if "int" in tensor.dtype.name:
        return rng.integers(0, 5, shape).astype(tensor.dtype.name)
    return rng.normal(size=shape).astype("float32")


def numbers_of(model: Any) -> dict[str, Any]:
    """Inputs `x0`, `x1`, ... and outputs `y0`, `y1`, ..., of dictionaries in the order of their keys."""
    inputs = [rng.normal(size=(3, 5)).astype("float32")]
    fed: Any = inputs[0]
    if model.inputs:
        inputs = [values_for(tensor) for tensor in model.inputs]
        fed = inputs if len(inputs) > 1 else inputs[0]
        if isinstance(model.input, dict):
            fed = dict(zip(model.input_names, inputs, strict=True))
    outputs = [np.asarray(value) for value in tf.nest.flatten(model(fed, training=False))]
    numbers = {f"x{i}": x.astype(str) if x.dtype == object else x for i, x in enumerate(inputs)}
    return {**numbers, **{f"y{i}": y for i, y in enumerate(outputs)}}


def trained(optimizer: Any) -> tuple[Any, dict[str, np.ndarray]]:
    """A model after two steps of training, and the batch that it has been trained on."""
    layers = keras.layers
    row = [layers.Dense(3, "tanh", name="first"), layers.BatchNormalization(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((4,)), *row])
    stir(model)
    model.compile(optimizer, "mse", metrics=["mae"])
    batch, target = (rng.normal(size=(8, width)).astype("float32") for width in (4, 2))
    for _ in range(2):
        model.train_on_batch(batch, target)
    return model, {"batch": batch, "target": target}


def one_more_step(model: Any, data: dict[str, np.ndarray]) -> dict[str, Any]:
    """Trains on the batch once more: the batch, the loss, and the weights afterwards."""
    loss = model.train_on_batch(data["batch"], data["target"], return_dict=True)["loss"]
    after = {f"after{i}": weight for i, weight in enumerate(model.get_weights())}
    return {**data, "loss": loss, **after}


def pack(archive: pathlib.Path, folder: pathlib.Path, paths: Iterable[pathlib.Path]) -> None:
    """Writes an archive that only depends on the content of the files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(paths):
            name = path.relative_to(folder).as_posix()
            target.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
