"""Batches of stretches of a series: `TimeseriesGenerator`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kerastorch.data.py_dataset import PyDataset
from kerastorch.errors import InvalidArgumentError, SerializationError


class TimeseriesGenerator(PyDataset):
    """Batches of stretches of a series, each with the target that follows it.

    Args:
        data: the series, an array or list (steps, ...).
        targets: a target for each step.
        length: the length of a stretch, in steps.
        sampling_rate: the distance between the steps of a stretch that are used.
        stride: the distance between the beginnings of stretches, in steps.
        start_index: the first step that is used.
        end_index: the last one; None uses all.
        shuffle: whether the stretches are drawn at random, by NumPy's global generator.
        reverse: whether the latest step of a stretch comes first.
        batch_size: the number of stretches in a batch.
        **kwargs: arguments of `PyDataset`.

    Raises:
        InvalidArgumentError: when `data` and `targets` differ in length, or nothing is left between the indices.

    Example:
        >>> series = np.arange(6)
        >>> x, y = TimeseriesGenerator(series, 10 * series, length=2, batch_size=2)[1]
        >>> x.tolist(), y.tolist()
        ([[2, 3], [3, 4]], [40, 50])

    Source: `keras.preprocessing.sequence.TimeseriesGenerator`.
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if len(data) != len(targets):
            raise InvalidArgumentError(
                f"Data and targets have to be of same length. Data length is {len(data)} while target length is "
                f"{len(targets)}."
            )
        self.data = data
        self.targets = targets
        self.length = length
        self.sampling_rate = sampling_rate
        self.stride = stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle = shuffle
        self.reverse = reverse
        self.batch_size = batch_size
        if self.start_index > self.end_index:
            raise InvalidArgumentError(
                f"`start_index+length={self.start_index} > end_index={self.end_index}` is disallowed, as no part of "
                "the sequence would be left to be used as current step."
            )

    def __len__(self) -> int:
        steps = self.batch_size * self.stride
        return (self.end_index - self.start_index + steps) // steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._rows(index)
        samples = np.array([self.data[row - self.length : row : self.sampling_rate] for row in rows])
        targets = np.array([self.targets[row] for row in rows])
        return (samples[:, ::-1] if self.reverse else samples), targets

    def _rows(self, index: int) -> np.ndarray:
        """The steps that follow the stretches of a batch."""
        if self.shuffle:
            return np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        first = self.start_index + self.batch_size * self.stride * index
        return np.arange(first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride)

    def get_config(self) -> dict[str, Any]:
        """Returns the settings, and the series as JSON.

        Raises:
            SerializationError: when the series cannot be written as JSON.
        """
        names = (
            "length",
            "sampling_rate",
            "stride",
            "start_index",
            "end_index",
            "shuffle",
            "reverse",
            "batch_size",
        )
        series = {name: _as_json(name, getattr(self, name)) for name in ("data", "targets")}
        return {**series, **{name: getattr(self, name) for name in names}}

    def to_json(self, **kwargs: Any) -> str:
        """Returns the generator as text.

        Args:
            **kwargs: arguments of `json.dumps`.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def _as_json(name: str, values: Any) -> str:
    try:
        return json.dumps(values.tolist() if hasattr(values, "tolist") else values)
    except TypeError as error:
        raise SerializationError(f"`{name}` cannot be written as JSON: {error}.") from error
