"""Names for the torch functions, operators and tensor methods that a graph may hold, and back."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import SerializationError, UnsafeModelError, did_you_mean

_OPERATORS = [
    "abs",
    "add",
    "and_",
    "eq",
    "floordiv",
    "ge",
    "getitem",
    "gt",
    "invert",
    "le",
    "lshift",
    "lt",
    "matmul",
    "mod",
    "mul",
    "ne",
    "neg",
    "or_",
    "pos",
    "pow",
    "rshift",
    "sub",
    "truediv",
    "xor",
]

# Methods that reach outside the tensor, or give what is no tensor.
_REFUSED = frozenset(
    [
        "apply_",
        "backward",
        "cpp_type_info",
        "cuda",
        "data_ptr",
        "map2_",
        "map_",
        "module_load",
        "numpy",
        "pin_memory",
        "record_stream",
        "register_hook",
        "register_post_accumulate_grad_hook",
        "requires_grad_",
        "resize_",
        "resize_as_",
        "retain_grad",
        "set_",
        "share_memory_",
        "storage",
        "storage_offset",
        "storage_type",
        "tolist",
        "untyped_storage",
    ]
)

_UNDERSCORED = {f"__{prefix}{name.rstrip('_')}__" for name in _OPERATORS for prefix in ("", "r")}


def _is_method(name: str) -> bool:
    if name in _UNDERSCORED:
        return True
    return not name.startswith("_") and name not in _REFUSED and hasattr(torch.Tensor, name)


@functools.cache
def _table() -> dict[str, Callable]:
    """Every function that a config may name; made from the functions that torch itself lets tensors override."""
    table: dict[str, Callable] = {f"operator.{name}": getattr(operator, name) for name in _OPERATORS}
    for functions in torch.overrides.get_overridable_functions().values():
        for function in functions:
            name = torch.overrides.resolve_name(function) or ""
            *home, last = name.split(".")
            if home == ["torch", "Tensor"]:
                if _is_method(last):
                    table[name] = function
            elif name and not last.startswith("_") and "__get__" not in name:
                table[name] = function
    return table


@functools.cache
def _names() -> dict[Any, str]:
    return {function: name for name, function in reversed(list(_table().items()))}


def describe(target: Any, is_method: bool) -> Any:
    """Returns the config of a torch function, an operator, a tensor method or a registered function.

    Args:
        target: the function, or the name of the method.
        is_method: whether `target` is the name of a tensor method.

    Raises:
        SerializationError: when it is none of them.

    Example:
        >>> describe(torch.relu, False), describe("view", True)
        ('torch.relu', 'Tensor.view')
    """
    if is_method:
        if _is_method(target):
            return f"Tensor.{target}"
    elif target is getattr or target is tensor_attribute:
        return "getattr"
    elif target in _names():
        return _names()[target]
    elif registry.home_of(target) or callable(target):
        return serialize_keras_object(target)
    raise SerializationError(f"The function {target!r} of a graph has no name that a config may hold.")


def find(name: Any) -> tuple[Any, bool]:
    """Returns `(target, is_method)` for what `describe` returned; nothing is imported.

    Args:
        name: a name or a config.

    Raises:
        UnsafeModelError: when it names nothing that a graph may call.

    Example:
        >>> find("Tensor.view")
        ('view', True)
    """
    if not isinstance(name, str):
        found = deserialize_keras_object(name)
        if not callable(found) or isinstance(found, type):
            raise UnsafeModelError(f"A function of the graph is described by {name!r}, which is no function.")
        return found, False
    if name == "getattr":
        return tensor_attribute, False
    home, _, last = name.rpartition(".")
    if home == "Tensor" and _is_method(last):
        return last, True
    if name not in _table():
        raise UnsafeModelError(
            f"A config names the function {name!r}, which a graph may not call. Expected a torch function such as "
            f"'torch.relu', an operator such as 'operator.add' or a method such as 'Tensor.view'."
            f"{did_you_mean(name, _table())}"
        )
    return _table()[name], False


def tensor_attribute(x: Any, name: str) -> Any:
    """Returns a property of a tensor, such as `T`.

    Raises:
        UnsafeModelError: when the name is private, or no property of tensors.
    """
    if not isinstance(name, str) or name.startswith("_") or callable(getattr(torch.Tensor, name, None)):
        raise UnsafeModelError(f"A config reads the attribute {name!r}, which is no property of tensors.")
    return getattr(x, name)
