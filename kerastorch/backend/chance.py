"""`keras.backend`: random numbers."""

from __future__ import annotations

import functools
from typing import Any

import torch

from kerastorch import random
from kerastorch.backend.creation import as_shape
from kerastorch.core.seeds import SeedGenerator
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import op


@functools.cache
def _sequence(seed: int) -> SeedGenerator:
    return SeedGenerator(seed)


def _numbered(seed: int | None) -> SeedGenerator | None:
    """The sequence that a seed begins; as in TensorFlow each call goes on in it."""
    return None if seed is None else _sequence(int(seed))


def restart_sequences() -> None:
    """Lets the sequence of each seed begin again, as in a new session.

    Example:
        >>> restart_sequences()
    """
    _sequence.cache_clear()


@op("keras.backend")
def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> torch.Tensor:
    """Returns numbers drawn from a normal distribution.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation.
        dtype: a float type; None takes `floatx()`.
        seed: an integer begins a sequence of its own, in which calls go on; None draws from torch's global one.

    Returns:
        A tensor.

    Example:
        >>> random_normal((2, 3)).shape
        torch.Size([2, 3])

    Source: `keras.backend.random_normal` of Keras 2.
    """
    return random.normal(as_shape(shape), mean, stddev, dtype, _numbered(seed))


@op("keras.backend")
def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> torch.Tensor:
    """Returns numbers drawn from a normal distribution, none of them more than two deviations from the mean.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation before the ends are cut off.
        dtype: a float type; None takes `floatx()`.
        seed: an integer begins a sequence of its own, in which calls go on; None draws from torch's global one.

    Returns:
        A tensor.

    Example:
        >>> bool((truncated_normal((100,)).abs() <= 2).all())
        True

    Source: `keras.backend.truncated_normal` of Keras 2.
    """
    return random.truncated_normal(as_shape(shape), mean, stddev, dtype, _numbered(seed))


@op("keras.backend")
def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> torch.Tensor:
    """Returns numbers drawn evenly from an interval.

    Args:
        shape: the shape of the result.
        minval: the least number.
        maxval: the limit, excluded.
        dtype: a float type, or an integer type for integers; None takes `floatx()`.
        seed: an integer begins a sequence of its own, in which calls go on; None draws from torch's global one.

    Returns:
        A tensor.

    Example:
        >>> random_uniform((2,), 0, 10, dtype="int32").dtype
        torch.int32

    Source: `keras.backend.random_uniform` of Keras 2.
    """
    if torch_dtype(dtype).is_floating_point:
        return random.uniform(as_shape(shape), minval, maxval, dtype, _numbered(seed))
    return random.randint(as_shape(shape), int(minval), int(maxval), dtype, _numbered(seed))


@op("keras.backend")
def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None) -> torch.Tensor:
    """Returns ones with a probability, and zeros otherwise.

    Args:
        shape: the shape of the result.
        p: the probability of a one.
        dtype: the type; None takes `floatx()`.
        seed: an integer begins a sequence of its own, in which calls go on; None draws from torch's global one.

    Returns:
        A tensor.

    Example:
        >>> random_bernoulli((3,), p=1.0).tolist()
        [1.0, 1.0, 1.0]

    Source: `keras.backend.random_bernoulli` of Keras 2.
    """
    return (random.uniform(as_shape(shape), seed=_numbered(seed)) <= p).to(torch_dtype(dtype))


@op("keras.backend")
def random_binomial(shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None) -> torch.Tensor:
    """Returns ones with a probability, and zeros otherwise, under the older name of `random_bernoulli`.

    Args:
        shape: the shape of the result.
        p: the probability of a one.
        dtype: the type; None takes `floatx()`.
        seed: an integer begins a sequence of its own, in which calls go on; None draws from torch's global one.

    Returns:
        A tensor.

    Example:
        >>> random_binomial((3,), p=1.0).tolist()
        [1.0, 1.0, 1.0]

    Source: `keras.backend.random_binomial` of Keras 2.
    """
    return random_bernoulli(shape, p, dtype, seed)
