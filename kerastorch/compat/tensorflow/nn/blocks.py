"""Exchanging channels and blocks of pixels."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow.operation import as_tensor, operation


@operation()
def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC") -> Any:
    """Returns images whose blocks of pixels have become channels.

    Args:
        input: images, (N, H, W, C).
        block_size: the height and width of a block, in pixels.
        data_format: `"NHWC"` or `"NCHW"`. Default: `"NHWC"`.

    Example:
        >>> space_to_depth([[[[1], [2]], [[3], [4]]]], 2).tolist()
        [[[[1, 2, 3, 4]]]]

    Source: `tf.nn.space_to_depth`
    """
    x, b = as_tensor(input), block_size
    x = x.permute(0, 2, 3, 1) if data_format == "NCHW" else x
    n, h, w, c = x.shape
    x = x.reshape(n, h // b, b, w // b, b, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h // b, w // b, b * b * c)
    return x.permute(0, 3, 1, 2) if data_format == "NCHW" else x


@operation()
def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC") -> Any:
    """Returns images whose channels have become blocks of pixels.

    Args:
        input: images, (N, H, W, C).
        block_size: the height and width of a block, in pixels.
        data_format: `"NHWC"` or `"NCHW"`. Default: `"NHWC"`.

    Example:
        >>> depth_to_space([[[[1, 2, 3, 4]]]], 2).tolist()
        [[[[1], [2]], [[3], [4]]]]

    Source: `tf.nn.depth_to_space`
    """
    x, b = as_tensor(input), block_size
    x = x.permute(0, 2, 3, 1) if data_format == "NCHW" else x
    n, h, w, c = x.shape
    depth = c // (b * b)
    x = x.reshape(n, h, w, b, b, depth).permute(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, depth)
    return x.permute(0, 3, 1, 2) if data_format == "NCHW" else x
