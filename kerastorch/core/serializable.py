"""Objects to configs and back, in Keras 3's format, naming only what the registry knows."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.core.bounds import reading
from kerastorch.core.memory import memory
from kerastorch.core.spec import KerasTensor
from kerastorch.core.torch_configs import arguments_of, fresh_copy, is_described, module_from
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import (
    InvalidArgumentError,
    SerializationError,
    UnknownIdentifierError,
    UnsafeModelError,
)

_PLAIN = (str, int, float, bool, type(None))
_FUNCTION = "function"


@dataclass(frozen=True)
class TensorReference:
    """A symbolic tensor in a config: the result of a call in the graph.

    Attributes:
        shape: its shape.
        dtype: its type.
        history: `[name, node_index, tensor_index]` of the operation, the call and the result.
    """

    shape: Any
    dtype: str
    history: list | None


def serialize_keras_object(obj: Any) -> Any:
    """Returns the config of an object: plain values, or a dictionary with its class and arguments.

    Args:
        obj: a layer, loss, metric, optimizer, function, tensor, array, or nested structure of them.

    Returns:
        What `json` can write and `deserialize_keras_object` reads.

    Raises:
        SerializationError: for lambdas and objects without `get_config`.

    Example:
        >>> from kerastorch.initializers import Constant
        >>> serialize_keras_object(Constant(2.0))["config"]
        {'value': 2.0}
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        return type(obj)(map(serialize_keras_object, obj)) if type(obj) in (list, tuple) else list(obj)
    if isinstance(obj, Mapping) and not hasattr(obj, "get_config"):
        return serialize_dict(obj)
    for kind, write in _WRITERS:
        if isinstance(obj, kind):
            return write(obj)
    return _serialize_instance(obj)


def serialize_uncompiled(obj: Any) -> dict:
    """Returns the config of an object, such as a model, without its compile arguments.

    Raises:
        SerializationError: for objects without `get_config`.
    """
    return _serialize_instance(obj, ("build_config",))


def serialize_dict(obj: Mapping) -> dict:
    """Returns a dictionary whose values are configs."""
    return {key: serialize_keras_object(value) for key, value in obj.items()}


def _write_tensor(x: torch.Tensor) -> dict:
    return {
        "class_name": "__tensor__",
        "config": {"value": x.detach().cpu().tolist(), "dtype": standardize_dtype(x.dtype)},
    }


def _write_symbolic(x: KerasTensor) -> dict:
    history = x._keras_history
    places = None if history is None else [history.operation.name, history.node_index, history.tensor_index]
    return _write_reference(TensorReference(x.shape, x.dtype, places))


def _write_reference(x: TensorReference) -> dict:
    inner = {"shape": x.shape, "dtype": x.dtype, "keras_history": x.history}
    return {"class_name": "__keras_tensor__", "config": inner}


def _write_array(x: np.ndarray) -> Any:
    if x.ndim == 0:
        return x.item()
    return {"class_name": "__numpy__", "config": {"value": x.tolist(), "dtype": x.dtype.name}}


def _write_slice(x: slice) -> dict:
    parts = {k: serialize_keras_object(getattr(x, k)) for k in ("start", "stop", "step")}
    return {"class_name": "__slice__", "config": parts}


def _write_function(fn: Callable) -> dict | str:
    home = registry.home_of(fn)
    if home is not None:
        return {"module": home[0], "class_name": _FUNCTION, "config": home[1], "registered_name": home[1]}
    if memory.objects is not None:
        return _reference(fn)
    if getattr(fn, "__name__", "") == "<lambda>":
        raise SerializationError(
            "A lambda cannot be written to a config, because reading it back would execute code from a file. "
            "Define a named function and decorate it with `@kerastorch.saving.register_keras_serializable()`. "
            f"Received: {fn!r}."
        )
    name = getattr(fn, "__name__", type(fn).__name__)
    return {
        "module": getattr(fn, "__module__", None),
        "class_name": _FUNCTION,
        "config": name,
        "registered_name": registry.get_registered_name(fn),
    }


def _reference(obj: Any) -> dict:
    assert memory.objects is not None  # house: for the type checker; the callers have looked
    memory.objects.append(obj)
    return {"class_name": "__object__", "config": {"index": len(memory.objects) - 1}}


def _write_class(cls: type) -> dict:
    home = registry.home_of(cls)
    if home is None and memory.objects is not None:
        return _reference(cls)
    module, name = home or (cls.__module__, cls.__name__)
    registered = None if home else registry.get_registered_name(cls)
    return {"module": module, "class_name": "__class__", "config": name, "registered_name": registered}


_WRITERS: list[tuple[Any, Callable[[Any], Any]]] = [
    (KerasTensor, _write_symbolic),
    (TensorReference, _write_reference),
    (bytes, lambda x: {"class_name": "__bytes__", "config": {"value": x.decode("utf-8")}}),
    (slice, _write_slice),
    (type(Ellipsis), lambda x: {"class_name": "__ellipsis__", "config": {}}),
    (torch.dtype, standardize_dtype),
    (torch.device, str),
    (torch.Tensor, _write_tensor),
    (np.ndarray, _write_array),
    (np.generic, lambda x: x.item()),
    (np.dtype, lambda x: x.name),
    (type, _write_class),
    ((types.FunctionType, types.BuiltinFunctionType, types.MethodType), _write_function),
]


