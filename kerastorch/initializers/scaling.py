"""Initializers that scale with the shape of the weight: Glorot's, He's, LeCun's and their general form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import random
from kerastorch.errors import InvalidArgumentError
from kerastorch.initializers.draws import RandomInitializer
from kerastorch.registry import builtin

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")
_TRUNCATED_STDDEV = 0.87962566103423978  # of a standard normal distribution cut off at -2 and 2

Axes = Sequence[int] | int | None


def compute_fans(shape: Sequence[int], input_axes: Axes = None, output_axes: Axes = None) -> tuple[int, int]:
    """Returns how many inputs each output of a weight has, and how many outputs each input.

    Args:
        shape: the shape of the weight; of a convolution `(..., inputs, outputs)`.
        input_axes: the axes that are inputs; used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Returns:
        `(fan_in, fan_out)`.

    Example:
        >>> compute_fans((3, 3, 16, 32))
        (144, 288)
    """
    if input_axes is not None and output_axes is not None:
        return _product(shape, input_axes), _product(shape, output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    field = math.prod(shape[:-2])
    return int(shape[-2] * field), int(shape[-1] * field)


def _product(shape: Sequence[int], axes: Sequence[int] | int) -> int:
    return math.prod(shape[axis] for axis in ([axes] if isinstance(axes, int) else axes))


@builtin("keras.initializers")
class VarianceScaling(RandomInitializer):
    """Draws numbers whose variance is `scale / n`, where n counts inputs or outputs of the weight.

    Args:
        scale: a positive number.
        mode: `"fan_in"` counts inputs, `"fan_out"` outputs, `"fan_avg"` takes the mean of both.
        distribution: `"truncated_normal"` (cut off at two standard deviations), `"untruncated_normal"` or
            `"uniform"`; `"normal"` stands for the first.
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too; None takes the last but one and
            those before it.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `scale`, `mode`, `distribution` or `seed` is not one of these.

    Example:
        >>> weights = VarianceScaling(2.0, "fan_out", "uniform", seed=1)((50, 200))
        >>> bool(weights.abs().max() <= math.sqrt(3 * 2.0 / 200))
        True

    Source: `keras.initializers.VarianceScaling`.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        if scale <= 0.0:
            raise InvalidArgumentError(f"Argument `scale` must be positive float. Received: scale={scale}.")
        if mode not in _MODES:
            raise InvalidArgumentError(
                f"Invalid `mode` argument: {mode!r}. Please use one of {list(_MODES)}."
            )
        name = str(distribution).lower()
        name = "truncated_normal" if name == "normal" else name
        if name not in _DISTRIBUTIONS:
            raise InvalidArgumentError(
                f"Invalid `distribution` argument: {distribution!r}. Please use one of {list(_DISTRIBUTIONS)}."
            )
        self.scale, self.mode, self.distribution = scale, mode, name
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random.uniform(shape, -limit, limit, dtype, self.seed)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, self.seed)
        return random.truncated_normal(shape, 0.0, stddev / _TRUNCATED_STDDEV, dtype, self.seed)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Named(VarianceScaling):
    """A `VarianceScaling` whose scale, mode and distribution are fixed by the class."""

    _fixed: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None) -> None:
        super().__init__(*self._fixed, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self) -> dict:
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


@builtin("keras.initializers")
class GlorotUniform(_Named):
    """Draws evenly between `-limit` and `limit = sqrt(6 / (fan_in + fan_out))`; also called Xavier.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> GlorotUniform(seed=1)((4, 2)).shape
        torch.Size([4, 2])

    Source: `keras.initializers.GlorotUniform`, `torch.nn.init.xavier_uniform_`; Glorot and Bengio, 2010.
    """

    _fixed = (1.0, "fan_avg", "uniform")


@builtin("keras.initializers")
class GlorotNormal(_Named):
    """Draws from a truncated normal distribution of standard deviation `sqrt(2 / (fan_in + fan_out))`.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> GlorotNormal(seed=1)((4, 2)).shape
        torch.Size([4, 2])

    Source: `keras.initializers.GlorotNormal`, `torch.nn.init.xavier_normal_`; Glorot and Bengio, 2010.
    """

    _fixed = (1.0, "fan_avg", "truncated_normal")


@builtin("keras.initializers")
class LecunUniform(_Named):
    """Draws evenly between `-limit` and `limit = sqrt(3 / fan_in)`.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> LecunUniform(seed=1)((4, 2)).shape
        torch.Size([4, 2])

    Source: `keras.initializers.LecunUniform`; LeCun et al., 1998.
    """

    _fixed = (1.0, "fan_in", "uniform")


@builtin("keras.initializers")
class LecunNormal(_Named):
    """Draws from a truncated normal distribution of standard deviation `sqrt(1 / fan_in)`.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> LecunNormal(seed=1)((4, 2)).shape
        torch.Size([4, 2])

    Source: `keras.initializers.LecunNormal`; LeCun et al., 1998; Klambauer et al., 2017.
    """

    _fixed = (1.0, "fan_in", "truncated_normal")


@builtin("keras.initializers")
class HeUniform(_Named):
    """Draws evenly between `-limit` and `limit = sqrt(6 / fan_in)`; also called Kaiming.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> HeUniform(seed=1)((4, 2)).shape
        torch.Size([4, 2])

    Source: `keras.initializers.HeUniform`, `torch.nn.init.kaiming_uniform_`; He et al., 2015.
    """

    _fixed = (2.0, "fan_in", "uniform")


@builtin("keras.initializers")
class HeNormal(_Named):
    """Draws from a truncated normal distribution of standard deviation `sqrt(2 / fan_in)`.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.
        input_axes: the axes that are inputs, used when `output_axes` is given too.
        output_axes: the axes that are outputs.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> HeNormal(seed=1)((4, 2)).shape
        torch.Size([4, 2])

    Source: `keras.initializers.HeNormal`, `torch.nn.init.kaiming_normal_`; He et al., 2015.
    """

    _fixed = (2.0, "fan_in", "truncated_normal")
