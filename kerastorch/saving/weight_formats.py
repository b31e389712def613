"""Weights in files of other formats than HDF5, which the end of the path asks for."""

from __future__ import annotations

import contextlib
import io
import math
import os
import pickle
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import torch

from kerastorch.errors import CorruptModelError, InvalidArgumentError, MissingFileError, UnsafeModelError
from kerastorch.saving.archive import checked_members, member_names, read_members
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.fit import Fit, settle
from kerastorch.saving.placed import Placed
from kerastorch.saving.safetensors import tensors_at, write_tensors
from kerastorch.saving.shards import ENDING, sharded_arrays, write_shards
from kerastorch.saving.state import live_state_of, place_of, restore, state_of
from kerastorch.saving.walk import parts_of

_GIGABYTES = 5.0  # of a shard, unless something else is asked for
_ARRAY = ".npy"


def is_by_ending(path: Any) -> bool:
    """Returns whether the end of a path asks for one of these formats.

    Args:
        path: a path, or an open file, for which it is False.
    """
    return isinstance(path, str) and path.endswith((ENDING, *_WRITERS))


def write_by_ending(model: Any, path: str, max_shard_size: float | None = None) -> None:
    """Writes the weights of a model in the format that the end of the path asks for.

    `.safetensors`, `.pt` and `.pth` hold the `state_dict`, as PyTorch names things; `.npz` and `.weights.json` all
    state, also that of the optimizer, under the paths of `.weights.h5` files.

    Args:
        model: the model.
        path: the file.
        max_shard_size: the largest size of a file in gigabytes, which goes with `.weights.json`.
    """
    if path.endswith(ENDING):
        names = {place_of(p): p.owner.name for p in parts_of(model) if isinstance(_name_of(p.owner), str)}
        limit = _GIGABYTES if max_shard_size is None else max_shard_size
        write_shards(path, live_state_of(model), names, limit)
        return
    with atomic_file(path) as temporary, temporary.open("wb") as stream:
        _WRITERS[os.path.splitext(path)[1]](model, stream)


def _name_of(owner: Any) -> Any:
    return getattr(owner, "name", None)


def _write_safetensors(model: Any, stream: Any) -> None:
    write_tensors(stream, _tensors_of(model))


def _write_pickled(model: Any, stream: Any) -> None:
    tensors = _tensors_of(model).items()
    torch.save({name: tensor.detach().as_subclass(torch.Tensor) for name, tensor in tensors}, stream)


def _write_npz(model: Any, stream: Any) -> None:
    arrays: dict[str, Any] = state_of(model)
    np.savez(stream, **arrays)


_WRITERS: dict[str, Callable[[Any, Any], None]] = {
    ".safetensors": _write_safetensors,
    ".pt": _write_pickled,
    ".pth": _write_pickled,
    ".npz": _write_npz,
}


def _tensors_of(model: Any) -> dict[str, torch.Tensor]:
    """What the `state_dict` holds."""
    found = model.state_dict(keep_vars=True).items()
    return {name: value for name, value in found if isinstance(value, torch.Tensor)}


