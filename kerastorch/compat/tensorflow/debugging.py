"""`tf.debugging`: checks of values, shapes and types that raise errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, operands
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError


def _compared(name: str, sign: str, holds: Callable[[Any, Any], torch.Tensor]) -> Callable:
    """A check that a relation holds between all elements of two tensors."""

    def check(
        x: Any, y: Any, message: str | None = None, summarize: int = 3, name: str | None = None
    ) -> None:
        left, right = operands(x, y)
        if not bool(torch.as_tensor(holds(left, right)).all()):
            raise InvalidArgumentError(
                f"{message or ''} The condition x {sign} y does not hold for all elements. Received: x={_short(left)}, "
                f"y={_short(right)}.".strip()
            )

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""Raises an error unless `x {sign} y` for all elements.

    Args:
        x: a tensor.
        y: a tensor.
        message: what the error begins with.
        summarize: has no effect.
        name: has no effect.

    Raises:
        InvalidArgumentError: when it does not hold.

    Example:
        >>> {name}([], [])
    """
    return check


def _short(value: Any) -> str:
    text = str(value.tolist() if isinstance(value, torch.Tensor) else value)
    return text if len(text) < 200 else f"{text[:200]}..."


assert_equal = _compared("assert_equal", "==", lambda x, y: x == y)
assert_none_equal = _compared("assert_none_equal", "!=", lambda x, y: x != y)
assert_less = _compared("assert_less", "<", lambda x, y: x < y)
assert_less_equal = _compared("assert_less_equal", "<=", lambda x, y: x <= y)
assert_greater = _compared("assert_greater", ">", lambda x, y: x > y)
assert_greater_equal = _compared("assert_greater_equal", ">=", lambda x, y: x >= y)


def _signed(name: str, sign: str, against: Callable) -> Callable:
    """A check of all elements of one tensor against zero."""

    def check(x: Any, message: str | None = None, summarize: int = 3, name: str | None = None) -> None:
        against(x, 0, message=message)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""Raises an error unless `x {sign} 0` for all elements.

    Args:
        x: a tensor.
        message: what the error begins with.
        summarize: has no effect.
        name: has no effect.

    Raises:
        InvalidArgumentError: when it does not hold.

    Example:
        >>> {name}([])
    """
    return check


assert_positive = _signed("assert_positive", ">", assert_greater)
assert_negative = _signed("assert_negative", "<", assert_less)
assert_non_negative = _signed("assert_non_negative", ">=", assert_greater_equal)
assert_non_positive = _signed("assert_non_positive", "<=", assert_less_equal)


def assert_near(
    x: Any,
    y: Any,
    rtol: float | None = None,
    atol: float | None = None,
    message: str | None = None,
    summarize: int = 3,
    name: str | None = None,
) -> None:
    """Raises an error unless two tensors are nearly equal.

    Args:
        x: a tensor.
        y: a tensor.
        rtol: allowed part of `y`. Default: ten times the precision of the type.
        atol: allowed difference. Default: as `rtol`.
        message: what the error begins with.
        summarize: has no effect.
        name: has no effect.

    Raises:
        InvalidArgumentError: when they are not.

    Example:
        >>> assert_near([1.0], [1.0000001])
    """
    left, right = operands(x, y)
    precision = 10 * torch.finfo(left.dtype).eps if left.is_floating_point() else 0.0
    limit = (precision if atol is None else atol) + (precision if rtol is None else rtol) * abs(right)
    if not bool((abs(left - right) <= limit).all()):
        raise InvalidArgumentError(
            f"{message or ''} x and y are not nearly equal. Received: x={_short(left)}, y={_short(right)}.".strip()
        )


def Assert(condition: Any, data: Any, summarize: int = 3, name: str | None = None) -> None:
    """Raises an error with some data unless a condition holds.

    Args:
        condition: a truth value, or a tensor of them.
        data: what the error shows.
        summarize: has no effect.
        name: has no effect.

    Raises:
        InvalidArgumentError: when it does not hold.

    Example:
        >>> Assert(1 < 2, ["never shown"])

    Source: `tf.Assert`
    """
    if not bool(torch.as_tensor(as_tensor(condition)).all()):
        raise InvalidArgumentError(f"Assertion failed: {[_short(value) for value in data]}.")


def assert_shapes(
    shapes: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Raises an error unless tensors have shapes; sizes with the same letter must be equal in all of them.

    Args:
        shapes: pairs of a tensor and its sizes: numbers, letters, or None for any; a dictionary of them works too.
        data: has no effect.
        summarize: has no effect.
        message: what the error begins with.
        name: has no effect.

    Raises:
        ShapeError: when one does not fit.

    Example:
        >>> assert_shapes([(torch.ones(2, 3), ("N", 3)), (torch.ones(2), ("N",))])
    """
    sizes: dict[Any, int] = {}
    for tensor, symbols in shapes.items() if isinstance(shapes, dict) else shapes:
        found = tuple(as_tensor(tensor).shape)
        wanted = (symbols,) if isinstance(symbols, (int, str)) else tuple(symbols)
        fits = len(found) == len(wanted) and all(
            symbol in (None, ".")
            or size == (symbol if isinstance(symbol, int) else sizes.setdefault(symbol, size))
            for size, symbol in zip(found, wanted, strict=True)
        )
        if not fits:
            known = f" with {sizes}" if sizes else ""
            raise ShapeError(f"{message or ''} Expected shape {wanted}{known}. Received: {found}.".strip())


