"""What the optimizers of Keras 1 and 2 remember, in the order of those of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerastorch.core.variable import host_array
from kerastorch.optimizers.adafactor import Adafactor
from kerastorch.optimizers.legacy.optimizer import LegacyOptimizer

_BEFORE_2_11 = frozenset({"Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "RMSprop", "SGD"})
_SINCE_2_11 = frozenset({"use_ema", "ema_momentum", "ema_overwrite_frequency"})


def values_of_keras_2(optimizer: Any, saved: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Returns a value for each variable of an optimizer, as far as the file has them.

    Keras 2 did not write the learning rate, which its config has, nor what follows from the number of steps; it wrote
    state that is never used.

    Args:
        optimizer: the optimizer, with its variables.
        saved: the values in the file, in its order.
    """
    expected, values = optimizer.variables, list(saved)
    if not values:
        return values
    if np.shape(values[0]):
        values.insert(0, np.zeros((), "int64"))  # Keras up to 2.2 did not write the number of steps of some
    if not isinstance(optimizer, LegacyOptimizer) and not _has_rate(values) and optimizer._rate is None:
        values.insert(1, host_array(expected[1]))
    if hasattr(optimizer, "_u_product") and len(values) == len(expected) - 1:
        values.append(_product_of_nadam(optimizer, int(values[0])))
    if isinstance(optimizer, Adafactor) and len(values) < len(expected):
        rest = iter(values[2:])  # without the numbers that stand for what vectors do not have
        values[2:] = [next(rest, host_array(v)) if v.ndim else host_array(v) for v in expected[2:]]
    more = values[len(expected) :]
    unused = getattr(optimizer, "momentum", 0) == 0 or all(np.size(value) == 1 for value in more)
    return values[: len(expected)] if unused else values


def config_of_2(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments of an optimizer without those that Keras 2.10 did not have, where these say nothing.

    Keras 2 takes an optimizer of such arguments for one of those before 2.11, which compute the same.

    Args:
        name: the class.
        config: its arguments.

    Example:
        >>> config_of_2("SGD", {"momentum": 0.9, "use_ema": False, "weight_decay": None, "ema_momentum": 0.99})
        {'momentum': 0.9}
    """
    if name not in _BEFORE_2_11 or config.get("use_ema") or config.get("weight_decay") is not None:
        return dict(config)
    return {key: value for key, value in config.items() if not (key in _SINCE_2_11 or value is None)}


def _has_rate(values: list[np.ndarray]) -> bool:
    return len(values) > 1 and not np.shape(values[1]) and values[1].dtype.kind == "f"


def _product_of_nadam(optimizer: Any, steps: int) -> np.ndarray:
    factors = optimizer.beta_1 * (1 - 0.5 * 0.96 ** np.arange(1, steps + 1, dtype="float64"))
    return np.prod(factors).astype("float32")
