"""Weights in files of other formats than HDF5, which the end of the path asks for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError, MissingFileError
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.fit import Fit, settle
from kerastorch.saving.npz import arrays_of_npz, write_npz
from kerastorch.saving.pickled import tensors_of_torch
from kerastorch.saving.placed import Placed
from kerastorch.saving.safetensors import tensors_at, write_tensors
from kerastorch.saving.shards import ENDING, sharded_arrays, write_shards
from kerastorch.saving.state import live_state_of, place_of, restore
from kerastorch.saving.walk import parts_of

_GIGABYTES = 5.0  # of a shard, unless something else is asked for


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
    write_npz(stream, live_state_of(model))


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
    if path.endswith(ENDING):
        with sharded_arrays(path, label) as arrays:
            restore(model, arrays, skip_mismatch, build_optimizer=False, skipped=skipped)
        return
    if path.endswith(".npz"):
        restore(model, arrays_of_npz(path, label), skip_mismatch, build_optimizer=False, skipped=skipped)
        return
    if skipped:
        raise InvalidArgumentError(f"`objects_to_skip` does not go with a `state_dict`. Received: {label}.")
    read: Any = tensors_at if path.endswith(".safetensors") else tensors_of_torch
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
