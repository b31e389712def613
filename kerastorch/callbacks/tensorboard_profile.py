"""Profiling some training steps."""

from __future__ import annotations

import os
import warnings
from operator import index
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError


class StepProfiler:
    """Profiles a range of training steps with `torch.profiler`.

    Args:
        steps: the number of a step, from 1, or the first and the last of a range, as a pair or a text `"10,20"`;
            0 profiles nothing.
        folder: where the trace goes, a file `*.pt.trace.json`.

    Attributes:
        first: the number of the first step, 0 for none.
        last: that of the last one.

    Raises:
        InvalidArgumentError: when `steps` is something else.

    Example:
        >>> profiler = StepProfiler("10,20", "logs/plugins/profile")
        >>> profiler.first, profiler.last
        (10, 20)

    Source: `torch.profiler.profile`
    """

    def __init__(self, steps: Any, folder: str) -> None:
        self.first, self.last = _range(steps)
        self.folder = folder
        self._profile: Any = None
        self._is_done = False

    def begin_run(self) -> None:
        """Notes that training begins: the steps are counted from here."""
        self._is_done = False

    def begin_step(self, number: int) -> None:
        """Starts profiling, if it is time.

        Args:
            number: the number of the step in this run, from 1.
        """
        if self._is_done or not self.last or number < self.first:
            return
        self._is_done = True
        if torch.autograd._profiler_enabled():
            warnings.warn(
                "TensorBoard does not profile the steps of `profile_batch`: another profiler is running, which a "
                "second one would end.",
                stacklevel=4,
            )
            return
        os.makedirs(self.folder, exist_ok=True)
        trace = torch.profiler.tensorboard_trace_handler(self.folder)
        self._profile = torch.profiler.profile(on_trace_ready=trace)
        self._profile.start()

    def end_step(self, number: int) -> None:
        """Writes the trace, if that was the last step.

        Args:
            number: the number of the step in this run, from 1.
        """
        if number >= self.last:
            self.stop()

    def end_run(self) -> None:
        """Writes what was profiled; warns when training was over before the first step to profile."""
        self.stop()
        if self.last and not self._is_done:
            warnings.warn(
                f"TensorBoard profiled nothing: training ended before step {self.first}, where `profile_batch` begins.",
                stacklevel=3,
            )

    def stop(self) -> None:
        """Stops profiling and writes the trace, if it runs."""
        if self._profile is not None:
            profile, self._profile = self._profile, None
            profile.stop()


def _range(steps: Any) -> tuple[int, int]:
    parts = steps
    if isinstance(steps, str):
        parts = steps.split(",")
    elif not isinstance(steps, (tuple, list)):
        parts = [steps]
    try:
        first, last = (int(p) if isinstance(p, str) else index(p) for p in (parts[0], parts[-1]))
    except (TypeError, ValueError, IndexError):
        first, last = -1, -1
    if len(parts) > 2 or not 0 <= first <= last:
        raise InvalidArgumentError(
            "`profile_batch` must be a non-negative integer or a pair of positive integers, the first and the last "
            f"step to profile. Received: {steps!r}."
        )
    return first, last
