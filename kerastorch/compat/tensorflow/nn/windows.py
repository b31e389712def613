"""What convolution and pooling share: the arguments that TensorFlow takes, and its padding.

Legend: N batch, D, H, W spatial axes, C channels. TensorFlow's arrays are (N, *spatial, C) unless `data_format` puts
the channels second, as torch wants them.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.operation import integers
from kerastorch.core.spatial import same_padding
from kerastorch.errors import InvalidArgumentError, ShapeError


def per_axis(value: Any, rank: int, what: str, channels_first: bool = False) -> list[int]:
    """Returns an argument such as `strides` as one integer for each spatial axis.

    Args:
        value: one integer, one for each spatial axis, or one for every axis of the input. None stands for 1.
        rank: the number of spatial axes.
        what: the argument's name, for the error.
        channels_first: whether the channels are the second axis.

    Raises:
        InvalidArgumentError: when it has another length, or asks for steps along the batch or the channels.

    Example:
        >>> per_axis(2, 2, "strides"), per_axis([1, 2, 3, 1], 2, "strides")
        ([2, 2], [2, 3])
    """
    found = [1] if value is None else integers(value)
    if len(found) == 1:
        return found * rank
    if len(found) == rank + 2:
        outer = [found[0], found[1] if channels_first else found[-1]]
        if outer == [1, 1]:
            return found[2:] if channels_first else found[1:-1]
    elif len(found) == rank:
        return found
    raise InvalidArgumentError(
        f"`{what}` is one integer, {rank} of them, or {rank + 2} with ones for the batch and the channels. "
        f"Received: {what}={value!r}."
    )


def is_channels_first(data_format: str | None) -> bool:
    """Returns whether the channels are the second axis.

    Args:
        data_format: such as `"NHWC"` or `"NCHW"`; None stands for channels last.

    Raises:
        InvalidArgumentError: when it is no such name.

    Example:
        >>> is_channels_first("NCHW"), is_channels_first(None)
        (True, False)
    """
    if data_format is None or (data_format[:1] == "N" and data_format[-1:] == "C" and len(data_format) > 2):
        return False
    if data_format[:2] == "NC":
        return True
    raise InvalidArgumentError(f"Unknown data_format {data_format!r}. Expected for example 'NHWC' or 'NCHW'.")


def amounts(
    padding: Any, sizes: Any, windows: list[int], strides: list[int], channels_first: bool = False
) -> list[tuple[int, int]]:
    """Returns how much is added before and after each spatial axis.

    Args:
        padding: `"SAME"`, `"VALID"`, or a pair for every axis of the input.
        sizes: the lengths of the spatial axes.
        windows: the lengths of the window, with its dilation.
        strides: the steps of the window.
        channels_first: whether the channels are the second axis.

    Raises:
        InvalidArgumentError: when it is none of these.
        ShapeError: when a window does not fit.

    Example:
        >>> amounts("SAME", [5], [3], [1]), amounts("SAME", [4], [3], [2])
        ([(1, 1)], [(0, 1)])
    """
    if isinstance(padding, (list, tuple)) and len(padding) == len(windows) + 2:
        inner = padding[2:] if channels_first else padding[1:-1]
        return [(int(low), int(high)) for low, high in inner]
    mode = padding.upper() if isinstance(padding, str) else padding
    if mode == "SAME":
        return [same_padding(*axis) for axis in zip(sizes, windows, strides, strict=True)]
    if mode != "VALID":
        raise InvalidArgumentError(
            f"`padding` is 'SAME', 'VALID' or a pair for each axis. Received: padding={padding!r}."
        )
    if any(window > size for window, size in zip(windows, sizes, strict=True)):
        raise ShapeError(f"A window of size {windows} does not fit an input of size {list(sizes)}.")
    return [(0, 0)] * len(windows)


def padded(x: torch.Tensor, pairs: list[tuple[int, int]], value: float = 0.0) -> torch.Tensor:
    """Returns an input (N, C, *spatial) with numbers added around it.

    Args:
        x: the input.
        pairs: how many before and after each spatial axis.
        value: what is added. Default: 0.

    Example:
        >>> padded(torch.ones(1, 1, 2), [(0, 1)]).tolist()
        [[[1.0, 1.0, 0.0]]]
    """
    if not any(low or high for low, high in pairs):
        return x
    return F.pad(x, [number for pair in reversed(pairs) for number in pair], value=value)
