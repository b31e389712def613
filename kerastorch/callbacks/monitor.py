"""What callbacks share that watch one quantity and compare it with the best so far."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from kerastorch.callbacks.callback import Callback
from kerastorch.callbacks.history import stored_name
from kerastorch.errors import InvalidArgumentError

_UP = ("acc", "accuracy", "auc", "precision", "recall", "f1", "f1_score", "iou", "r2_score")
_DOWN = (
    "loss",
    "mse",
    "mae",
    "mape",
    "msle",
    "rmse",
    "error",
    "crossentropy",
    "divergence",
    "hinge",
    "logcosh",
)


class MonitorCallback(Callback):
    """A callback that watches one name of the logs.

    Args:
        monitor: the name in the logs. Default: `"val_loss"`.
        mode: `"min"` and `"max"` say what is better; `"auto"` asks the metric of that name, then the name
            itself. Default: `"auto"`.
        baseline: the best value at the beginning; None takes the first. Default: None.
        min_delta: least change that counts as better. Default: 0.

    Raises:
        InvalidArgumentError: at the first epoch's end, when `mode="auto"` cannot tell what is better.

    Source: Keras's `MonitorCallback`
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{type(self).__name__} mode {mode!r} is unknown, fallback to auto mode. "
                "Expected 'auto', 'min' or 'max'.",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Callable[[Any, Any], Any] | None = None

    def _set_monitor_op(self) -> None:
        """Decides what is better, once the metrics of the model are known."""
        upwards = self._goes_up()
        self.monitor_op = operator.gt if upwards else operator.lt
        if not upwards:
            self.min_delta *= -1

    def _goes_up(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        directions = {
            metric.name: metric._direction
            for metric in _leaves(getattr(self.model, "metrics", None) or ())
            if getattr(metric, "_direction", None) in ("up", "down") and isinstance(metric.name, str)
        }
        known = _find_name(name, directions)
        if known is not None:
            return directions[known] == "up"
        name = re.sub(r"_\d+$", "", name)  # auc_1 is an auc
        for names, upwards in ((_DOWN, False), (_UP, True)):
            if _find_name(name, names) is not None:
                return upwards
        raise InvalidArgumentError(
            f"{type(self).__name__} callback received monitor={self.monitor!r}, but it is not known whether that "
            "metric should be maximized or minimized. Pass `mode='max'` when higher is better, or `mode='min'` "
            "when lower is better."
        )

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        if value != value:  # NaN is never better, and anything is better than NaN
            return False
        if reference is None or reference != reference:
            return True
        return bool(self.monitor_op(value - self.min_delta, reference))  # type: ignore[misc]

    def _monitored(self, logs: dict[str, Any] | None, what: str) -> Any:
        """The value in the logs, or None after a warning. `val_acc` and `val_accuracy` find each other."""
        logs = logs or {}
        value = logs.get(stored_name(self.monitor, logs))
        if value is None:
            warnings.warn(
                f"{what} conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs)}",
                stacklevel=3,
            )
        return value


def _leaves(metrics: Iterable[Any]) -> Iterator[Any]:
    """The metrics, with those inside of containers."""
    for metric in metrics:
        inner = getattr(metric, "metrics", None)
        if isinstance(inner, (list, tuple)) and inner:
            yield from _leaves(inner)
        else:
            yield metric


def _find_name(name: str, known: Collection[str]) -> str | None:
    """Which of the known names is meant: the same or its twin, else one that follows the name of an output."""
    name = stored_name(name, known)
    if name in known:
        return name
    return next((each for each in known if each and name.endswith(f"_{each}")), None)
