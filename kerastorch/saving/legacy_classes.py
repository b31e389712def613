"""Configs of models that Keras 1 and 2 wrote, with the names, places and arguments of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerastorch import registry
from kerastorch.saving.legacy_functions import FUNCTION_LAYERS, function_layer
from kerastorch.saving.legacy_graphs import with_calls_from_zero
from kerastorch.saving.legacy_keras1 import arguments_of_keras_1, class_of_keras_1

# Modules that hold what the files of Keras 1 and 2 name, those of one kind before all others.
_HOMES = (
    "keras.layers",
    "keras.models",
    "keras.src.models.functional",
    "keras.optimizers",
    "keras.optimizers.legacy",
    "keras.optimizers.schedules",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.losses",
    "keras.metrics",
    "keras.activations",
    "keras.dtype_policies",
)
_HOMES_OF_LAYERS = _HOMES[:3]
_HOLD_LAYERS = frozenset({"layer", "backward_layer", "cell", "cells"})  # arguments of layers that are layers
_NAMES = {"Model": "Functional", "LossScaleOptimizerV3": "LossScaleOptimizer"}
_NAMES |= {"LSTMV2": "LSTM", "GRUV2": "GRU", "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
_POLICIES = frozenset({"Policy", "PolicyV1"})

# Arguments that the classes of today do not have, with the value that says nothing.
_SILENT = {"groups": 1, "rng_type": "stateful"}
_WITH_GROUPS = frozenset({"Conv1D", "Conv2D", "Conv3D", "GroupNormalization"})
_WITHOUT_KERNEL = frozenset({"DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"})
_OF_KERNEL = frozenset({"kernel_initializer", "kernel_regularizer", "kernel_constraint"})

# What layers of cuDNN always did, of which their configs do not tell.
_OF_CUDNN: dict[str, dict[str, Any]] = {
    "CuDNNLSTM": {"recurrent_activation": "sigmoid"},
    "CuDNNGRU": {"recurrent_activation": "sigmoid", "reset_after": True},
}

OLD_HARD_SIGMOID = "hard_sigmoid_of_keras_2"


def is_old(version: str) -> bool:
    """Returns whether the version of Keras that a file names is 1 or 2; one without a version is that old.

    Args:
        version: the version; empty where the file has none.
    """
    return is_keras_1(version) or version.split(".")[0] == "2"


def is_keras_1(version: str) -> bool:
    """Returns whether the version of Keras that a file names is 1, which did not write it.

    Args:
        version: the version; empty where the file has none.
    """
    return version.split(".")[0] in ("", "0", "1")


def modern(config: Any, version: str = "2") -> Any:
    """Returns the config of a model as Keras 3 would write it.

    Nothing is looked up anywhere but in the list of built-in classes: a class that is not in it keeps its name.

    Args:
        config: a config, or a nested structure of them.
        version: the version of Keras that wrote it.

    Returns:
        A new config; hard sigmoids, whose slope Keras 3 changed, become those of Keras 2.

    Example:
        >>> modern({"class_name": "keras.layers.core.Dropout", "config": {"p": 0.5}}, "1.2.2")
        {'class_name': 'Dropout', 'config': {'rate': 0.5}, 'module': 'keras.layers'}
    """
    return _rewritten(config, is_keras_1(version))


def _rewritten(value: Any, first: bool) -> Any:
    if isinstance(value, list):
        return [_rewritten(one, first) for one in value]
    if not isinstance(value, Mapping):
        return value
    if not isinstance(value.get("class_name"), str) or "config" not in value:
        return {key: _rewritten(one, first) for key, one in value.items()}
    if value["class_name"] in FUNCTION_LAYERS:
        return function_layer(value)
    if value["class_name"].rpartition(".")[2] in _POLICIES and "name" in value["config"]:
        return value["config"]["name"]
    if value["class_name"] == "MeanMetricWrapper" and isinstance(value["config"].get("fn"), str):
        return _metric_of_function(value)
    return _object(class_of_keras_1(value) if first else value, first)


def _object(found: Mapping, first: bool) -> dict:
    """The config of something with a class."""
    module, name = _place(found.get("module"), found["class_name"])
    inner = found["config"]
    if name == "Sequential" and isinstance(inner, list):
        inner = {"layers": inner}
    if isinstance(inner, Mapping):
        told = _OF_CUDNN.get(found["class_name"].rpartition(".")[2], {})
        inner = _arguments(name, {**inner, **told}, first)
    own = {"class_name", "config", "module"}
    if found.get("inbound_nodes"):
        own.add("build_config")  # its calls build it, where Keras 2 wrote one shape for a tensor and states
    rest = {k: _rewritten(v, first) for k, v in found.items() if k not in own}
    if name != found["class_name"] and rest.get("registered_name"):
        rest["registered_name"] = name
    return {"class_name": name, "config": inner, **rest, **({"module": module} if module else {})}


def _arguments(name: str, config: Mapping, first: bool) -> dict:
    if isinstance(config.get("layers"), list) and "output_layers" in config:
        config = with_calls_from_zero(config)
    if first and registry.find_custom(name) is None and registry.find("keras.layers", name):
        config = arguments_of_keras_1(name, config)
    if name in ("GRU", "GRUCell"):
        config = {"reset_after": False, **config}  # the default before Keras 2.4
    return {k: _argument(k, value, first) for k, value in config.items() if not _says_nothing(name, k, value)}


def _place(module: Any, name: str) -> tuple[str | None, str]:
    """The public module and the name of a built-in class, from any place it ever had; users' classes keep theirs."""
    if registry.find_custom(name) is not None or (isinstance(module, str) and registry.find(module, name)):
        return module, name
    package, _, last = name.rpartition(".")
    if last.startswith("Custom>"):  # how Keras 2.11 and later wrote its own optimizers
        package, last = "keras.optimizers", last.removeprefix("Custom>")
    last, path = _NAMES.get(last, last), str(module or package).split(".")
    if path == [""]:  # what holds the config knows the module
        return None, last if any(registry.find(home, last) for home in _HOMES) else name
    homes = sorted(_HOMES, key=lambda home: (set(home.split(".")[1:]) - set(path) != set(), -home.count(".")))
    known = next((home for home in homes if isinstance(registry.find(home, last), type)), None)
    return (known, last) if known else (module, name)


