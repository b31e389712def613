"""The progress line: steps done, bar, time and the values of loss and metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.screen import Screen, write
from kerastorch.errors import InvalidArgumentError


class Progbar:
    """Shows how far a loop of steps has come, as one line on `sys.stdout`.

    A terminal or a notebook sees the line move; a file or a pipe gets it once, at the end.

    Args:
        target: number of steps; None when unknown.
        width: width of the bar in characters. Default: 20.
        verbose: 0 shows nothing, 1 a bar, 2 one line at the end. Default: 1.
        interval: least time in seconds between two drawings. Default: 0.05.
        stateful_metrics: names whose values are shown as they are; all others are averaged over the steps.
            Default: None.
        stateless_metrics: names whose values are averaged; all others are shown as they are. Default: None.
            With neither of the two, all values are averaged.
        unit_name: what a step is called. Default: `"step"`.

    Attributes:
        note: a function of the seconds a step, whose text ends the line; None for no such text.

    Raises:
        InvalidArgumentError: when both `stateful_metrics` and `stateless_metrics` are given.

    Example:
        >>> bar = Progbar(2, verbose=2)
        >>> bar.update(1, [("loss", 0.5)])
        >>> bar.update(2, [("loss", 0.25)])  # doctest: +ELLIPSIS
        2/2 - 0s - ...s/step - loss: 0.2500

    Source: keras.utils.Progbar
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise InvalidArgumentError(
                "Only one of `stateful_metrics` and `stateless_metrics` can be given. "
                f"Received: stateful_metrics={stateful_metrics!r}, stateless_metrics={stateless_metrics!r}."
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = None if stateless_metrics is not None else set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.note: Callable[[float], str] | None = None
        self._screen = Screen(target)
        self._seen_so_far = 0
        self._values: dict[str, tuple[Any, int]] = {}  # sum and number of values
        self._start = time.perf_counter()
        self._last_update = float("-inf")
        self._after_first_step: float | None = None

    @property
    def live(self) -> bool:
        """Whether anything is shown before the end."""
        return self.verbose == 1 and self._screen.live

    @property
    def is_kept(self) -> bool:
        """Whether a notebook keeps what the line says at the end."""
        return self._screen.in_notebook

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Sets the number of steps done and draws the line if it is time to.

        Args:
            current: number of steps done.
            values: pairs of a name and its value at the last step. Default: None.
            finalize: whether this is the last call; None says so when `current` reaches `target`. Default: None.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._record(current, values or (), finalize)
        now = time.perf_counter()
        duration = self._step_duration(current, now)
        if self.verbose == 1:
            if finalize:
                self._screen.finish(self._bar_line(current, duration, now, True), current)
            elif self._screen.live and now - self._last_update >= self.interval:
                self._screen.draw(self._bar_line(current, duration, now, False), current)
            else:
                return
        elif self.verbose == 2 and finalize:
            elapsed = f"{now - self._start:.0f}s"
            step = f"{format_duration(duration)}/{self.unit_name}"
            write(f"{self._count(current)} - {elapsed} - {step}{self._metrics(duration)}\n")
        self._last_update = now

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Adds to the number of steps done.

        Args:
            n: number of further steps.
            values: as in `update`.
        """
        self.update(self._seen_so_far + n, values)

    def close(self) -> None:
        """Ends a line that is still open."""
        self._screen.close()

    def _record(self, current: int, values: Iterable[tuple[str, Any]], finalize: bool) -> None:
        steps = max(current - self._seen_so_far, 1)
        for key, value in values:
            total, count = self._values.get(key, (0, 0))
            if finalize or not self._averages(key):
                self._values[key] = (value, 1)
            else:
                self._values[key] = (total + value * steps, count + steps)
        self._seen_so_far = current

    def _averages(self, key: str) -> bool:
        if self.stateless_metrics is not None:
            return key in self.stateless_metrics
        return key not in (self.stateful_metrics or ())

    def _step_duration(self, current: int, now: float) -> float:
        """Seconds a step; the first one, which is rarely typical, is left out where there are more."""
        if not current:
            return 0.0
        if self._after_first_step is not None and current > 1:
            duration = (now - self._after_first_step) / (current - 1)
        else:
            duration = (now - self._start) / current
        if current == 1:
            self._after_first_step = now
        return duration

    def _bar_line(self, current: int, duration: float, now: float, last: bool) -> str:
        shown = f"{now - self._start:.0f}s"
        if self.target and not last:
            shown = format_eta(duration * (self.target - current))
        step = f"{format_duration(duration)}/{self.unit_name}"
        metrics = self._metrics(duration)
        return f"{self._bold(self._count(current))}{self._bar(current)} {self._bold(shown)} {step}{metrics}"

    def _count(self, current: int) -> str:
        return f"{current:{len(str(self.target))}d}/{self.target}" if self.target else f"{current:7d}/Unknown"

    def _bar(self, current: int) -> str:
        if self._screen.widget:
            return " <bar/>"
        if not self.target:
            return ""
        done = min(int(self.width * current / self.target), self.width)
        if self._screen.colour:
            return f" \x1b[32m{'━' * done}\x1b[0m\x1b[37m{'━' * (self.width - done)}\x1b[0m"
        return f" {'━' * done}{'─' * (self.width - done)}"

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._screen.colour and not self._screen.widget else text

    def _metrics(self, duration: float) -> str:
        shown = [f" - {key}: {format_value(*pair)}" for key, pair in self._values.items()]
        return "".join(shown) + (self.note(duration) if self.note is not None else "")


def format_value(total: Any, count: int = 1) -> str:
    """Returns a value the way Keras shows it: four decimals, scientific from 0.001 downwards.

    Args:
        total: a number, an array or a tensor, of which the mean is taken, or anything else, shown as it is.
        count: what the value is divided by. Default: 1.

    Example:
        >>> format_value(0.5), format_value(0.0001), format_value(3.0, 2)
        ('0.5000', '1.0000e-04', '1.5000')
    """
    if isinstance(total, torch.Tensor):
        total = total.detach().double().mean().item()
    try:
        mean = float(np.mean(total)) / max(1, count)
    except (TypeError, ValueError):
        return str(total)
    return f"{mean:.4e}" if abs(mean) <= 1e-3 else f"{mean:.4f}"


def format_duration(seconds: float) -> str:
    """Returns a duration in the unit that suits it.

    Args:
        seconds: the duration in seconds.

    Example:
        >>> format_duration(2), format_duration(0.0031), format_duration(0.000456)
        ('2s', '3ms', '456us')
    """
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def format_eta(seconds: float) -> str:
    """Returns the time that is left as seconds, minutes and seconds, or hours too.

    Args:
        seconds: the time in seconds.

    Example:
        >>> format_eta(42), format_eta(62), format_eta(3725)
        ('42s', '1:02', '1:02:05')
    """
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"
