"""Which optimizer trains which variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from kerastorch import registry
from kerastorch.core.serializable import serialize_keras_object
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.optimizers.identifiers import deserialize
from kerastorch.optimizers.optimizer import Optimizer


@registry.builtin("keras.optimizers", "optimizermap")
class OptimizerMap(MutableMapping):
    """Optimizers by the paths of variables; a path is looked up as it is, then as a regular expression.

    Give it to a `MultiOptimizer`. An expression must match the whole path: `"encoder/.*"` stands for all variables
    below `encoder`.

    Args:
        default_optimizer: the optimizer of variables that no key stands for.
        optimizer_map: a dictionary of such keys and their optimizers; None for none yet.

    Raises:
        ArgumentTypeError: when `default_optimizer` is no optimizer, or `optimizer_map` no dictionary.
        InvalidArgumentError: when a key of `optimizer_map` is no string or its value cannot be used.

    Example:
        >>> from kerastorch.optimizers import SGD, Adam
        >>> optimizers = OptimizerMap(Adam(name="adam"), {"encoder/.*": SGD(name="sgd")})
        >>> optimizers["encoder/dense/kernel"].name, optimizers["head/bias"].name
        ('sgd', 'adam')

    Source: `keras.optimizers.OptimizerMap`.
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise ArgumentTypeError(
                f"`default_optimizer` must be an optimizer such as `Adam()`. Received: {default_optimizer!r}"
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise ArgumentTypeError(
                f"`optimizer_map` must be a dictionary of paths and optimizers. Received: {optimizer_map!r}"
            )
        self._default_optimizer = default_optimizer
        self._optimizer_map: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of variables that no key stands for."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        found = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(found) > 1:
            raise InvalidArgumentError(
                f"Multiple optimizers assigned to variable {key!r}: the keys {found} match it. Make them exclude "
                "each other, or give the path itself as a key."
            )
        return self._optimizer_map[found[0]] if found else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise InvalidArgumentError(f"A key must be a string. Received: {key!r}")
        if key in self._optimizer_map:
            raise InvalidArgumentError(
                f"{key!r} already exists in the OptimizerMap, with value {self._optimizer_map[key].name!r}. Delete it "
                "first, or use another key."
            )
        if not isinstance(optimizer, Optimizer):
            raise InvalidArgumentError(
                f"The optimizer for {key!r} must be one such as `Adam()`. Received: {optimizer!r}"
            )
        if not optimizer._can_be_part:
            raise InvalidArgumentError(f"The optimizer cannot be {type(optimizer).__name__} (key {key!r}).")
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __contains__(self, key: object) -> bool:
        return key in self._optimizer_map

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __call__(self, variable: Any) -> Optimizer:
        """Returns the optimizer of a variable.

        Args:
            variable: a variable; one without a path, such as a plain torch parameter, has the default optimizer.

        Raises:
            InvalidArgumentError: when several expressions match its path.
        """
        return self[getattr(variable, "path", None) or ""]

    def get_config(self) -> dict:
        """Returns the arguments of the constructor as plain values."""
        return {
            "default_optimizer": serialize_keras_object(self._default_optimizer),
            "optimizer_map": serialize_keras_object(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict[str, Any] | None = None) -> OptimizerMap:
        """Returns a new map made from what `get_config` returned.

        Args:
            config: the arguments of the constructor.
            custom_objects: names and the user's classes that they stand for.
        """
        chosen = {key: deserialize(value, custom_objects) for key, value in config["optimizer_map"].items()}
        return cls(deserialize(config["default_optimizer"], custom_objects), chosen)
