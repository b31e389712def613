"""Truth values, and tests of numbers."""

from __future__ import annotations

import torch

from kerastorch.ops.numpy.pointwise import alike, binary, unary

logical_and = binary(
    "logical_and", torch.logical_and, "whether both hold", ([True, True], [True, False]), [True, False], alike
)
logical_or = binary(
    "logical_or",
    torch.logical_or,
    "whether one or both hold",
    ([True, False], [False, False]),
    [True, False],
    alike,
)
logical_xor = binary(
    "logical_xor",
    torch.logical_xor,
    "whether just one holds",
    ([True, True], [True, False]),
    [False, True],
    alike,
)
logical_not = unary(
    "logical_not", torch.logical_not, "whether it does not hold", [True, False], [False, True]
)
isfinite = unary(
    "isfinite", torch.isfinite, "whether a number is neither infinite nor NaN", [1.0, 2.0], [True, True]
)
isinf = unary("isinf", torch.isinf, "whether a number is infinite", [1.0, -2.0], [False, False])
isnan = unary("isnan", torch.isnan, "whether a number is NaN", [1.0, -2.0], [False, False])
isneginf = unary(
    "isneginf", torch.isneginf, "whether a number is minus infinity", [1.0, -2.0], [False, False]
)
isposinf = unary("isposinf", torch.isposinf, "whether a number is infinity", [1.0, -2.0], [False, False])
isreal = unary("isreal", torch.isreal, "whether the imaginary part is 0", [1 + 0j, 2j], [True, False])
signbit = unary("signbit", torch.signbit, "whether the sign is negative", [-1.0, 2.0], [True, False])
