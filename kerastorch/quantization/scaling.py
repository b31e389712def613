"""Floating-point numbers as small integers: by the largest absolute value, or in groups with a zero point."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ShapeError

EPSILON = 1e-7  # Keras's default of `epsilon()`, which it reads once, when it is imported


def abs_max_quantize(
    inputs: Any,
    axis: Any,
    value_range: tuple[int, int] = (-127, 127),
    dtype: Any = "int8",
    epsilon: float = EPSILON,
    to_numpy: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scales numbers so that the largest absolute value becomes the largest integer, and rounds them.

    Args:
        inputs: a tensor of floating-point numbers.
        axis: the axis, or axes, along which numbers share a scale.
        value_range: the least and the largest integer. Default: (-127, 127).
        dtype: the type of the integers. Default: `"int8"`.
        epsilon: added to the largest absolute value, against a division by zero. Default: 1e-7.
        to_numpy: whether to compute on the host, which saves memory on the device.

    Returns:
        `(integers, scale)`: the numbers are about `integers / scale`.

    Example:
        >>> values, scale = abs_max_quantize(torch.tensor([[0.5, -1.0]]), axis=-1)
        >>> values.tolist(), scale.tolist()
        ([[63, -127]], [[126.99...]])

    Source: `keras.quantizers.abs_max_quantize`.
    """
    given = torch.as_tensor(inputs)
    x = given.detach().cpu().to(_on_host_type(given)) if to_numpy else given
    axes = (axis,) if isinstance(axis, int) else tuple(range(x.ndim)) if axis is None else tuple(axis)
    scale = over(value_range[1], torch.amax(torch.abs(x), dim=axes, keepdim=True) + epsilon)
    if not to_numpy:
        scale = scale.to(x.dtype)
    values = torch.round(x * scale).clamp(value_range[0], value_range[1]).to(torch_dtype(dtype))
    return values.to(given.device), scale.to(device=given.device, dtype=given.dtype)


def over(number: float, x: torch.Tensor) -> torch.Tensor:
    """Returns a number divided by tensors; torch's `number / x` multiplies by the reciprocal, which rounds twice.

    Args:
        number: a number.
        x: a tensor of floating-point numbers.

    Example:
        >>> over(1.0, torch.tensor([2.0, 4.0])).tolist()
        [0.5, 0.25]
    """
    return torch.full((), number, dtype=x.dtype, device=x.device) / x


def _on_host_type(x: torch.Tensor) -> torch.dtype:
    """The type in which NumPy divides; it has no bfloat16 of its own."""
    return torch.promote_types(x.dtype, torch.float16)


