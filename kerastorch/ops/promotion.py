"""The torch type of a result of several operands, after Keras's rules."""

from __future__ import annotations

import functools
from typing import Any

import torch

from kerastorch.config import floatx
from kerastorch.dtypes import result_type, torch_dtype


@functools.cache
def result_dtype(*dtypes: torch.dtype) -> torch.dtype:
    """Returns the type of a result of tensors of some types, never one of 64 bits.

    Args:
        *dtypes: torch types.

    Example:
        >>> result_dtype(torch.int32, torch.float16), result_dtype(torch.int64)
        (torch.float16, torch.int32)
    """
    return torch_dtype(result_type(*dtypes))


def result_dtype_of(*values: Any) -> torch.dtype:
    """Returns the type of a result of tensors, arrays and Python numbers.

    Args:
        *values: what is combined; Python numbers only say whether the result has fractions.

    Example:
        >>> result_dtype_of(1, 2), result_dtype_of(1, 0.5), result_dtype_of(torch.ones(1, dtype=torch.float16), 0.5)
        (torch.int32, torch.float32, torch.float16)
    """
    kinds: list[Any] = [getattr(value, "dtype", type(value)) for value in values]
    return _resolved(floatx(), *kinds)


@functools.cache
def _resolved(_floatx: str, *kinds: Any) -> torch.dtype:
    return torch_dtype(result_type(*kinds))
