"""Files as Keras 1.2 wrote them, made by hand from models of `tf_keras` whose outputs they must give.

They do not name the version, by which Keras 2 knew them.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

import h5py
import numpy as np
import tf_keras as keras
from tf_keras import layers

rng = np.random.default_rng(1)


def entry(kind: str, name: str, **config: Any) -> dict:
    """A layer in a config."""
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


def trained(**more: Any) -> dict:
    """Arguments that every layer with a kernel had."""
    nothing = dict.fromkeys(["W_regularizer", "b_regularizer", "W_constraint", "b_constraint"])
    return {"init": "glorot_uniform", "bias": True, "activity_regularizer": None, **nothing, **more}


def pictures() -> tuple:
    """Convolutions in a row."""
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, (2, 3), padding="same", activation="relu", name="c"),
            layers.BatchNormalization(name="b"),
            layers.Dropout(0.5, name="d"),
            layers.MaxPooling2D(name="m"),
            layers.Conv2D(2, 2, dilation_rate=2, name="a"),
            layers.Flatten(name="f"),
            layers.Dense(3, activation="hard_sigmoid", name="e"),
        ]
    )
    kernel = {"W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}}
    first = trained(batch_input_shape=[None, 6, 6, 2], input_dtype="float32", nb_filter=3, nb_row=2, nb_col=3,
                    border_mode="same", subsample=[1, 1], dim_ordering="tf", activation="relu") | kernel  # fmt: skip
    atrous = trained(nb_filter=2, nb_row=2, nb_col=2, border_mode="valid", subsample=[1, 1], dim_ordering="tf",
                     activation="linear", atrous_rate=[2, 2])  # fmt: skip
    pool = {"pool_size": [2, 2], "strides": [2, 2], "border_mode": "valid", "dim_ordering": "tf"}
    normal = {"epsilon": 0.001, "mode": 0, "axis": -1, "momentum": 0.99, "gamma_regularizer": None,
              "beta_regularizer": None}  # fmt: skip
    config = [
        entry("Convolution2D", "c", **first),
        entry("BatchNormalization", "b", **normal),
        entry("Dropout", "d", p=0.5),
        entry("MaxPooling2D", "m", **pool),
        entry("AtrousConvolution2D", "a", **atrous),
        entry("Flatten", "f"),
        entry("Dense", "e", **trained(output_dim=3, activation="hard_sigmoid", input_dim=None)),
    ]
    return model, {"class_name": "Sequential", "config": config}


def words() -> tuple:
    """Recurrent layers, which had three arrays for each gate, in a row."""
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Embedding(6, 4, name="m"),
            layers.Conv1D(4, 2, name="c"),
            layers.LSTM(3, return_sequences=True, recurrent_activation="hard_sigmoid", name="l"),
            layers.GRU(3, recurrent_activation="hard_sigmoid", reset_after=False, name="g"),
        ]
    )
    gates = {"return_sequences": True, "go_backwards": False, "stateful": False, "unroll": False,
             "consume_less": "cpu", "output_dim": 3, "init": "glorot_uniform", "inner_init": "orthogonal",
             "activation": "tanh", "inner_activation": "hard_sigmoid", "W_regularizer": None, "dropout_W": 0.0,
             "U_regularizer": None, "b_regularizer": None, "dropout_U": 0.0, "input_dim": 4}  # fmt: skip
    table = {"batch_input_shape": [None, 5], "input_dtype": "int32", "input_dim": 6, "output_dim": 4,
             "init": "uniform", "input_length": 5, "mask_zero": False, "activity_regularizer": None,
             "W_regularizer": None, "W_constraint": None, "dropout": 0.0}  # fmt: skip
    row = trained(nb_filter=4, filter_length=2, border_mode="valid", subsample_length=1, activation="linear",
                  input_dim=4, input_length=None)  # fmt: skip
    config = [
        entry("Embedding", "m", **table),
        entry("Convolution1D", "c", **row),
        entry("LSTM", "l", **gates, forget_bias_init="one"),
        entry("GRU", "g", **{**gates, "return_sequences": False}),
    ]
    return model, {"class_name": "Sequential", "config": config}


def merged() -> tuple:
    """A graph with a `Merge`."""
    x = keras.Input((4,), name="x")
    a, b = layers.Dense(3, name="a")(x), layers.Dense(3, name="b")(x)
    model = keras.Model(
        x, layers.Dense(2, name="o")(layers.Concatenate(name="m")([a, layers.Add(name="s")([a, b])]))
    )
    dense = trained(output_dim=3, activation="linear", input_dim=4)

    def node(config: dict, *sources: str) -> dict:
        return {**config, "name": config["config"]["name"], "inbound_nodes": [[[s, 0, 0] for s in sources]]}

    start = {"name": "x", "batch_input_shape": [None, 4], "input_dtype": "float32", "sparse": False}
    graph = [
        {"class_name": "InputLayer", "config": start, "name": "x", "inbound_nodes": []},
        node(entry("Dense", "a", **dense), "x"),
        node(entry("Dense", "b", **dense), "x"),
        node(
            {
                "class_name": "Merge",
                "config": {"name": "s", "mode": "sum", "concat_axis": -1, "dot_axes": -1},
            },
            "a",
            "b",
        ),
        node({"class_name": "Merge", "config": {"name": "m", "mode": "concat", "concat_axis": -1}}, "a", "s"),
        node(entry("Dense", "o", **{**dense, "output_dim": 2, "input_dim": 6}), "m"),
    ]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["o", 0, 0]]}
    return model, {"class_name": "Model", "config": {"name": "merged", "layers": graph, **ends}}


def in_the_old_layout(layer: Any) -> list[np.ndarray]:
    """The weights of a layer as Keras 1 kept them."""
    values = layer.get_weights()
    if isinstance(layer, layers.Conv1D):
        return [values[0][:, None], values[1]]
    order = {"LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2)}.get(type(layer).__name__)
    if order is None:
        return values
    gates = [np.split(value, len(order), axis=-1) for value in values]
    return [part[gate] for gate in order for part in gates]


def write_hdf5(path: pathlib.Path, config: dict, weights: dict[str, list[np.ndarray]]) -> None:
    """Writes a model, its config and the weights of its layers, in the layout that never changed."""
    with h5py.File(path, "w") as root:
        root.attrs["model_config"] = json.dumps(config).encode()
        group = root.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in weights]
        for layer, values in weights.items():
            write_arrays(group.create_group(layer), [f"{layer}_{i}" for i in range(len(values))], values)


def write_arrays(group: h5py.Group, names: list[str], values: list[np.ndarray]) -> None:
    """Writes arrays, and their names in order."""
    group.attrs["weight_names"] = [name.encode() for name in names]
    for name, value in zip(names, values, strict=True):
        group.create_dataset(name, data=value)


def write_keras_1(folder: pathlib.Path) -> None:
    """Writes the files, and checks that `tf_keras` reads their weights."""
    for build in (pictures, words, merged):
        model, config = build()
        for weight in model.weights:
            weight.assign(rng.uniform(0.1, 0.5, weight.shape))
        path = folder / f"keras_1_{build.__name__}.h5"
        write_hdf5(path, config, {layer.name: in_the_old_layout(layer) for layer in model.layers})
        np.savez_compressed(path.with_suffix(".npz"), **checked(model, path, 6 if build is words else 0))


def checked(model: Any, path: pathlib.Path, words: int = 0) -> dict[str, np.ndarray]:
    """Inputs and outputs of a model, which must be those that it has with the weights that `tf_keras` reads."""
    x = (
        rng.integers(0, words, (3, 5)).astype("int32")
        if words
        else rng.normal(size=(3, *model.input_shape[1:]))
    )
    x = x if words else x.astype("float32")
    y = model(x).numpy()
    values = model.get_weights()
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape))
    model.load_weights(path)
    np.testing.assert_allclose(model(x).numpy(), y, atol=1e-6)
    model.set_weights(values)
    return {"x0": x, "y0": y}
