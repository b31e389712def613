"""The classes and arguments of Keras 1, and those that took their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_KERNELS = {"Conv1D": ("filter_length",), "Conv2D": ("nb_row", "nb_col")}
_KERNELS |= {"Conv3D": ("kernel_dim1", "kernel_dim2", "kernel_dim3")}
_KERNELS |= dict.fromkeys(("SeparableConv2D", "Conv2DTranspose", "LocallyConnected2D"), _KERNELS["Conv2D"])
_KERNELS |= {"LocallyConnected1D": _KERNELS["Conv1D"]}

_CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
_ARGUMENTS = {
    "atrous_rate": "dilation_rate",
    "beta_init": "beta_initializer",
    "bias": "use_bias",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "gamma_init": "gamma_initializer",
    "init": "kernel_initializer",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "length": "size",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
    "U_regularizer": "recurrent_regularizer",
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
}
_OF_CLASSES = {
    "Embedding": {
        "init": "embeddings_initializer",
        "output_dim": "output_dim",
        "W_constraint": "embeddings_constraint",
        "W_regularizer": "embeddings_regularizer",
    },
    "InputLayer": {"input_dtype": "dtype"},
    "PReLU": {"init": "alpha_initializer"},
}
_WITHOUT_MEANING = frozenset({"consume_less", "forget_bias_init"})
_OF_ONE_CLASS = {("BatchNormalization", "mode"), ("Embedding", "dropout")}
_VALUES: dict[str, dict] = {
    "data_format": {"tf": "channels_last", "th": "channels_first", "default": "channels_last"},
    "initializer": {"uniform": "random_uniform", "normal": "random_normal", "zero": "zeros", "one": "ones"},
}
_MERGED = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}


def class_of_keras_1(config: Mapping) -> Mapping:
    """Returns the config of a layer of Keras 1 under the name that its class has today.

    Args:
        config: the config, with `class_name` and `config`.
    """
    name, inner = config["class_name"].rpartition(".")[2], config["config"]
    if name == "TimeDistributedDense":
        dense = {"class_name": "Dense", "config": {**inner, "name": f"{inner.get('name', 'dense')}_inner"}}
        shape = {k: v for k, v in inner.items() if k in ("name", "trainable", "batch_input_shape")}
        return {**config, "class_name": "TimeDistributed", "config": {**shape, "layer": dense}}
    if name == "Merge" and inner.get("mode") in (*_MERGED, "dot", "cos"):
        return {**config, **_merged(inner)}
    return {**config, "class_name": _CLASSES[name]} if name in _CLASSES else config


def _merged(inner: Mapping) -> dict:
    mode, common = inner["mode"], {key: inner[key] for key in ("name",) if key in inner}
    if mode in ("dot", "cos"):
        axes = inner.get("dot_axes", -1)
        return {"class_name": "Dot", "config": {**common, "axes": axes, "normalize": mode == "cos"}}
    if mode == "concat":
        common["axis"] = inner.get("concat_axis", -1)
    return {"class_name": _MERGED[mode], "config": common}


def arguments_of_keras_1(name: str, config: Mapping) -> dict:
    """Returns the arguments of a layer of Keras 1 under the names, and with the values, that they have today.

    Args:
        name: the class, under its name of today.
        config: the arguments.
    """
    names = {**_ARGUMENTS, **_OF_CLASSES.get(name, {})}
    kernel = _KERNELS.get(name, ())
    dropped = {*_WITHOUT_MEANING, *kernel, *(key for cls, key in _OF_ONE_CLASS if cls == name)}
    if name != "Embedding" and "batch_input_shape" in config:
        dropped |= {"input_dim", "input_length"}
    if name != "InputLayer":
        dropped.add("input_dtype")
    found = {names.get(key, key): value for key, value in config.items() if key not in dropped}
    if kernel and all(key in config for key in kernel):
        found["kernel_size"] = [config[key] for key in kernel]
    if "forget_bias_init" in config:
        found["unit_forget_bias"] = config["forget_bias_init"] == "one"
    return {key: _value(key, value) for key, value in found.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return _VALUES.get(key.rpartition("_")[2] if key.endswith("initializer") else key, {}).get(
            value, value
        )
    if not isinstance(value, Mapping) or "class_name" in value or "name" not in value:
        return value
    inner = {key: one for key, one in value.items() if key != "name"}
    if key.endswith("regularizer"):
        return {"class_name": "L1L2", "config": {k: inner[k] for k in ("l1", "l2") if k in inner}}
    if key.endswith("constraint"):
        inner = {"max_value" if k == "m" else k: one for k, one in inner.items()}
        return {"class_name": value["name"], "config": inner}
    return value


# The gates of Keras 1, which had a kernel, a recurrent kernel and a bias for each, in the order of Keras 2.
_GATES = {"LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2), "ConvLSTM2D": (0, 2, 1, 3)}
_AXES_OF_FIRST = {"Conv2D": (2, 3, 1, 0), "Conv2DTranspose": (2, 3, 0, 1), "Conv3D": (2, 3, 4, 1, 0)}


def weights_of_keras_1(layer: Any, values: list[np.ndarray]) -> list[np.ndarray]:
    """Returns the weights of a layer in a file of Keras 1 in the layout of Keras 2.

    Args:
        layer: the layer.
        values: its weights in the file.
    """
    layer = getattr(layer, "layer", layer)
    kind = type(layer).__name__
    gates = _GATES.get(kind)
    if gates is not None and len(values) == 3 * len(gates):
        return [np.concatenate([values[3 * g + part] for g in gates], axis=-1) for part in range(3)]
    if not values or values[0].ndim < 4:
        return values
    kernel, first = values[0], getattr(layer, "data_format", None) == "channels_first"
    if kind == "Conv1D":
        if kernel.shape[:2] != (layer.kernel_size[0], 1) or kernel.shape[3] != layer.filters:
            kernel = kernel.transpose(2, 3, 1, 0)
        kernel = kernel[:, 0]
    elif first and kind in _AXES_OF_FIRST:
        kernel = kernel.transpose(_AXES_OF_FIRST[kind])
    elif kind == "Conv2DTranspose":
        kernel = kernel.transpose(0, 1, 3, 2)
    return [kernel, *values[1:]]
