"""Training in 8-bit floating-point numbers: scales from the largest values of the last steps."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.dtypes import torch_dtype


def compute_float8_scale(amax: Any, scale: Any, dtype_max: Any, margin: int = 0) -> torch.Tensor:
    """Returns the scale by which numbers are divided, so that the largest is the largest that a type holds.

    Args:
        amax: the largest absolute value of the last steps.
        scale: the scale so far, which stays where `amax` is 0 or not finite.
        dtype_max: the largest value of the 8-bit type.
        margin: bits that are left free above. Default: 0.

    Returns:
        A tensor.

    Example:
        >>> compute_float8_scale(torch.tensor(896.0), torch.tensor(1.0), 448.0).item()
        2.0

    Source: `keras.quantizers.compute_float8_scale`, Transformer Engine of NVIDIA.
    """
    amax = torch.as_tensor(amax)
    inverse = torch.reciprocal(torch.as_tensor(scale))
    factor = torch.where(
        (amax > 0.0) & torch.isfinite(amax), torch.as_tensor(dtype_max) / amax / 2**margin, inverse
    )
    return torch.reciprocal(factor)


def compute_float8_amax_history(x: Any, amax_history: Any) -> torch.Tensor:
    """Returns the largest absolute values of the last steps with that of a new tensor in the first place.

    Args:
        x: the new tensor.
        amax_history: the values of the last steps, a tensor of one axis. The oldest is dropped.

    Returns:
        A tensor like `amax_history`.

    Example:
        >>> compute_float8_amax_history(torch.tensor([-7.0, 2.0]), torch.tensor([3.0, 4.0, 5.0])).tolist()
        [7.0, 5.0, 3.0]

    Source: `keras.quantizers.compute_float8_amax_history`.
    """
    x = torch.as_tensor(x)
    history = torch.as_tensor(amax_history)
    largest = torch.linalg.vector_norm(x, torch.inf).to(history.dtype)
    return torch.cat([largest.reshape(1), torch.roll(history, -1)[1:]])


def quantize_and_dequantize(
    inputs: Any, scale: Any, quantized_dtype: Any, compute_dtype: Any
) -> torch.Tensor:
    """Returns numbers as they are after a way through an 8-bit type and back.

    Args:
        inputs: a tensor.
        scale: what numbers are divided by on the way there.
        quantized_dtype: `"float8_e4m3fn"` or `"float8_e5m2"`.
        compute_dtype: the type of the result.

    Returns:
        A tensor of type `compute_dtype`.

    Example:
        >>> quantize_and_dequantize(torch.tensor([1.03, 500.0]), torch.tensor(1.0), "float8_e4m3fn", "float32").tolist()
        [1.0, 448.0]

    Source: `keras.quantizers.quantize_and_dequantize`.
    """
    x = torch.as_tensor(inputs)
    small, computed = torch_dtype(quantized_dtype), torch_dtype(compute_dtype)
    scale = torch.as_tensor(scale, dtype=computed)
    limit = torch.finfo(small).max
    return (x / scale).clamp(-limit, limit).to(small).to(computed) * scale
