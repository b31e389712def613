"""`tf.autograph`: Python's control flow runs as it is, so nothing is converted."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from kerastorch.compat.tensorflow.absent import missing


def do_not_convert(func: Callable | None = None) -> Any:
    """Returns a function as it is.

    Args:
        func: the function; None returns a decorator.

    Example:
        >>> do_not_convert(abs) is abs
        True
    """
    return (lambda inner: inner) if func is None else func


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Does nothing: there is nothing to report.

    Args:
        level: how much to report.
        alsologtostdout: whether to print it too.

    Example:
        >>> set_verbosity(0)
    """


def to_graph(
    entity: Callable, recursive: bool = True, experimental_optional_features: Any = None
) -> Callable:
    """Returns a function as it is.

    Args:
        entity: the function.
        recursive: has no effect.
        experimental_optional_features: has no effect.

    Example:
        >>> to_graph(abs)(-1)
        1
    """
    return entity


experimental = SimpleNamespace(do_not_convert=do_not_convert)

__all__ = ["do_not_convert", "experimental", "set_verbosity", "to_graph"]


def __getattr__(name: str) -> Any:
    raise missing("tf.autograph", name)