def assert_rank(x: Any, rank: int, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has a number of axes.

    Args:
        x: the tensor.
        rank: the number.
        message: what the error begins with.
        name: has no effect.

    Raises:
        ShapeError: when it has not.

    Example:
        >>> assert_rank([[1]], 2)
    """
    assert_rank_in(x, [rank], message)


def assert_rank_in(x: Any, ranks: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless the number of a tensor's axes is one of some.

    Args:
        x: the tensor.
        ranks: the numbers.
        message: what the error begins with.
        name: has no effect.

    Raises:
        ShapeError: when it is none of them.

    Example:
        >>> assert_rank_in([[1]], [2, 3])
    """
    shape = tuple(as_tensor(x).shape)
    if len(shape) not in [int(rank) for rank in ranks]:
        raise ShapeError(f"{message or ''} Expected rank {list(ranks)}. Received shape: {shape}.".strip())


def assert_rank_at_least(x: Any, rank: int, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has at least a number of axes.

    Args:
        x: the tensor.
        rank: the number.
        message: what the error begins with.
        name: has no effect.

    Raises:
        ShapeError: when it has fewer.

    Example:
        >>> assert_rank_at_least([[1]], 1)
    """
    shape = tuple(as_tensor(x).shape)
    if len(shape) < rank:
        raise ShapeError(f"{message or ''} Expected rank {rank} or more. Received shape: {shape}.".strip())


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Any:
    """Returns a tensor without axes, or raises an error.

    Args:
        tensor: the tensor.
        message: what the error begins with.
        name: has no effect.

    Raises:
        ShapeError: when it has axes.

    Example:
        >>> assert_scalar(3)
        3
    """
    assert_rank(tensor, 0, message)
    return tensor


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has a type.

    Args:
        tensor: the tensor.
        tf_type: the type.
        message: what the error begins with.
        name: has no effect.

    Raises:
        ArgumentTypeError: when it has another one.

    Example:
        >>> assert_type(torch.ones(2), "float32")
    """
    dtype = as_tensor(tensor).dtype
    if as_dtype(dtype) != as_dtype(tf_type):
        raise ArgumentTypeError(
            f"{message or ''} Expected type {as_dtype(tf_type)!r}. Received: {dtype}.".strip()
        )


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Any:
    """Returns a tensor that has neither NaN nor infinity, or raises an error.

    Args:
        tensor: the tensor.
        message: what the error begins with.
        name: has no effect.

    Raises:
        InvalidArgumentError: when it has some.

    Example:
        >>> check_numerics(torch.ones(2), "loss")
        tensor([1., 1.])
    """
    value = as_tensor(tensor)
    faults = [what for what, test in (("NaN", torch.isnan), ("Inf", torch.isinf)) if bool(test(value).any())]
    if faults:
        raise InvalidArgumentError(f"{message}: the tensor has {' and '.join(faults)} values.")
    return value


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Any:
    """Returns a tensor that has neither NaN nor infinity, or raises an error.

    Args:
        x: the tensor.
        message: what the error begins with.
        name: has no effect.

    Raises:
        InvalidArgumentError: when it has some.

    Example:
        >>> assert_all_finite(torch.ones(2), "loss")
        tensor([1., 1.])
    """
    return check_numerics(x, message)


def is_numeric_tensor(tensor: Any) -> bool:
    """Returns whether something is a tensor of numbers.

    Args:
        tensor: anything.

    Example:
        >>> is_numeric_tensor(torch.ones(2)), is_numeric_tensor("a")
        (True, False)
    """
    return isinstance(tensor, torch.Tensor) and tensor.dtype is not torch.bool


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Makes gradients that become NaN an error that names the operation, at the cost of speed.

    Args:
        stack_height_limit: has no effect.
        path_length_limit: has no effect.

    Example:
        >>> enable_check_numerics()
        >>> disable_check_numerics()

    Source: `torch.autograd.set_detect_anomaly`
    """
    torch.autograd.set_detect_anomaly(True)


def disable_check_numerics() -> None:
    """Ends what `enable_check_numerics` began.

    Example:
        >>> disable_check_numerics()
    """
    torch.autograd.set_detect_anomaly(False)


def set_log_device_placement(enabled: bool) -> None:
    """Warns that nothing is logged: `tensor.device` tells where a tensor is.

    Args:
        enabled: whether to log.

    Example:
        >>> set_log_device_placement(False)
    """
    if enabled:
        warnings.warn(
            "`set_log_device_placement` has no effect: ask a tensor for its `device`.", stacklevel=2
        )


__all__ = [
    "Assert",
    "assert_all_finite",
    "assert_equal",
    "assert_greater",
    "assert_greater_equal",
    "assert_less",
    "assert_less_equal",
    "assert_near",
    "assert_negative",
    "assert_non_negative",
    "assert_non_positive",
    "assert_none_equal",
    "assert_positive",
    "assert_rank",
    "assert_rank_at_least",
    "assert_rank_in",
    "assert_scalar",
    "assert_shapes",
    "assert_type",
    "check_numerics",
    "disable_check_numerics",
    "enable_check_numerics",
    "is_numeric_tensor",
    "set_log_device_placement",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.debugging", name)
