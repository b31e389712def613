"""Tensors by name in `.safetensors` files: a length, a JSON header with types, shapes and places, and the values."""

from __future__ import annotations

import json
import math
import mmap
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import torch

from kerastorch.core.bounds import check_text
from kerastorch.errors import CorruptModelError, SerializationError
from kerastorch.saving.buffers import pieces
from kerastorch.saving.placed import Placed

_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "C64": torch.complex64,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U64": torch.uint64,
    "U32": torch.uint32,
    "U16": torch.uint16,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}
_AS_BYTES = {torch.bfloat16: torch.int16, torch.float8_e4m3fn: torch.uint8, torch.float8_e5m2: torch.uint8}
_HEADER = 1 << 25  # bytes of JSON, about 300,000 tensors


def write_tensors(stream: BinaryIO, tensors: Mapping[str, torch.Tensor]) -> None:
    """Writes tensors.

    Args:
        stream: a binary file.
        tensors: the tensors by name, on any device.

    Raises:
        SerializationError: when the format has no such type.

    Example:
        >>> import io
        >>> stream = io.BytesIO()
        >>> write_tensors(stream, {"weight": torch.ones(2)})
        >>> read_tensors(stream.getbuffer(), "The file")["weight"].tolist()
        [1.0, 1.0]
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        if tensor.dtype not in _NAMES:
            raise SerializationError(f"A `.safetensors` file cannot hold {name!r} of dtype {tensor.dtype}.")
        start, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    stream.write(struct.pack("<Q", len(text)) + text)
    for tensor in tensors.values():
        tensor = tensor.detach()
        for piece in pieces(tensor.view(_AS_BYTES.get(tensor.dtype, tensor.dtype))):
            stream.write(piece)


def tensors_at(path: str, label: str) -> dict[str, Placed]:
    """Returns where the tensors of a file lie; the values stay in the file.

    Args:
        path: the file.
        label: what errors call it.

    Raises:
        CorruptModelError: when it is damaged.
    """
    with open(path, "rb") as stream:
        if not stream.read(1):
            raise CorruptModelError(f"{label} is empty.")
        with (
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as content,
        ):
            places = _places(content, label)
    return {name: Placed(path, start, dtype, tuple(shape)) for name, (dtype, shape, start) in places.items()}


def read_tensors(content: memoryview, label: str) -> dict[str, torch.Tensor]:
    """Returns the tensors that the bytes of a file hold, in that memory.

    Args:
        content: the bytes.
        label: what errors call the file.

    Raises:
        CorruptModelError: when types, shapes and places do not fit together, or with the number of bytes.
    """
    tensors = {}
    for name, (dtype, shape, start) in _places(content, label).items():
        count = math.prod(shape)
        if count:
            tensors[name] = torch.frombuffer(content, dtype=dtype, count=count, offset=start).reshape(shape)
        else:
            tensors[name] = torch.empty(shape, dtype=dtype)
    return tensors


def _places(content: memoryview, label: str) -> dict[str, tuple[torch.dtype, list[int], int]]:
    """The dtype, the shape and the first byte of every tensor; they lie one behind the other up to the end."""
    header, start = _header(content, label)
    end, found = 0, {}
    places = {name: _place(entry, name, label) for name, entry in header.items() if name != "__metadata__"}
    for name, (dtype, shape, first, last) in sorted(places.items(), key=lambda item: item[1][2:]):
        if first != end:
            raise CorruptModelError(f"{label}: the values of {name!r} begin at {first} instead of {end}.")
        end = last
        if start + end > len(content):
            raise CorruptModelError(f"{label} ends before the values of {name!r}: it is cut off.")
        found[name] = (dtype, shape, start + first)
    if start + end != len(content):
        raise CorruptModelError(f"{label} has {len(content) - start - end} bytes that belong to no tensor.")
    return found


def _header(content: memoryview, label: str) -> tuple[dict, int]:
    size = struct.unpack("<Q", content[:8])[0] if len(content) >= 8 else -1
    if not 0 < size <= min(_HEADER, len(content) - 8):
        raise CorruptModelError(f"{label} is no `.safetensors` file: its header claims {size} bytes.")
    try:
        text = bytes(content[8 : 8 + size])
        check_text(text)
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorruptModelError(f"{label}: its header is no JSON. The error was: {error}") from error
    if not isinstance(header, dict):
        raise CorruptModelError(f"{label}: its header names no tensors.")
    return header, 8 + size


def _place(entry: Any, name: str, label: str) -> tuple[torch.dtype, list[int], int, int]:
    """The dtype, the shape, and the first and last place of a tensor's values."""
    entry = entry if isinstance(entry, dict) else {}
    dtype = _TYPES.get(entry["dtype"]) if isinstance(entry.get("dtype"), str) else None
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if dtype is None or not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        raise CorruptModelError(f"{label}: its header does not describe {name!r}: {entry!r:.200}.")
    first, last = offsets
    if last - first != math.prod(shape) * dtype.itemsize:
        raise CorruptModelError(
            f"{label}: {name!r} has {last - first} bytes, which is not its shape {shape}."
        )
    return dtype, shape, first, last


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(size) is int and 0 <= size < 1 << 63 for size in value)
