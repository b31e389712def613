"""The base class of initializers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.serializable import Configurable
from kerastorch.errors import InvalidArgumentError
from kerastorch.registry import builtin


@builtin("keras.initializers")
class Initializer(Configurable):
    """The base of classes that make the first values of weights.

    Subclasses define `__call__(self, shape, dtype=None)`, and `get_config` when they have arguments.

    Example:
        >>> class Sevens(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return torch.full(shape, 7.0)
        >>> Sevens()((2,)).tolist()
        [7.0, 7.0]

    Source: `keras.initializers.Initializer`.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        """Returns a tensor of first values.

        Args:
            shape: the shape of the weight.
            dtype: its data type; None takes `floatx()`.

        Raises:
            InvalidArgumentError: when the subclass does not define it.
        """
        raise InvalidArgumentError(
            f"The initializer {type(self).__name__} does not define `__call__(self, shape, dtype=None)`."
        )

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns an initializer made from what `get_config` returned.

        Args:
            config: the constructor's arguments; the `dtype` that files of Keras 2 hold is left out, as it was there.

        Raises:
            InvalidArgumentError: when the arguments are not the constructor's.
        """
        if "dtype" in config and not hasattr(cls, "dtype"):
            config = {key: value for key, value in config.items() if key != "dtype"}
        return super().from_config(config)

    def clone(self) -> Any:
        """Returns another initializer with the same arguments; without a seed it draws one of its own."""
        return type(self).from_config(self.get_config())
