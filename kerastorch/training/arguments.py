"""Arguments of `fit`, `evaluate` and `predict`: older spellings and checks."""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from kerastorch.config import max_epochs
from kerastorch.data.select import Workers
from kerastorch.errors import DataError, UnknownArgumentError, did_you_mean

_RENAMED = {"nb_epoch": "epochs"}
_WORKERS = {
    "workers": "workers",
    "nb_worker": "workers",
    "use_multiprocessing": "use_multiprocessing",
    "pickle_safe": "use_multiprocessing",
    "max_queue_size": "max_queue_size",
    "max_q_size": "max_queue_size",
}
_KNOWN = (
    *_WORKERS,
    "batch_size",
    "epochs",
    "validation_data",
    "callbacks",
    "verbose",
    "shuffle",
    "steps_per_epoch",
)


def take_old_arguments(method: str, given: dict[str, Any]) -> tuple[dict[str, Any], Workers]:
    """Returns the arguments of today for keywords of Keras 1 and 2, and what they say about workers.

    Args:
        method: the method that received them.
        given: the keywords that it does not have.

    Raises:
        UnknownArgumentError: for a keyword that no Keras has.
    """
    renamed = {_RENAMED[k]: v for k, v in given.items() if k in _RENAMED and method == "fit"}
    workers = {_WORKERS[k]: v for k, v in given.items() if k in _WORKERS}
    unknown = [k for k in given if k not in _WORKERS and not (k in _RENAMED and method == "fit")]
    if unknown:
        raise UnknownArgumentError(
            f"`{method}` got unexpected keyword arguments: {unknown}.{did_you_mean(unknown[0], _KNOWN)}"
        )
    if renamed:
        warnings.warn("`nb_epoch` is called `epochs` since Keras 2.", DeprecationWarning, stacklevel=3)
    return renamed, Workers(**workers)


def check_fit_arguments(
    epochs: Any, initial_epoch: Any, steps: Any, validation_steps: Any, validation_freq: Any, verbose: Any
) -> None:
    """Checks the numbers given to `fit`.

    Raises:
        DataError: when one is of a wrong type or negative.
    """
    numbers = {"epochs": epochs, "initial_epoch": initial_epoch}
    for name, value in numbers.items():
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < 0:
            raise DataError(f"`{name}` must be an integer of 0 or more. Received: {name}={value!r}.")
    if initial_epoch > epochs:
        warnings.warn(
            f"`fit` runs no epoch: `epochs` is the number of the last one, not how many to run. Received: "
            f"initial_epoch={initial_epoch}, epochs={epochs}.",
            stacklevel=3,
        )
    check_run_arguments(verbose, steps_per_epoch=steps, validation_steps=validation_steps)
    listed = isinstance(validation_freq, Iterable) and not isinstance(validation_freq, str)
    if not listed and (not hasattr(validation_freq, "__index__") or validation_freq < 1):
        raise DataError(
            "`validation_freq` must be a positive integer or a list of epochs. "
            f"Received: validation_freq={validation_freq!r}."
        )


def limited_epochs(epochs: int) -> int:
    """Returns the number of the epoch at which to stop, which the configuration may limit.

    Args:
        epochs: the argument of `fit`.

    Example:
        >>> limited_epochs(3)
        3
    """
    most = max_epochs()
    if most is None or epochs <= most:
        return epochs
    warnings.warn(f"Limiting epochs to {most}", stacklevel=3)
    return most


def check_run_arguments(verbose: Any, **steps: Any) -> None:
    """Checks what `fit`, `evaluate` and `predict` share.

    Args:
        verbose: how much to print.
        **steps: numbers of steps by the name of the argument.

    Raises:
        DataError: when one is of a wrong type or out of range.
    """
    for name, value in steps.items():
        if value is not None and not _is_positive(value):
            raise DataError(f"`{name}` must be a positive integer or None. Received: {name}={value!r}.")
    if verbose not in (0, 1, 2, "auto", True, False):
        raise DataError(f"`verbose` must be 0, 1, 2 or 'auto'. Received: verbose={verbose!r}.")


def _is_positive(steps: Any) -> bool:
    """Whether something is a number of steps; a fraction, such as of samples and batch size, is rounded up later."""
    if isinstance(steps, bool) or not (
        hasattr(steps, "__index__") or isinstance(steps, (float, np.floating))
    ):
        return False
    return math.isfinite(steps) and steps > 0


def accepted(function: Callable, given: dict[str, Any]) -> dict[str, Any]:
    """Returns the keywords that a function takes, without those that it does not know.

    Args:
        function: a function that a user has written, perhaps for an older Keras.
        given: keywords and values.
    """
    known = _keywords(function)
    return given if known is None else {name: value for name, value in given.items() if name in known}


@functools.lru_cache(maxsize=256)
def _keywords(function: Callable) -> frozenset[str] | None:
    """The names that a function takes by keyword, None if it takes any."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters if p.kind is not p.POSITIONAL_ONLY)
