"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from kerastorch.callbacks.callback import HOOKS, Callback
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError, did_you_mean


class LambdaCallback(Callback):
    """Calls the given functions at the moments they are named after.

    Args:
        on_epoch_begin: called as `f(epoch, logs)`. Default: None.
        on_epoch_end: called as `f(epoch, logs)`. Default: None.
        on_train_begin: called as `f(logs)`. Default: None.
        on_train_end: called as `f(logs)`. Default: None.
        on_train_batch_begin: called as `f(batch, logs)`. Default: None.
        on_train_batch_end: called as `f(batch, logs)`. Default: None.
        **kwargs: functions for any other hook of `Callback`, such as `on_test_end` or Keras 2's `on_batch_end`;
            functions of other names become methods, which nothing calls by itself.

    Raises:
        UnknownArgumentError: when a keyword starts like a hook and is none; it suggests the nearest.
        InvalidArgumentError: when a value cannot be called.

    Example:
        >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
        >>> callback.on_epoch_end(0, {"loss": 0.5})
        0 0.5

    Source: keras.callbacks.LambdaCallback
    """

    def __init__(
        self,
        on_epoch_begin: Callable | None = None,
        on_epoch_end: Callable | None = None,
        on_train_begin: Callable | None = None,
        on_train_end: Callable | None = None,
        on_train_batch_begin: Callable | None = None,
        on_train_batch_end: Callable | None = None,
        **kwargs: Callable | None,
    ) -> None:
        super().__init__()
        unknown = [name for name in kwargs if name not in HOOKS and _means_a_hook(name)]
        if unknown:
            raise UnknownArgumentError(
                f"LambdaCallback does not take the argument {unknown[0]!r}.{did_you_mean(unknown[0], HOOKS)} "
                f"Expected one of {sorted(HOOKS)}."
            )
        given: dict[str, Any] = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in given.items():
            if function is None:
                continue
            if not callable(function):
                raise InvalidArgumentError(f"`{name}` must be a function. Received: {function!r}.")
            setattr(self, name, function)


def _means_a_hook(name: str) -> bool:
    return name.startswith("on_") or bool(get_close_matches(name, HOOKS, n=1, cutoff=0.8))
