"""Initializers that draw from one distribution, whatever the shape: normal, uniform, orthogonal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from kerastorch import random
from kerastorch.core.seeds import SeedGenerator, as_seed, new_seed
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ShapeError
from kerastorch.initializers.initializer import Initializer
from kerastorch.registry import builtin


class RandomInitializer(Initializer):
    """The base of initializers that draw random numbers.

    Args:
        seed: an integer gives the same values on every call, a `SeedGenerator` other ones on every call. None draws
            an integer when the initializer is made.

    Raises:
        InvalidArgumentError: when `seed` is neither.

    Attributes:
        seed: the integer or `SeedGenerator` in use.

    Example:
        >>> draw = RandomNormal(seed=1)
        >>> bool((draw((3,)) == draw((3,))).all())
        True
    """

    def __init__(self, seed: int | SeedGenerator | Mapping | None = None) -> None:
        if isinstance(seed, Mapping):
            seed = deserialize_keras_object(seed)
        self._init_seed = seed
        if seed is None:
            self.seed: int | SeedGenerator = new_seed()
        else:
            self.seed = seed if isinstance(seed, SeedGenerator) else as_seed(seed)

    def get_config(self) -> dict:
        return {"seed": serialize_keras_object(self._init_seed)}


@builtin("keras.initializers", "normal")
class RandomNormal(RandomInitializer):
    """Draws from a normal distribution.

    Args:
        mean: the mean.
        stddev: the standard deviation.
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> RandomNormal(stddev=0.1, seed=1)((2, 3)).shape
        torch.Size([2, 3])

    Source: `keras.initializers.RandomNormal`, `torch.nn.init.normal_`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@builtin("keras.initializers")
class TruncatedNormal(RandomInitializer):
    """Draws from a normal distribution cut off two standard deviations from its mean.

    Args:
        mean: the mean.
        stddev: the standard deviation before cutting.
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> bool(TruncatedNormal(stddev=0.5)((100,)).abs().max() <= 1.0)
        True

    Source: `keras.initializers.TruncatedNormal`, `torch.nn.init.trunc_normal_`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@builtin("keras.initializers", "uniform")
class RandomUniform(RandomInitializer):
    """Draws evenly between two bounds.

    Args:
        minval: the lower bound, included.
        maxval: the upper bound, excluded.
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> bool(RandomUniform(0.0, 1.0)((100,)).min() >= 0.0)
        True

    Source: `keras.initializers.RandomUniform`, `torch.nn.init.uniform_`.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


@builtin("keras.initializers", "OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """Draws matrices with orthonormal rows or columns, whichever are fewer.

    A shape with more than two axes is filled from the matrix of shape `(product of all but the last, last)`.

    Args:
        gain: what the orthonormal matrix is multiplied by.
        seed: an integer, a `SeedGenerator`, or None for a seed drawn now.

    Raises:
        ShapeError: in the call, when the shape has fewer than two axes.
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> q = Orthogonal(seed=1)((3, 3))
        >>> torch.allclose(q @ q.T, torch.eye(3), atol=1e-5)
        True

    Source: `keras.initializers.Orthogonal`, `torch.nn.init.orthogonal_`; Saxe et al., 2014.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        if len(shape) < 2:
            raise ShapeError(
                "The tensor to initialize must be at least two-dimensional. "
                f"Received: shape={tuple(shape)} of rank {len(shape)}."
            )
        kind = torch_dtype(dtype)
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        wide = torch.float64 if kind == torch.float64 else torch.float32
        q, r = torch.linalg.qr(random.normal(tall, dtype=wide, seed=self.seed))
        q = q * torch.sign(torch.diagonal(r))  # makes the distribution uniform
        q = q if rows >= columns else q.T
        return (self.gain * q).reshape(tuple(shape)).to(kind)

    def get_config(self) -> dict:
        return {**super().get_config(), "gain": self.gain}
