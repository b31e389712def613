"""Configs in the format that HDF5 files of Keras 2 hold, and back."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.saving.legacy_classes import home_of_layer, modern
from kerastorch.saving.legacy_optimizers import config_of_2
from kerastorch.saving.legacy_writing import graph_of_2, in_words_of_2

_LEGACY = "keras.optimizers.legacy"
_COMPILED = (
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
)
_NAMES_OF_CLASSES = {
    "GroupQueryAttention": "GroupedQueryAttention"
}  # by which Keras 3 finds them in such files
_TRAINING = {"optimizer": "keras.optimizers", "loss": "keras.losses"}


def to_legacy(config: dict, top: bool = False) -> dict:
    """Returns the config of a model or layer without the modules, which Keras 2 does not know.

    Args:
        config: a config in the format of Keras 3.
        top: whether it is that of the whole model. A class of the user's keeps what its weights are built for then.
    """
    module = config.get("module") or ""
    if module.startswith(("keras.src.ops.", "kerastorch.")):
        return config  # Keras 2 knows no such functions as layers; they are read in the format of Keras 3
    plain = {
        key: value
        for key, value in config.items()
        if key not in ("module", "registered_name", "build_config")
    }
    registered = config.get("registered_name")
    if registered and ">" in registered:
        plain["class_name"] = registered
    elif module == "keras.layers":
        plain["class_name"] = _NAMES_OF_CLASSES.get(config["class_name"], config["class_name"])
    inner = config.get("config")
    if isinstance(inner, dict) and isinstance(inner.get("layers"), list):
        layers = [to_legacy(layer) if isinstance(layer, dict) else layer for layer in inner["layers"]]
        plain["config"] = graph_of_2({**inner, "layers": layers})
    elif top and config.get("build_config"):
        plain["build_config"] = config["build_config"]
    return in_words_of_2(plain)


def with_modules(config: dict) -> dict:
    """Returns the config of a model with the module of its class, where it has none."""
    if config.get("module"):
        return config
    return {**config, "module": home_of_layer(config["class_name"]) or "keras.layers"}


def write_training_config(compiled: dict) -> dict:
    """Returns compile arguments as Keras 2 writes them: the optimizer under another name, by its class alone.

    Args:
        compiled: what `get_compile_config` returned, as plain values.
    """
    rest = {key: value for key, value in compiled.items() if key != "optimizer"}
    optimizer = compiled["optimizer"]
    name = optimizer.get("registered_name") or optimizer["class_name"]
    short = in_words_of_2({"class_name": name, "config": config_of_2(name, optimizer["config"])})
    if optimizer.get("module") == _LEGACY:  # its classes have the names of others
        short["module"] = _LEGACY
    rest |= {key: _function_by_name(rest.get(key)) for key in ("metrics", "weighted_metrics")}
    return {**rest, "loss": _in_full(_function_by_name(rest.get("loss"))), "optimizer_config": short}


def _function_by_name(value: Any) -> Any:
    """The same with the names of the library's functions in place of their configs."""
    if isinstance(value, list):
        return [_function_by_name(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") != "function":
        return value if "class_name" in value else {key: _function_by_name(one) for key, one in value.items()}
    name = value.get("config")
    return name if isinstance(name, str) and registry.find("keras.losses", name) else value


def _in_full(loss: Any) -> Any:
    """The names of losses without abbreviations, which Keras 3 takes for metrics when it reads such files."""
    if isinstance(loss, list):
        return [_in_full(one) for one in loss]
    if isinstance(loss, dict):
        return loss if "class_name" in loss else {key: _in_full(one) for key, one in loss.items()}
    found = registry.find("keras.losses", loss) if isinstance(loss, str) else None
    return getattr(found, "__name__", loss)


def read_training_config(config: dict, is_old: bool = False) -> dict:
    """Returns compile arguments in the format of Keras 3.

    Args:
        config: the value of `training_config` in a file.
        is_old: whether Keras 1 or 2 wrote it.
    """
    compiled = {key: config[key] for key in _COMPILED if config.get(key) is not None}
    compiled["optimizer"] = config.get("optimizer_config")
    if is_old:
        compiled = modern(compiled)
        compiled["optimizer"] = _as_of_2_10(compiled["optimizer"])
    return {key: _in_module(value, _TRAINING.get(key, "keras.metrics")) for key, value in compiled.items()}


def _as_of_2_10(optimizer: Any) -> Any:
    """The optimizer's config with the module of the optimizers up to Keras 2.10, if it is one of them."""
    is_one = isinstance(optimizer, dict) and "use_ema" not in optimizer.get("config", {})
    if is_one and registry.find(_LEGACY, optimizer["class_name"].rpartition(".")[2]):
        return {**optimizer, "module": _LEGACY}
    return optimizer


def _in_module(value: Any, module: str) -> Any:
    """The same with a module in every config that has none."""
    if isinstance(value, list):
        return [_in_module(one, module) for one in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value:
        return {key: _in_module(one, module) for key, one in value.items()}
    return value if value.get("module") else {**value, "module": module}