def _serialize_instance(obj: Any, extras: tuple[str, ...] = ("build_config", "compile_config")) -> dict:
    cls = type(obj)
    if memory.objects is not None and hasattr(obj, "clone"):
        return {**_reference(obj), "class_name": "__clone__"}
    is_plain_module = is_described(obj)
    if memory.objects is not None and (is_plain_module or not hasattr(obj, "get_config")):
        return _reference(fresh_copy(obj) if is_plain_module else obj)
    if not (is_plain_module or hasattr(obj, "get_config")):
        raise SerializationError(
            f"Cannot write {obj!r} of type {cls.__name__} to a config: it has no `get_config()` method."
        )
    home = registry.home_of(cls)
    module, name = home or (cls.__module__, cls.__name__)
    if home is None and memory.objects is not None:
        class_ref: dict[str, Any] = {"class_name": "__instance__", "class": _reference(cls)}
        return {**class_ref, "config": obj.get_config(), **_extra_configs(obj, extras)}
    return {
        "module": module,
        "class_name": name,
        "config": serialize_dict(arguments_of(obj)) if is_plain_module else obj.get_config(),
        "registered_name": _registered_name(cls, home),
        **_extra_configs(obj, extras),
    }


def _registered_name(cls: type, home: tuple[str, str] | None) -> str | None:
    """None for public classes of Keras; Keras repeats the name of classes that it keeps in a private module."""
    if home is None:
        return registry.get_registered_name(cls)
    return home[1] if home[0].startswith("keras.src.") else None


def _extra_configs(obj: Any, keys: tuple[str, ...]) -> dict:
    extra = {}
    for key in keys:
        getter = getattr(obj, f"get_{key}", None)
        config = getter() if getter is not None else None
        if config is not None:
            extra[key] = serialize_dict(config)
    return extra


def deserialize_keras_object(
    config: Any,
    custom_objects: dict[str, Any] | None = None,
    safe_mode: bool = True,
    module: str | None = None,
) -> Any:
    """Returns the object that a config describes.

    Args:
        config: what `serialize_keras_object` returned, or a nested structure of configs.
        custom_objects: names and the user's classes and functions that they stand for.
        safe_mode: True, the default, refuses code in configs. There is no reader of such code here, so that
            False refuses it as well.
        module: where a config without a module looks its class up, such as `"keras.layers"`.

    Raises:
        UnsafeModelError: when the config names nothing registered, or holds code.
        SerializationError: when it is no config.

    Example:
        >>> from kerastorch.initializers import Constant
        >>> deserialize_keras_object(serialize_keras_object(Constant(2.0))).value
        2.0
    """
    with reading(config), registry.CustomObjectScope(custom_objects or {}):
        return _deserialize(config, module)


def _deserialize(config: Any, module: str | None = None) -> Any:
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return type(config)(map(_deserialize, config))
    if not isinstance(config, Mapping):
        raise SerializationError(f"Could not parse config: expected a dictionary. Received: {config!r}.")
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(value) for key, value in config.items()}
    reader = _READERS.get(config["class_name"])
    if reader is not None:
        return reader(config)
    if config["class_name"] == _FUNCTION:
        return find_function(config, module)
    return _deserialize_instance(config, module)


def _read_tensor(config: Mapping) -> torch.Tensor:
    inner = config["config"]
    return torch.tensor(inner["value"], dtype=torch_dtype(inner["dtype"]))


def _read_object(config: Mapping) -> Any:
    if memory.objects is None:
        raise UnsafeModelError(
            "A config refers to an object in memory. Only `clone_model` reads such configs."
        )
    return memory.objects[config["config"]["index"]]


def _read_symbolic(config: Mapping) -> TensorReference:
    inner = config["config"]
    return TensorReference(inner.get("shape"), inner.get("dtype"), inner.get("keras_history"))


def _read_lambda(config: Mapping) -> Any:
    raise UnsafeModelError(
        "The config holds the bytecode of a Python lambda, which is never executed here. Pass the function by "
        "name instead: register it, or give it in `custom_objects`."
    )


def _read_class(config: Mapping) -> type:
    cls = find_class({**config, "class_name": config["config"]}, config.get("module"))
    if not isinstance(cls, type):
        raise UnsafeModelError(f"{config['config']!r} is not a registered class.")
    return cls


def _read_instance(config: Mapping) -> Any:
    return build_instance(_read_object(config["class"]), config)


_READERS: dict[str, Callable[[Mapping], Any]] = {
    "__bytes__": lambda c: c["config"]["value"].encode("utf-8"),
    "__slice__": lambda c: slice(
        *(deserialize_keras_object(c["config"][k]) for k in ("start", "stop", "step"))
    ),
    "__ellipsis__": lambda c: Ellipsis,
    "__tensor__": _read_tensor,
    "__numpy__": lambda c: np.array(c["config"]["value"], dtype=c["config"]["dtype"]),
    "__keras_tensor__": _read_symbolic,
    "__object__": _read_object,
    "__clone__": lambda c: _read_object(c).clone(),
    "__instance__": _read_instance,
    "__lambda__": _read_lambda,
    "__class__": _read_class,
    "__tuple__": lambda c: tuple(deserialize_keras_object(x) for x in c["config"]["value"]),
}


