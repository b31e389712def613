"""Activation functions from names and configs, and back."""

from __future__ import annotations

import inspect
import types
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.activations.functions import linear
from kerastorch.core.identifiers import deserialize_object, legacy
from kerastorch.core.serializable import serialize_keras_object
from kerastorch.errors import InvalidArgumentError

_MODULE = "keras.activations"
_WHAT = "activation function"
# Layers that Keras 2 took as names of activations.
_LAYERS = ("ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU")
# torch's own functions that equal a built-in one in every default, so that configs can name them.
_SAME: dict[Any, str] = {
    torch.celu: "celu",
    torch.exp: "exponential",
    torch.relu: "relu",
    torch.selu: "selu",
    torch.sigmoid: "sigmoid",
    torch.tanh: "tanh",
    F.celu: "celu",
    F.elu: "elu",
    F.gelu: "gelu",
    F.mish: "mish",
    F.relu: "relu",
    F.relu6: "relu6",
    F.selu: "selu",
    F.sigmoid: "sigmoid",
    F.silu: "silu",
    F.softplus: "softplus",
    F.softsign: "softsign",
    F.tanh: "tanh",
}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)


def is_elementwise(function: Any) -> bool:
    """Returns whether a function is known to treat each element of a tensor alone, wherever it lies.

    Args:
        function: an activation function, as `get` returns it.

    Example:
        >>> is_elementwise(get("gelu")), is_elementwise(get("softmax"))
        (True, False)
    """
    if function in _SAME:
        return True
    ours = isinstance(function, types.FunctionType) and function.__module__.startswith(
        "kerastorch.activations."
    )
    return ours and "axis" not in inspect.signature(function).parameters


def get(identifier: Any) -> Any:
    """Returns the activation that any form of identifier stands for.

    Args:
        identifier: a name, a config, a function, a layer or a layer class; None stands for `linear`.

    Returns:
        A function of one tensor.

    Raises:
        UnknownIdentifierError: when it is no identifier, or the name is unknown; it suggests the nearest.

    Example:
        >>> get("relu").__name__, get(None).__name__
        ('relu', 'linear')

    Source: `keras.activations.get`.
    """
    return linear if identifier is None else deserialize(identifier)


def serialize(activation: Any, use_legacy_format: bool = False) -> Any:
    """Returns the name of a built-in activation, and the config of any other.

    Args:
        activation: a function or a layer.
        use_legacy_format: True writes Keras 2's short form for layers.

    Returns:
        A string, or a dictionary that `deserialize` reads.

    Raises:
        SerializationError: for lambdas and objects without a config.

    Example:
        >>> serialize(get("swish"))
        'silu'

    Source: `keras.activations.serialize`.
    """
    home = registry.home_of(activation)
    if home is not None and home[0] == _MODULE:
        return home[1]
    if isinstance(activation, _FUNCTIONS) and activation in _SAME:
        return _SAME[activation]
    config = serialize_keras_object(activation)
    if isinstance(config, dict) and config.get("class_name") == "function":
        return _function_config(config)
    return legacy(config) if use_legacy_format else config


def _function_config(config: dict) -> dict:
    """The config of a user's function as Keras writes it, unless its name is that of a built-in one."""
    name = config["registered_name"]
    if registry.find(_MODULE, name) is not None:
        return {**config, "module": config["module"] or "torch"}
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def deserialize(
    config: Any = None,
    custom_objects: dict[str, Any] | None = None,
    use_legacy_format: bool = False,
    name: str | None = None,
) -> Any:
    """Returns the activation that a config or a name describes.

    Args:
        config: a name, or a dictionary in the format of Keras 3 or 2.
        custom_objects: names and the user's functions that they stand for.
        use_legacy_format: accepted for Keras 2; both formats are recognised without it.
        name: Keras 2's name of `config`.

    Returns:
        A function of one tensor, or None for None.

    Raises:
        InvalidArgumentError: when both `config` and `name` are given.
        UnknownIdentifierError: when a string names nothing; it suggests the nearest.
        UnsafeModelError: when a dictionary names nothing that is registered.

    Example:
        >>> deserialize("tanh").__name__
        'tanh'

    Source: `keras.activations.deserialize`.
    """
    if name is not None:
        if config is not None:
            raise InvalidArgumentError(
                f"`name` is the older name of `config`: give one of them. Received: {config=}, {name=}."
            )
        config = name
    if isinstance(config, str) and config in _LAYERS:
        return deserialize_object(config, "keras.layers", _WHAT, custom_objects)
    return deserialize_object(config, _MODULE, _WHAT, custom_objects)
