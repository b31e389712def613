"""What the functions on text share: they run text by text, on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.errors import InvalidArgumentError


def mapped(function: Callable[..., Any], value: Any, *others: Any) -> np.ndarray:
    """Returns what a function gives for each text, and what stands beside it, as an array of objects.

    Args:
        function: takes the bytes of a text and the elements of `others`.
        value: the texts.
        *others: arrays that broadcast with them.

    Example:
        >>> mapped(len, ["to", "b"]).tolist()
        [2, 1]
    """
    arrays: Any = np.broadcast_arrays(np.asarray(as_strings(value)), *others)
    result = np.empty(arrays[0].shape, dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = function(*(array[place] for array in arrays))
    return result


def texts(function: Callable[..., Any], value: Any, *others: Any) -> StringTensor:
    """Returns the text that a function gives for each text.

    Args:
        function: takes the bytes of a text and the elements of `others`.
        value: the texts.
        *others: arrays that broadcast with them.

    Example:
        >>> texts(bytes.title, ["to"]).tolist()
        [b'To']
    """
    return StringTensor(mapped(function, value, *others))


def numbers(function: Callable[[bytes], Any], value: Any, dtype: Any) -> torch.Tensor:
    """Returns the number that a function gives for each text.

    Args:
        function: takes the bytes of a text.
        value: the texts.
        dtype: the type of the numbers.

    Example:
        >>> numbers(len, ["to", "b"], "int32").tolist()
        [2, 1]
    """
    return as_tensor(mapped(function, value).astype(as_dtype(dtype).as_numpy_dtype))


def ragged_rows(rows: np.ndarray) -> RaggedTensor:
    """Returns lists of texts, one for each text that was given, as the rows of a tensor.

    Args:
        rows: an array of lists.

    Example:
        >>> ragged_rows(mapped(bytes.split, ["to be", "or"])).to_list()
        [[b'to', b'be'], [b'or']]
    """
    flat = [item for row in rows.flat for item in row]
    lengths = [len(row) for row in rows.flat]
    return RaggedTensor.from_row_lengths(StringTensor(np.array(flat, dtype=object)), lengths)


def counts_bytes(encoding: str, what: str) -> bool:
    """Returns whether bytes are meant, and not letters.

    Args:
        encoding: `""` or `"BYTE"`, else `"utf-8"` or `"UTF8_CHAR"`.
        what: the argument's name, for the error.

    Raises:
        InvalidArgumentError: when it is none of them.

    Example:
        >>> counts_bytes("BYTE", "unit"), counts_bytes("UTF8_CHAR", "unit")
        (True, False)
    """
    if encoding not in ("", "utf-8", "BYTE", "UTF8_CHAR", "UTF-8"):
        raise InvalidArgumentError(
            f"Unknown {what}: {encoding!r}. Expected 'BYTE' or 'UTF8_CHAR', or '' or 'utf-8'."
        )
    return encoding in ("", "BYTE")
