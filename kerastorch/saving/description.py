"""What a file says of a model besides its numbers: its config, with the compile arguments, and who wrote it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from kerastorch import registry
from kerastorch.core.bounds import check_config, check_text
from kerastorch.core.serializable import (
    deserialize_keras_object,
    serialize_dict,
    serialize_keras_object,
    serialize_uncompiled,
)
from kerastorch.errors import CorruptModelError, SerializationError
from kerastorch.saving.notices import warn_user
from kerastorch.version import __version__

KERAS_VERSION = "3.15.1"  # the version whose layout the files have
_KINDS = (
    "optimizers.schedules",
    "optimizers",
    "initializers",
    "regularizers",
    "constraints",
    "losses",
    "metrics",
    "layers",
)


def metadata() -> bytes:
    """Returns the JSON that says when and by which version a file was written."""
    now = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    return json.dumps(
        {"keras_version": KERAS_VERSION, "date_saved": now, "kerastorch_version": __version__}
    ).encode()


def describe(model: Any, include_optimizer: bool = True) -> bytes:
    """Returns the config of a model as JSON; a warning names compile arguments that cannot be written.

    Args:
        model: the model.
        include_optimizer: whether the compile arguments are part of it.

    Raises:
        SerializationError: when a layer, or an argument of the model, cannot be written.
    """
    config = serialize_uncompiled(model)
    if include_optimizer and model.compiled:
        compiled = compile_config(model)
        if compiled:
            config["compile_config"] = compiled
    return to_json(config)


def compile_config(model: Any) -> dict | None:
    """Returns the compile arguments as plain values, or None after a warning that names those that have none."""
    try:
        config = json.loads(to_json(serialize_dict(model.get_compile_config())))
        error: Any = "a class or function of torch cannot be named by a file."
    except SerializationError as raised:
        config, error = None, raised
    if config is not None and not _names_torch(config):
        return config
    faults = [name for name, value in model._compile_arguments.items() if not _is_writable(value)]
    warn_user(
        f"Model {model.name!r} is saved without its compile arguments, because {faults or 'some of them'} cannot be "
        "written to a file: call `compile` again after loading. Lambdas and objects of torch have no config; "
        f"registered functions and classes have. The error was: {error}"
    )
    return None


def _is_writable(value: Any) -> bool:
    try:
        return not _names_torch(json.loads(to_json(serialize_keras_object(value))))
    except SerializationError:
        return False


def _names_torch(config: Any) -> bool:
    """Whether a class or function of torch is named, which no file can ask for."""
    if isinstance(config, list):
        return any(map(_names_torch, config))
    if not isinstance(config, dict):
        return False
    return str(config.get("module")).split(".")[0] == "torch" or any(map(_names_torch, config.values()))


def to_json(config: Any) -> bytes:
    """Returns a config as JSON; objects inside it become configs.

    Raises:
        SerializationError: when something has none.
    """
    try:
        return json.dumps(config, default=serialize_keras_object).encode()
    except SerializationError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise SerializationError(f"A config cannot be written as JSON. The error was: {error}") from error


def from_json(content: bytes | str, label: str) -> dict:
    """Returns the config that JSON holds.

    Args:
        content: the JSON.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is no JSON of a config.
    """
    config = json_of(content, label)
    if not isinstance(config, Mapping) or "class_name" not in config or "config" not in config:
        raise CorruptModelError(
            f"{label}: its config does not describe a model: it has no 'class_name' and 'config'."
        )
    return dict(config)


def json_of(content: bytes | str, label: str) -> Any:
    """Returns what JSON holds.

    Args:
        content: the JSON.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is no JSON.
    """
    try:
        check_text(content)
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CorruptModelError(f"{label}: its config is no JSON. The error was: {error}") from error


def make_model(
    config: dict, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool, label: str
) -> Any:
    """Returns the model that a config describes, with new weights.

    Args:
        config: what `from_json` returned.
        custom_objects: names and the user's classes and functions that they stand for.
        compile: whether it is compiled as the config says.
        safe_mode: refuses code in the config; there is no reader of such code here in any case.
        label: what errors call the file.

    Raises:
        UnsafeModelError: when the config names something that is not registered, or holds code.
        CorruptModelError: when it describes no model.
    """
    check_config(config)
    config = _with_public_modules(config)
    compiled = config.pop("compile_config", None)
    model = deserialize_keras_object(config, custom_objects, safe_mode)
    if not (getattr(model, "is_model", False) or getattr(model, "is_saved_as_model", False)):
        raise CorruptModelError(f"{label}: it describes a {type(model).__name__}, which is no model.")
    if compile and compiled and _says_optimizer(model, compiled, label):
        with registry.CustomObjectScope(custom_objects or {}):
            model.compile_from_config(compiled)
    return model


def _says_optimizer(model: Any, compiled: dict, label: str) -> bool:
    """Whether the compile arguments name an optimizer; Keras drops it once a model has been saved as `.h5`."""
    usual = registry.find("keras.models", "Model").compile_from_config
    if "optimizer" in compiled or type(model).compile_from_config is not usual:
        return True
    warn_user(f"The model is not compiled, because {label} names no optimizer. Call `compile` to train it.")
    return False


def _with_public_modules(config: Any) -> Any:
    """The config with the public module in place of a private one of Keras, such as `keras.src.optimizers.adam`."""
    if isinstance(config, list):
        return [_with_public_modules(value) for value in config]
    if not isinstance(config, dict):
        return config
    config = {key: _with_public_modules(value) for key, value in config.items()}
    module, name = config.get("module"), config.get("class_name")
    if isinstance(module, str) and isinstance(name, str) and module.startswith("keras.src."):
        public = next((f"keras.{kind}" for kind in _KINDS if f".{kind}." in module), module)
        if registry.find(module, name) is None and registry.find(public, name) is not None:
            config["module"] = public
    return config
