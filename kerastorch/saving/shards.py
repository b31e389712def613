"""Weights in several files of a limited size, and one in JSON that says where each group of them is."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import torch

from kerastorch.errors import CorruptModelError, InvalidArgumentError, MissingFileError, UnsafeArchiveError
from kerastorch.saving.atomic import one_at_a_time, put, workplace
from kerastorch.saving.buffers import Values, stored_dtype
from kerastorch.saving.description import json_of
from kerastorch.saving.h5 import Saved, stored_arrays
from kerastorch.saving.h5_writing import write_arrays

ENDING, _SHARD = ".weights.json", ".weights.h5"
_INDEX = 1 << 28  # bytes


def write_shards(path: str, arrays: Mapping[str, Values], names: Mapping[str, str], limit: float) -> None:
    """Writes arrays as Keras 3 does: `model.weights.json` for `model_00000.weights.h5`, `model_00001.weights.h5`, ...

    The files replace those that are there all together: while the index names `model_00000.weights.h5`, the new ones
    are `model_00000b.weights.h5` and so on, and the old ones are deleted once the new index is in its place.

    Args:
        path: that of the index, which ends in `.weights.json`.
        arrays: the arrays or tensors by name.
        names: the attribute `name` of groups, by path.
        limit: the largest size of the values in one file, in gigabytes.

    Raises:
        InvalidArgumentError: when one array is larger.
    """
    index = Path(os.path.realpath(path))
    shards, total = _divided(arrays, limit * 1024**3)
    with workplace(path) as folder:
        for number, shard in enumerate(shards):
            groups = dict.fromkeys(key.rpartition("/")[0] for key in shard)
            known = {group: names[group] for group in groups if group in names}
            write_arrays(str(folder / str(number)), shard, known)
        with one_at_a_time(index.parent):
            old = own_files(index)
            files = _free_names(index, len(shards), old)
            (folder / index.name).write_text(_index_of(shards, files, total), encoding="utf-8")
            for number, file in enumerate(files):
                put(folder / str(number), index.with_name(file))
            put(folder / index.name, index)
            for file in set(old) - set(files):
                index.with_name(file).unlink(missing_ok=True)


def own_files(index: Path) -> list[str]:
    """Returns the files that an index names, as far as they are called as `write_shards` calls them.

    Args:
        index: its path; without such a file there are none.
    """
    own = re.compile(rf"{re.escape(index.name.removesuffix(ENDING))}_\d{{5,}}b?{re.escape(_SHARD)}")
    try:
        return [name for name in files_of(index, str(index)) if own.fullmatch(name)]
    except (OSError, ValueError):  # there is no index, or it is damaged
        return []


def _free_names(index: Path, count: int, taken: list[str]) -> list[str]:
    base = index.name.removesuffix(ENDING)
    plain, other = ([f"{base}_{i:05}{mark}{_SHARD}" for i in range(count)] for mark in ("", "b"))
    return plain if set(plain).isdisjoint(taken) else other


def _index_of(shards: list[dict[str, Values]], files: list[str], total: int) -> str:
    places: dict[str, Any] = {}
    for shard, file in zip(shards, files, strict=True):
        for group in dict.fromkeys(key.rpartition("/")[0] for key in shard):
            places.setdefault(f"/{group}", []).append(file)
    weight_map = {group: files[0] if len(files) == 1 else files for group, files in places.items()}
    return json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=4)


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
    with contextlib.ExitStack() as stack:
        yield _opened(Path(path), label, stack)


def _opened(index: Path, label: str, stack: contextlib.ExitStack) -> dict[str, Saved]:
    """The arrays of all files; when somebody replaces them meanwhile, those of the new ones."""
    files, arrays = files_of(index, label), {}
    try:
        with contextlib.ExitStack() as attempt:
            for name in files:
                file = index.with_name(name)
                if not file.is_file():
                    raise MissingFileError(f"{label} names the file {name!r}, which is not beside it.")
                arrays.update(attempt.enter_context(stored_arrays(str(file), f"The file {str(file)!r}")))
            stack.push(attempt.pop_all())
            return arrays
    except (MissingFileError, CorruptModelError):
        if files_of(index, label) == files:
            raise
    return _opened(index, label, stack)


def files_of(index: Path, label: str) -> list[str]:
    """Returns the names of all files that an index names.

    Args:
        index: its path.
        label: what errors call it.

    Raises:
        CorruptModelError: when it is no index.
        UnsafeArchiveError: when it names a file in another folder.
    """
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
