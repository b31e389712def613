"""`tf.ragged` and `tf.RaggedTensor`: rows of different lengths."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor, integers
from kerastorch.compat.tensorflow.shapes import TensorShape
from kerastorch.core import ragged
from kerastorch.errors import ShapeError

__all__ = ["constant", "range", "stack"]


class RaggedTensor(ragged.RaggedTensor):
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
        super().__init__(as_tensor(values), as_tensor(row_splits))

    @property
    def shape(self) -> TensorShape:
        """The shape, with None for the lengths of rows."""
        return TensorShape(super().shape)

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
        return cls(values, list(accumulate(integers(row_lengths), initial=0)))

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
