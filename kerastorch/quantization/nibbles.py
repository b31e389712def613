"""Two integers of four bits in one byte, and back."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError


def pack_int4(arr: Any, axis: int = 0, dtype: str = "int8") -> tuple[torch.Tensor, tuple[int, ...], int]:
    """Puts each two neighbours along an axis into one byte, the first into its lower half.

    Args:
        arr: integers from -8 to 7, or from 0 to 15.
        axis: the axis along which neighbours share a byte; one of odd size is filled up with a 0. Default: 0.
        dtype: the type of `arr` and of the bytes, `"int8"` or `"uint8"`. Default: `"int8"`.

    Returns:
        `(packed, shape of packed, size of the axis before)`.

    Raises:
        InvalidArgumentError: for another `dtype`.
        ArgumentTypeError: when `arr` has another type than `dtype`.

    Example:
        >>> packed, shape, size = pack_int4(torch.tensor([[-3, 7], [2, -8], [1, 0]], dtype=torch.int8))
        >>> packed.tolist(), shape, size
        ([[45, -121], [1, 0]], (2, 2), 3)

    Source: `keras.quantizers.pack_int4`.
    """
    kind = _byte(dtype)
    x = torch.as_tensor(arr)
    if x.dtype is not kind:
        raise ArgumentTypeError(f"Expected {dtype} tensor for packing, got {standardize_dtype(x.dtype)}.")
    axis %= x.ndim
    size = x.shape[axis]
    packed = x[_every_second(axis, 0)] & 15
    packed.narrow(axis, 0, size // 2).bitwise_or_((x[_every_second(axis, 1)] & 15) << 4)
    return packed, tuple(packed.shape), size


def unpack_int4(packed: Any, orig_len: int, axis: int = 0, dtype: str = "int8") -> torch.Tensor:
    """Returns the integers of four bits that `pack_int4` put into bytes.

    Args:
        packed: bytes, int8 or uint8.
        orig_len: the size of the axis before.
        axis: the axis along which neighbours share a byte. Default: 0.
        dtype: `"int8"` for integers from -8 to 7, `"uint8"` for 0 to 15. Default: `"int8"`.

    Returns:
        A tensor of type `dtype`, of size `orig_len` along the axis.

    Raises:
        InvalidArgumentError: for another `dtype`.
        ArgumentTypeError: when `packed` are no bytes.

    Example:
        >>> unpack_int4(torch.tensor([[45, -121], [1, 0]], dtype=torch.int8), 3).tolist()
        [[-3, 7], [2, -8], [1, 0]]

    Source: `keras.quantizers.unpack_int4`.
    """
    kind = _byte(dtype)
    x = torch.as_tensor(packed)
    if x.dtype not in (torch.int8, torch.uint8):
        raise ArgumentTypeError(
            f"Expected int8 or uint8 tensor for unpacking, got {standardize_dtype(x.dtype)}"
        )
    axis %= x.ndim
    halves = (
        torch.stack([x & 15, (x >> 4) & 15], dim=axis + 1).flatten(axis, axis + 1).narrow(axis, 0, orig_len)
    )
    return ((halves ^ 8) - 8).to(kind) if dtype == "int8" else halves.to(kind)


def _byte(dtype: str) -> torch.dtype:
    if dtype not in ("int8", "uint8"):
        raise InvalidArgumentError(f"Expected dtype to be 'int8' or 'uint8', but got '{dtype}'.")
    return torch_dtype(dtype)


def _every_second(axis: int, start: int) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, slice(start, None, 2))