def _metric_of_function(config: Mapping) -> dict:
    name = config["config"]["fn"]
    function = {"module": "keras.metrics", "class_name": "function", "config": name, "registered_name": name}
    return {**config, "config": {**config["config"], "fn": function}, "module": "keras.metrics"}


def _argument(key: str, value: Any, first: bool) -> Any:
    if value == "hard_sigmoid" and key in ("activation", "recurrent_activation"):
        return OLD_HARD_SIGMOID
    found = _rewritten(value, first)
    return _with_module(found) if key in _HOLD_LAYERS else found


def _with_module(layer: Any) -> Any:
    """The config of a layer, or of several, with the module of its class."""
    if isinstance(layer, list):
        return [_with_module(one) for one in layer]
    if not isinstance(layer, Mapping) or layer.get("module") or not isinstance(layer.get("class_name"), str):
        return layer
    home = home_of_layer(layer["class_name"])
    return {**layer, "module": home} if home else layer


def home_of_layer(name: str) -> str | None:
    """Returns the module of a layer or model of the library; None for any other class, and for those of the user.

    Args:
        name: the name of its class today.

    Example:
        >>> home_of_layer("Sequential")
        'keras.models'
    """
    if registry.find_custom(name) is not None:
        return None
    return next((home for home in _HOMES_OF_LAYERS if registry.find(home, name)), None)


def _says_nothing(name: str, key: str, value: Any) -> bool:
    if key in _OF_KERNEL and name in _WITHOUT_KERNEL:
        return True  # the parts of the kernel have arguments of their own
    if key == "fn" and registry.find("keras.losses", name) is not None:
        return True  # the function of the loss, which its class knows
    return key in _SILENT and value == _SILENT[key] and name not in _WITH_GROUPS
