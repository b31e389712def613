"""Plain modules of `torch.nn`, which stay what they are."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import nn

from kerastorch.core.torch_configs import arguments_of
from kerastorch.errors import SerializationError
from kerastorch.export.source.calls import Call, NoRuleError, literal
from kerastorch.layers.core.torch_module import TorchModuleWrapper

_PLAIN = (bool, int, float, str, tuple, type(None))


def wrapped(call: Call) -> str:
    """The rule of `TorchModuleWrapper`."""
    module = call.layer.module
    weights = {key.replace(".", "__"): value for key, value in module.state_dict().items()}
    frozen = tuple(key for key, value in module.named_parameters() if not value.requires_grad)
    member = call.member(made(module), frozen=frozen if call.layer.trainable else (), **weights)
    return f"{member}({', '.join(call.last(tensor) for tensor in call.tensors)})"


def made(module: nn.Module) -> str:
    """Returns what makes a module of `torch.nn`.

    Raises:
        NoRuleError: when it is a class of somebody else, or was made with more than numbers.

    Example:
        >>> made(nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU()))
        'nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU())'
    """
    cls = type(module)
    if cls is nn.Sequential:
        return f"nn.Sequential({', '.join(made(part) for part in module.children())})"
    if getattr(nn, cls.__name__, None) is not cls:
        raise NoRuleError(f"{cls.__name__} is no class of torch.nn")
    try:
        given = arguments_of(module)
    except SerializationError as error:
        raise NoRuleError(str(error)) from error
    return f"nn.{cls.__name__}({_arguments(cls, given)})"


def _arguments(cls: type, given: dict[str, Any]) -> str:
    """The text of arguments: those without a default in their order, the others by name where they differ."""
    known = inspect.signature(cls).parameters
    texts = []
    for name, value in given.items():
        default = known[name].default if name in known else inspect.Parameter.empty
        if isinstance(default, _PLAIN) and value == default:
            continue
        if not isinstance(value, _PLAIN):
            raise NoRuleError(f"its argument {name}={value!r} cannot be written")
        is_first = name in known and default is inspect.Parameter.empty
        texts.append(literal(value) if is_first else f"{name}={literal(value)}")
    return ", ".join(texts)


RULES: dict[type, Callable[[Call], str]] = {TorchModuleWrapper: wrapped}
