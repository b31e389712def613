"""Indexing that goes backwards, which torch refuses: `x[::-1]`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def forwards(key: Any) -> tuple[list[int], Any]:
    """Returns the axes to flip, and the index that then takes what `key` takes without negative steps.

    Args:
        key: what stands between the brackets of `x[key]`.

    Example:
        >>> forwards((0, slice(None, None, -2)))
        ([1], (0, slice(None, None, 2)))
        >>> axes, key = forwards((..., slice(2, 0, -1)))
        >>> torch.arange(5).flip(axes)[key].tolist()
        [2, 1]
    """
    keys = key if isinstance(key, tuple) else (key,)
    axes = [axis for axis, k in zip(_axes(keys), keys, strict=True) if _goes_backwards(k)]
    return axes, tuple(_flipped(k) if _goes_backwards(k) else k for k in keys) if axes else key


def _goes_backwards(key: Any) -> bool:
    return isinstance(key, slice) and isinstance(key.step, (int, np.integer)) and bool(key.step < 0)


def _flipped(key: slice) -> slice:
    """The same elements of a flipped axis: place `i` becomes place `-1 - i`."""
    start, stop = (None if bound is None else -1 - bound for bound in (key.start, key.stop))
    return slice(start, stop, -key.step)


def _axes(keys: tuple) -> list[int]:
    """The axis that each key begins at, counted from the end for keys after an ellipsis."""
    widths = [_width(key) for key in keys]
    ellipsis = next((i for i, key in enumerate(keys) if key is Ellipsis), len(keys))
    return [sum(widths[:i]) if i < ellipsis else -sum(widths[i:]) for i in range(len(keys))]


def _width(key: Any) -> int:
    """How many axes a key takes."""
    if key is None or key is Ellipsis or isinstance(key, bool):
        return 0
    masks = isinstance(key, (torch.Tensor, np.ndarray)) and key.dtype in (torch.bool, np.bool_)
    return key.ndim if masks else 1
