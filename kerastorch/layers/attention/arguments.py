"""Checks of arguments that the attention layers share."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError


def checked_dropout(rate: Any) -> float:
    """Returns the share of the weights to drop.

    Raises:
        InvalidArgumentError: when it is no number from 0 to 1.
    """
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
        raise InvalidArgumentError(
            "Invalid value received for argument `dropout`. Expected a float value between 0 and 1. "
            f"Received: dropout={rate!r}"
        )
    return rate


def checked_count(value: Any, argument: str, or_none: bool = False) -> Any:
    """Returns a positive integer, or None where that is allowed.

    Args:
        value: the value.
        argument: the name of the argument, for the error.
        or_none: whether None is allowed.

    Raises:
        InvalidArgumentError: when it is neither.
    """
    if or_none and value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
        raise InvalidArgumentError(
            f"Received an invalid value for argument `{argument}`, expected a positive integer"
            f"{' or `None`' if or_none else ''}. Received: {argument}={value!r}"
        )
    return int(value)


def truth(mask: torch.Tensor) -> torch.Tensor:
    """Returns a mask as truth values; numbers other than zero are true."""
    return mask if mask.dtype is torch.bool else mask != 0


def differ(first: int | None, second: int | None) -> bool:
    """Returns whether two sizes, of which None is unknown, cannot be equal."""
    return None not in (first, second) and first != second
