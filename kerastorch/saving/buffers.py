"""The bytes of arrays and tensors, piece by piece from where they lie: nothing is copied as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

Values = np.ndarray | torch.Tensor
_PIECE = 1 << 20  # bytes; small enough to stay in the processor's cache from its checksum to its write
_BLOCK = 1 << 24  # bytes that are copied at once where values do not lie in their order, or on another device


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
    for block in _blocks(values):
        content = np.ascontiguousarray(on_host(block)).reshape(-1).view(np.uint8).data
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]


def _blocks(values: Values) -> Iterator[Values]:
    """The whole, where its memory is what a file holds; parts of its first axis otherwise."""
    if _lies_ready(values):
        yield values
        return
    values = values.squeeze()
    if values.ndim == 0:
        yield values
        return
    bytes_a_row = stored_dtype(values).itemsize * int(np.prod(values.shape[1:]))
    rows = max(_BLOCK // max(bytes_a_row, 1), 1)
    for start in range(0, values.shape[0], rows):
        yield values[start : start + rows]


def _lies_ready(values: Values) -> bool:
    if isinstance(values, np.ndarray):
        return values.flags.c_contiguous
    return values.device.type == "cpu" and values.is_contiguous() and values.dtype is not torch.bfloat16
