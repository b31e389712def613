"""The bytes of arrays and tensors, piece by piece from where they lie: nothing is copied as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

Values = np.ndarray | torch.Tensor
_PIECE = 1 << 20  # bytes; small enough to stay in the processor's cache from its checksum to its write
_BLOCK = 1 << 21  # bytes that are copied at once where values do not lie in their order, or on another device


def stored_dtype(values: Values) -> np.dtype:
    """Returns the dtype that files have for an array or tensor; NumPy has no bfloat16, so that this is float32.

    Example:
        >>> stored_dtype(torch.ones(2, dtype=torch.bfloat16))
        dtype('float32')
    """
    if isinstance(values, np.ndarray):
        return values.dtype
    return on_host(values.new_empty(0, device="cpu")).dtype


def on_host(values: Values) -> np.ndarray:
    """Returns an array or tensor as an array, of the same memory where it can be.

    Example:
        >>> tensor = torch.zeros(2)
        >>> on_host(tensor)[0] = 3
        >>> tensor
        tensor([3., 0.])
    """
    if isinstance(values, np.ndarray):
        return values
    found = values.detach().cpu().resolve_conj().resolve_neg()
    return (found.float() if found.dtype is torch.bfloat16 else found).numpy()


def pieces(values: Values) -> Iterator[memoryview]:
    """Yields the bytes of an array or tensor in the order of its elements, the last axis first.

    Args:
        values: an array, or a tensor on any device. It must stay as it is meanwhile.

    Example:
        >>> [bytes(piece).decode() for piece in pieces(np.array([[b"a", b"b"], [b"c", b"d"]]).T)]
        ['acbd']
    """
    most = _BLOCK // stored_dtype(values).itemsize
    for block in [values] if _lies_ready(values) else parts(values, most):
        content = np.ascontiguousarray(on_host(block)).reshape(-1).view(np.uint8).data
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]


def parts(values: Any, most: int) -> Iterator[Any]:
    """Yields parts of an array or tensor that are one behind the other in the order of its elements.

    Args:
        values: an array or tensor.
        most: the largest number of elements in a part.

    Example:
        >>> [part.tolist() for part in parts(np.arange(6).reshape(3, 2), 4)]
        [[[0, 1], [2, 3]], [[4, 5]]]
        >>> [part.tolist() for part in parts(torch.arange(6).view(1, 6), 4)]
        [[0, 1, 2, 3], [4, 5]]
    """
    count = math.prod(values.shape)
    if count <= most:
        yield values
        return
    rows = most * len(values) // count
    if not rows:
        for row in values:
            yield from parts(row, most)
        return
    for start in range(0, len(values), rows):
        yield values[start : start + rows]


def _lies_ready(values: Values) -> bool:
    if isinstance(values, np.ndarray):
        return values.flags.c_contiguous
    return values.device.type == "cpu" and values.is_contiguous() and values.dtype is not torch.bfloat16
