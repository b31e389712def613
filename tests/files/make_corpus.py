"""Writes the files that the tests of reading `tf_keras` and Keras 1 and 2 look at; needs TensorFlow 2.21, run once.

    python tests/files/make_corpus.py

They lie in `tf_keras.zip`. For each model there is `<name>.h5`, `<name>.keras`, `<name>.weights.h5` and
`<name>.topology.h5`, and in `<name>.npz` the inputs `x0`, `x1`, ... with the expected outputs `y0`, `y1`, ... The
models `trained_<optimizer>` were trained before: their numbers also hold a batch, the loss of one more step on it, and
the weights afterwards. `keras_1_<name>.h5` is what Keras 1.2 wrote for a model.
"""

from __future__ import annotations

import os
import pathlib
import tempfile
import zipfile
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import numpy as np
import tensorflow as tf
import tf_keras as keras
from keras_1 import write_keras_1
from models import CASES, WORDS

HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path(tempfile.mkdtemp())
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


def values_for(tensor: Any) -> np.ndarray:
    """Random numbers or words that fit a symbolic tensor."""
    shape = (3, *tensor.shape[1:])
    if tensor.dtype.name == "string":
        return rng.choice([*WORDS, "dog"], shape).astype(object)
    if "int" in tensor.dtype.name:
        return rng.integers(0, 5, shape).astype(tensor.dtype.name)
    return rng.normal(size=shape).astype("float32")


def flat(values: Any) -> list:
    """The arrays of a nested structure, of dictionaries in the order of their keys."""
    return [np.asarray(value) for value in tf.nest.flatten(values)]


def stir(model: Any) -> None:
    """Gives every weight values that no initializer gives."""
    for weight in model.weights:
        if weight.dtype.is_floating:
            noise = rng.uniform(0.05, 0.15, weight.shape)
            weight.assign(np.round(weight.numpy() + noise, 3).astype(weight.dtype.name))


def write(model: Any, name: str) -> None:
    """Saves a model in every way, with inputs and outputs."""
    inputs = [values_for(tensor) for tensor in model.inputs]
    fed = dict(zip(model.input_names, inputs, strict=True)) if isinstance(model.input, dict) else inputs
    outputs = flat(model(fed if len(inputs) > 1 or isinstance(fed, dict) else fed[0], training=False))
    numbers = {f"x{i}": x.astype(str) if x.dtype == object else x for i, x in enumerate(inputs)}
    numbers.update({f"y{i}": y for i, y in enumerate(outputs)})
    model.save(FOLDER / f"{name}.h5")
    model.save(FOLDER / f"{name}.keras", save_format="keras")
    if model.weights and not name.startswith("trained_"):
        model.save_weights(FOLDER / f"{name}.weights.h5")
        model.save_weights(FOLDER / f"{name}.topology.h5", save_format="h5")
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers)


def write_trained(name: str, optimizer: Any) -> None:
    """Saves a model after two steps of training, with what one more step gives."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(3, "tanh", name="first"),
            layers.BatchNormalization(),
            layers.Dense(2),
        ]
    )
    stir(model)
    model.compile(optimizer, "mse", metrics=["mae"])
    x, y = (rng.normal(size=(8, width)).astype("float32") for width in (4, 2))
    for _ in range(2):
        model.train_on_batch(x, y)
    write(model, name)
    with np.load(FOLDER / f"{name}.npz") as before:
        numbers = dict(before)
    loss = model.train_on_batch(x, y, return_dict=True)["loss"]
    after = {f"after{i}": weight for i, weight in enumerate(model.get_weights())}
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers, batch=x, target=y, loss=loss, **after)


def main() -> None:
    """Writes everything."""
    for name, build in CASES.items():
        print(name, flush=True)
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
        model = build()
        stir(model)
        write(model, name)
    write_keras_1(FOLDER)
    tf.config.run_functions_eagerly(True)  # a compiled Nadam counts its steps wrongly
    for name, make in OPTIMIZERS.items():
        print(name, flush=True)
        keras.backend.clear_session()
        write_trained(f"trained_{name}", make())
    with zipfile.ZipFile(HERE / "tf_keras.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(FOLDER.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
