"""Normalization, dropout and look-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import random
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operands, operation


@operation("tf.nn")
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float
) -> Any:
    """Returns a tensor shifted and scaled by given moments.

    Args:
        x: a float tensor.
        mean: what is subtracted.
        variance: the square of what is divided by.
        offset: what is added at the end, or None.
        scale: the factor before, or None.
        variance_epsilon: what is added to the variance.

    Example:
        >>> batch_normalization([3.0], [1.0], [4.0], [10.0], [2.0], 0.0).tolist()
        [12.0]

    Source: `tf.nn.batch_normalization`
    """
    x, mean, variance = operands(x, mean, variance)
    factor = torch.rsqrt(variance + variance_epsilon)
    factor = factor if scale is None else factor * as_tensor(scale).to(factor)
    result = x * factor - mean * factor
    return result if offset is None else result + as_tensor(offset).to(factor)


@operation("tf.nn")
def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False) -> Any:
    """Returns the mean and the variance along axes.

    Args:
        x: a float tensor.
        axes: the axes.
        shift: without meaning, as in TensorFlow 2.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tuple `(mean, variance)`.

    Example:
        >>> mean, variance = moments([1.0, 3.0], axes=[0])
        >>> float(mean), float(variance)
        (2.0, 1.0)

    Source: `tf.nn.moments`, `torch.var_mean`
    """
    variance, mean = torch.var_mean(as_tensor(x), integers(axes), correction=0, keepdim=keepdims)
    return mean, variance


@operation("tf.nn")
def weighted_moments(x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False) -> Any:
    """Returns the mean and the variance along axes of numbers that count differently.

    Args:
        x: a float tensor.
        axes: the axes.
        frequency_weights: the weights, of a shape that broadcasts to that of `x`.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tuple `(mean, variance)`.

    Example:
        >>> mean, variance = weighted_moments([1.0, 3.0], [0], [3.0, 1.0])
        >>> float(mean), float(variance)
        (1.5, 0.75)

    Source: `tf.nn.weighted_moments`
    """
    x, weights = operands(x, frequency_weights)
    axes, weights = integers(axes), weights.expand(x.shape)
    total = weights.sum(axes, keepdim=True)
    mean = (weights * x).sum(axes, keepdim=True) / total
    variance = (weights * (x - mean) ** 2).sum(axes, keepdim=True) / total
    if keepdims:
        return mean, variance
    gone = tuple(axes)
    return mean.squeeze(gone), variance.squeeze(gone)


@operation("tf.nn")
def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> Any:
    """Returns each number divided by a power of the squares of the channels around it.

    Args:
        input: images, (N, H, W, C).
        depth_radius: how many channels on each side count. Default: 5.
        bias: what is added to the sum of squares. Default: 1.
        alpha: the factor of the sum of squares. Default: 1.
        beta: the power. Default: 0.5.

    Example:
        >>> local_response_normalization([[[[0.0, 0.0]]]]).tolist()
        [[[[0.0, 0.0]]]]

    Source: `tf.nn.local_response_normalization`; Krizhevsky et al., 2012
    """
    x = as_tensor(input)
    width = 2 * depth_radius + 1
    squares = F.pad(x * x, (depth_radius, depth_radius)).unfold(-1, width, 1).sum(-1)
    return x / (bias + alpha * squares) ** beta


lrn = local_response_normalization


@operation("tf.nn")
def dropout(x: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Returns a tensor with a share of its numbers set to zero and the others scaled up.

    Args:
        x: a float tensor.
        rate: the share to drop, from 0 to 1.
        noise_shape: the shape of the mask, which broadcasts; None drops each number on its own.
        seed: an integer; None draws from torch's global generator.

    Example:
        >>> sorted(set(dropout(torch.ones(100), 0.5, seed=1).tolist()))
        [0.0, 2.0]

    Source: `tf.nn.dropout`, `torch.nn.functional.dropout`
    """
    return random.dropout(
        as_tensor(x), float(rate), None if noise_shape is None else integers(noise_shape), seed
    )


@operation("tf.nn")
def bias_add(value: Any, bias: Any, data_format: str | None = None) -> Any:
    """Returns a tensor with a bias added to each channel.

    Args:
        value: a tensor.
        bias: a number for each channel.
        data_format: where the channels are: `"NCHW"` and the like put them second. Default: last.

    Example:
        >>> bias_add([[1.0, 2.0]], [10.0, 20.0]).tolist()
        [[11.0, 22.0]]

    Source: `tf.nn.bias_add`
    """
    value, bias = operands(value, bias)
    if data_format is not None and data_format.startswith("NC") and len(data_format) > 2:
        bias = bias.reshape(-1, *[1] * (value.ndim - 2))
    return value + bias


@operation("tf.nn")
def embedding_lookup(params: Any, ids: Any, max_norm: float | None = None) -> Any:
    """Returns the rows of a table.

    Args:
        params: the table, (rows, ...).
        ids: the numbers of the rows.
        max_norm: the largest length of a row; longer ones are scaled down. None sets no limit.

    Example:
        >>> embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1]).tolist()
        [[3.0, 4.0]]

    Source: `tf.nn.embedding_lookup`, `torch.nn.functional.embedding`
    """
    if isinstance(params, Sequence) and len(params) == 1 and isinstance(params[0], torch.Tensor):
        params = params[0]
    table = as_tensor(params)
    index = as_tensor(ids).to(table.device, torch.int64)
    rows = F.embedding(index, table) if table.ndim == 2 else table[index]
    if max_norm is None:
        return rows
    axes = tuple(range(index.ndim, rows.ndim))
    length = torch.linalg.vector_norm(rows, dim=axes, keepdim=True)
    return rows * torch.clamp(max_norm / length, max=1.0)


@operation("tf.nn")
def in_top_k(targets: Any, predictions: Any, k: Any) -> Any:
    """Returns whether the right class is among those predicted best.

    Args:
        targets: the number of the right class of each sample.
        predictions: a score for each class, (batch, classes).
        k: how many classes are the best; those equal to the last of them count as well.

    Example:
        >>> in_top_k([0, 1], [[0.1, 0.9], [0.1, 0.9]], 1).tolist()
        [False, True]

    Source: `tf.math.in_top_k`
    """
    scores = as_tensor(predictions)
    right = torch.gather(scores, 1, as_tensor(targets).to(torch.int64).unsqueeze(1))
    return (scores > right).sum(1) < integer(k)


@operation("tf.nn")
def zero_fraction(value: Any) -> Any:
    """Returns the share of zeros.

    Args:
        value: a tensor.

    Example:
        >>> float(zero_fraction([0, 1, 0, 0]))
        0.75

    Source: `tf.math.zero_fraction`
    """
    return (as_tensor(value) == 0).to(torch.float32).mean()
