"""Files as Keras 2.0 to 2.4 and tf.keras up to 2.12 wrote them, made by hand from models of `tf_keras`."""

from __future__ import annotations

import itertools
import json
import pathlib
from typing import Any

import h5py
import numpy as np
import tf_keras as keras
from keras_1 import checked, entry, write_arrays, write_hdf5
from recording import one_more_step, stir, trained
from tf_keras import layers

UNIFORM = {"class_name": "VarianceScaling",
           "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}  # fmt: skip
ZEROS = {"class_name": "Zeros", "config": {}}
NOTHING = dict.fromkeys(
    ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")
)
KERNEL = {"use_bias": True, "kernel_initializer": UNIFORM, "bias_initializer": ZEROS, **NOTHING}
ORTHOGONAL = {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}}
STATES = {"return_sequences": False, "return_state": False, "go_backwards": False, "stateful": False}
RECURRENT = {**KERNEL, **STATES, "recurrent_initializer": ORTHOGONAL, "recurrent_regularizer": None,
             "recurrent_constraint": None}  # fmt: skip


def first_of_2_0() -> tuple[Any, dict]:
    """A row, whose config is a list."""
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 2, activation="relu", name="conv2d_1"),
            layers.LeakyReLU(0.3, name="leaky_re_lu_1"),
            layers.MaxPooling2D(name="max_pooling2d_1"),
            layers.Flatten(name="flatten_1"),
            layers.Dense(3, "hard_sigmoid", kernel_regularizer="l2", name="dense_1"),
        ]
    )
    conv = {
        "filters": 3,
        "kernel_size": [2, 2],
        "strides": [1, 1],
        "padding": "valid",
        "dilation_rate": [1, 1],
    }
    pool = {"pool_size": [2, 2], "padding": "valid", "strides": [2, 2], "data_format": "channels_last"}
    l2 = {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}}
    given = {"batch_input_shape": [None, 6, 6, 2], "dtype": "float32", "data_format": "channels_last"}
    config = [
        entry("Conv2D", "conv2d_1", **given, **conv, activation="relu", **KERNEL),
        entry("LeakyReLU", "leaky_re_lu_1", alpha=0.30000001192092896),
        entry("MaxPooling2D", "max_pooling2d_1", **pool),
        entry("Flatten", "flatten_1"),
        entry("Dense", "dense_1", units=3, activation="hard_sigmoid", **{**KERNEL, "kernel_regularizer": l2}),
    ]
    return model, {"class_name": "Sequential", "config": config}