def find_function(config: Mapping, module: str | None = None) -> Callable:
    """Returns the registered function that a function config names.

    Raises:
        UnsafeModelError: when no such function is registered.
    """
    name = config["config"] if isinstance(config["config"], str) else config["config"].get("name")
    home = config.get("module")
    if home in (None, "builtins"):  # Keras writes "builtins" for functions of its own
        home = module
    found = _find(home, name, config.get("registered_name"))
    if (found is None or isinstance(found, type)) and home:
        found = registry.find_builtin_function(home, name)
    if found is None or isinstance(found, type):
        raise _unregistered("function", name)
    return found


def find_class(config: Mapping, module: str | None = None) -> Any:
    """Returns the registered class that a config names.

    Raises:
        UnsafeModelError: when no such class is registered.
    """
    found = _find(config.get("module") or module, config["class_name"], config.get("registered_name"))
    if found is None:
        raise _unregistered("class", config["class_name"])
    return found


def _find(module: str | None, name: str, registered_name: str | None) -> Any:
    builtin = registry.find(module, name) if module else None
    registered = registry.find_custom(registered_name) if registered_name else None
    if builtin is not None and registered is not None and ">" in str(registered_name):
        raise UnsafeModelError(
            f"A config names {module}.{name}, and {registered_name!r} in its place. Expected one of them."
        )
    found = registry.find_custom(name) if registered is None else registered
    return builtin if found is None else found


def _unregistered(kind: str, name: str) -> UnsafeModelError:
    return UnsafeModelError(
        f"Could not locate {kind} {name!r}. A config can only name what is registered: decorate it with "
        f"`@kerastorch.saving.register_keras_serializable()`, or pass `custom_objects={{{name!r}: ...}}`."
    )


def _deserialize_instance(config: Mapping, module: str | None) -> Any:
    return build_instance(find_class(config, module), config)


def build_instance(cls: Any, config: Mapping) -> Any:
    """Returns an instance made by `cls.from_config`, built and compiled as its config says.

    Raises:
        SerializationError: when the class cannot read the config.
    """
    inner = config["config"]
    if not hasattr(cls, "from_config"):
        if isinstance(cls, type) and issubclass(cls, torch.nn.Module):
            return module_from(cls, deserialize_keras_object(inner))
        raise SerializationError(f"{cls!r} has no `from_config()` and cannot be made from a config.")
    try:
        instance = cls.from_config(dict(inner) if isinstance(inner, Mapping) else inner)
    except SerializationError:  # it is explained already, by something inside
        raise
    except TypeError as error:
        raise SerializationError(
            f"{cls.__name__} could not be made from its config. Its `get_config()` must return every argument of "
            f"`__init__`. The config is {inner!r}. The error was: {error}"
        ) from error
    for key, method in (("build_config", "build_from_config"), ("compile_config", "compile_from_config")):
        if config.get(key) and hasattr(instance, method):
            getattr(instance, method)(config[key])
    return instance


def resolve_identifier(identifier: Any, module: str, what: str, instantiate: bool = True) -> Any:
    """Returns the object that any form of identifier stands for.

    Args:
        identifier: None, a string, a config, a class, an instance or a function.
        module: where strings are looked up, such as `"keras.initializers"`.
        what: the kind of thing, for the error message.
        instantiate: whether classes are called without arguments.

    Raises:
        UnknownIdentifierError: when it is no identifier, or the string names nothing; it suggests the nearest.
    """
    if identifier is None:
        return None
    found = identifier
    if isinstance(identifier, Mapping):
        found = deserialize_keras_object(identifier, module=module)
    elif isinstance(identifier, str):
        found = registry.lookup(module, identifier, what)
    if inspect.isclass(found):
        return found() if instantiate else found
    if callable(found):
        return found
    raise UnknownIdentifierError(
        f"Could not interpret {what} identifier: {identifier!r}. "
        "Expected a name, a config, a class, an instance or a function."
    )


def serialize_named(obj: Any, module: str) -> Any:
    """Returns the bare name of a built-in function of `module`, and the config of anything else.

    Raises:
        SerializationError: for lambdas and objects without `get_config`.
    """
    home = registry.home_of(obj)
    if home is not None and home[0] == module and not isinstance(obj, type):
        return home[1]
    config = serialize_keras_object(obj)
    if isinstance(config, dict) and config.get("class_name") == _FUNCTION:
        return config["registered_name"]
    return config


class Configurable:
    """A class whose instances are described by the arguments of their constructor."""

    def get_config(self) -> dict:
        """Returns the constructor's arguments as plain values."""
        return {}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns an instance made from what `get_config` returned."""
        try:
            return cls(**config)
        except TypeError as error:
            raise InvalidArgumentError(
                f"{cls.__name__} could not be made from the config {config!r}: {error}"
            ) from error
