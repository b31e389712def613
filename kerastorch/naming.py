"""Names of layers, metrics and weights: automatic, unique and in Keras's spelling."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Container

_counts: dict[str, int] = defaultdict(int)


def to_snake_case(name: str) -> str:
    """Returns a class name the way Keras writes it in layer names.

    Example:
        >>> to_snake_case("Conv2D"), to_snake_case("MyOwnLayer")
        ('conv2d', 'my_own_layer')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def uniquify(name: str) -> str:
    """Returns `name` the first time, then `name_1`, `name_2` and so on."""
    count = _counts[name]
    _counts[name] += 1
    return f"{name}_{count}" if count else name


def auto_name(prefix: str) -> str:
    """Returns a unique snake-case name made from a class name."""
    return uniquify(to_snake_case(prefix))


def unused(name: str, taken: Container[str]) -> str:
    """Returns `name`, or the first of `name_1`, `name_2` and so on that is not taken.

    Example:
        >>> unused("std", ["loss", "std"])
        'std_1'
    """
    candidates = (f"{name}_{number}" if number else name for number in itertools.count())
    return next(candidate for candidate in candidates if candidate not in taken)


def reset_names() -> None:
    """Lets automatic names start again, as `clear_session` does."""
    _counts.clear()
