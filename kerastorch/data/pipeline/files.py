"""Files of elements: a JSON line with their structure, then their arrays in NumPy's format.

Such a file holds numbers and bytes only; nothing in it is ever executed, and it appears under its name only when it
is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.data.pipeline.elements import packer
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import DataError

_FORMAT = "kerastorch elements 1"
_COUNT = 20  # characters of the number of elements at the beginning of a file


class ElementWriter:
    """Writes elements one by one to a file beside its final place, and moves it there when `finish` is called.

    Args:
        path: the final place.

    Raises:
        DataError: by `write`, when an element has another structure than the first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(f"{path.name}.{uuid4().hex}.partial")
        self._count = 0
        self._header: str | None = None

    def __enter__(self) -> ElementWriter:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._partial.open("wb")
        self._file.write(b" " * _COUNT + b"\n")
        return self

    def write(self, element: Any) -> None:
        """Appends an element."""
        leaves = tree.flatten(element)
        header = json.dumps(
            {"format": _FORMAT, "structure": _outline(element), "leaves": [*map(_kind, leaves)]}
        )
        if self._header is None:
            self._header = header
            self._file.write(header.encode() + b"\n")
        elif header != self._header:
            raise DataError(
                f"All elements in a file must have the same structure and types. The first has {self._header}, "
                f"element {self._count} has {header}."
            )
        for leaf in leaves:
            for array in _arrays(leaf):
                np.lib.format.write_array(self._file, array, allow_pickle=False)
        self._count += 1

    def finish(self) -> None:
        """Writes the number of elements and gives the file its name."""
        self._file.seek(0)
        self._file.write(str(self._count).rjust(_COUNT).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self.path)

    def __exit__(self, *details: Any) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)


class ElementReader:
    """Reads the elements of a file one by one.

    Args:
        path: the file.

    Raises:
        DataError: when there is no such file, or it is of another kind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise DataError(f"There is no saved dataset at {str(path)!r}.")
        with path.open("rb") as file:
            self.count, self._structure, self._kinds = self._head(file)

    def _head(self, file: BufferedReader) -> tuple[int, Any, list[str]]:
        try:
            count = int(file.readline(_COUNT + 1))
            header = json.loads(file.readline() or b"{}") if count else {"format": _FORMAT}
        except ValueError as error:
            raise DataError(f"{str(self.path)!r} is no file of saved elements: {error}") from error
        if not isinstance(header, dict) or header.get("format") != _FORMAT:
            raise DataError(f"{str(self.path)!r} is no file of saved elements.")
        return count, _structure(header.get("structure")), header.get("leaves", [])

    def elements(self) -> Iterator[Any]:
        """Yields the elements."""
        with self.path.open("rb") as file:
            self._head(file)
            pack = packer(self._structure)
            for _ in range(self.count):
                yield pack([_leaf(file, kind) for kind in self._kinds])


def _outline(element: Any) -> Any:
    """The containers of an element as JSON."""
    if isinstance(element, dict):
        return {"dict": [[key, _outline(part)] for key, part in element.items()]}
    if isinstance(element, (tuple, list)):
        return {"tuple": [_outline(part) for part in element]}
    return None


def _structure(outline: Any) -> Any:
    """The containers that an outline describes, with 0 for every leaf."""
    if outline is None:
        return 0
    if "dict" in outline:
        return {key: _structure(part) for key, part in outline["dict"]}
    return tuple(_structure(part) for part in outline["tuple"])


def _kind(leaf: Any) -> str:
    if isinstance(leaf, (torch.Tensor, StringTensor)):
        return standardize_dtype(leaf.dtype)
    if leaf is None:
        return "none"
    raise DataError(f"Only tensors can be written to a file. Received: {leaf!r}.")


def _arrays(leaf: Any) -> list[np.ndarray]:
    if leaf is None:
        return []
    if isinstance(leaf, StringTensor):
        texts = np.asarray(leaf)
        lengths = np.array([len(text) for text in texts.flat], dtype=np.int64).reshape(texts.shape)
        return [lengths, np.frombuffer(b"".join(texts.flat), dtype=np.uint8)]
    if leaf.dtype is torch.bfloat16:  # which NumPy does not have
        return [leaf.contiguous().view(torch.int16).numpy()]
    return [leaf.numpy()]


def _leaf(file: BufferedReader, kind: str) -> Any:
    if kind == "none":
        return None
    array = np.lib.format.read_array(file, allow_pickle=False)
    if kind == "string":
        joined = np.lib.format.read_array(file, allow_pickle=False).tobytes()
        ends = np.cumsum(array.reshape(-1))
        texts = np.empty(array.shape, dtype=object)
        texts.reshape(-1)[:] = [joined[end - n : end] for n, end in zip(array.flat, ends, strict=True)]
        return as_strings(texts)
    tensor = torch.from_numpy(array)
    return tensor.view(torch.bfloat16) if torch_dtype(kind) is torch.bfloat16 else tensor
