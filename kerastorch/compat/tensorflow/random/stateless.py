"""Random numbers that follow from a pair of seeds alone: the same seeds give the same numbers each time."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.compat.tensorflow.random.draws import normal_numbers, uniform_numbers
from kerastorch.core.devices import current_device
from kerastorch.core.seeds import _mix
from kerastorch.errors import InvalidArgumentError
from kerastorch.random import _TWO_SIGMA


def seeded(seed: Any) -> torch.Generator:
    """Returns a generator that follows from a pair of integers.

    Args:
        seed: two integers.

    Raises:
        InvalidArgumentError: when there are not two.

    Example:
        >>> seeded([1, 2]).initial_seed() == seeded([1, 2]).initial_seed()
        True
    """
    pair = integers(seed)
    if len(pair) != 2:
        raise InvalidArgumentError(f"A stateless random function takes two seeds. Received: seed={pair}.")
    return torch.Generator(current_device()).manual_seed(_mix(*pair))


@operation("tf.random")
def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    alg: Any = "auto_select",
) -> Any:
    """Returns numbers drawn from a normal distribution.

    Args:
        shape: the shape of the result.
        seed: two integers.
        mean: the mean. Default: 0.
        stddev: the standard deviation. Default: 1.
        dtype: a float type. Default: float32.
        alg: TensorFlow's algorithm; the numbers are torch's in any case.

    Example:
        >>> bool((stateless_normal([3], [1, 2]) == stateless_normal([3], [1, 2])).all())
        True

    Source: `tf.random.stateless_normal`
    """
    return normal_numbers(shape, mean, stddev, dtype, seeded(seed))


@operation("tf.random")
def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    alg: Any = "auto_select",
) -> Any:
    """Returns numbers drawn from a normal distribution cut off two standard deviations from its mean.

    Args:
        shape: the shape of the result.
        seed: two integers.
        mean: the mean before cutting. Default: 0.
        stddev: the standard deviation before cutting. Default: 1.
        dtype: a float type. Default: float32.
        alg: TensorFlow's algorithm; the numbers are torch's in any case.

    Example:
        >>> bool(stateless_truncated_normal([100], [1, 2]).abs().max() <= 2)
        True

    Source: `tf.random.stateless_truncated_normal`
    """
    even = uniform_numbers(shape, -_TWO_SIGMA, _TWO_SIGMA, dtype, seeded(seed))
    return (torch.erfinv(even) * 2**0.5).clamp(-2, 2) * stddev + mean


@operation("tf.random")
def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    alg: Any = "auto_select",
) -> Any:
    """Returns numbers drawn evenly from `minval` (included) to `maxval` (excluded).

    Args:
        shape: the shape of the result.
        seed: two integers.
        minval: the least number. Default: 0.
        maxval: the limit. Default: 1; integers need it.
        dtype: a float or an integer type. Default: float32.
        alg: TensorFlow's algorithm; the numbers are torch's in any case.

    Raises:
        InvalidArgumentError: when integers are wanted and there is no limit.

    Example:
        >>> bool((stateless_uniform([3], [1, 2]) == stateless_uniform([3], [1, 3])).any())
        False

    Source: `tf.random.stateless_uniform`
    """
    return uniform_numbers(shape, minval, maxval, dtype, seeded(seed))


@operation("tf.random")
def stateless_categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any = "int64") -> Any:
    """Returns class numbers drawn with the probabilities that each row gives.

    Args:
        logits: unscaled logarithms of probabilities, (batch, classes).
        num_samples: how many draws to make for each row.
        seed: two integers.
        dtype: an integer type. Default: int64.

    Example:
        >>> stateless_categorical([[0.0, 100.0]], 2, [1, 2]).tolist()
        [[1, 1]]

    Source: `tf.random.stateless_categorical`
    """
    chances = torch.softmax(as_tensor(logits), -1)
    chosen = torch.multinomial(chances, integer(num_samples), replacement=True, generator=seeded(seed))
    return chosen.to(as_dtype(dtype).torch)


@operation("tf.random")
def stateless_shuffle(value: Any, seed: Any, alg: Any = "auto_select") -> Any:
    """Returns the rows of a tensor in random order.

    Args:
        value: a tensor.
        seed: two integers.
        alg: TensorFlow's algorithm; the order is torch's in any case.

    Example:
        >>> sorted(stateless_shuffle([1, 2, 3], [1, 2]).tolist())
        [1, 2, 3]

    Source: `tf.random.experimental.stateless_shuffle`
    """
    value, generator = as_tensor(value), seeded(seed)
    order = torch.randperm(value.shape[0], generator=generator, device=generator.device)
    return value[order.to(value.device)]


def split(seed: Any, num: int = 2, alg: Any = "auto_select") -> torch.Tensor:
    """Returns new pairs of seeds that follow from one.

    Args:
        seed: two integers.
        num: how many pairs. Default: 2.
        alg: TensorFlow's algorithm, without meaning here.

    Example:
        >>> split([1, 2], num=3).shape
        torch.Size([3, 2])

    Source: `tf.random.split`
    """
    return uniform_numbers([num, 2], None, None, "int32", seeded(seed))


def fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> torch.Tensor:
    """Returns a new pair of seeds that follows from one and a number.

    Args:
        seed: two integers.
        data: an integer.
        alg: TensorFlow's algorithm, without meaning here.

    Example:
        >>> bool((fold_in([1, 2], 3) == fold_in([1, 2], 4)).all())
        False

    Source: `tf.random.fold_in`
    """
    first, second = integers(seed)
    return uniform_numbers([2], None, None, "int32", seeded([_mix(first, second), integer(data)]))
