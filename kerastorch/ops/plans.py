"""What the static arguments of a call mean, worked out once.

Sizes, strides, paddings and patterns are the same at every call of a script. A function that checks them and finds
what torch is to be told is a plan; `planned` keeps its results, so that a call looks up what an earlier one found.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from torch.compiler import is_compiling

Found = TypeVar("Found")


def planned(find: Callable[..., Found]) -> Callable[..., Found]:
    """Makes a function of static arguments keep its results.

    Args:
        find: a pure function of numbers, text, shapes, tuples and lists, which it does not change.

    Returns:
        The same function; code that is being compiled calls `find` itself, because sizes may be symbols there.

    Example:
        >>> widths = planned(lambda pairs: tuple(sum(pairs, ())))
        >>> widths([(1, 2), (3, 4)])
        (1, 2, 3, 4)
    """
    kept = functools.lru_cache(maxsize=4096)(find)

    @functools.wraps(find)
    def plan(*settings: Any) -> Found:
        if is_compiling():
            return find(*settings)
        try:
            return kept(*settings)
        except TypeError:  # lists cannot be looked up
            return kept(*map(_as_key, settings))

    return plan


def _as_key(setting: Any) -> Any:
    return tuple(map(_as_key, setting)) if isinstance(setting, (list, tuple)) else setting
