"""What the `call` and `build` methods of a layer class take, read once for each class."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from kerastorch.errors import InvalidArgumentError

_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class CallSignature:
    """The parameters of a `call` method.

    Attributes:
        names: the parameters that can be given by position, without `self`.
        first: the first of them, the layer's main input.
        takes_training, takes_mask: whether `call` has such a parameter.
        training_position: the index of `training` among positional arguments, or None.
        training_default: what `training` is where nothing else says it.
    """

    def __init__(self, call: Callable) -> None:
        parameters = [p for p in inspect.signature(call).parameters.values() if p.name != "self"]
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self.parameters = parameters
        self.names = [p.name for p in parameters if p.kind in positional]
        keywords = {p.name for p in parameters}
        self.first = self.names[0] if self.names else ""
        self.takes_training = "training" in keywords
        self.takes_mask = "mask" in keywords
        self.mask_names = {n for n in keywords if n == "mask" or n.endswith("_mask")}
        self.takes_any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.takes_any_position = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.training_default = any(p.name == "training" and p.default is True for p in parameters)
        self.training_position = self.names.index("training") if "training" in self.names else None

    def named(self, args: tuple, kwargs: dict) -> dict[str, Any]:
        """Returns the given arguments by name; extra positional ones are called `args_3` and so on."""
        names = self.names + [f"args_{i}" for i in range(len(self.names), len(args))]
        return {**dict(zip(names, args, strict=False)), **kwargs}


def build_parameters(build: Callable) -> list[str]:
    """Returns the names of the parameters of a bound `build` method, without those that collect the rest."""
    return [p.name for p in inspect.signature(build).parameters.values() if p.kind not in _COLLECTING]


def check_build_names(build: Callable, call: CallSignature) -> None:
    """Checks that each parameter of a `build` method with several of them is the shape of an argument of `call`.

    Args:
        build: the bound method.
        call: what `call` takes.

    Raises:
        InvalidArgumentError: when one is not, and has no default.
    """
    for name, parameter in inspect.signature(build).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind in _COLLECTING:
            continue
        text = f"`{build.__qualname__}()` takes several arguments, so that each must be named after one of `call()`. "
        if not name.endswith("_shape"):
            raise InvalidArgumentError(f"{text}Received argument `{name}`, which does not end in `_shape`.")
        source = name.removesuffix("_shape")
        if not call.takes_any_keyword and source not in [p.name for p in call.parameters]:
            raise InvalidArgumentError(
                f"{text}Received argument `{name}`, but `call()` does not have argument `{source}`."
            )
