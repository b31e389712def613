"""Rows of different lengths, of numbers or of strings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import numpy as np
import torch

from kerastorch.core.strings import StringTensor
from kerastorch.errors import ShapeError


class RaggedTensor:
    """Rows of different lengths: their values one after the other, and where each row ends.

    Args:
        values: a tensor or string tensor with the values of all rows; its first axis runs through them.
        row_splits: where each row begins, and the number of values at the end.

    Raises:
        ShapeError: when the rows do not have as many values as there are.

    Example:
        >>> rows = RaggedTensor(torch.tensor([1, 2, 3]), [0, 2, 2, 3])
        >>> rows.to_list(), rows.to_tensor().tolist(), rows.row_lengths().tolist()
        ([[1, 2], [], [3]], [[1, 2], [0, 0], [3, 0]], [2, 0, 1])

    Source: `tf.RaggedTensor`
    """

    def __init__(self, values: Any, row_splits: Any) -> None:
        self.values = values
        self.row_splits = torch.as_tensor(row_splits, dtype=torch.int64)
        self._splits = self.row_splits.tolist()
        if not self._splits or self._splits[-1] != len(self.values):
            raise ShapeError(f"The rows end at {self._splits[-1:]}, but there are {len(self.values)} values.")

    @classmethod
    def of_lengths(cls, values: Any, lengths: Any) -> RaggedTensor:
        """Returns rows from their lengths.

        Args:
            values: the values of all rows.
            lengths: the length of each row, as integers.
        """
        return cls(values, list(accumulate(lengths, initial=0)))

    @property
    def dtype(self) -> Any:
        """The type of the values."""
        return self.values.dtype

    @property
    def shape(self) -> tuple:
        """The shape, with None for the lengths of rows."""
        return (len(self), None, *self.values.shape[1:])

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
        starts, lengths = self.row_splits[:-1], self.row_lengths()
        width = int(lengths.max()) if len(self) else 0
        if shape is not None and len(shape) > 1 and shape[1] is not None:
            width = int(shape[1])
        if isinstance(self.values, StringTensor):
            filler = b"" if default_value is None else default_value
            return StringTensor([(row + [filler] * width)[:width] for row in self.to_list()])
        filled = 0 if default_value is None else float(default_value)
        result = self.values.new_full((len(self), width, *self.values.shape[1:]), filled)
        column = torch.arange(width, device=starts.device)
        inside = column < lengths.unsqueeze(1)
        result[inside.to(result.device)] = self.values[(starts.unsqueeze(1) + column)[inside]]
        return result

    def numpy(self) -> Any:
        """Returns a NumPy array: of all axes where the rows are equally long, else one of arrays."""
        if len(set(self.row_lengths().tolist())) == 1:
            return self.to_tensor().numpy()
        rows = np.empty(len(self), dtype=object)
        rows[:] = [row.numpy() for row in self]
        return rows

    def __len__(self) -> int:
        return len(self._splits) - 1

    def __iter__(self) -> Iterator[Any]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            start, stop, step = row.indices(len(self))
            if step != 1:
                raise ShapeError(f"Rows can be taken with step 1 alone. Received: {row}.")
            splits = self.row_splits[start : max(start, stop) + 1]
            return type(self)(self.values[int(splits[0]) : int(splits[-1])], splits - splits[0])
        if not -len(self) <= row < len(self):
            raise ShapeError(f"There is no row {row} among {len(self)}.")
        row = row % len(self)
        return self.values[self._splits[row] : self._splits[row + 1]]

    def __repr__(self) -> str:
        return f"<RaggedTensor {self.to_list()}>"
