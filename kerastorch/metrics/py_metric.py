"""Metrics in plain Python: their updates get tensors on the host, and their state is what they like."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import MissingMethodError
from kerastorch.losses.inputs import as_tensor
from kerastorch.metrics.metric import Metric


@registry.builtin("keras.metrics.experimental")
class PyMetric(Metric):
    """A metric that runs in Python on the host, for what cannot be computed on the device.

    A subclass keeps its state in attributes of any kind. `reset_state` makes them, and is called by `__init__` too.
    `update_state` gets tensors on the host, which NumPy and scikit-learn take as they are, so that every update
    waits for the device: other metrics are faster on a GPU.

    Args:
        name: the name; None makes one from the class.
        dtype: the type of the result; None takes `floatx()`.

    Raises:
        MissingMethodError: when the subclass lacks `reset_state`.

    Example:
        >>> class Matches(PyMetric):
        ...     def reset_state(self):
        ...         self.seen = []
        ...
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.seen += (y_true.numpy() == y_pred.numpy()).tolist()
        ...
        ...     def result(self):
        ...         return sum(self.seen) / len(self.seen)
        >>> metric = Matches()
        >>> metric.update_state([1, 2, 3, 4], [1, 2, 0, 4])
        >>> metric.result()
        tensor(0.7500)

    Source: `tf_keras.metrics.experimental.PyMetric`.
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.reset_state()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        own = vars(cls)
        if "update_state" in own:
            cls.update_state = _with_host_tensors(cls.update_state)  # type: ignore[method-assign]
        if "result" in own:
            cls.result = _with_tensor_result(cls.result)  # type: ignore[method-assign]
        super().__init_subclass__(**kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Takes one batch into account.

        Args:
            y_true: labels, a tensor on the host.
            y_pred: predictions, a tensor on the host.
            sample_weight: weights, a tensor on the host, or None.

        Raises:
            MissingMethodError: when the subclass does not define it.
        """
        raise MissingMethodError(f"{type(self).__name__} must define `update_state(y_true, y_pred)`.")

    def result(self) -> Any:
        """Returns the value so far, a number.

        Raises:
            MissingMethodError: when the subclass does not define it.
        """
        raise MissingMethodError(f"{type(self).__name__} must define `result()`.")

    def reset_state(self) -> None:
        """Makes the state anew.

        Raises:
            MissingMethodError: when the subclass does not define it.
        """
        raise MissingMethodError(f"{type(self).__name__} must define `reset_state()`.")

    reset_states = reset_state

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        """Combines the state of other metrics into this one.

        Raises:
            MissingMethodError: when the subclass does not define it: only it knows its state.
        """
        raise MissingMethodError(f"{type(self).__name__} must define `merge_state(metrics)`.")

    def _follow(self, args: tuple, kwargs: dict[str, Any]) -> None:
        """The state stays on the host."""


def _with_host_tensors(update: Callable) -> Callable:
    @functools.wraps(update)
    def update_state(self: Any, *args: Any, **kwargs: Any) -> Any:
        return update(self, *map(_on_host, args), **{key: _on_host(value) for key, value in kwargs.items()})

    return update_state


def _on_host(value: Any) -> Any:
    return value if value is None else as_tensor(value, None, torch.device("cpu")).detach()


def _with_tensor_result(result: Callable) -> Callable:
    @functools.wraps(result)
    def as_one(self: Any) -> Any:
        value = result(self)
        if isinstance(value, dict):
            return value
        return as_tensor(value, self._torch_dtype)

    return as_one
