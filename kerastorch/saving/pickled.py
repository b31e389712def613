"""Tensors by name in the files of `torch.save`: read as such files or not at all, and never as anything else."""

from __future__ import annotations

import pickle
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import torch

from kerastorch.errors import CorruptModelError, UnsafeModelError
from kerastorch.saving.archive import checked_members, places_of, read_members
from kerastorch.saving.placed import Placed

_BYTE_ORDER = "byteorder"


def tensors_of_torch(path: str, label: str) -> dict[str, torch.Tensor | Placed]:
    """Returns the tensors of a `state_dict`; the values stay in the file where one knows how they lie there.

    Args:
        path: the file.
        label: what errors call it.

    Raises:
        CorruptModelError: when it is damaged.
        UnsafeModelError: when it holds anything else than tensors.
    """
    if _is_tar(path):
        raise UnsafeModelError(f"{label} is a tar archive of an early PyTorch, which is not read.")
    if zipfile.is_zipfile(path):
        names = _names_of_storages(path, label)
        sizes = dict(places_of(path, names, label, check=False).values())
        if _is_of_this_machine(path, label):  # torch cannot turn the bytes of values that it does not read
            described = _unpickled(path, label, "meta")
            placed = {name: _placed(path, tensor, sizes) for name, tensor in described.items()}
            if all(placed.values()):
                return placed  # type: ignore[return-value]
    return dict(_unpickled(path, label, "cpu"))


def _is_tar(path: str) -> bool:
    try:
        tarfile.open(path, "r:").close()
    except tarfile.TarError:
        return False
    return True


def _names_of_storages(path: str, label: str) -> list[str]:
    """The members that hold values, in an archive that holds no programs and in which nothing is packed."""
    names = []
    for info in checked_members(path, label):
        inside = PurePosixPath(info.filename).parts[1:]
        if inside[:1] in (("code",), ("constants.pkl",)):
            raise UnsafeModelError(f"{label} holds a program (TorchScript), which is not read.")
        if info.compress_type != zipfile.ZIP_STORED:
            raise CorruptModelError(
                f"{label}: its member {info.filename!r} is packed, as `torch.save` packs none."
            )
        if inside[:1] == ("data",):
            names.append(info.filename)
    return names


def _is_of_this_machine(path: str, label: str) -> bool:
    """Whether the file says that the bytes of a number have the order that they have in memory."""
    names = [info.filename for info in checked_members(path, label)]
    orders = [name for name in names if PurePosixPath(name).parts[1:] == (_BYTE_ORDER,)]
    return set(read_members(path, orders, label).values()) == {sys.byteorder.encode()}


def _unpickled(path: str, label: str, device: str) -> Mapping[str, torch.Tensor]:
    """The tensors, with their values, or on the device `"meta"` without."""
    try:
        found = torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnsafeModelError(
            f"{label} holds more than tensors, or is damaged: it is not read. The error was: {error!s:.300}"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise CorruptModelError(
            f"{label} cannot be read as what `torch.save` writes. The error was: {error!s:.300}"
        ) from error
    if not isinstance(found, Mapping) or not all(_is_plain(value, device) for value in found.values()):
        raise UnsafeModelError(f"{label} holds no `state_dict` of tensors, but a {type(found).__name__}.")
    return found


def _is_plain(value: Any, device: str) -> bool:
    """Whether a value is a tensor of numbers in memory, or on the device without one."""
    is_tensor = isinstance(value, torch.Tensor)
    return (
        is_tensor and value.layout == torch.strided and value.device.type == device and not value.is_quantized
    )


def _placed(path: str, tensor: torch.Tensor, sizes: Mapping[int, int]) -> Placed | None:
    """Where the values of a tensor lie, if nothing is between them, and its storage is a member of the archive."""
    storage = tensor.untyped_storage()
    start = getattr(storage, "_checkpoint_offset", None)
    first, size = tensor.storage_offset() * tensor.element_size(), tensor.numel() * tensor.element_size()
    strides = tensor.stride()
    order = tuple(sorted(range(tensor.ndim), key=lambda axis: (-strides[axis], axis)))
    is_dense = tensor.permute(order).is_contiguous() and not (tensor.is_conj() or tensor.is_neg())
    if (
        start is None
        or sizes.get(start) != storage.nbytes()
        or first + size > storage.nbytes()
        or not is_dense
    ):
        return None
    return Placed(path, start + first, tensor.dtype, tuple(tensor.shape), order)
