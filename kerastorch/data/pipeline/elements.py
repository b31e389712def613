"""Elements of a dataset: nested tuples and dictionaries of tensors, made, stacked and padded."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.strings import StringTensor, as_strings, is_strings, stack_strings
from kerastorch.errors import DataError, ShapeError

_INT32 = np.iinfo(np.int32)


def as_element(value: Any) -> Any:
    """Returns nested values as an element: arrays, numbers and lists become tensors, text string tensors.

    As in TensorFlow, tuples and dictionaries are structure and a list is one tensor; Python's integers become
    int32 where they fit and its floats float32, while NumPy's keep their types.

    Args:
        value: nested tuples and dictionaries of values.

    Raises:
        DataError: when a leaf makes no tensor.

    Example:
        >>> as_element({"a": [1, 2], "b": (np.float64(0.5), None)})
        {'a': tensor([1, 2], dtype=torch.int32), 'b': (tensor(0.5000, dtype=torch.float64), None)}
    """
    if isinstance(value, tuple):
        parts = [as_element(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        pairs = [(key, as_element(part)) for key, part in value.items()]
        return dict(pairs) if type(value) is dict else type(value)(pairs)
    return as_leaf(value)


def as_leaf(value: Any) -> Any:
    """Returns one value as a tensor on the CPU; nested datasets and None stay as they are.

    Args:
        value: a tensor, array, number, text, data frame, or list of them.

    Raises:
        DataError: when it makes no tensor.
    """
    if isinstance(value, torch.Tensor):
        tensor = value.detach() if value.requires_grad else value
        return tensor if tensor.device.type == "cpu" else tensor.cpu()
    if value is None or isinstance(value, StringTensor) or hasattr(value, "dataset_spec"):
        return value
    if is_strings(value):
        return as_strings(value)
    if isinstance(value, (list, tuple)) and any(isinstance(part, torch.Tensor) for part in value):
        return _stacked_list(value)
    return _from_numpy(_as_array(value))


def _stacked_list(values: Sequence[Any]) -> torch.Tensor:
    tensors = [as_leaf(value) for value in values]
    try:
        return torch.stack(tensors)
    except (RuntimeError, TypeError) as error:
        raise DataError(f"A list becomes one tensor, but its parts do not fit: {error}") from error


def _as_array(value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DataError(
            f"A list becomes one tensor, but this makes none: {error}. For structure use tuples and dictionaries."
        ) from error
    if array.dtype == object:
        return _numbers_of(array)
    if array.dtype == np.int64 and _is_python(value, int) and _fits_int32(array):
        return array.astype(np.int32)
    if array.dtype == np.float64 and _is_python(value, float, int):
        return array.astype(np.float32)
    return array


def _numbers_of(array: np.ndarray) -> np.ndarray:
    """The numbers of an array of objects, such as a data frame whose columns have several types."""
    if array.size and not isinstance(array.flat[0], (bool, int, float, np.generic)):
        raise DataError(
            f"An element must be made of numbers and text. Received: {array.flat[0]!r} "
            f"(of type {type(array.flat[0]).__name__})."
        )
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"Values of several kinds make no tensor: {error}. Give the columns apart, as a dictionary."
        ) from error


def _is_python(value: Any, *kinds: type) -> bool:
    """Whether a value is a number of Python, or a list that begins with one."""
    while isinstance(value, (list, tuple, range)) and len(value):
        value = value[0]
    return isinstance(value, kinds) and not isinstance(value, np.generic)


def _fits_int32(array: np.ndarray) -> bool:
    return array.size == 0 or bool(array.min() >= _INT32.min and array.max() <= _INT32.max)


def _from_numpy(array: np.ndarray) -> torch.Tensor:
    """A tensor on the memory of an array; a copy only where torch cannot use that memory."""
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if any(stride < 0 for stride in array.strides):
        array = array.copy()
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="The given NumPy array is not writable"
        )  # elements are copies
        try:
            return torch.from_numpy(array)
        except TypeError as error:
            raise DataError(f"There is no tensor of dtype {array.dtype}: {error}") from error


def copied(leaf: Any) -> Any:
    """Returns a leaf that a user's function may change in place."""
    return leaf.clone() if isinstance(leaf, torch.Tensor) else leaf


