"""`timeseries_dataset_from_array`: windows that slide along a series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.elements import as_leaf, copied
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import AUTOTUNE, TensorSpec, spec_of, without_axis
from kerastorch.data.pipeline.stage import Stage
from kerastorch.errors import InvalidArgumentError
from kerastorch.utils.image_dataset import check_format


class Windows(Stage):
    """Windows of a series with a target each; a batch of them is made by one look-up.

    Args:
        series: the series, time along the first axis.
        targets: the target of the window that begins at the same place; None gives windows alone.
        starts: where the windows begin.
        length: number of time steps in a window.
        rate: distance of these steps.
    """

    def __init__(
        self, series: torch.Tensor, targets: Any, starts: torch.Tensor, length: int, rate: int
    ) -> None:
        self.table = self
        self.series = series
        self.targets = targets
        self.starts = starts
        self.length = length
        self.offsets = torch.arange(length, device="cpu") * rate

    def row(self, number: int) -> Any:
        """Returns one window, with its target."""
        start = self.starts[number]
        window = self.series[start + self.offsets]
        return window if self.targets is None else (window, copied(self.targets[start]))

    def rows_at(self, numbers: list[int]) -> Any:
        """Returns windows as one batch, with their targets."""
        starts = self.starts[torch.tensor(numbers, dtype=torch.int64, device="cpu")]
        windows = self.series[starts.unsqueeze(1) + self.offsets]
        return windows if self.targets is None else (windows, self.targets[starts])

    def rows(self, run: Run) -> Iterator[int]:
        return iter(range(len(self.starts)))

    def stream(self, run: Run) -> Iterator[Any]:
        return map(self.row, self.rows(run))

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        return map(self.row, range(start, len(self.starts)))

    def count(self) -> int:
        return len(self.starts)

    def spec(self) -> Any:
        window = TensorSpec((self.length, *self.series.shape[1:]), self.series.dtype)
        return window if self.targets is None else (window, without_axis(spec_of(self.targets)))


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Any:
    """Returns a dataset of windows that slide along a series.

    A window of length L that begins at time t, with sampling rate r, holds `data[t], data[t + r], ...,
    data[t + (L - 1) r]`; its target is `targets[t]`. To predict the step after the window, give
    `data[:-L], targets=data[L:]`. The series is not copied.

    Args:
        data: the series, an array or tensor with time along the first axis.
        targets: one for each beginning of a window; None gives windows alone.
        sequence_length: number of time steps in a window.
        sequence_stride: distance of the beginnings of windows, in time steps. Default: 1.
        sampling_rate: distance of the steps in a window, in time steps. Default: 1.
        batch_size: number of windows in a batch; None gives them one by one. Default: 128.
        shuffle: whether the order is random and another one in each epoch; else that of time. Default: False.
        seed: fixes the order. Default: None.
        start_index: the first time step that is used. Default: None, 0.
        end_index: the first time step that is not used any more. Default: None, all are used.
        format: accepted for Keras; there is one kind of dataset here, which `"tf"` is the name of. Default: `"tf"`.

    Returns:
        A `Dataset` of windows (batch, sequence_length, ...), or of pairs of them and targets (batch, ...).

    Raises:
        InvalidArgumentError: when a number is out of range, or no window fits into the series.

    Example:
        >>> dataset = timeseries_dataset_from_array(np.arange(10), None, 3, sequence_stride=2, sampling_rate=2)
        >>> next(iter(dataset)).tolist()
        [[0, 2, 4], [2, 4, 6], [4, 6, 8]]

    Source: keras.utils.timeseries_dataset_from_array
    """
    check_format(format)
    series = as_leaf(data)
    _check_range(start_index, end_index, len(series))
    _check_step("sequence_length", sequence_length, None)
    _check_step("sequence_stride", sequence_stride, len(series))
    _check_step("sampling_rate", sampling_rate, len(series))
    part = slice(start_index, end_index)
    series, goals = series[part], None if targets is None else as_leaf(targets)[part]
    number = len(series) - (sequence_length - 1) * sampling_rate
    if goals is not None:
        number = min(number, len(goals))
    if number <= 0:
        raise InvalidArgumentError(
            f"No window of {sequence_length} steps at a distance of {sampling_rate} fits into {len(series)} time "
            f"steps{'' if goals is None else f' with {len(goals)} targets'}."
        )
    starts = np.arange(0, number, sequence_stride)
    if shuffle:
        seed = int(np.random.randint(10**6)) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    dataset = Dataset(Windows(series, goals, torch.from_numpy(starts), sequence_length, sampling_rate))
    if shuffle:
        dataset = dataset.shuffle(len(starts), seed=seed)
    if batch_size is not None:
        dataset = dataset.batch(batch_size)
    return dataset.prefetch(AUTOTUNE)


def _check_range(start: int | None, end: int | None, length: int) -> None:
    if start is not None and not 0 <= start < length:
        raise InvalidArgumentError(
            f"`start_index` must be at least 0 and lower than the length of the data. Received: start_index={start}, "
            f"for data of length {length}."
        )
    if end is not None and not 0 < end < length:
        raise InvalidArgumentError(
            "`end_index` must be higher than 0 and lower than the length of the data (None uses all). "
            f"Received: end_index={end}, for data of length {length}."
        )
    if end is not None and end <= (start or 0):
        raise InvalidArgumentError(
            f"`end_index` must be higher than `start_index`. Received: start_index={start}, end_index={end}."
        )


def _check_step(name: str, value: int, length: int | None) -> None:
    if not hasattr(value, "__index__"):
        raise InvalidArgumentError(f"`{name}` must be an integer. Received: {name}={value!r}.")
    if value <= 0:
        raise InvalidArgumentError(f"`{name}` must be higher than 0. Received: {name}={value}.")
    if length is not None and value >= length:
        raise InvalidArgumentError(
            f"`{name}` must be lower than the length of the data. Received: {name}={value}, for data of length "
            f"{length}."
        )
