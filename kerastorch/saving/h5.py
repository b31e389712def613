"""Arrays by name out of HDF5 files, in the layout of Keras's `.weights.h5`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kerastorch.errors import CorruptModelError

if TYPE_CHECKING:
    import h5py

SIGNATURE = b"\x89HDF\r\n\x1a\n"
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
        arrays = {
            path: array_of(member, label) for path, member in _inside(root, "", 0, label) if _is_array(member)
        }
    if any(path.startswith("_layer_checkpoint_dependencies/") for path in arrays):  # of Keras 2.13
        return {
            path.replace("_layer_checkpoint_dependencies", "layers"): array for path, array in arrays.items()
        }
    return arrays


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

    try:
        with h5py.File(file, "r") as root:
            yield root
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
            yield from _inside(member, f"{path}{name}/", depth + 1, label)


def _is_array(member: Any) -> bool:
    import h5py

    return isinstance(member, h5py.Dataset)


def array_of(dataset: h5py.Dataset, label: str) -> np.ndarray:
    """Returns the values of a dataset.

    Raises:
        CorruptModelError: when they are no numbers, lie in another file, or claim to be far more than is stored.
    """
    place = f"{label}, dataset {dataset.name}"
    if dataset.external or dataset.is_virtual:
        raise CorruptModelError(
            f"{place}: its values lie in another file (external or virtual), which is never opened."
        )
    is_bfloat16 = dataset.attrs.get("dtype") == "bfloat16" and dataset.dtype.itemsize == 2
    if dataset.dtype.kind not in "biuf" and not is_bfloat16:
        raise CorruptModelError(f"{place}: expected numbers. Received: dtype {dataset.dtype}.")
    stored = dataset.id.get_storage_size()
    if dataset.nbytes > max(_FLOOR, _EXPANSION * stored):
        raise CorruptModelError(f"{place}: it claims {dataset.nbytes} bytes, but holds {stored}.")
    values = np.asarray(dataset[()])
    if not is_bfloat16:
        return values
    words = np.frombuffer(values.tobytes(), "uint16").reshape(values.shape).astype("uint32")
    return (words << 16).view("float32")
