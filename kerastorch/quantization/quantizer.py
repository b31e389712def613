"""Quantizers: objects that turn numbers into integers and a scale."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.quantization.scaling import EPSILON, abs_max_quantize


@registry.builtin("keras.quantizers")
class Quantizer:
    """The base class of quantizers; it leaves numbers as they are.

    Args:
        output_dtype: the type of the integers that a quantizer makes. Default: `"int8"`.

    Example:
        >>> Quantizer()(torch.tensor(1.5)).item()
        1.5

    Source: `keras.quantizers.Quantizer`.
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(self, x: Any) -> Any:
        """Returns what a tensor is quantized to; subclasses override it."""
        return x

    @classmethod
    def from_config(cls, config: dict) -> Quantizer:
        """Returns a quantizer made from what `get_config` returned."""
        return cls(**config)

    def get_config(self) -> dict:
        """Returns the constructor's arguments; subclasses override it.

        Raises:
            MissingMethodError: when a subclass does not.
        """
        raise MissingMethodError(f"{self} does not implement get_config()")


@registry.builtin("keras.quantizers")
class AbsMaxQuantizer(Quantizer):
    """Scales numbers so that the largest absolute value becomes the largest integer, and rounds them.

    Args:
        axis: the axis, or axes, along which numbers share a scale; None leaves that to the call.
        value_range: the least and the largest integer. Default: (-127, 127).
        epsilon: added to the largest absolute value, against a division by zero. Default: 1e-7.
        output_dtype: the type of the integers. Default: `"int8"`.

    Raises:
        InvalidArgumentError: when int8 does not hold `value_range`.

    Example:
        >>> values, scale = AbsMaxQuantizer(axis=0)(torch.tensor([[1.0], [-2.0]]))
        >>> values.tolist()
        [[64], [-127]]

    Source: `keras.quantizers.AbsMaxQuantizer`.
    """

    def __init__(
        self,
        axis: Any = None,
        value_range: tuple[int, int] = (-127, 127),
        epsilon: float = EPSILON,
        output_dtype: str = "int8",
    ) -> None:
        super().__init__(output_dtype)
        self.axis = None if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.value_range = value_range
        self.epsilon = epsilon
        if output_dtype == "int8" and (value_range[0] < -128 or value_range[1] > 127):
            raise InvalidArgumentError(
                "Quantizer with output_dtype='int8' requires value_range to be within the interval [-128, 127]. "
                f"Received: value_range={value_range}"
            )

    def __call__(self, x: Any, axis: Any = None, to_numpy: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns integers and the scale that numbers were multiplied by.

        Args:
            x: a tensor.
            axis: the axis, or axes, along which numbers share a scale; None takes that of the quantizer, or the last.
            to_numpy: whether to compute on the host, which saves memory on the device.
        """
        axis = self.axis if axis is None else axis
        axis = -1 if axis is None else axis
        return abs_max_quantize(x, axis, self.value_range, self.output_dtype, self.epsilon, to_numpy)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {"value_range": self.value_range, "epsilon": self.epsilon, "output_dtype": self.output_dtype}
        return config if self.axis is None else {**config, "axis": self.axis}
