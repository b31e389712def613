"""Makes the functions that work on each number by itself from one line each, and prepares their operands.

What a function does with the types of its operands is one of the small functions below: `floating` and `wide` for one
operand, `pair`, `integers`, `alike`, `narrow` and `floats` for two.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.config import floatx
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import floating, op, pair, tensor

_DOC = """Returns {what}, number by number.

    Args:
{arguments}

    Returns:
        A tensor.

    Example:
        >>> {name}({example}).tolist()
        {result}

    Source: `keras.ops.{name}`.
    """
_ONE = "        x: a tensor, array, list or number."
_TWO = """        {}: a tensor, array, list or number.
        {}: likewise; shapes are broadcast."""


def unary(
    name: str, function: Callable, what: str, example: Any, result: Any, prepare: Callable = tensor
) -> Callable[[Any], Any]:
    """Returns a function of one tensor.

    Args:
        name: its name.
        function: what computes it from a tensor.
        what: what it gives, for the docstring.
        example: an argument.
        result: what it gives for that argument.
        prepare: makes the tensor from what the script passes, where it is none of a type that `function` takes.

    Example:
        >>> twice = unary("twice", lambda x: 2 * x, "the double", 1.5, 3.0)
        >>> twice([1, 2]).tolist()
        [2, 4]
    """
    if prepare is tensor:

        def apply(x: Any) -> Any:
            return function(x if isinstance(x, torch.Tensor) else tensor(x))

    else:

        def apply(x: Any) -> Any:
            if isinstance(x, torch.Tensor) and x.is_floating_point():
                return function(x)
            return function(prepare(x))

    return _finished(apply, name, what, _ONE, repr(example), result)


def binary(
    name: str, function: Callable, what: str, example: tuple, result: Any, prepare: Callable = pair
) -> Callable[[Any, Any], Any]:
    """Returns a function of two tensors, `x1` and `x2`, that are broadcast to one shape.

    Args:
        name: its name.
        function: what computes it from two operands.
        what: what it gives, for the docstring.
        example: two arguments.
        result: what it gives for them.
        prepare: makes the operands from what the script passes.

    Example:
        >>> half_sum = binary("half_sum", lambda x1, x2: (x1 + x2) / 2, "the middle", (1.0, 2.0), 1.5)
        >>> half_sum([1.0, 2.0], 0).tolist()
        [0.5, 1.0]
    """

    def apply(x1: Any, x2: Any) -> Any:
        return function(*prepare(x1, x2))

    return _finished(apply, name, what, _TWO.format("x1", "x2"), ", ".join(map(repr, example)), result)


def binary_of_x_and_y(
    name: str, function: Callable, what: str, example: tuple, result: Any
) -> Callable[[Any, Any], Any]:
    """Returns a function of two tensors that Keras names `x` and `y`; the arguments are those of `binary`.

    Args:
        name: its name.
        function: what computes it from two operands.
        what: what it gives, for the docstring.
        example: two arguments.
        result: what it gives for them.

    Example:
        >>> both = binary_of_x_and_y("both", torch.bitwise_and, "the bits that both have", (6, 3), 2)
        >>> both(x=6, y=5).tolist()
        4
    """

    def apply(x: Any, y: Any) -> Any:
        return function(*pair(x, y))

    return _finished(apply, name, what, _TWO.format("x", "y"), ", ".join(map(repr, example)), result)


def _finished(
    apply: Callable, name: str, what: str, arguments: str, example: str, result: Any
) -> Callable[..., Any]:
    apply.__name__ = apply.__qualname__ = name
    apply.__module__ = sys._getframe(2).f_globals["__name__"]
    apply.__doc__ = _DOC.format(what=what, arguments=arguments, name=name, example=example, result=result)
    return op("keras.ops.numpy")(apply)


# The types of operands ----------------------------------------------------------------------------------------------


def wide(x: Any) -> Any:
    """Returns a tensor of floating-point numbers; of float64 for int64, of `floatx()` for other integers.

    Args:
        x: a tensor, array, list or number.

    Example:
        >>> wide(torch.ones(2, dtype=torch.int64)).dtype, wide([1, 2]).dtype
        (torch.float64, torch.float32)
    """
    x = tensor(x)
    return x.double() if x.dtype is torch.int64 else floating(x)


NARROW = {torch.float64: torch.float32, torch.int64: torch.int32, torch.complex128: torch.complex64}


def narrowed(x: torch.Tensor) -> torch.Tensor:
    """Returns a tensor in the type of 32 bits where its own has 64: what many functions of Keras give.

    Args:
        x: a tensor.

    Example:
        >>> narrowed(torch.tensor([1])).dtype, narrowed(torch.ones(1, dtype=torch.float16)).dtype
        (torch.int32, torch.float16)
    """
    dtype = NARROW.get(x.dtype)
    return x if dtype is None else x.to(dtype)


def counted(x: Any) -> Any:
    """Returns a tensor with int32 in place of truth values.

    Args:
        x: a tensor, array, list or number.

    Example:
        >>> counted([True, False]).tolist()
        [1, 0]
    """
    x = tensor(x)
    return x.to(torch.int32) if x.dtype is torch.bool else x


_FLOATS = frozenset([torch.float32, torch.float16, torch.bfloat16])


def _are_of_one_type(x1: Any, x2: Any) -> bool:
    return isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor) and x1.dtype is x2.dtype


def alike(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Returns two operands as tensors of one type; a Python number adapts to a tensor beside it.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise.

    Example:
        >>> [x.dtype for x in alike(torch.ones(2, dtype=torch.float16), 2.5)]
        [torch.float16, torch.float16]
    """
    if not isinstance(x1, torch.Tensor):
        if isinstance(x2, torch.Tensor):
            x2, x1 = alike(x2, x1)
            return x1, x2
        x1 = tensor(x1)
    if type(x2) in (int, float):
        dtype = _with_number(x1.dtype, x2)
        x2 = torch.full((), x2, dtype=dtype, device=x1.device)
    elif not isinstance(x2, torch.Tensor):
        x2 = tensor(x2).to(x1.device)
    if x1.dtype is x2.dtype:
        return x1, x2
    dtype = torch.promote_types(x1.dtype, x2.dtype)
    return x1.to(dtype), x2.to(dtype)