def flattener(example: Any) -> Callable[[Any], Sequence[Any]]:
    """Returns a function that gives the leaves of elements of one structure, the cheapest that there is.

    Args:
        example: an element, or the specs of one.
    """
    if not tree.is_nested(example):
        return lambda element: (element,)
    if not any(tree.is_nested(part) for part in (example.values() if isinstance(example, dict) else example)):
        if type(example) is tuple:
            return tuple
        if type(example) is dict and len(example) > 1:
            return operator.itemgetter(*tree.sorted_keys(example))
    return tree.flatten


def packer(example: Any) -> Callable[[Sequence[Any]], Any]:
    """Returns a function that makes an element of the leaves that `flattener` gives.

    Args:
        example: an element, or the specs of one.
    """
    if not tree.is_nested(example):
        return operator.itemgetter(0)
    if type(example) is tuple and not any(map(tree.is_nested, example)):
        return tuple
    return lambda leaves: tree.pack_sequence_as(example, leaves)


class Stacker:
    """Stacks elements of one structure; looks at that structure only once.

    Args:
        join: makes one leaf of the leaves of several elements. Default: `stacked`.
    """

    def __init__(self, join: Callable[[Sequence[Any], int], Any] | None = None) -> None:
        self._join = join or (lambda leaves, place: stacked(leaves))
        self._flatten: Callable[[Any], Sequence[Any]] | None = None
        self._pack: Callable[[Sequence[Any]], Any] = tuple

    def __call__(self, elements: Sequence[Any]) -> Any:
        if self._flatten is None:
            self._flatten, self._pack = flattener(elements[0]), packer(elements[0])
        columns = zip(*map(self._flatten, elements), strict=True)
        return self._pack([self._join(column, place) for place, column in enumerate(columns)])


def stacked(leaves: Sequence[Any]) -> Any:
    """Returns leaves of one shape along a new first axis.

    Args:
        leaves: tensors, string tensors, or nothing but None.

    Raises:
        ShapeError: when their shapes differ.
        DataError: when they are no tensors.
    """
    first = leaves[0]
    try:
        if isinstance(first, torch.Tensor):
            return torch.stack(leaves)  # type: ignore[arg-type]
        if isinstance(first, StringTensor):
            return stack_strings(leaves)
    except (RuntimeError, ValueError) as error:
        shapes = sorted({tuple(leaf.shape) for leaf in leaves})
        raise ShapeError(
            f"Cannot batch tensors of different shapes: {shapes}. Use `padded_batch`, or give them one shape first."
        ) from error
    if first is None:
        return None
    raise DataError(f"Elements that are nested datasets cannot be batched. Received: {first!r}.")


def padded(leaves: Sequence[Any], shape: Sequence[int | None] | None, value: Any) -> Any:
    """Returns leaves along a new first axis, each filled up at its end.

    Args:
        leaves: tensors of one number of axes.
        shape: the lengths to fill up to, None for that of the longest; None for all of these.
        value: what to fill with; None is zero or the empty string.

    Raises:
        ShapeError: when a leaf is longer than `shape`, or the numbers of axes differ.
    """
    shapes = [tuple(leaf.shape) for leaf in leaves]
    longest = (
        [max(lengths) for lengths in zip(*shapes, strict=True)] if len(set(map(len, shapes))) == 1 else None
    )
    wanted = [None] * len(shapes[0]) if shape is None else list(shape)
    if longest is None or len(wanted) != len(longest):
        raise ShapeError(
            f"`padded_batch` needs as many axes everywhere. Received: {sorted(set(shapes))}, {shape}."
        )
    full = [have if want in (None, -1) else want for want, have in zip(wanted, longest, strict=True)]
    if any(have > room for have, room in zip(longest, full, strict=True)):
        raise ShapeError(f"An element of shape {tuple(longest)} does not fit padded_shapes={tuple(full)}.")
    if isinstance(leaves[0], StringTensor):
        texts = np.full(
            (len(leaves), *full), b"" if value is None else as_strings(value).numpy(), dtype=object
        )
        for row, leaf in zip(texts, leaves, strict=True):
            row[tuple(map(slice, leaf.shape))] = leaf.numpy()
        return as_strings(texts)
    batch = torch.full(
        (len(leaves), *full), 0 if value is None else value, dtype=leaves[0].dtype, device="cpu"
    )
    for tensor, leaf in zip(batch, leaves, strict=True):
        tensor[tuple(map(slice, leaf.shape))] = leaf
    return batch
