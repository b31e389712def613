"""Random numbers and random changes of tensors.

Every function takes `seed`: an integer gives the same numbers on each call, a `SeedGenerator` gives other numbers on
each call, and None draws from torch's global generator, the one that `torch.manual_seed` and `set_random_seed` seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.overrides import handle_torch_function, has_torch_function

from kerastorch.config import floatx
from kerastorch.core.arrays import as_tensor
from kerastorch.core.devices import current_device
from kerastorch.core.draws import filled
from kerastorch.core.seeds import SeedGenerator, generator_for, set_random_seed
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import AxisError, InvalidArgumentError, ShapeError

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "set_random_seed",
    "shuffle",
    "truncated_normal",
    "uniform",
]

Seed = int | SeedGenerator | None
_TWO_SIGMA = math.erf(
    2.0 / math.sqrt(2.0)
)  # the share of a normal distribution within two standard deviations
_LOW_PRECISION = (torch.float16, torch.bfloat16)


def _size(shape: Any) -> tuple[int, ...]:
    """The shape as a tuple of integers."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if isinstance(shape, str):
        raise ShapeError(f"A shape must be a tuple of integers. Received: shape={shape!r}.")
    if any(dim is None for dim in sizes):
        raise ShapeError(
            f"Random numbers need a shape without None. Received: shape={sizes}. Where the batch size is unknown, draw "
            "them in the `call` method of a layer."
        )
    return sizes


def _float_dtype(dtype: Any, what: str) -> torch.dtype:
    found = torch_dtype(floatx() if dtype is None else dtype)
    if not found.is_floating_point:
        raise InvalidArgumentError(
            f"`keras.random.{what}` requires a floating point `dtype`. Received: dtype={standardize_dtype(dtype)!r}."
        )
    return found


def _factor(value: Any, like: torch.Tensor) -> Any:
    """A number as it is, an array as a tensor beside `like`."""
    return as_tensor(value, device=like.device) if isinstance(value, (np.ndarray, list, tuple)) else value


def _affine(x: torch.Tensor, scale: Any, shift: Any) -> torch.Tensor:
    return x.mul_(_factor(scale, x)).add_(_factor(shift, x))


