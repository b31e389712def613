"""Random numbers from the global generator, which `tf.random.set_seed` seeds, or from a seed."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import random
from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.core.devices import current_device
from kerastorch.core.seeds import generator_for, set_random_seed
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError


def set_seed(seed: int) -> None:
    """Seeds Python's, NumPy's and torch's global generators.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Raises:
        InvalidArgumentError: when it is no such integer.

    Example:
        >>> set_seed(7)
        >>> first = uniform([3])
        >>> set_seed(7)
        >>> bool((uniform([3]) == first).all())
        True

    Source: `tf.random.set_seed`; the numbers are torch's, not TensorFlow's
    """
    set_random_seed(seed)


def drawn(generator: torch.Generator | None, like: Any, kind: str, *settings: Any) -> torch.Tensor:
    """Fills an empty tensor with random numbers.

    Args:
        generator: where they come from; None for torch's global generator.
        like: the empty tensor.
        kind: the torch method that fills it, such as `"normal_"`.
        *settings: the arguments of that method.

    Example:
        >>> drawn(None, torch.empty(2), "uniform_", 0, 1).shape
        torch.Size([2])
    """
    return getattr(like, kind)(*settings, generator=generator)


def normal_numbers(
    shape: Any, mean: Any, stddev: Any, dtype: Any, generator: torch.Generator | None
) -> torch.Tensor:
    """Returns numbers drawn from a normal distribution.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation.
        dtype: a float type.
        generator: where they come from; None for torch's global generator.

    Example:
        >>> normal_numbers([2], 0.0, 1.0, "float32", None).shape
        torch.Size([2])
    """
    kind = torch_dtype(as_dtype(dtype).name)
    numbers = drawn(generator, torch.empty(integers(shape), dtype=kind, device=current_device()), "normal_")
    return numbers * stddev + mean


def uniform_numbers(
    shape: Any, minval: Any, maxval: Any, dtype: Any, generator: torch.Generator | None
) -> torch.Tensor:
    """Returns numbers drawn evenly from an interval, or integers where `dtype` is an integer type.

    Args:
        shape: the shape of the result.
        minval: the least number. Default: 0.
        maxval: the limit, excluded; None stands for 1, or for every integer of the type.
        dtype: the type.
        generator: where they come from; None for torch's global generator.

    Raises:
        InvalidArgumentError: when integers are wanted and there is no limit.

    Example:
        >>> uniform_numbers([2], 0, 10, "int32", None).dtype
        torch.int32
    """
    found, size = as_dtype(dtype), integers(shape)
    if not found.is_integer:
        high = 1 if maxval is None else maxval
        empty = torch.empty(size, dtype=found.torch, device=current_device())
        return drawn(generator, empty, "uniform_") * (high - minval) + minval
    if minval is None and maxval is None:
        limits = found.min, min(found.max, 2**63 - 2) + 1
    elif maxval is None:
        raise InvalidArgumentError(f"Must specify maxval for integer dtype {found.name}.")
    else:
        limits = int(minval or 0), int(maxval)
    return torch.randint(*limits, size, generator=generator, dtype=found.torch, device=current_device())


@operation("tf.random")
def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: int | None = None
) -> Any:
    """Returns numbers drawn from a normal distribution.

    Args:
        shape: the shape of the result.
        mean: the mean. Default: 0.
        stddev: the standard deviation. Default: 1.
        dtype: a float type. Default: float32.
        seed: an integer gives the same numbers on each call; None draws from the global generator.

    Example:
        >>> normal([2, 3], seed=1).shape
        torch.Size([2, 3])

    Source: `tf.random.normal`
    """
    return normal_numbers(shape, mean, stddev, dtype, generator_for(seed, current_device()))


@operation("tf.random")
def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: int | None = None
) -> Any:
    """Returns numbers drawn from a normal distribution cut off two standard deviations from its mean.

    Args:
        shape: the shape of the result.
        mean: the mean before cutting. Default: 0.
        stddev: the standard deviation before cutting. Default: 1.
        dtype: a float type. Default: float32.
        seed: an integer gives the same numbers on each call; None draws from the global generator.

    Example:
        >>> bool(truncated_normal([1000], seed=1).abs().max() <= 2)
        True

    Source: `tf.random.truncated_normal`
    """
    return random.truncated_normal(integers(shape), mean, stddev, as_dtype(dtype).name, seed)


@operation("tf.random")
def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", seed: int | None = None
) -> Any:
    """Returns numbers drawn evenly from `minval` (included) to `maxval` (excluded).

    Args:
        shape: the shape of the result.
        minval: the least number. Default: 0.
        maxval: the limit. Default: 1; integers need it.
        dtype: a float or an integer type. Default: float32.
        seed: an integer gives the same numbers on each call; None draws from the global generator.

    Raises:
        InvalidArgumentError: when integers are wanted and there is no limit.

    Example:
        >>> sorted(set(uniform([50], maxval=3, dtype="int32", seed=1).tolist()))
        [0, 1, 2]

    Source: `tf.random.uniform`
    """
    return uniform_numbers(shape, minval, maxval, dtype, generator_for(seed, current_device()))


@operation("tf.random")
def categorical(logits: Any, num_samples: Any, dtype: Any = "int64", seed: int | None = None) -> Any:
    """Returns class numbers drawn with the probabilities that each row gives.

    Args:
        logits: unscaled logarithms of probabilities, (batch, classes).
        num_samples: how many draws to make for each row.
        dtype: an integer type. Default: int64.
        seed: an integer gives the same numbers on each call; None draws from the global generator.

    Example:
        >>> categorical([[0.0, 100.0]], 3).tolist()
        [[1, 1, 1]]

    Source: `tf.random.categorical`, `torch.multinomial`
    """
    kind = "int64" if dtype is None else as_dtype(dtype).name
    return random.categorical(as_tensor(logits), integer(num_samples), kind, seed)


@operation("tf.random")
def shuffle(value: Any, seed: int | None = None) -> Any:
    """Returns the rows of a tensor in random order.

    Args:
        value: a tensor.
        seed: an integer gives the same order on each call; None draws from the global generator.

    Example:
        >>> sorted(shuffle([1, 2, 3]).tolist())
        [1, 2, 3]

    Source: `tf.random.shuffle`
    """
    return random.shuffle(as_tensor(value), seed=seed)


@operation("tf.random")
def gamma(shape: Any, alpha: Any, beta: Any = None, dtype: Any = "float32", seed: int | None = None) -> Any:
    """Returns numbers drawn from gamma distributions.

    Args:
        shape: how many numbers for each pair of parameters; its axes come first.
        alpha: the shape parameters.
        beta: the rates. Default: 1.
        dtype: a float type. Default: float32.
        seed: an integer gives the same numbers on each call; None draws from the global generator.

    Example:
        >>> gamma([10], [0.5, 1.5]).shape
        torch.Size([10, 2])

    Source: `tf.random.gamma`
    """
    kind = as_dtype(dtype).torch
    alpha, rate = torch.broadcast_tensors(
        as_tensor(alpha, kind), as_tensor(1.0 if beta is None else beta, kind)
    )
    size = [*integers(shape), *alpha.shape]
    return random.gamma(size, alpha, as_dtype(dtype).name, seed) / rate


@operation("tf.random")
def poisson(shape: Any, lam: Any, dtype: Any = "float32", seed: int | None = None) -> Any:
    """Returns numbers drawn from Poisson distributions.

    Args:
        shape: how many numbers for each rate; its axes come first.
        lam: the rates.
        dtype: the type. Default: float32.
        seed: an integer gives the same numbers on each call; None draws from the global generator.

    Example:
        >>> poisson([4], [0.0, 0.0]).tolist()[0]
        [0.0, 0.0]

    Source: `tf.random.poisson`, `torch.poisson`
    """
    rates = as_tensor(lam, "float32")
    rates = rates.expand([*integers(shape), *rates.shape])
    return torch.poisson(rates, generator_for(seed, rates.device)).to(as_dtype(dtype).torch)
