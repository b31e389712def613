"""The constructor arguments that optimizers of Keras 2 took, and checks of those of Keras 3."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from kerastorch.errors import InvalidArgumentError, UnknownArgumentError, did_you_mean


def read_keras2_arguments(cls: type, learning_rate: Any, given: dict[str, Any]) -> tuple[Any, float]:
    """Returns the learning rate and the decay after looking at the arguments that only Keras 2 knows.

    Args:
        cls: the optimizer's class, for messages.
        learning_rate: what the constructor got under that name.
        given: all other keywords that the constructor has no name for.

    Raises:
        UnknownArgumentError: for a keyword of neither Keras; it suggests the nearest.
    """
    given = dict(given)
    if "lr" in given:
        warnings.warn(
            f"The argument `lr` of {cls.__name__} is deprecated, use `learning_rate`.",
            DeprecationWarning,
            stacklevel=4,
        )
        learning_rate = given.pop("lr")
    decay = float(given.pop("decay", None) or 0.0)
    warn_of_ignored(cls, is_legacy_optimizer=given.pop("is_legacy_optimizer", False), depth=5)
    if given:
        raise _unknown(cls, given)
    return learning_rate, decay


def warn_of_ignored(cls: type, depth: int = 4, **given: Any) -> None:
    """Names arguments of Keras 2 that choose how TensorFlow runs in a warning, if they are true.

    Args:
        cls: the optimizer's class.
        depth: how many calls lie between the user's and the warning.
        **given: the arguments.
    """
    ignored = [name for name, value in given.items() if value]
    if ignored:
        warnings.warn(
            f"{cls.__name__} ignores {', '.join(ignored)}: it has no effect here.", stacklevel=depth
        )


def _unknown(cls: type, given: dict[str, Any]) -> UnknownArgumentError:
    known = [name for name in inspect.signature(cls).parameters if name != "kwargs"]
    hints = "".join(did_you_mean(name, known) for name in given)
    return UnknownArgumentError(f"{cls.__name__}: Argument(s) not recognized: {given}.{hints}")


def check_common(optimizer: Any) -> None:
    """Checks the arguments that all optimizers share, after they have been set.

    Raises:
        InvalidArgumentError: for the first that is wrong.
    """
    steps = optimizer.gradient_accumulation_steps
    if steps and (not isinstance(steps, int) or steps < 2):
        raise InvalidArgumentError(
            "`gradient_accumulation_steps` must be an integer >= 2. "
            f"Received: gradient_accumulation_steps={steps}"
        )
    if optimizer.use_ema:
        _check_ema(optimizer.ema_momentum, optimizer.ema_overwrite_frequency)
    clips = {name: getattr(optimizer, name) for name in ("clipnorm", "clipvalue", "global_clipnorm")}
    if sum(value is not None for value in clips.values()) > 1:
        received = ", ".join(f"{name}={value}" for name, value in clips.items())
        raise InvalidArgumentError(
            f"Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: {received}"
        )
    for name, value in clips.items():
        if value is not None and value < 0:
            raise InvalidArgumentError(f"`{name}` must not be negative. Received: {name}={value}")


def _check_ema(momentum: float, frequency: int | None) -> None:
    if not 0 <= momentum <= 1:
        raise InvalidArgumentError(
            f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={momentum}"
        )
    if frequency and (not isinstance(frequency, int) or frequency < 1):
        raise InvalidArgumentError(
            "`ema_overwrite_frequency` must be an integer >= 1 or None. "
            f"Received: ema_overwrite_frequency={frequency}"
        )