def _spread(value: Any, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """A parameter of a distribution as a float tensor of the result's shape."""
    tensor = as_tensor(value, device=device)
    tensor = tensor if tensor.dtype == torch.float64 else tensor.float()
    try:
        return tensor.expand(shape)
    except RuntimeError as error:
        raise ShapeError(
            f"A parameter of shape {tuple(tensor.shape)} cannot be broadcast to shape={shape}."
        ) from error


def normal(
    shape: Sequence[int], mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Seed = None
) -> torch.Tensor:
    """Returns numbers drawn from a normal distribution.

    Args:
        shape: the shape of the result.
        mean: the mean, a number or a tensor that broadcasts to `shape`.
        stddev: the standard deviation, a number or a tensor that broadcasts to `shape`.
        dtype: a float type; None takes `floatx()`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device.

    Raises:
        InvalidArgumentError: when `dtype` is no float type, or `seed` is no seed.
        ShapeError: when `shape` contains None.

    Example:
        >>> normal((2, 3), seed=1).shape
        torch.Size([2, 3])

    Source: `keras.random.normal`, `torch.randn`.
    """
    kind, device = _float_dtype(dtype, "normal"), current_device()
    x = torch.randn(_size(shape), generator=generator_for(seed, device), dtype=kind, device=device)
    return _affine(x, stddev, mean)


def truncated_normal(
    shape: Sequence[int], mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Seed = None
) -> torch.Tensor:
    """Returns numbers drawn from a normal distribution cut off two standard deviations from its mean.

    Args:
        shape: the shape of the result.
        mean: the mean before cutting, a number or a tensor.
        stddev: the standard deviation before cutting, a number or a tensor; that of the result is 0.8796 times it.
        dtype: a float type; None takes `floatx()`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device.

    Raises:
        InvalidArgumentError: when `dtype` is no float type, or `seed` is no seed.
        ShapeError: when `shape` contains None.

    Example:
        >>> bool(truncated_normal((1000,), stddev=0.5, seed=1).abs().max() <= 1.0)
        True

    Source: `keras.random.truncated_normal`; the inverse of the distribution function, as in
    `torch.nn.init.trunc_normal_`.
    """
    kind, device = _float_dtype(dtype, "truncated_normal"), current_device()
    draws = torch.empty(_size(shape), dtype=torch.float32 if kind in _LOW_PRECISION else kind, device=device)
    draws.uniform_(-_TWO_SIGMA, _TWO_SIGMA, generator=generator_for(seed, device))
    x = draws.erfinv_().mul_(math.sqrt(2.0)).clamp_(-2.0, 2.0)
    return _affine(x, stddev, mean).to(kind)


def uniform(
    shape: Sequence[int], minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Seed = None
) -> torch.Tensor:
    """Returns numbers drawn evenly from `minval` (included) to `maxval` (excluded).

    Args:
        shape: the shape of the result.
        minval: the lower bound, a number or a tensor.
        maxval: the upper bound, a number or a tensor.
        dtype: a float type; None takes `floatx()`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device.

    Raises:
        InvalidArgumentError: when `dtype` is no float type, or `seed` is no seed.
        ShapeError: when `shape` contains None.

    Example:
        >>> x = uniform((100,), -2.0, 3.0, seed=1)
        >>> bool(x.min() >= -2.0) and bool(x.max() < 3.0)
        True

    Source: `keras.random.uniform`, `torch.rand`.
    """
    kind, device = _float_dtype(dtype, "uniform"), current_device()
    x = torch.rand(_size(shape), generator=generator_for(seed, device), dtype=kind, device=device)
    low = _factor(minval, x)
    return _affine(x, _factor(maxval, x) - low, low)


def randint(
    shape: Sequence[int], minval: int, maxval: int, dtype: Any = "int32", seed: Seed = None
) -> torch.Tensor:
    """Returns integers drawn evenly from `minval` (included) to `maxval` (excluded).

    Args:
        shape: the shape of the result.
        minval: the smallest integer.
        maxval: one more than the largest integer.
        dtype: an integer type.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device.

    Raises:
        InvalidArgumentError: when `dtype` is no integer type, the range is empty, or `seed` is no seed.
        ShapeError: when `shape` contains None.

    Example:
        >>> x = randint((50,), 0, 3, seed=1)
        >>> sorted(set(x.tolist()))
        [0, 1, 2]

    Source: `keras.random.randint`, `torch.randint`.
    """
    name, device = standardize_dtype("int32" if dtype is None else dtype), current_device()
    if "int" not in name:
        raise InvalidArgumentError(
            f"`keras.random.randint` requires an integer `dtype`. Received: dtype={name!r}."
        )
    low, high = int(minval), int(maxval)
    if low >= high:
        raise InvalidArgumentError(f"`minval` must be below `maxval`. Received: {minval=}, {maxval=}.")
    generator = generator_for(seed, device)
    return torch.randint(low, high, _size(shape), generator=generator, dtype=torch_dtype(name), device=device)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None) -> torch.Tensor:
    """Returns class numbers drawn with the probabilities that each row of `logits` gives.

    Args:
        logits: unnormalised log-probabilities, shape `(B, C)`.
        num_samples: how many draws to make for each row.
        dtype: an integer type.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `(B, num_samples)` with values from 0 to C - 1.

    Raises:
        ShapeError: when `logits` does not have two axes.
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> categorical([[0.0, 100.0]], 3, seed=1).tolist()
        [[1, 1, 1]]

    Source: `keras.random.categorical`, `torch.multinomial`.
    """
    if has_torch_function((logits,)):
        return handle_torch_function(categorical, (logits,), logits, num_samples, dtype=dtype, seed=seed)
    logits = as_tensor(logits, device=None if torch.is_tensor(logits) else current_device())
    if logits.ndim != 2:
        raise ShapeError(
            "`logits` should be a 2-D tensor with shape [batch_size, num_classes]. "
            f"Received: logits.shape={tuple(logits.shape)}."
        )
    generator = generator_for(seed, logits.device)
    chosen = torch.multinomial(torch.softmax(logits, -1), num_samples, replacement=True, generator=generator)
    return chosen.to(torch_dtype(dtype))


def dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Seed = None
) -> torch.Tensor:
    """Returns the inputs with a share of them set to zero and the others scaled up by `1 / (1 - rate)`.

    Args:
        inputs: a float tensor of any shape.
        rate: the share to drop, from 0 to 1.
        noise_shape: the shape of the mask, which broadcasts to that of `inputs`; None in it takes the size of the
            input. None drops every number on its own.
        seed: an integer, a `SeedGenerator`, or None. None and a `SeedGenerator` without a seed of its own draw from
            torch's global generator, the fastest way.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        InvalidArgumentError: when `rate` is not from 0 to 1, or `seed` is no seed.
        ShapeError: when `noise_shape` has another number of axes than `inputs`.

    Example:
        >>> sorted(set(dropout(torch.ones(100), 0.5, seed=1).tolist()))
        [0.0, 2.0]

    Source: `keras.random.dropout`, `torch.nn.functional.dropout`; Srivastava et al., 2014.
    """
    if not 0.0 <= rate <= 1.0:
        raise InvalidArgumentError(f"`rate` must be a number from 0 to 1. Received: rate={rate!r}.")
    if not hasattr(inputs, "__torch_function__"):
        inputs = as_tensor(inputs, device=current_device())
    if rate == 0.0:
        return inputs
    if isinstance(seed, SeedGenerator) and seed._initial_seed is None:
        seed = None
    if seed is None and noise_shape is None:
        return torch.nn.functional.dropout(inputs, rate, True)
    if has_torch_function((inputs,)):
        return handle_torch_function(dropout, (inputs,), inputs, rate, noise_shape=noise_shape, seed=seed)
    if rate == 1.0:
        return torch.zeros_like(inputs)
    keep = 1.0 - rate
    mask = filled(inputs.new_empty(noise_size(inputs, noise_shape)), "bernoulli_", keep, seed=seed)
    return inputs * mask.div_(keep)


