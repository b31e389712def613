"""Normalization: tensors with a mean near 0 and a size near 1."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from kerastorch import config
from kerastorch.core.synchronization import joint_moments, several_processes
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import HALF, floating, like, op, tensor
from kerastorch.ops.base import axes as as_axes
from kerastorch.ops.plans import planned

_nn = op("keras.ops.nn")


@_nn
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> Any:
    """Returns the mean and the variance along axes.

    Args:
        x: a tensor, array or list.
        axes: an axis or a sequence of them.
        keepdims: whether the axes stay, with length one.
        synchronized: whether the moments are those of the tensors of all processes of `torch.distributed` together.

    Returns:
        A tuple `(mean, variance)`.

    Raises:
        InvalidArgumentError: when there is no such axis.

    Example:
        >>> [v.item() for v in moments([1.0, 3.0], axes=[0])]
        [2.0, 1.0]

    Source: `keras.ops.moments`, `torch.var_mean`.
    """
    x = floating(x)
    exact = x.float() if x.dtype in HALF else x
    variance, mean = torch.var_mean(exact, axes, correction=0, keepdim=keepdims)
    if synchronized and several_processes():
        count = torch.full_like(mean, x.numel() // max(mean.numel(), 1))
        mean, variance = joint_moments(mean, variance, count)
    if x is exact:
        return mean, variance
    limits = torch.finfo(x.dtype)
    return mean.to(x.dtype), variance.clamp(max=limits.max).to(x.dtype)


@_nn
def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """Returns a tensor with each channel shifted and scaled by given moments.

    Args:
        x: a float tensor.
        mean: what is subtracted from each channel, a vector.
        variance: the square of what each channel is divided by, a vector.
        axis: the axis of the channels.
        offset: what is added at the end, a vector or None.
        scale: the factor before, a vector or None.
        epsilon: what is added to the variance.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        ShapeError: when a vector has another length than the axis, or there is no such axis.

    Example:
        >>> batch_normalization([[3.0]], [1.0], [4.0], -1, [10.0], [2.0], 0.0).tolist()
        [[12.0]]

    Source: `keras.ops.batch_normalization`; Ioffe and Szegedy, 2015.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    channels = _channels(x.shape, axis)
    factor = torch.rsqrt(_along("variance", variance, x, channels) + epsilon)
    if scale is not None:
        factor = factor * _along("scale", scale, x, channels)
    y = x - _along("mean", mean, x, channels)
    y = y * factor if offset is None else torch.addcmul(_along("offset", offset, x, channels), y, factor)
    return y if y.dtype is x.dtype or not x.is_floating_point() else y.to(x.dtype)


class _Channels(NamedTuple):
    """The shape of a vector of one number for each channel, and one that is broadcast; None where the two are one."""

    shape: tuple[int]
    spread: tuple[int, ...] | None


@planned
def _channels(shape: Sequence[int], axis: int) -> _Channels:
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ShapeError(f"Axis {axis} is out of bounds for a tensor of shape {tuple(shape)}.")
    after = rank - 1 - axis % rank
    return _Channels((shape[axis],), (shape[axis], *[1] * after) if after else None)


def _along(name: str, vector: Any, x: torch.Tensor, channels: _Channels) -> torch.Tensor:
    """A vector as a tensor that is broadcast along the axis of the channels."""
    if not isinstance(vector, torch.Tensor):
        vector = tensor(vector).to(x.device)
    shape, spread = channels
    if vector.shape != shape:
        raise ShapeError(
            f"`{name}` must be a vector of length `x.shape[axis]`, {shape[0]}. "
            f"Received: a tensor of shape {tuple(vector.shape)}."
        )
    return vector if spread is None else vector.view(spread)


class _Place(NamedTuple):
    """Where the normalized axes are: their sizes, and how they get to the end and back."""

    sizes: tuple[int, ...]
    moved: tuple[tuple[int, ...], tuple[int, ...]] | None


@planned
def _place(axis: Any, shape: Sequence[int]) -> _Place:
    chosen, rank = as_axes(axis, len(shape)), len(shape)
    last = tuple(range(rank - len(chosen), rank))
    return _Place(tuple(shape[a] for a in chosen), None if chosen == last else (chosen, last))


def _exact(x: torch.Tensor, place: _Place) -> torch.Tensor:
    """The numbers in at least float32 with the normalized axes last."""
    exact = x if x.dtype is torch.float32 or x.dtype is torch.float64 else x.float()
    return exact if place.moved is None else exact.movedim(*place.moved)


def _finished(y: torch.Tensor, place: _Place, x: torch.Tensor) -> torch.Tensor:
    """A result in the order and type of the input."""
    y = y if place.moved is None else y.movedim(place.moved[1], place.moved[0])
    return y if y.dtype is x.dtype else y.to(x.dtype)


def _weight(weight: Any, values: torch.Tensor, sizes: tuple[int, ...]) -> torch.Tensor | None:
    """A weight in the type of the values and the shape of the normalized axes."""
    if weight is None:
        return None
    if isinstance(weight, torch.Tensor) and weight.dtype is values.dtype and weight.shape == sizes:
        return weight
    return tensor(weight).to(values).reshape(sizes)


