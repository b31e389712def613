"""`tf.ragged` and `tf.RaggedTensor`: rows of different lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor, integers
from kerastorch.compat.tensorflow.shapes import TensorShape
from kerastorch.core.strings import StringTensor
from kerastorch.errors import ShapeError

__all__ = ["constant", "range", "stack"]


class RaggedTensor:
    """Rows of different lengths: their values one after the other, and where each row ends.

    Args:
        values: the values of all rows; its first axis runs through them.
        row_splits: where each row begins, and the number of values at the end.

    Raises:
        ShapeError: when the rows do not have as many values as there are.

    Example:
        >>> rows = constant([[1, 2], [], [3]])
        >>> rows.to_list(), rows.to_tensor().tolist(), rows.row_lengths().tolist()
        ([[1, 2], [], [3]], [[1, 2], [0, 0], [3, 0]], [2, 0, 1])

    Source: `tf.RaggedTensor`
    """

    def __init__(self, values: Any, row_splits: Any) -> None:
        self.values = as_tensor(values)
        self.row_splits = as_tensor(row_splits).to(torch.int64)
        self._splits = self.row_splits.tolist()
        if not self._splits or self._splits[-1] != len(self.values):
            raise ShapeError(f"The rows end at {self._splits[-1:]}, but there are {len(self.values)} values.")

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Returns rows from where they begin.

        Args:
            values: the values of all rows.
            row_splits: where each row begins, and the number of values at the end.
            name: a name, without meaning here.
            validate: whether to check; it is always done.
        """
        return cls(values, row_splits)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Returns rows from their lengths.

        Args:
            values: the values of all rows.
            row_lengths: the length of each row.
            name: a name, without meaning here.
            validate: whether to check; it is always done.
        """
        splits = [0]
        for length in integers(row_lengths):
            splits.append(splits[-1] + length)
        return cls(values, splits)

    @classmethod
    def from_tensor(
        cls, tensor: Any, lengths: Any = None, padding: Any = None, name: str | None = None
    ) -> RaggedTensor:
        """Returns the rows of a tensor.

        Args:
            tensor: a tensor of two axes or more.
            lengths: how much of each row to take; None takes all.
            padding: a value that is left out at the end of rows.
            name: a name, without meaning here.
        """
        tensor = as_tensor(tensor)
        counts = [tensor.shape[1]] * len(tensor) if lengths is None else integers(lengths)
        if padding is not None:
            used = (tensor != padding).to(torch.int64) * torch.arange(
                1, tensor.shape[1] + 1, device=tensor.device
            )
            counts = used.amax(1).tolist()
        rows = [row[:count] for row, count in zip(tensor, counts, strict=True)]
        return cls.from_row_lengths(torch.cat(rows), counts)

    @property
    def dtype(self) -> Any:
        """The type of the values."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape, with None for the lengths of rows."""
        return TensorShape([len(self), None, *self.values.shape[1:]])

    @property
    def flat_values(self) -> Any:
        """The values of all rows."""
        return self.values

    @property
    def ragged_rank(self) -> int:
        """The number of axes whose length differs."""
        return 1

    def nrows(self) -> torch.Tensor:
        """Returns the number of rows."""
        return torch.tensor(len(self))

    def row_lengths(self, axis: int = 1) -> torch.Tensor:
        """Returns the length of each row.

        Args:
            axis: the ragged axis, 1.
        """
        return self.row_splits.diff()

    def to_list(self) -> list[Any]:
        """Returns nested lists."""
        return [row.tolist() for row in self]

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Any:
        """Returns a tensor whose rows are filled up.

        Args:
            default_value: what they are filled up with. Default: zero, or empty text.
            name: a name, without meaning here.
            shape: the shape of the result, with None for what is not said; longer rows are cut.
        """
        width = max((len(row) for row in self), default=0)
        if shape is not None and len(shape) > 1 and shape[1] is not None:
            width = int(shape[1])
        if isinstance(self.values, StringTensor):
            filler = b"" if default_value is None else default_value
            return StringTensor([(row + [filler] * width)[:width] for row in self.to_list()])
        filled = 0 if default_value is None else as_tensor(default_value).item()
        result = self.values.new_full((len(self), width, *self.values.shape[1:]), filled)
        for place, row in enumerate(self):
            result[place, : len(row)] = row[:width]
        return result

    def numpy(self) -> Any:
        """Returns a NumPy array of rows."""
        return (
            self.to_tensor().numpy()
            if len({len(r) for r in self}) == 1
            else _array_of([r.numpy() for r in self])
        )

    def __len__(self) -> int:
        return len(self._splits) - 1

    def __iter__(self) -> Iterator[Any]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            rows = [self[i] for i in range(*row.indices(len(self)))]
            values = torch.cat(rows) if rows else self.values[:0]
            return RaggedTensor.from_row_lengths(values, [len(r) for r in rows])
        if not -len(self) <= row < len(self):
            raise ShapeError(f"There is no row {row} among {len(self)}.")
        row = row % len(self)
        return self.values[self._splits[row] : self._splits[row + 1]]

    def __repr__(self) -> str:
        return f"<RaggedTensor {self.to_list()}>"


def _array_of(rows: list[Any]) -> Any:
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


def constant(pylist: Any, dtype: Any = None, name: str | None = None) -> RaggedTensor:
    """Returns rows from nested lists.

    Args:
        pylist: a list of lists of numbers or texts.
        dtype: the type of the values; None gives numbers TensorFlow's.
        name: a name, without meaning here.

    Example:
        >>> constant([[1.5], [2.0, 3.0]]).shape
        TensorShape([2, None])

    Source: `tf.ragged.constant`
    """
    flat = [value for row in pylist for value in row]
    return RaggedTensor.from_row_lengths(as_tensor(flat, dtype), [len(row) for row in pylist])


def stack(values: list[Any], axis: int = 0, name: str | None = None) -> RaggedTensor:
    """Returns tensors of one axis as the rows of a ragged one.

    Args:
        values: the tensors.
        axis: where the new axis goes, 0.
        name: a name, without meaning here.

    Raises:
        ShapeError: when `axis` is not 0.

    Example:
        >>> stack([[1, 2], [3]]).to_list()
        [[1, 2], [3]]

    Source: `tf.ragged.stack`
    """
    if axis != 0:
        raise ShapeError(f"tf.ragged.stack puts rows along axis 0 here. Received: axis={axis}.")
    rows = [as_tensor(value) for value in values]
    return RaggedTensor.from_row_lengths(torch.cat(rows), [len(row) for row in rows])


def range_(starts: Any, limits: Any = None, deltas: Any = 1, name: str | None = None) -> RaggedTensor:
    """Returns a row of numbers at equal distances for each limit.

    Args:
        starts: the first numbers; the limits where they are the only ones given.
        limits: where to stop.
        deltas: the distances. Default: 1.
        name: a name, without meaning here.

    Example:
        >>> range_([3, 1]).to_list()
        [[0, 1, 2], [0]]

    Source: `tf.ragged.range`
    """
    first, last = (0, starts) if limits is None else (starts, limits)
    lows, highs, steps = torch.broadcast_tensors(*(as_tensor(part) for part in (first, last, deltas)))
    ends = zip(lows.tolist(), highs.tolist(), steps.tolist(), strict=True)
    return constant([torch.arange(*end).tolist() for end in ends])


def __getattr__(name: str) -> Any:
    if name == "range":
        return range_
    raise missing("tf.ragged", name)
