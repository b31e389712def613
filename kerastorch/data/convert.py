"""Arrays, tensors, data frames and lists of numbers as torch tensors."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.config import floatx
from kerastorch.core.strings import StringTensor, is_strings, is_texts
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import DataError


def is_array_like(value: Any) -> bool:
    """Returns whether a leaf can be held as one tensor: an array, tensor, data frame, or list of numbers or texts."""
    return (
        value is None
        or isinstance(value, (np.ndarray, torch.Tensor, StringTensor))
        or _is_frame(value)
        or is_numbers(value)
        or is_texts(value)
    )


def _is_frame(value: Any) -> bool:
    pandas = sys.modules.get("pandas")  # a data frame exists only where pandas has been imported
    return pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series, pandas.Index))


def is_numbers(value: Any) -> bool:
    """Returns whether `value` is a list of numbers, or of lists of numbers: one array, not several inputs."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
        if isinstance(value, (bool, int, float, np.generic)):
            return True
    return False


def map_arrays(func: Any, structure: Any) -> Any:
    """Applies `func` to the arrays of a nested structure; a list of numbers counts as one array."""
    if structure is None or is_array_like(structure):
        return func(structure)
    if isinstance(structure, dict):
        return {key: map_arrays(func, value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        parts = [map_arrays(func, value) for value in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return func(structure)


def holds_arrays(*structures: Any) -> bool:
    """Returns whether nested structures consist of arrays, tensors, data frames and lists of numbers."""
    leaves: list[Any] = []
    for structure in structures:
        map_arrays(leaves.append, structure)
    return all(is_array_like(leaf) for leaf in leaves)


def to_tensor(value: Any, what: str = "data") -> Any:
    """Returns an array as a tensor that shares its memory where it can; floats in the type `floatx()`.

    Args:
        value: an array, tensor, data frame or list of numbers; None stays None.
        what: the name of the argument, for the error; with `"x"` text becomes a `StringTensor`.

    Raises:
        DataError: when the values are no numbers.
    """
    if value is None or (what == "x" and isinstance(value, StringTensor)):
        return value
    if isinstance(value, torch.Tensor):
        tensor = value
    else:
        array = value.to_numpy() if _is_frame(value) else _array_of(value, what)
        if what == "x" and _holds_text(array):
            return StringTensor(array)
        if array.dtype == object:
            array = _numbers_of(array, what)
        if array.dtype.kind in "USO":
            raise DataError(
                f"`{what}` holds text or objects (dtype {array.dtype}), which a model cannot compute with. Expected "
                "numbers: encode the values first."
            )
        tensor = _shared(array)
        if _is_file(value):
            return tensor  # a file is never read as a whole; its batches are cast
    if tensor.is_floating_point() and tensor.dtype is not torch_dtype(floatx()):
        tensor = tensor.to(torch_dtype(floatx()))
    return tensor.detach() if tensor.requires_grad else tensor


def _holds_text(array: np.ndarray) -> bool:
    """Whether an array holds nothing but strings."""
    if array.dtype != object:
        return array.dtype.kind in "UST"
    return is_strings(array) and all(isinstance(value, (str, bytes)) for value in array.flat)


def _is_file(value: Any) -> bool:
    """Whether an array, or the array that it is a view of, lies in a file."""
    while isinstance(value, np.ndarray):
        if isinstance(value, np.memmap):
            return True
        value = value.base
    return False


def _array_of(value: Any, what: str) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise DataError(
            f"`{what}` makes no array: {error} Samples of different lengths must be padded to one length."
        ) from error


def _numbers_of(array: np.ndarray, what: str) -> np.ndarray:
    try:
        return array.astype(floatx())
    except (TypeError, ValueError) as error:
        raise DataError(
            f"`{what}` has dtype object and cannot be converted to numbers: {error}. Samples of different lengths must "
            "be padded to one length."
        ) from error


def _shared(array: np.ndarray) -> torch.Tensor:
    """A tensor on the memory of an array; a copy only where torch cannot use that memory."""
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype == np.longdouble:
        array = array.astype(np.float64)
    if any(stride < 0 for stride in array.strides):
        array = array.copy()
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="The given NumPy array is not writable"
        )  # batches are never written
        return torch.from_numpy(array)


def batch_length(structure: Any) -> int | None:
    """Returns the length of the first tensor in a nested structure, None when there is none."""
    if type(structure) is dict:  # as nearly every batch of several inputs is
        first = next(iter(structure.values()), None)
        if type(first) is torch.Tensor and first.ndim:
            return first.shape[0]
    for leaf in tree.flatten(structure):
        if isinstance(leaf, (torch.Tensor, StringTensor)) and leaf.ndim:
            return leaf.shape[0]
    return None