def noise_size(inputs: torch.Tensor, noise_shape: Sequence[int | None] | None) -> tuple[int, ...]:
    """Returns the shape of the mask that `noise_shape` asks of `dropout` for some inputs.

    Raises:
        ShapeError: when `noise_shape` has another number of axes than `inputs`.
    """
    shape = tuple(inputs.shape)
    if noise_shape is None:
        return shape
    given = tuple(noise_shape)
    if len(given) != len(shape):
        raise ShapeError(
            f"Argument `noise_shape` must have as many axes as the inputs, {len(shape)}. Received: noise_shape={given} "
            f"for inputs of shape {shape}."
        )
    return tuple(size if dim is None else dim for dim, size in zip(given, shape, strict=True))


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> torch.Tensor:
    """Returns the slices of a tensor along one axis in random order; what lies within a slice stays together.

    Args:
        x: a tensor of any shape.
        axis: the axis whose order changes.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: when `seed` is no seed.
        AxisError: when `x` has no such axis.

    Example:
        >>> sorted(shuffle(torch.arange(5), seed=1).tolist())
        [0, 1, 2, 3, 4]

    Source: `keras.random.shuffle` (as it is on TensorFlow), `torch.randperm`.
    """
    if has_torch_function((x,)):
        return handle_torch_function(shuffle, (x,), x, axis=axis, seed=seed)
    x = as_tensor(x, device=None if torch.is_tensor(x) else current_device())
    if not -x.ndim <= axis < x.ndim:
        raise AxisError(f"`shuffle` received axis={axis} for a tensor of shape {tuple(x.shape)}.")
    order = torch.randperm(x.shape[axis], generator=generator_for(seed, x.device), device=x.device)
    return x.index_select(axis, order)


def gamma(shape: Sequence[int], alpha: Any, dtype: Any = None, seed: Seed = None) -> torch.Tensor:
    """Returns numbers drawn from a gamma distribution of rate one.

    Args:
        shape: the shape of the result.
        alpha: the shape parameter, a positive number or a tensor that broadcasts to `shape`.
        dtype: a float type; None takes `floatx()`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device.

    Raises:
        InvalidArgumentError: when `dtype` is no float type, or `seed` is no seed.
        ShapeError: when `shape` contains None, or `alpha` does not broadcast to it.

    Example:
        >>> bool((gamma((5,), 2.0, seed=1) > 0).all())
        True

    Source: `keras.random.gamma`, `torch.distributions.Gamma`.
    """
    kind, device = _float_dtype(dtype, "gamma"), current_device()
    draws = torch._standard_gamma(_spread(alpha, _size(shape), device), generator_for(seed, device))
    return draws.clamp_(min=torch.finfo(draws.dtype).tiny).to(kind)


def binomial(
    shape: Sequence[int], counts: Any, probabilities: Any, dtype: Any = None, seed: Seed = None
) -> torch.Tensor:
    """Returns numbers of successes, drawn from binomial distributions.

    Args:
        shape: the shape of the result.
        counts: the number of trials, a number or a tensor that broadcasts to `shape`.
        probabilities: the probability of success of one trial, from 0 to 1.
        dtype: a float type; None takes `floatx()`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device.

    Raises:
        InvalidArgumentError: when `dtype` is no float type, or `seed` is no seed.
        ShapeError: when `shape` contains None, or a parameter does not broadcast to it.

    Example:
        >>> binomial((3,), 4, 1.0, seed=1).tolist()
        [4.0, 4.0, 4.0]

    Source: `keras.random.binomial`, `torch.binomial`.
    """
    kind, device = _float_dtype(dtype, "binomial"), current_device()
    size = _size(shape)
    counts, chances = _spread(counts, size, device), _spread(probabilities, size, device)
    wide = torch.promote_types(counts.dtype, chances.dtype)
    return torch.binomial(counts.to(wide), chances.to(wide), generator_for(seed, device)).to(kind)


def beta(shape: Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None) -> torch.Tensor:
    """Returns numbers drawn from a beta distribution.

    Args:
        shape: the shape of the result.
        alpha: the first parameter, a positive number or a tensor that broadcasts to `shape`.
        beta: the second parameter, likewise.
        dtype: a float type; None takes `floatx()`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Returns:
        A tensor of shape `shape` on the current device, with values from 0 to 1.

    Raises:
        InvalidArgumentError: when `dtype` is no float type, or `seed` is no seed.
        ShapeError: when `shape` contains None, or a parameter does not broadcast to it.

    Example:
        >>> x = beta((5,), 2.0, 3.0, seed=1)
        >>> bool((x > 0).all()) and bool((x < 1).all())
        True

    Source: `keras.random.beta`, `torch.distributions.Beta`.
    """
    kind, device = _float_dtype(dtype, "beta"), current_device()
    size = _size(shape)
    pair = torch.broadcast_tensors(_spread(alpha, size, device), _spread(beta, size, device))
    draws = torch._sample_dirichlet(torch.stack(pair, -1), generator_for(seed, device))
    return draws[..., 0].to(kind)
