"""Rectified linear units with fixed slopes as layers."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.activations.functions import relu
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer
from kerastorch.layers.overwriting import Overwriting


@registry.builtin("keras.layers")
class ReLU(Overwriting, Layer):
    """Cuts negative values off, with an optional limit above, slope below and threshold.

    The output is `max_value` for inputs from `max_value` on, the input itself from `threshold` on, and
    `negative_slope * (input - threshold)` below.

    Args:
        max_value: the largest output, at least 0; None sets no limit.
        negative_slope: the slope below `threshold`, at least 0.
        threshold: where the slope changes, at least 0.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any.

    Output shape:
        That of the input.

    Raises:
        InvalidArgumentError: when an argument is negative, or None where a number is needed.

    Example:
        >>> ReLU(max_value=6.0)(torch.tensor([-1.0, 2.0, 9.0])).tolist()
        [0.0, 2.0, 6.0]

    Source: `keras.layers.ReLU`, `torch.relu`.
    """

    supports_masking = True
    _takes_second = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0.0:
            raise InvalidArgumentError(
                f"max_value of a ReLU layer cannot be a negative value. Received: max_value={max_value}"
            )
        for name, value in (("negative_slope", negative_slope), ("threshold", threshold)):
            if value is None or value < 0.0:
                raise InvalidArgumentError(
                    f"{name} of a ReLU layer cannot be None or a negative value. Received: {name}={value}"
                )
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the function to a tensor of any shape."""
        return relu(inputs, self.negative_slope, self.max_value, self.threshold)

    _call_second = call

    @property
    def overwrites(self) -> bool:
        """Whether `overwrite` differs from a call."""
        return not (self.negative_slope or self.threshold) and self.max_value is None

    _in_place = staticmethod(torch.relu_)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@registry.builtin("keras.layers")
class ThresholdedReLU(Layer):
    """Passes values above a threshold on and makes the rest zero.

    Args:
        theta: the threshold, at least 0.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any.

    Output shape:
        That of the input.

    Raises:
        InvalidArgumentError: when `theta` is None or negative.

    Example:
        >>> ThresholdedReLU(theta=1.0)(torch.tensor([0.5, 1.0, 2.0])).tolist()
        [0.0, 0.0, 2.0]

    Source: `keras.layers.ThresholdedReLU` of Keras 2, `torch.nn.functional.threshold`.
    """

    supports_masking = True

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if theta is None or theta < 0.0:
            raise InvalidArgumentError(
                f"theta of a ThresholdedReLU layer cannot be None or a negative value. Received: theta={theta}"
            )
        self.theta = theta
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the function to a tensor of any shape."""
        return F.threshold(inputs, self.theta, 0.0)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "theta": self.theta}