def read_by_ending(
    model: Any, path: str, label: str, skip_mismatch: bool, skipped: Sequence[Any] = ()
) -> None:
    """Sets the weights of a model from a file in the format that the end of its path names.

    Args:
        model: a built model.
        path: the file.
        label: what errors call it.
        skip_mismatch: whether weights that do not fit are left as they are after a warning.
        skipped: layers and optimizers to leave alone, which goes with `.npz` and `.weights.json`.

    Raises:
        MissingFileError: when there is no such file.
        CorruptModelError: when the file is damaged.
        UnsafeModelError: when it holds anything else than tensors.
        ShapeError: when weights do not fit; it names each, and nothing is changed.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f"File not found: filepath={path}. There is no file or folder of that name.")
    if path.endswith((ENDING, ".npz")):
        with (sharded_arrays if path.endswith(ENDING) else _arrays_of_npz)(path, label) as arrays:
            restore(model, arrays, skip_mismatch, build_optimizer=False, skipped=skipped)
        return
    if skipped:
        raise InvalidArgumentError(f"`objects_to_skip` does not go with a `state_dict`. Received: {label}.")
    read: Any = tensors_at if path.endswith(".safetensors") else _unpickled
    _set_tensors(model, read(path, label), skip_mismatch)


def _set_tensors(model: Any, saved: Mapping[str, torch.Tensor | Placed], skip_mismatch: bool) -> None:
    own, fit = _tensors_of(model), Fit(model)
    if [_without_number(name) for name in own] == [_without_number(name) for name in saved]:
        saved = dict(zip(own, saved.values(), strict=True))
    fit.add((name, own.get(name), saved.get(name)) for name in dict.fromkeys([*own, *saved]))  # type: ignore[misc]
    fit.check(skip_mismatch)
    with torch.no_grad():
        for tensor, value in fit.values:
            if isinstance(value, Placed):
                value.read_into(tensor)
            else:
                tensor.copy_(value)  # type: ignore[arg-type]
    settle(model)


def _without_number(name: str) -> str:
    """A name without the numbers that layers without a name get; they tell how many were made before."""
    return re.sub(r"_\d+(?=\.)", "", name)


def _unpickled(path: str, label: str) -> dict[str, torch.Tensor]:
    """The tensors of a file of `torch.save`, which is read as such a file or not at all."""
    _check_pickled(path, label)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnsafeModelError(
            f"{label} holds more than tensors, or is damaged: it is not read. The error was: {error!s:.300}"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise CorruptModelError(
            f"{label} cannot be read as what `torch.save` writes. The error was: {error!s:.300}"
        ) from error
    if not isinstance(found, Mapping) or not all(isinstance(v, torch.Tensor) for v in found.values()):
        raise UnsafeModelError(f"{label} holds no `state_dict` of tensors, but a {type(found).__name__}.")
    return dict(found)


def _is_tar(path: str) -> bool:
    try:
        tarfile.open(path, "r:").close()
    except tarfile.TarError:
        return False
    return True


def _check_pickled(path: str, label: str) -> None:
    """Checks that a file is none of those beside which torch keeps programs, and that nothing in it is packed."""
    if _is_tar(path):
        raise UnsafeModelError(f"{label} is a tar archive of an early PyTorch, which is not read.")
    if not zipfile.is_zipfile(path):
        return
    for info in checked_members(path, label):
        inside = PurePosixPath(info.filename).parts[1:]
        if inside[:1] in (("code",), ("constants.pkl",)):
            raise UnsafeModelError(f"{label} holds a program (TorchScript), which is not read.")
        if info.compress_type != zipfile.ZIP_STORED:
            raise CorruptModelError(
                f"{label}: its member {info.filename!r} is packed, as `torch.save` packs none."
            )


@contextlib.contextmanager
def _arrays_of_npz(path: str, label: str) -> Iterator[dict[str, np.ndarray]]:
    names = [name for name in member_names(path, label) if name.endswith(_ARRAY)]
    contents = read_members(path, names, label).items()
    yield {name.removesuffix(_ARRAY): _array(content, name, label) for name, content in contents}


def _array(content: bytes, name: str, label: str) -> np.ndarray:
    """The array in one member; its header must fit the number of its bytes."""
    stream = memoryview(content)
    try:
        major, size_bytes = content[6], 2 if content[6] == 1 else 4
        start = 8 + size_bytes + int.from_bytes(stream[8 : 8 + size_bytes], "little")
        header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, in_columns, dtype = header(io.BytesIO(content[8:start]))
    except (ValueError, IndexError, SyntaxError, TypeError, RecursionError) as error:
        raise CorruptModelError(
            f"{label}: its member {name!r} is no array. The error was: {error}"
        ) from error
    if (
        dtype.hasobject
        or dtype.kind not in "biuf"
        or dtype.itemsize * math.prod(shape) != len(content) - start
    ):
        raise CorruptModelError(
            f"{label}: its member {name!r} claims {shape} of {dtype}, but has {len(content) - start} bytes."
        )
    flat = np.frombuffer(content, dtype, offset=start)
    return flat.reshape(shape, order="F" if in_columns else "C")
