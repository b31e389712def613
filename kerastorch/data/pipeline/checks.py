"""Checks of the arguments of a dataset's methods."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from kerastorch.data.pipeline.spec import AUTOTUNE
from kerastorch.data.pipeline.threads import default_calls
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError


def whole(value: Any, name: str, least: int | None = None) -> int:
    """Returns an argument as an integer.

    Args:
        value: an integer, or a tensor or array of one.
        name: the name of the argument, for the error.
        least: the smallest value that is allowed; None is any.

    Raises:
        ArgumentTypeError: when it is no integer.
        InvalidArgumentError: when it is too small.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ArgumentTypeError(f"`{name}` must be an integer. Received: {name}={value!r}.") from None
    if least is not None and number < least:
        raise InvalidArgumentError(f"`{name}` must be at least {least}. Received: {name}={number}.")
    return number


def optional_whole(value: Any, name: str, least: int | None = None) -> int | None:
    """Returns an argument that may be None as an integer, see `whole`."""
    return None if value is None else whole(value, name, least)


def seed_of(value: Any) -> int | None:
    """Returns the argument `seed`: an integer or None."""
    return optional_whole(value, "seed")


def function(value: Any, name: str) -> Callable:
    """Returns an argument that must be a function.

    Raises:
        ArgumentTypeError: when it cannot be called.
    """
    if not callable(value):
        raise ArgumentTypeError(f"`{name}` must be a function. Received: {name}={value!r}.")
    return value


def calls_of(value: Any) -> int | None:
    """Returns the number of threads for the argument `num_parallel_calls`; None is none."""
    number = optional_whole(value, "num_parallel_calls")
    if number is None or number > 0:
        return number
    if number == AUTOTUNE:
        return default_calls()
    raise InvalidArgumentError(
        f"`num_parallel_calls` must be positive, AUTOTUNE ({AUTOTUNE}) or None. Received: {number}."
    )