def _with_number(dtype: torch.dtype, number: int | float) -> torch.dtype:
    if isinstance(number, float) and not (dtype.is_floating_point or dtype.is_complex):
        return torch_dtype(floatx())
    return torch.int32 if dtype is torch.bool else dtype


def floats(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Returns two operands as tensors of one floating-point type, which is none of 64 bits.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise.

    Example:
        >>> [x.dtype for x in floats([1, 2], 3)]
        [torch.float32, torch.float32]
    """
    if _are_of_one_type(x1, x2) and x1.dtype in _FLOATS:
        return x1, x2
    x1, x2 = alike(x1, x2)
    return narrowed(floating(x1)), narrowed(floating(x2))


def narrow(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Returns two operands as tensors of one type, which is none of 64 bits.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise.

    Example:
        >>> [x.dtype for x in narrow(torch.tensor([1]), torch.tensor([True]))]
        [torch.int32, torch.int32]
    """
    if _are_of_one_type(x1, x2) and x1.dtype not in NARROW:
        return x1, x2
    x1, x2 = alike(x1, x2)
    return narrowed(x1), narrowed(x2)


def integers(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Returns two operands, truth values as int32 where both are.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise.

    Example:
        >>> [x.dtype for x in integers([True], [False])]
        [torch.int32, torch.bool]
    """
    x1, x2 = pair(x1, x2)
    if x1.dtype is torch.bool and getattr(x2, "dtype", None) is torch.bool:
        x1 = x1.to(torch.int32)
    return x1, x2
