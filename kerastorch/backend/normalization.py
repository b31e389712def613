"""`keras.backend`: batches normalized with given or computed moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.ops.base import axes, op, tensor


def _along(value: Any, x: torch.Tensor, axis: int) -> Any:
    """Moments or weights of the channels in a shape that broadcasts with `x`; None stays None."""
    if value is None:
        return None
    value = tensor(value).to(x.device)
    shape = [1] * x.ndim
    shape[axis] = -1
    return value.reshape(shape) if value.ndim == 1 else value


@op("keras.backend")
def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> torch.Tensor:
    """Returns numbers less their mean, divided by their standard deviation, scaled and shifted.

    Args:
        x: a tensor.
        mean: the mean of each channel.
        var: the variance of each channel.
        beta: what is added for each channel; None for nothing.
        gamma: what each channel is multiplied by; None for nothing.
        axis: the axis of the channels.
        epsilon: is added to the variance.

    Returns:
        A tensor.

    Example:
        >>> batch_normalization([[1.0, 4.0]], [1.0, 2.0], [1.0, 4.0], [0.0, 0.0], [1.0, 1.0], epsilon=0.0).tolist()
        [[0.0, 1.0]]

    Source: `keras.backend.batch_normalization` of Keras 2.
    """
    x = tensor(x)
    mean, var, beta, gamma = (_along(value, x, axis) for value in (mean, var, beta, gamma))
    scale = torch.rsqrt(var + epsilon)
    scale = scale if gamma is None else scale * gamma
    return (x - mean) * scale if beta is None else (x - mean) * scale + beta


@op("keras.backend")
def normalize_batch_in_training(
    x: Any, gamma: Any, beta: Any, reduction_axes: Sequence[int], epsilon: float = 1e-3
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns numbers normalized by their own moments, and these.

    Args:
        x: a tensor.
        gamma: what each channel is multiplied by; None for nothing.
        beta: what is added for each channel; None for nothing.
        reduction_axes: the axes over which the moments are taken: all but that of the channels.
        epsilon: is added to the variance.

    Returns:
        The normalized tensor, and the mean and the variance of each channel.

    Example:
        >>> y, mean, variance = normalize_batch_in_training([[1.0], [3.0]], None, None, [0], 0.0)
        >>> y.tolist(), mean.tolist(), variance.tolist()
        ([[-1.0], [1.0]], [2.0], [1.0])

    Source: `keras.backend.normalize_batch_in_training` of Keras 2.
    """
    x = tensor(x)
    over = axes(reduction_axes, x.ndim)
    variance, mean = torch.var_mean(x, over, correction=0)
    if x.ndim == 4 and over == (
        0,
        1,
        2,
    ):  # here Keras 2 runs a kernel that returns the variance of an estimate
        count = x.numel() // x.shape[-1]
        estimate = variance * count / max(count - 1, 1)
    else:
        estimate = variance
    left = [axis for axis in range(x.ndim) if axis not in over]
    if len(left) == 1:
        return batch_normalization(x, mean, variance, beta, gamma, left[0], epsilon), mean, estimate
    shape = [1 if axis in over else size for axis, size in enumerate(x.shape)]

    def spread(value: Any) -> Any:
        return None if value is None else tensor(value).reshape(shape)

    normalized = batch_normalization(
        x, spread(mean), spread(variance), spread(beta), spread(gamma), epsilon=epsilon
    )
    return normalized, mean, estimate