def abs_max_quantize_grouped_with_zero_point(
    inputs: Any,
    block_size: int,
    value_range: tuple[int, int] = (-8, 7),
    dtype: Any = "int8",
    epsilon: float = EPSILON,
    to_numpy: bool = False,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Turns the columns of a matrix into integers; each group of rows has a scale and a zero point of its own.

    Args:
        inputs: a tensor `(rows, columns)` of floating-point numbers.
        block_size: the rows of a group.
        value_range: the least and the largest integer. Default: (-8, 7).
        dtype: the type of the integers. Default: `"int8"`.
        epsilon: added to the range of a group, against a division by zero. Default: 1e-7.
        to_numpy: whether to compute on the host, which saves memory on the device. The last group is then filled up
            with zeros, and a group of equal numbers keeps its range.

    Returns:
        `(integers, scale, zero_point)`, of shapes `(rows, columns)` and twice `(groups, columns)`: the numbers are
        about `(integers - zero_point) * scale`.

    Raises:
        ShapeError: when `inputs` is no matrix.

    Example:
        >>> values, scale, zero = abs_max_quantize_grouped_with_zero_point(torch.rand(6, 3), block_size=4)
        >>> values.shape, scale.shape, zero.dtype
        (torch.Size([6, 3]), torch.Size([2, 3]), torch.int8)

    Source: `keras.quantizers.abs_max_quantize_grouped_with_zero_point`.
    """
    given = torch.as_tensor(inputs)
    if given.ndim != 2:
        raise ShapeError(f"Expected a matrix. Received: shape {tuple(given.shape)}.")
    x = given.detach().cpu() if to_numpy else given
    low, high = value_range
    rows, columns = x.shape
    groups = math.ceil(rows / block_size)
    grouped = F.pad(x, (0, 0, 0, groups * block_size - rows)).view(groups, block_size, columns)
    if to_numpy:
        least = grouped.amin(1)
        spread = grouped.amax(1) - least + epsilon
        scale = spread.to(_on_host_type(x)) / (high - low)
        zero = (torch.round(-least / scale) + low).clamp(low, high)
    else:
        bits = int(math.log2(high - low + 1))
        options: dict[str, Any] = {"epsilon": epsilon, "compute_dtype": given.dtype}
        scale, zero, _ = (
            x.t() for x in quantization_parameters(x.t(), bits, True, block_size, signed=True, **options)
        )
    values = (torch.round(grouped / scale[:, None]) + zero[:, None]).clamp(low, high).to(torch_dtype(dtype))
    values = values.view(-1, columns)[:rows]
    device = given.device
    return (
        values.to(device),
        scale.to(device=device, dtype=given.dtype),
        zero.to(device=device, dtype=torch.int8),
    )


def quantization_parameters(
    x: torch.Tensor,
    bits: int,
    per_channel: bool = False,
    group_size: int = -1,
    symmetric: bool = False,
    compute_dtype: Any = "float32",
    epsilon: float = 0.0,
    signed: bool = False,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns the scales, zero points and largest integer with which the rows of a matrix become integers.

    Args:
        x: a tensor `(outputs, inputs)`.
        bits: the bits of an integer.
        per_channel: whether each row has a scale of its own.
        group_size: the inputs that share a scale; -1 for all.
        symmetric: whether the range has 0 in its middle.
        compute_dtype: the type of the largest integer.
        epsilon: added to the range of numbers.
        signed: whether integers run from `-2**(bits - 1)`, not from 0.

    Raises:
        ShapeError: when the tensor is no matrix, or empty.

    Example:
        >>> [x.tolist() for x in quantization_parameters(torch.tensor([[0.0, 15.0]]), bits=4, per_channel=True)]
        [[[1.0]], [[0]], 15.0]
    """
    if x.ndim < 2 or not x.numel():
        raise ShapeError(
            f"A matrix of weights must have a rank of at least 2 and cannot be empty. Received: shape {tuple(x.shape)}."
        )
    outputs, inputs = x.shape[:2]
    groups = math.ceil(inputs / group_size) if per_channel and group_size > 0 else 1
    if groups > 1:
        x = F.pad(x, (0, groups * group_size - inputs)).view(outputs, groups, group_size)
    else:
        x = x.reshape(outputs if per_channel else 1, 1, -1)
    least, most = x.amin(2), x.amax(2)
    if symmetric:
        largest = torch.maximum(least.abs(), most)
        least, most = torch.where(least < 0, -largest, least), largest
    equal = least == most
    least, most = torch.where(equal, least - 1, least), torch.where(equal, most + 1, most)
    top = 2**bits - 1
    scale = (most - least + epsilon) / top
    scale = torch.where(scale <= 0, 1e-8, scale)
    zero = torch.full_like(scale, (top + 1) / 2) if symmetric else torch.round(-least / scale)
    if signed:
        half = 2 ** (bits - 1)
        zero = (zero - half).clamp(-half, half - 1)
    if not per_channel:
        scale, zero = scale.expand(outputs, 1), zero.expand(outputs, 1)
    largest_integer = torch.tensor(top, dtype=torch_dtype(compute_dtype), device=x.device)
    return scale, zero.to(torch.int8 if signed else torch.uint8), largest_integer


def dequantized(
    values: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor, groups: torch.Tensor, axis: int
) -> torch.Tensor:
    """Returns the numbers that integers in groups stand for.

    Args:
        values: integers.
        scale: the scales of the groups.
        zero: the zero points of the groups.
        groups: the group that each place along `axis` belongs to.
        axis: the axis of the groups in `scale` and `zero`.

    Example:
        >>> values, scale = torch.tensor([[3], [5]]), torch.tensor([[1.0], [0.5]])
        >>> dequantized(values, scale, torch.ones(2, 1), torch.tensor([0.0, 1.0]), axis=0).tolist()
        [[2.0], [2.0]]
    """
    index = groups.to(torch.int32)
    scales = torch.index_select(scale, axis, index)
    return (values - torch.index_select(zero, axis, index).to(scales.dtype)) * scales