def cudnn() -> tuple[Any, dict]:
    """Layers of cuDNN, whose weights lay otherwise than those of others."""
    model = keras.Sequential(
        [
            keras.Input((5, 3)),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="bidirectional_1"),
            layers.LSTM(3, return_sequences=True, name="cu_dnnlstm_2"),
            layers.GRU(2, name="cu_dnngru_1"),
        ]
    )
    inner = entry("CuDNNLSTM", "cu_dnnlstm_1", units=4, unit_forget_bias=True, **RECURRENT)
    inner["config"]["return_sequences"] = True
    given = {"batch_input_shape": [None, 5, 3], "dtype": "float32"}
    second = entry("CuDNNLSTM", "cu_dnnlstm_2", units=3, unit_forget_bias=True, **RECURRENT)
    second["config"]["return_sequences"] = True
    config = [
        entry("Bidirectional", "bidirectional_1", **given, merge_mode="concat", layer=inner),
        second,
        entry("CuDNNGRU", "cu_dnngru_1", units=2, **RECURRENT),
    ]
    return model, {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": config}}


def as_cudnn(layer: Any) -> list[np.ndarray]:
    """The weights of a layer in the layout of cuDNN, if it is recurrent."""
    if isinstance(layer, layers.Bidirectional):
        return [*as_cudnn(layer.forward_layer), *as_cudnn(layer.backward_layer)]
    if not isinstance(layer, (layers.LSTM, layers.GRU)):
        return layer.get_weights()
    kernel, recurrent, bias = layer.get_weights()
    gates = kernel.shape[1] // layer.units
    kernel = np.hstack([part.T.reshape(part.shape) for part in np.hsplit(kernel, gates)])
    recurrent = np.hstack([part.T for part in np.hsplit(recurrent, gates)])
    is_gru = isinstance(layer, layers.GRU)
    return [kernel, recurrent, bias.reshape(-1) if is_gru else np.tile(0.5 * bias, 2)]


def graph_of_2_3() -> tuple[Any, dict]:
    """A graph of the class `Model` with such a one inside."""
    x, y = keras.Input((4,), name="input_1"), keras.Input((4,), name="input_2")
    inner = keras.Model(x, layers.Dense(4, "tanh", name="dense_1")(x), name="model_1")
    added = layers.Add(name="add_1")([inner(y), inner(inner(y))])
    model = keras.Model(y, layers.Dense(2, name="dense_2")(added), name="model_2")
    return model, in_the_words_of_2_3(model)


def in_the_words_of_2_3(model: Any) -> dict:
    """The config of a graph with fewer arguments and the older names."""
    text = json.dumps({"class_name": "Model", "config": model.get_config()}, default=str)
    text = (
        text.replace('"Functional"', '"Model"')
        .replace(', "optional": false', "")
        .replace(', "ragged": false', "")
    )
    return json.loads(text)


BY_HAND = {
    "first_of_2_0": (first_of_2_0, "2.0.8"),
    "cudnn": (cudnn, "2.2.4"),
    "graph_of_2_3": (graph_of_2_3, "2.3.1"),
}


def mark(path: pathlib.Path, version: str, **more: Any) -> None:
    """Writes the version and other attributes of a file."""
    with h5py.File(path, "a") as root:
        for group in (root, root["model_weights"]):
            group.attrs["keras_version"], group.attrs["backend"] = version.encode(), b"tensorflow"
        for name, value in more.items():
            root.attrs[name] = json.dumps(value).encode()


# What the optimizers of Keras 2.0 to 2.3 wrote: the number of steps, then each kind of state for all weights. There
# were unused numbers in some, and no number of steps in others.
OPTIMIZERS = {
    "adam": (lambda: keras.optimizers.legacy.Adam(0.01), {"beta_1": 0.9, "beta_2": 0.999, "amsgrad": False}),
    "sgd": (lambda: keras.optimizers.legacy.SGD(0.01, 0.9), {"momentum": 0.9, "nesterov": False}),
    "rmsprop": (lambda: keras.optimizers.legacy.RMSprop(0.01), {"rho": 0.9}),
    "adagrad": (lambda: keras.optimizers.legacy.Adagrad(0.01), {}),
    "adadelta": (lambda: keras.optimizers.legacy.Adadelta(0.01), {"rho": 0.95}),
    "adamax": (lambda: keras.optimizers.legacy.Adamax(0.01), {"beta_1": 0.9, "beta_2": 0.999}),
}
CLASSES = {"sgd": "SGD", "rmsprop": "RMSprop"}
WITHOUT_STEPS = {"rmsprop", "adagrad", "adadelta"}


def write_trained(path: pathlib.Path, name: str) -> None:
    """Writes a model after two steps of training in the layout of Keras 2.2."""
    make, arguments = OPTIMIZERS[name]
    model, data = trained(make())
    config = {"lr": 0.009999999776482582, "decay": 0.0, "epsilon": 1e-07, **arguments}
    if name == "sgd":
        del config["epsilon"]
    optimizer = {"class_name": CLASSES.get(name, name.capitalize()), "config": config}
    training = {"optimizer_config": optimizer, "loss": "mse", "metrics": ["mae"], "sample_weight_mode": None,
                "loss_weights": None}  # fmt: skip
    model_config = {"class_name": "Sequential", "config": model.get_config()}
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    write_hdf5(path, json.loads(json.dumps(model_config, default=str)), weights)
    mark(path, "2.2.4", training_config=training)
    state = model.optimizer.get_weights()[name in WITHOUT_STEPS :]
    if name == "adam":
        state += [np.zeros(1, "float32") for _ in model.trainable_weights]
    with h5py.File(path, "a") as root:
        names = [f"training/{name}/Variable_{number}:0" for number in range(len(state))]
        write_arrays(root.create_group("optimizer_weights"), names, state)
    numbers = checked(model, path)
    np.savez_compressed(path.with_suffix(".npz"), **numbers, **one_more_step(model, data))


def write_numbered(path: pathlib.Path) -> None:
    """Writes a file of tf.keras 2.5 to 2.12, which numbered all objects, and had a policy in place of a type."""
    x = keras.Input((4,), name="input_1")
    y = layers.Dense(
        3, kernel_initializer="he_normal", kernel_regularizer="l2", use_bias=False, name="dense"
    )(x)
    model = keras.Model(
        x, layers.Dense(2, name="out")(layers.BatchNormalization(name="norm")(y)), name="model"
    )
    model.compile(
        keras.optimizers.legacy.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2)],
    )
    stir(model)
    batch, target = np.ones((8, 4), "float32") * np.arange(8)[:, None], np.arange(8) % 2
    for _ in range(2):
        model.train_on_batch(batch, target)
    model.save(path)
    with h5py.File(path, "a") as root:
        numbers = itertools.count()
        for name in ("model_config", "training_config"):
            root.attrs[name] = json.dumps(numbered(json.loads(root.attrs[name]), numbers)).encode()
    mark(path, "2.9.0")
    found = checked(model, path)
    np.savez_compressed(
        path.with_suffix(".npz"), **found, **one_more_step(model, {"batch": batch, "target": target})
    )


def numbered(value: Any, numbers: Any) -> Any:
    """A config whose objects have numbers, and layers of type `float32` a policy."""
    if isinstance(value, list):
        return [numbered(one, numbers) for one in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: numbered(one, numbers) for key, one in value.items() if key not in ("module", "registered_name")
    }
    if found.get("class_name") == "Dense":
        found["config"]["dtype"] = {"class_name": "Policy", "config": {"name": "float32"}}
    return {**found, "shared_object_id": next(numbers)} if "class_name" in found else found


def write_keras_2(folder: pathlib.Path) -> None:
    """Writes the files, and checks that `tf_keras` reads their weights."""
    for name, (build, version) in BY_HAND.items():
        keras.backend.clear_session()
        model, config = build()
        stir(model)
        path = folder / f"keras_2_{name}.h5"
        write_hdf5(path, config, {layer.name: as_cudnn(layer) for layer in model.layers})
        mark(path, version)
        np.savez_compressed(path.with_suffix(".npz"), **checked(model, path))
    for name in OPTIMIZERS:
        keras.backend.clear_session()
        write_trained(folder / f"trained_keras_2_{name}.h5", name)
    keras.backend.clear_session()
    write_numbered(folder / "trained_keras_2_numbered.h5")
