"""Arrays by name in `.npz` files: a zip archive of arrays, each behind a header that tells its type and shape."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
import torch

from kerastorch.errors import CorruptModelError, SerializationError
from kerastorch.saving.archive import checked_members, places_of, read_members
from kerastorch.saving.buffers import Values, pieces, stored_dtype
from kerastorch.saving.h5 import Saved
from kerastorch.saving.placed import Placed, torch_type

_ARRAY = ".npy"
_LARGE = 1 << 20  # bytes of an array that stays in the file
_HEADER = 1 << 16  # bytes, far more than any header has


def write_npz(stream: BinaryIO, arrays: Mapping[str, Values]) -> None:
    """Writes arrays as `numpy.savez` does, but from where they lie.

    Args:
        stream: a binary file.
        arrays: arrays or tensors by name.

    Raises:
        SerializationError: when one is of objects.

    Example:
        >>> stream = io.BytesIO()
        >>> write_npz(stream, {"weight": np.ones(2)})
        >>> np.load(io.BytesIO(stream.getvalue()))["weight"]
        array([1., 1.])
    """
    with zipfile.ZipFile(stream, "w") as archive:
        for name, values in arrays.items():
            dtype = stored_dtype(values)
            if dtype.hasobject:
                raise SerializationError(f"The array {name!r} of dtype {dtype} cannot be written to a file.")
            header = {
                "descr": np.lib.format.dtype_to_descr(dtype),
                "fortran_order": False,
                "shape": tuple(values.shape),
            }
            with archive.open(f"{name}{_ARRAY}", "w", force_zip64=True) as member:
                np.lib.format.write_array_header_1_0(member, header)
                for piece in pieces(values):
                    member.write(piece)


def arrays_of_npz(path: str, label: str) -> dict[str, Saved]:
    """Returns the arrays of a file; large ones stay in the file.

    Args:
        path: the file.
        label: what errors call it.

    Raises:
        CorruptModelError: when it is damaged, or holds anything else than numbers.
    """
    members = [info for info in checked_members(path, label) if info.filename.endswith(_ARRAY)]
    large = [info.filename for info in members if info.file_size >= _LARGE]
    places = places_of(path, large, label, check=True)
    found: dict[str, Saved | None] = dict.fromkeys(info.filename for info in members)
    found.update({name: _placed(path, *place, name, label) for name, place in places.items()})
    rest = [name for name, array in found.items() if array is None]
    contents = read_members(
        path, rest, label
    ).items()  # all at once: each look into an archive goes over all members
    found.update({name: _array(content, name, label) for name, content in contents})
    return {name.removesuffix(_ARRAY): array for name, array in found.items() if array is not None}


def _placed(path: str, start: int, size: int, name: str, label: str) -> Placed | None:
    """Where the values of an array lie, if memory holds them like that."""
    with open(path, "rb") as stream:
        stream.seek(start)
        begin, shape, dtype, in_columns = _described(stream.read(min(size, _HEADER)), size, name, label)
    type_of_torch = torch_type(dtype)
    if type_of_torch in (None, torch.bool):
        return None
    order = tuple(reversed(range(len(shape)))) if in_columns else None
    return Placed(path, start + begin, type_of_torch, shape, order)


def _array(content: bytes, name: str, label: str) -> np.ndarray:
    begin, shape, dtype, in_columns = _described(content[:_HEADER], len(content), name, label)
    flat = np.frombuffer(content, dtype, offset=begin)
    return flat.reshape(shape, order="F" if in_columns else "C")


def _described(content: bytes, size: int, name: str, label: str) -> tuple[int, tuple, np.dtype, bool]:
    """Where the values begin in a member, their shape and type, and whether they lie by columns."""
    try:
        major, size_bytes = content[6], 2 if content[6] == 1 else 4
        start = 8 + size_bytes + int.from_bytes(content[8 : 8 + size_bytes], "little")
        header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, in_columns, dtype = header(io.BytesIO(content[8:start]))
    except (ValueError, IndexError, SyntaxError, TypeError, RecursionError) as error:
        raise CorruptModelError(
            f"{label}: its member {name!r} is no array. The error was: {error}"
        ) from error
    is_known = not dtype.hasobject and dtype.kind in "biuf"
    if not is_known or min(shape, default=0) < 0 or dtype.itemsize * math.prod(shape) != size - start:
        raise CorruptModelError(
            f"{label}: its member {name!r} claims {shape} of {dtype}, but has {size - start} bytes."
        )
    return start, shape, dtype, in_columns
