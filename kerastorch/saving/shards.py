"""Weights in several files of a limited size, and one in JSON that says where each group of them is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import torch

from kerastorch.errors import CorruptModelError, InvalidArgumentError, MissingFileError, UnsafeArchiveError
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.buffers import Values, stored_dtype
from kerastorch.saving.description import json_of
from kerastorch.saving.h5 import Saved, stored_arrays
from kerastorch.saving.h5_writing import write_arrays

ENDING = ".weights.json"
_INDEX = 1 << 28  # bytes


def write_shards(path: str, arrays: Mapping[str, Values], names: Mapping[str, str], limit: float) -> None:
    """Writes arrays as Keras 3 does: `model.weights.json` for `model_00000.weights.h5`, `model_00001.weights.h5`, ...

    Args:
        path: that of the index, which ends in `.weights.json`.
        arrays: the arrays or tensors by name.
        names: the attribute `name` of groups, by path.
        limit: the largest size of the values in one file, in gigabytes.

    Raises:
        InvalidArgumentError: when one array is larger.
    """
    index = Path(path)
    shards, total = _divided(arrays, limit * 1024**3)
    base = index.name.removesuffix(ENDING)
    places: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(atomic_file(path))  # it gets its name after all others
        for number, shard in enumerate(shards):
            name = f"{base}_{number:05}.weights.h5"
            file = stack.enter_context(atomic_file(index.with_name(name)))
            groups = dict.fromkeys(key.rpartition("/")[0] for key in shard)
            write_arrays(str(file), shard, {group: names[group] for group in groups if group in names})
            for group in groups:
                places.setdefault(f"/{group}", []).append(name)
        weight_map = {group: files[0] if len(files) == 1 else files for group, files in places.items()}
        content = {"metadata": {"total_size": total}, "weight_map": weight_map}
        target.write_text(json.dumps(content, indent=4), encoding="utf-8")


def _divided(arrays: Mapping[str, Values], limit: float) -> tuple[list[dict[str, Values]], int]:
    """The arrays in as many dictionaries as there are files, and the number of bytes of all."""
    shards: list[dict[str, Values]] = [{}]
    in_this = total = 0
    for name, values in arrays.items():
        count = values.numel() if isinstance(values, torch.Tensor) else values.size
        size = count * stored_dtype(values).itemsize
        if size > limit:
            raise InvalidArgumentError(
                f"The weight {name} has {size} bytes, which exceeds the maximum shard size of {limit:.0f} bytes. "
                "Increase `max_shard_size`."
            )
        if in_this + size > limit:
            shards.append({})
            in_this = 0
        shards[-1][name] = values
        in_this, total = in_this + size, total + size
    return shards, total


@contextlib.contextmanager
def sharded_arrays(path: str, label: str) -> Iterator[dict[str, Saved]]:
    """Gives the arrays of all files that an index names; large ones are read inside the block.

    Args:
        path: that of the index.
        label: what errors call it.

    Raises:
        CorruptModelError: when the index or one of the files is damaged.
        MissingFileError: when a file is missing.
        UnsafeArchiveError: when the index names a file in another folder.
    """
    index, arrays = Path(path), {}
    with contextlib.ExitStack() as stack:
        for name in _files_of(index, label):
            file = index.with_name(name)
            if not file.is_file():
                raise MissingFileError(f"{label} names the file {name!r}, which is not beside it.")
            arrays.update(stack.enter_context(stored_arrays(str(file), f"The file {str(file)!r}")))
        yield arrays


def _files_of(index: Path, label: str) -> list[str]:
    if index.stat().st_size > _INDEX:
        raise CorruptModelError(f"{label} is no index of weights: it has {index.stat().st_size} bytes.")
    content = json_of(index.read_bytes(), label)
    places = content.get("weight_map") if isinstance(content, Mapping) else None
    if not isinstance(places, Mapping):
        raise CorruptModelError(f"{label} is no index of weights: it has no 'weight_map'.")
    files: dict[Any, None] = {}
    for value in places.values():
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str) or not name or "\\" in name or PurePosixPath(name).name != name:
                raise UnsafeArchiveError(f"{label} names the file {name!r}, which is not beside it.")
            files[name] = None
    return list(files)