@_nn
def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Any:
    """Returns a tensor whose values along axes have a mean near 0 and a variance near 1, scaled and shifted.

    Args:
        x: a tensor.
        gamma: the factor, with the shape of the normalized axes; None for none.
        beta: what is added at the end, with the same shape; None for nothing.
        axis: the axis or axes to normalize over.
        epsilon: what is added to the variance; None takes `epsilon()` of the configuration.
        **kwargs: the deprecated `rms_scaling`, which divides by the standard deviation without taking the mean away.

    Returns:
        A tensor of the shape and type of `x`.

    Raises:
        InvalidArgumentError: when an axis or an argument does not exist, or shapes do not fit.

    Example:
        >>> layer_normalization([1.0, 3.0], epsilon=0.0).tolist()
        [-1.0, 1.0]

    Source: `keras.ops.layer_normalization`, `torch.nn.functional.layer_norm`; Ba et al., 2016.
    """
    rms_scaling = bool(kwargs) and kwargs.pop("rms_scaling", False)
    if kwargs:
        raise InvalidArgumentError(f"There are no such arguments: {sorted(kwargs)}.")
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    epsilon = config.epsilon() if epsilon is None else epsilon
    place = _place(axis, x.shape)
    sizes, is_ready = place.sizes, place.moved is None and x.dtype is torch.float32
    values = x if is_ready else _exact(x, place)
    factor, shift = _weight(gamma, values, sizes), _weight(beta, values, sizes)
    if rms_scaling:
        warnings.warn(
            "You passed `rms_scaling=True`, which is deprecated: it divides by the standard deviation. "
            "Use `keras.ops.rms_normalization`.",
            stacklevel=3,
        )
        y = values * torch.rsqrt(
            values.var(tuple(range(-len(sizes), 0)), correction=0, keepdim=True) + epsilon
        )
        y = y if factor is None else y * factor
    else:
        y = torch.layer_norm(values, sizes, factor, shift, epsilon)
    return y if is_ready else _finished(y, place, x)


@_nn
def rms_normalization(
    x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Any:
    """Returns a tensor divided by the root of the mean square along axes, then scaled.

    Args:
        x: a tensor.
        scale: the factor, which is broadcast to the shape of `x`; None for none.
        axis: the axis or axes to normalize over.
        epsilon: what is added to the mean square; None takes `epsilon()` of the configuration.

    Returns:
        A tensor of the shape and type of `x`.

    Raises:
        InvalidArgumentError: when an axis does not exist, or shapes do not fit.

    Example:
        >>> rms_normalization([3.0, -3.0], epsilon=0.0).tolist()
        [1.0, -1.0]

    Source: `keras.ops.rms_normalization`, `torch.nn.functional.rms_norm`; Zhang and Sennrich, 2019.
    """
    x = tensor(x)
    x = x if x.ndim else x.reshape(1)
    place = _place(axis, x.shape)
    least = config.epsilon() if epsilon is None else epsilon
    values = _exact(x, place)
    if (
        isinstance(scale, torch.Tensor)
        and scale.shape == place.sizes
        and scale.dtype is values.dtype is x.dtype
    ):
        y = torch.rms_norm(values, place.sizes, scale, least)
        return y if place.moved is None else _finished(y, place, x)
    y = torch.rms_norm(values, place.sizes, None, least)
    if scale is not None and place.moved is None:
        y = y * like(scale, y)
    elif scale is not None:
        y = _finished(y, place, y) * like(scale, y)
        return y.to(x.dtype)
    return _finished(y, place, x)


@_nn
def normalize(x: Any, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """Returns a tensor divided by its norm along axes.

    Args:
        x: a tensor, array or list.
        axis: an axis or a sequence of them; None takes all.
        order: the exponent of the norm, a positive integer.
        epsilon: the least number to divide by; None takes `epsilon()` of the configuration.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: when the order is no positive integer, or there is no such axis.

    Example:
        >>> normalize([3.0, 4.0]).tolist()
        [0.6000000238418579, 0.800000011920929]

    Source: `keras.ops.normalize`, `torch.nn.functional.normalize`.
    """
    if not isinstance(order, int) or order < 1:
        raise InvalidArgumentError(f"Argument `order` must be an int >= 1. Received: order={order}.")
    x = floating(x)
    x = x if x.ndim else x.reshape(1)
    exact = x.float() if x.dtype in HALF else x
    least = config.epsilon() if epsilon is None else epsilon
    over = as_axes(axis, x.ndim)
    if order == 2:
        factor = torch.clamp(torch.rsqrt(torch.sum(exact * exact, over, keepdim=True)), max=1.0 / least)
        return exact * factor if exact is x else (exact * factor).to(x.dtype)
    norm = torch.linalg.vector_norm(exact, order, over, keepdim=True)
    return (exact / torch.clamp(norm, min=least)).to(x.dtype)
