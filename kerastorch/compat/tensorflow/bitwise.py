"""`tf.bitwise`: the bits of integers.

Example:
    >>> bitwise_and([6, 5], 3).tolist()
    [2, 1]
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.pointwise import binary, unary

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"]

bitwise_and = binary("bitwise_and", torch.bitwise_and, "the bits that both have", (6, 3), 2, "tf.bitwise")
bitwise_or = binary("bitwise_or", torch.bitwise_or, "the bits that one has", (6, 3), 7, "tf.bitwise")
bitwise_xor = binary("bitwise_xor", torch.bitwise_xor, "the bits that only one has", (6, 3), 5, "tf.bitwise")
left_shift = binary("left_shift", torch.bitwise_left_shift, "the bits moved up", (3, 2), 12, "tf.bitwise")
right_shift = binary(
    "right_shift", torch.bitwise_right_shift, "the bits moved down", (12, 2), 3, "tf.bitwise"
)
invert = unary("invert", torch.bitwise_not, "the other bits", 5, -6, "tf.bitwise")


def __getattr__(name: str) -> Any:
    raise missing("tf.bitwise", name)
