"""Arrays by name into HDF5 files, in the layout of Keras's `.weights.h5`: from front to back, without a copy.

HDF5 only lays the file out: it gives every dataset its place, and writes what describes them into memory. The file is
then written in one go, the values straight from where they lie, so that it may go to a member of an archive or to a
pipe as well as to the disk.
"""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch

from kerastorch.errors import SerializationError
from kerastorch.saving.buffers import Values, on_host, pieces, stored_dtype

if TYPE_CHECKING:
    import h5py

_PAGE = 1 << 12


def write_arrays(file: str | BinaryIO, arrays: Mapping[str, Values], names: Mapping[str, str]) -> None:
    """Writes arrays into a new HDF5 file.

    Args:
        file: a path, or a binary file, which is only written to its end.
        arrays: arrays or tensors by name; slashes make groups.
        names: the attribute `name` of groups, by path; these groups exist even when they hold no array.

    Raises:
        SerializationError: when HDF5 cannot hold an array, such as one of objects.

    Example:
        >>> file = io.BytesIO()
        >>> write_arrays(file, {"dense/vars/0": np.ones(3)}, {"dense/vars": "dense"})
        >>> file.getvalue()[1:4]
        b'HDF'
    """
    with new_file(file) as made:
        for path, name in names.items():
            made.root.require_group(path).attrs["name"] = name
        for path, values in arrays.items():
            made.add(made.root, path, values)


@contextlib.contextmanager
def new_file(file: str | BinaryIO) -> Iterator[NewFile]:
    """Gives an HDF5 file in the making, which is written when the block ends well.

    Args:
        file: a path, or a binary file, which is only written to its end.
    """
    import h5py

    frame = _Frame()
    with h5py.File(frame, "w") as root:
        made = NewFile(root)
        yield made
    with open(file, "wb") if isinstance(file, str) else contextlib.nullcontext(file) as stream:
        for piece in frame.filled(sorted(made.places, key=lambda pair: pair[0])):
            stream.write(piece)


class NewFile:
    """An HDF5 file that has groups and attributes already, and places for the values of arrays.

    Args:
        root: the file.

    Attributes:
        root: the file; groups and attributes are made as always.
        places: where in the file the values of arrays go.
    """

    def __init__(self, root: h5py.File) -> None:
        import h5py

        self.root = root
        self.places: list[tuple[int, Values]] = []
        self._early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        self._early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        self._early.set_fill_time(h5py.h5d.FILL_TIME_NEVER)

    def add(self, group: h5py.Group, path: str, values: Values | float) -> None:
        """Makes a dataset.

        Args:
            group: the group.
            path: the name inside the group; slashes make more groups.
            values: an array or tensor, which must stay as it is until the file is written.

        Raises:
            SerializationError: when HDF5 cannot hold it, such as one of objects.
        """
        array = values if isinstance(values, torch.Tensor) else np.asarray(values)
        dtype = _dtype_for_files(path, array)
        try:
            if not array.ndim:  # h5py makes scalars without a place
                group.create_dataset(path, data=on_host(array))
                return
            made = group.create_dataset(path, shape=tuple(array.shape), dtype=dtype, dcpl=self._early)
        except (TypeError, ValueError) as error:
            raise SerializationError(_refusal(path, dtype, error)) from error
        if made.size:
            self.places.append((made.id.get_offset(), array))


def _dtype_for_files(path: str, array: Values) -> np.dtype:
    dtype = stored_dtype(array)
    if dtype.hasobject:
        raise SerializationError(_refusal(path, dtype, "Objects are no numbers."))
    return dtype


def _refusal(path: str, dtype: Any, why: object) -> str:
    return f"The array {path!r} of dtype {dtype} cannot be written to a file: {why}"


class _Frame(io.RawIOBase):
    """A file of which only what has been written takes up memory; the rest reads as zeros."""

    def __init__(self) -> None:
        self._pages: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(_PAGE))
        self._place = self._size = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def truncate(self, size: int | None = None) -> int:
        self._size = self._place if size is None else size
        return self._size

    def write(self, content: Any) -> int:
        view, begin = memoryview(content).cast("B"), self._place
        for number, start, stop in _on_pages(begin, begin + len(view)):
            first = number * _PAGE + start - begin
            self._pages[number][start:stop] = view[first : first + stop - start]
        self._place = begin + len(view)
        self._size = max(self._size, self._place)
        return len(view)

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        content = self._between(self._place, min(self._place + len(view), self._size))
        view[: len(content)] = content
        self._place += len(content)
        return len(content)

    def filled(self, places: list[tuple[int, Values]]) -> Iterator[bytes | memoryview]:
        """The whole content, with arrays where they belong."""
        end = 0
        for place, array in places:
            yield self._between(end, place)
            end = place
            for piece in pieces(array):
                yield piece
                end += len(piece)
        yield self._between(end, self._size)

    def _between(self, start: int, stop: int) -> bytes:
        nothing = bytes(_PAGE)
        return b"".join(
            bytes(self._pages.get(number, nothing)[a:b]) for number, a, b in _on_pages(start, stop)
        )


def _on_pages(start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Which part of which page lies between two places."""
    while start < stop:
        number, first = divmod(start, _PAGE)
        last = min(_PAGE, first + stop - start)
        yield number, first, last
        start += last - first
