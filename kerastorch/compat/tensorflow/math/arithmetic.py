"""Arithmetic, powers, rounding and comparison, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor, operands, operation
from kerastorch.compat.tensorflow.pointwise import binary, unary
from kerastorch.errors import InvalidArgumentError

_WIDE_INTEGERS = (torch.int32, torch.int64, torch.uint32, torch.uint64)


def _true_quotient(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The quotient; TensorFlow gives that of wide integers as float64."""
    if x.dtype in _WIDE_INTEGERS and y.dtype in _WIDE_INTEGERS:
        return x.double() / y.double()
    return x / y


def _quotient_or_zero(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    zero = y == 0  # replaced before dividing, so that gradients stay finite
    return torch.where(zero, 0.0, x / torch.where(zero, 1, y)).to(torch.result_type(x, y))


def _product_or_zero(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.where(y == 0, 0, x * y).to(torch.result_type(x, y))


def _logarithm_or_zero(function: Any) -> Any:
    def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        zero = x == 0
        return torch.where(zero, 0.0, x * function(torch.where(zero, 1, y)))

    return product


def _sign(x: torch.Tensor) -> torch.Tensor:
    return torch.sgn(x)


def _truncated_quotient(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.div(x, y, rounding_mode="trunc")


def _half_to_even(x: torch.Tensor) -> torch.Tensor:
    return torch.round(x) if x.is_floating_point() else x


def _same(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x == y


def _different(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x != y


def _sum(x: Any, y: Any) -> Any:
    return x + y  # joins strings as well


add = binary("add", _sum, "the sum", (1.5, 2.0), 3.5)
subtract = binary("subtract", torch.sub, "the difference", (1.5, 2.0), -0.5)
multiply = binary("multiply", torch.mul, "the product", (1.5, 2.0), 3.0)
divide = binary("divide", _true_quotient, "the quotient", (3, 2), 1.5)
truediv = binary("truediv", _true_quotient, "the quotient", (3, 2), 1.5)
floordiv = binary("floordiv", torch.floor_divide, "the quotient rounded down", (-3, 2), -2)
truncatediv = binary("truncatediv", _truncated_quotient, "the quotient rounded to zero", (-3, 2), -1)
mod = binary("mod", torch.remainder, "the remainder, with the sign of the divisor", (-3, 2), 1)
floormod = binary("floormod", torch.remainder, "the remainder, with the sign of the divisor", (-3, 2), 1)
truncatemod = binary("truncatemod", torch.fmod, "the remainder, with the sign of the dividend", (-3, 2), -1)
divide_no_nan = binary("divide_no_nan", _quotient_or_zero, "the quotient, 0 over 0", (1.0, 0.0), 0.0)
multiply_no_nan = binary(
    "multiply_no_nan", _product_or_zero, "the product, 0 where `y` is 0", (float("1e39"), 0.0), 0.0
)
reciprocal = unary("reciprocal", torch.reciprocal, "one over the number", 4.0, 0.25)
reciprocal_no_nan = unary(
    "reciprocal_no_nan", lambda x: _quotient_or_zero(torch.ones_like(x), x), "one over it, 0 for 0", 0.0, 0.0
)
pow = binary("pow", torch.pow, "the power", (2.0, 3.0), 8.0)
maximum = binary("maximum", torch.maximum, "the larger number", ([1, 5], 3), [3, 5])
minimum = binary("minimum", torch.minimum, "the smaller number", ([1, 5], 3), [1, 3])
squared_difference = binary(
    "squared_difference", lambda x, y: (x - y) ** 2, "the square of the difference", (1.0, 4.0), 9.0
)

abs = unary("abs", torch.abs, "the absolute value", [-2, 3], [2, 3])
negative = unary("negative", torch.neg, "the negative", [-2, 3], [2, -3])
sign = unary("sign", _sign, "the sign: -1, 0 or 1", [-2.0, 0.0, 3.0], [-1.0, 0.0, 1.0])
square = unary("square", torch.square, "the square", [-2, 3], [4, 9])
sqrt = unary("sqrt", torch.sqrt, "the square root", 4.0, 2.0)
rsqrt = unary("rsqrt", torch.rsqrt, "one over the square root", 4.0, 0.5)
exp = unary("exp", torch.exp, "e to the power of the number", 0.0, 1.0)
expm1 = unary("expm1", torch.expm1, "e to the power of the number, less 1", 0.0, 0.0)
log = unary("log", torch.log, "the natural logarithm", 1.0, 0.0)
log1p = unary("log1p", torch.log1p, "the natural logarithm of 1 more than the number", 0.0, 0.0)
ceil = unary("ceil", torch.ceil, "the number rounded up", -1.5, -1.0)
floor = unary("floor", torch.floor, "the number rounded down", -1.5, -2.0)
round = unary("round", _half_to_even, "the nearest integer, the even one of two", [1.5, 2.5], [2.0, 2.0])
rint = unary("rint", _half_to_even, "the nearest integer, the even one of two", [1.5, 2.5], [2.0, 2.0])
xlogy = binary("xlogy", torch.xlogy, "`x * log(y)`, 0 where `x` is 0", (0.0, 0.0), 0.0)
xlog1py = binary(
    "xlog1py", _logarithm_or_zero(torch.log1p), "`x * log(1 + y)`, 0 where `x` is 0", (0.0, -1.0), 0.0
)
xdivy = binary(
    "xdivy",
    lambda x, y: torch.where(x == 0, 0.0, x / torch.where(x == 0, 1, y)),
    "`x / y`, 0 where `x` is 0",
    (0.0, 0.0),
    0.0,
)

equal = binary("equal", _same, "whether the numbers are equal", ([1, 2], 2), [False, True])
not_equal = binary("not_equal", _different, "whether the numbers differ", ([1, 2], 2), [True, False])
less = binary("less", torch.lt, "whether `x < y`", ([1, 2], 2), [True, False])
less_equal = binary("less_equal", torch.le, "whether `x <= y`", ([1, 3], 2), [True, False])
greater = binary("greater", torch.gt, "whether `x > y`", ([1, 3], 2), [False, True])
greater_equal = binary("greater_equal", torch.ge, "whether `x >= y`", ([1, 2], 2), [False, True])
logical_and = binary(
    "logical_and", torch.logical_and, "whether both hold", (True, [True, False]), [True, False]
)
logical_or = binary(
    "logical_or", torch.logical_or, "whether one holds", (False, [True, False]), [True, False]
)
logical_xor = binary(
    "logical_xor", torch.logical_xor, "whether exactly one holds", (True, [True, False]), [False, True]
)
logical_not = unary(
    "logical_not", torch.logical_not, "whether it does not hold", [True, False], [False, True]
)
is_nan = unary("is_nan", torch.isnan, "whether it is not a number", [1.0], [False])
is_inf = unary("is_inf", torch.isinf, "whether it is infinite", [1.0], [False])
is_finite = unary("is_finite", torch.isfinite, "whether it is neither infinite nor NaN", [1.0], [True])
is_non_decreasing = unary(
    "is_non_decreasing",
    lambda x: (x.flatten()[1:] >= x.flatten()[:-1]).all(),
    "whether no element is smaller than the one before it",
    [1, 1, 2],
    True,
)
is_strictly_increasing = unary(
    "is_strictly_increasing",
    lambda x: (x.flatten()[1:] > x.flatten()[:-1]).all(),
    "whether each element is larger than the one before it",
    [1, 1, 2],
    False,
)


def scalar_mul(scalar: Any, x: Any) -> Any:
    """Returns a tensor times a number.

    Args:
        scalar: a number, or a tensor without axes.
        x: a tensor.

    Example:
        >>> scalar_mul(2, [1.0, 2.0]).tolist()
        [2.0, 4.0]

    Source: `tf.math.scalar_mul`
    """
    return multiply(x, scalar)


@operation("tf.math")
def add_n(inputs: Sequence[Any]) -> Any:
    """Returns the sum of tensors of one shape.

    Args:
        inputs: the tensors, at least one.

    Raises:
        InvalidArgumentError: when there are none.

    Example:
        >>> add_n([[1, 2], [3, 4], [5, 6]]).tolist()
        [9, 12]

    Source: `tf.math.add_n`
    """
    tensors = [inputs] if isinstance(inputs, torch.Tensor) else [as_tensor(x) for x in inputs]
    if not tensors:
        raise InvalidArgumentError("tf.add_n needs at least one tensor. Received: inputs=[].")
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return total


@operation("tf.math")
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any) -> Any:
    """Returns a tensor whose numbers are cut off at two limits.

    Args:
        t: a tensor.
        clip_value_min: the smallest value, a number or a tensor.
        clip_value_max: the largest value, a number or a tensor.

    Example:
        >>> clip_by_value([-5.0, 0.5, 5.0], -1, 1).tolist()
        [-1.0, 0.5, 1.0]

    Source: `tf.clip_by_value`, `torch.clamp`
    """
    t = as_tensor(t)
    if isinstance(clip_value_min, (int, float)) and isinstance(clip_value_max, (int, float)):
        return torch.clamp(t, clip_value_min, clip_value_max)
    t, low, high = operands(t, clip_value_min, clip_value_max)
    return torch.minimum(torch.maximum(t, low), high)


@operation("tf.math")
def approximate_equal(x: Any, y: Any, tolerance: float = 1e-5) -> Any:
    """Returns whether two tensors differ by less than a tolerance, number by number.

    Args:
        x: a tensor.
        y: a tensor of the same shape.
        tolerance: the largest difference. Default: 1e-5.

    Example:
        >>> approximate_equal([1.0, 2.0], [1.0, 2.1]).tolist()
        [True, False]

    Source: `tf.math.approximate_equal`
    """
    x, y = operands(x, y)
    return torch.abs(x - y) < tolerance


@operation("tf.math")
def nextafter(x1: Any, x2: Any) -> Any:
    """Returns the float next to each number on the way to another.

    Args:
        x1: a float tensor.
        x2: where to go, a tensor that broadcasts with `x1`.

    Example:
        >>> bool(nextafter(1.0, 2.0) > 1.0)
        True

    Source: `tf.math.nextafter`, `torch.nextafter`
    """
    return torch.nextafter(*operands(x1, x2))


def accumulate_n(inputs: Sequence[Any]) -> Any:
    """Returns the sum of tensors of one shape; the older name of `add_n`.

    Args:
        inputs: the tensors, at least one.

    Example:
        >>> accumulate_n([[1, 2], [3, 4]]).tolist()
        [4, 6]

    Source: `tf.math.accumulate_n`
    """
    return add_n(inputs)
