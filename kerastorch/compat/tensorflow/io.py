"""`tf.io`: files, images, and rows of text as tensors."""

from __future__ import annotations

import csv
import io as python_io
import os
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.events import as_array
from kerastorch.compat.tensorflow import gfile
from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.dtypes import as_dtype, cast
from kerastorch.compat.tensorflow.gfile import path_of
from kerastorch.compat.tensorflow.image_files import (
    decode_bmp,
    decode_gif,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
    one_text,
)
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError


def read_file(filename: Any, name: str | None = None) -> StringTensor:
    """Returns the bytes of a file.

    Args:
        filename: the path.
        name: has no effect.

    Example:
        >>> write_file("a.txt", "hello")
        >>> read_file("a.txt").numpy()
        b'hello'

    Source: `tf.io.read_file`
    """
    with open(path_of(filename), "rb") as file:
        return StringTensor(file.read())


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Writes bytes to a file; folders that are absent are made.

    Args:
        filename: the path.
        contents: the bytes, or text.
        name: has no effect.

    Example:
        >>> write_file("a.txt", "hello")

    Source: `tf.io.write_file`
    """
    path = path_of(filename)
    gfile.makedirs(os.path.dirname(path) or ".")
    with open(path, "wb") as file:
        file.write(one_text(contents))


def matching_files(pattern: Any, name: str | None = None) -> StringTensor:
    """Returns the paths that match patterns, sorted.

    Args:
        pattern: a pattern such as `"data/*.png"`, or a list of them.
        name: has no effect.

    Example:
        >>> write_file("a.txt", "hello")
        >>> matching_files("*.txt").tolist()
        [b'a.txt']

    Source: `tf.io.matching_files`
    """
    return StringTensor(gfile.glob(pattern))


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Any = None,
    name: str | None = None,
) -> list[Any]:
    """Returns the columns of rows of text.

    Args:
        records: one row or a list of them.
        record_defaults: for each column what stands for empty cells, or a type where a cell may not be empty.
        field_delim: what stands between cells. Default: a comma.
        use_quote_delim: whether cells may be quoted. Default: True.
        na_value: a text that counts as empty. Default: none.
        select_cols: the numbers of the columns to return. Default: all.
        name: has no effect.

    Returns:
        A tensor for each column.

    Raises:
        InvalidArgumentError: when a row has another number of cells, or a cell is empty or no number.

    Example:
        >>> decode_csv(["1,a", "2,"], [[0], ["none"]])[0]
        tensor([1, 2], dtype=torch.int32)

    Source: `tf.io.decode_csv`
    """
    texts = as_strings(records)
    lines = [line.decode() for line in texts.reshape(-1).tolist()]
    quoting: Any = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    rows = list(csv.reader(lines, delimiter=field_delim, quoting=quoting))
    if select_cols is not None:
        rows = [[row[at] for at in select_cols] for row in rows]
    for row in rows:
        if len(row) != len(record_defaults):
            raise InvalidArgumentError(f"Expected {len(record_defaults)} cells in a row. Received: {row}.")
    columns = zip(*rows, strict=True)
    pairs = zip(columns, record_defaults, strict=True)
    return [_column(cells, default, na_value).reshape(tuple(texts.shape)) for cells, default in pairs]


def _column(cells: Any, default: Any, na_value: str) -> Any:
    """The cells of one column as a tensor of the type that its default has."""
    empty = None
    if hasattr(default, "as_numpy_dtype") or isinstance(default, (str, torch.dtype)):
        dtype = as_dtype(default)
    else:
        value = as_tensor(default)
        dtype, flat = as_dtype(value.dtype), value.reshape(-1).tolist()
        empty = flat[0] if flat else None
    filled: list[Any] = [empty if cell in ("", na_value) else cell for cell in cells]
    if None in filled:
        raise InvalidArgumentError(
            f"A cell is empty, and its column has no default. Received: {list(cells)}."
        )
    if dtype == "string":
        return StringTensor(filled)
    try:
        numbers = [int(cell) if dtype.is_integer else float(cell) for cell in filled]
    except ValueError as error:
        raise InvalidArgumentError(f"A cell is no number of type {dtype!r}: {error}") from error
    return torch.tensor(numbers, dtype=torch_dtype(dtype))


def decode_raw(
    input_bytes: Any,
    out_type: Any,
    little_endian: bool = True,
    fixed_length: int | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Returns bytes as numbers.

    Args:
        input_bytes: the bytes.
        out_type: the type of the numbers.
        little_endian: whether the smallest part of a number comes first. Default: True.
        fixed_length: bytes that are read; shorter ones are filled with zeros. Default: all.
        name: has no effect.

    Example:
        >>> decode_raw(b"ab", "uint8")
        tensor([97, 98], dtype=torch.uint8)

    Source: `tf.io.decode_raw`
    """
    data = one_text(input_bytes)
    if fixed_length is not None:
        data = data[:fixed_length].ljust(fixed_length, b"\0")
    dtype = np.dtype(as_dtype(out_type).as_numpy_dtype)
    array = np.frombuffer(data, dtype.newbyteorder("<" if little_endian else ">"))
    return torch.from_numpy(array.astype(dtype))


def serialize_tensor(tensor: Any, name: str | None = None) -> StringTensor:
    """Returns a tensor as the bytes of a `.npy` file, not in TensorFlow's own format.

    Args:
        tensor: the tensor.
        name: has no effect.

    Example:
        >>> parse_tensor(serialize_tensor(torch.ones(2)), "float32")
        tensor([1., 1.])

    Source: `tf.io.serialize_tensor`, `numpy.save`
    """
    file = python_io.BytesIO()
    np.save(file, as_array(as_tensor(tensor)), allow_pickle=False)
    return StringTensor(file.getvalue())


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> torch.Tensor:
    """Returns the tensor that `serialize_tensor` made bytes of.

    Args:
        serialized: the bytes.
        out_type: the type of the tensor.
        name: has no effect.

    Raises:
        InvalidArgumentError: when the bytes are something else.

    Example:
        >>> parse_tensor(serialize_tensor([1, 2]), "int32")
        tensor([1, 2], dtype=torch.int32)

    Source: `tf.io.parse_tensor`, `numpy.load`
    """
    try:
        array = np.load(python_io.BytesIO(one_text(serialized)), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InvalidArgumentError(f"The bytes are not those of `tf.io.serialize_tensor`: {error}") from error
    return cast(torch.from_numpy(array), out_type)


__all__ = [
    "decode_bmp",
    "decode_csv",
    "decode_gif",
    "decode_image",
    "decode_jpeg",
    "decode_png",
    "decode_raw",
    "encode_jpeg",
    "encode_png",
    "gfile",
    "matching_files",
    "parse_tensor",
    "read_file",
    "serialize_tensor",
    "write_file",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.io", name)
