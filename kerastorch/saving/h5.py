"""Arrays by name out of HDF5 files, in the layout of Keras's `.weights.h5`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch

from kerastorch.errors import CorruptModelError
from kerastorch.saving.placed import InFile, is_ready_for, memory_of, torch_type

if TYPE_CHECKING:
    import h5py

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LARGE, _BLOCK = 1 << 20, 1 << 22  # bytes of an array that is not read at once, and that are read together
_OLD_LAYERS = "_layer_checkpoint_dependencies"  # of Keras 2.13
_DEPTH = 64  # groups inside groups
_NAME = 1 << 12  # bytes of a layer's name
_FLOOR, _EXPANSION = (
    1 << 28,
    1000,
)  # larger arrays must take up at least a thousandth of their size in the file


def read_arrays(file: str | BinaryIO, label: str) -> dict[str, np.ndarray]:
    """Returns all arrays of an HDF5 file by name.

    Args:
        file: a path, or a binary file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is damaged, or holds anything else than numbers stored in itself.
    """
    with opened(file, label) as root:
        return {path: array_of(member, label) for path, member in _arrays_inside(root, label)}


@contextlib.contextmanager
def stored_arrays(file: str | BinaryIO, label: str) -> Iterator[dict[str, Saved]]:
    """Gives what `read_arrays` returns, but leaves large arrays in the file, to be read inside the block.

    Args:
        file: a path, or a binary file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is damaged, or holds anything else than numbers stored in itself.
    """
    import h5py

    with contextlib.ExitStack() as stack:
        with _reading(label):
            root = stack.enter_context(h5py.File(file, "r"))
            arrays = {path: stored_array(member, label) for path, member in _arrays_inside(root, label)}
        yield arrays


def stored_array(dataset: h5py.Dataset, label: str) -> Saved:
    """Returns the values of a dataset; large ones stay in the file, which must stay open until they are read.

    Args:
        dataset: the dataset.
        label: what errors call the file.

    Raises:
        CorruptModelError: when they are no numbers, lie in another file, or claim to be far more than is stored.
    """
    if dataset.nbytes < _LARGE:
        return array_of(dataset, label)
    _check_stored(dataset, label)
    return Stored(dataset, label)


class Stored(InFile):
    """An array in an open file.

    Args:
        dataset: the dataset.
        label: what errors call the file.

    Attributes:
        shape: as of an array.
    """

    def __init__(self, dataset: h5py.Dataset, label: str) -> None:
        self.shape = dataset.shape
        self._dataset, self._label = dataset, label
        self._dtype = torch.bfloat16 if _is_bfloat16(dataset) else torch_type(dataset.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        with _reading(self._label):
            return np.asarray(array_of(self._dataset, self._label), dtype)

    def read_into(self, tensor: torch.Tensor) -> None:
        with _reading(self._label):
            if is_ready_for(tensor, self._dtype):
                self._dataset.read_direct(memory_of(tensor).view(self._dataset.dtype).reshape(self.shape))
                return
            rows = max(_BLOCK // max(self._dataset.nbytes // self.shape[0], 1), 1)
            with torch.no_grad():
                for start in range(0, self.shape[0], rows):
                    tensor[start : start + rows].copy_(self._rows(start, start + rows))

    def _rows(self, start: int, stop: int) -> torch.Tensor:
        block = self._dataset[start:stop]
        if self._dtype is torch.bfloat16:
            return torch.from_numpy(block.view("int16")).view(torch.bfloat16)
        return torch.from_numpy(block.astype(block.dtype.newbyteorder("="), copy=False))


Saved = np.ndarray | InFile


def read_all(arrays: Mapping[str, Saved]) -> dict[str, np.ndarray]:
    """Returns the arrays, those too that were still in their file."""
    return {name: np.asarray(array) for name, array in arrays.items()}


def _arrays_inside(root: h5py.File, label: str) -> Iterator[tuple[str, Any]]:
    """Yields the datasets of a file with their paths, those of Keras 2.13 as later versions have them."""
    found = [(path, member) for path, member in _inside(root, "", 0, label) if _is_array(member)]
    _check_total([member for _, member in found], label)
    is_old = any(path.startswith(f"{_OLD_LAYERS}/") for path, _ in found)
    for path, member in found:
        yield path.replace(_OLD_LAYERS, "layers") if is_old else path, member


def read_names(file: str | BinaryIO, label: str) -> dict[str, str]:
    """Returns the attribute `name` of the groups of an HDF5 file by their paths.

    Args:
        file: a path, or a binary file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is damaged.
    """
    with opened(file, label) as root:
        groups = {path: member for path, member in _inside(root, "", 0, label) if not _is_array(member)}
        names = {path: _name_of(group) for path, group in groups.items()}
    return {path: name for path, name in names.items() if name is not None}


def _name_of(group: Any) -> str | None:
    if "name" not in getattr(group, "attrs", ()):
        return None
    attribute = group.attrs.get_id("name")
    if attribute.shape != () or attribute.dtype.kind not in "OS" or attribute.dtype.itemsize > _NAME:
        return None
    name = group.attrs["name"]
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


@contextlib.contextmanager
def opened(file: str | BinaryIO, label: str) -> Iterator[h5py.File]:
    """Opens an HDF5 file for reading; errors of the format that the block meets name the file.

    Args:
        file: a path, or a binary file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is no HDF5 file, or it is damaged.
    """
    import h5py

    with _reading(label), h5py.File(file, "r") as root:
        yield root


@contextlib.contextmanager
def _reading(label: str) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, KeyError) as error:
        raise CorruptModelError(
            f"{label} cannot be read as HDF5: it is damaged, cut off or something else. The error was: {error}"
        ) from error


def members(group: h5py.Group, label: str) -> Iterator[tuple[str, Any]]:
    """Yields the groups and datasets right inside a group.

    Raises:
        CorruptModelError: when one is a link to something else.
    """
    import h5py

    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise CorruptModelError(
                f"{label} holds a link at {group.name}/{name}, which is never followed ({type(link).__name__})."
            )
        yield name, group[name]


def _inside(group: h5py.Group, path: str, depth: int, label: str) -> Iterator[tuple[str, Any]]:
    """Yields all groups and datasets below a group with their paths, a group before its members."""
    import h5py

    if depth > _DEPTH:
        raise CorruptModelError(f"{label} has groups nested deeper than {_DEPTH}.")
    for name, member in members(group, label):
        yield f"{path}{name}", member
        if isinstance(member, h5py.Group):
            if h5py.h5o.get_info(member.id).rc > 1:  # there could be more paths than anyone can go
                raise CorruptModelError(f"{label} holds the group {path}{name} under several names.")
            yield from _inside(member, f"{path}{name}/", depth + 1, label)


def _is_array(member: Any) -> bool:
    import h5py

    return isinstance(member, h5py.Dataset)


def array_of(dataset: h5py.Dataset, label: str) -> np.ndarray:
    """Returns the values of a dataset.

    Raises:
        CorruptModelError: when they are no numbers, lie in another file, or claim to be far more than is stored.
    """
    _check_stored(dataset, label)
    values = np.asarray(dataset[()])
    if not _is_bfloat16(dataset):
        return values
    words = np.frombuffer(values.tobytes(), "uint16").reshape(values.shape).astype("uint32")
    return (words << 16).view("float32")


def _is_bfloat16(dataset: h5py.Dataset) -> bool:
    return dataset.attrs.get("dtype") == "bfloat16" and dataset.dtype.itemsize == 2


def check_total(root: h5py.File, label: str) -> None:
    """Checks that all arrays of a file together claim no more than it may hold.

    Raises:
        CorruptModelError: when they do.
    """
    _check_total([member for _, member in _inside(root, "", 0, label) if _is_array(member)], label)


def _check_total(arrays: list[Any], label: str) -> None:
    for array in arrays:
        _check_size(array, f"{label}, dataset {array.name}")
    claimed, stored = sum(a.nbytes for a in arrays), sum(a.id.get_storage_size() for a in arrays)
    if claimed > max(_FLOOR, _EXPANSION * stored):
        raise CorruptModelError(f"{label}: its arrays claim {claimed} bytes, but hold {stored}.")


def _check_stored(dataset: h5py.Dataset, label: str) -> None:
    place = f"{label}, dataset {dataset.name}"
    if dataset.external or dataset.is_virtual:
        raise CorruptModelError(
            f"{place}: its values lie in another file (external or virtual), which is never opened."
        )
    if dataset.dtype.kind not in "biuf" and not _is_bfloat16(dataset):
        raise CorruptModelError(f"{place}: expected numbers. Received: dtype {dataset.dtype}.")
    _check_size(dataset, place)


def _check_size(dataset: h5py.Dataset, place: str) -> None:
    stored = dataset.id.get_storage_size()
    if dataset.nbytes > max(_FLOOR, _EXPANSION * stored):
        raise CorruptModelError(f"{place}: it claims {dataset.nbytes} bytes, but holds {stored}.")
