"""Files of other systems than the disk, such as `s3://bucket/model.keras`, by way of a folder on the disk.

The package fsspec and those that it knows for each system do the rest: `memory://`, `s3://`, `gs://`, `hf://`, ...
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from kerastorch.errors import (
    InvalidArgumentError,
    MissingDependencyError,
    MissingFileError,
    UnsafeArchiveError,
)
from kerastorch.saving.shards import ENDING as INDEX_ENDING
from kerastorch.saving.shards import files_of, own_files

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(//|:)")  # a drive of Windows has one letter
_LAST = (INDEX_ENDING, "checkpoint")  # files that name others


def is_remote(path: Any) -> bool:
    """Returns whether a path is one of another system.

    Example:
        >>> is_remote("s3://bucket/model.keras"), is_remote("C:/model.keras"), is_remote("model.keras")
        (True, False, False)
    """
    return isinstance(path, str) and _SCHEME.match(path) is not None


def exists(path: str) -> bool:
    """Returns whether there is a file or folder of a path, on any system."""
    if not is_remote(path):
        return os.path.exists(path)
    system, place = _located(path)
    return system.exists(place)


def delete(path: str) -> None:
    """Deletes a file, on any system, if it is there."""
    if not is_remote(path):
        Path(path).unlink(missing_ok=True)
        return
    system, place = _located(path)
    if system.exists(place):
        system.rm_file(place)


def rename(path: str, name: str) -> None:
    """Gives a file another name in its folder, on any system; one that has it is replaced."""
    target = f"{os.path.dirname(path)}/{name}"
    if not is_remote(path):
        os.replace(path, target)
        return
    system, place = _located(path)
    system.mv(place, _located(target)[1])


def delete_if_empty(folder: str) -> None:
    """Deletes a folder, on any system, if there is nothing in it."""
    if files_in(folder):
        return
    if not is_remote(folder):
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(folder)
        return
    system, place = _located(folder)
    if system.isdir(place):
        system.rmdir(place)


def files_in(folder: str) -> dict[str, float]:
    """Returns the names of the files and folders in a folder, on any system, and when they were changed, in seconds."""
    if not is_remote(folder):
        there = Path(folder or ".")
        return {one.name: one.stat().st_mtime for one in there.iterdir()} if there.is_dir() else {}
    system, place = _located(folder)
    found = system.ls(place, detail=False) if system.isdir(place) else []
    return {os.path.basename(one.rstrip("/")): system.modified(one).timestamp() for one in found}


@contextlib.contextmanager
def here_to_write(path: Any) -> Iterator[Any]:
    """Gives a path on the disk; what the block writes there goes to the other system when it ends well.

    Each file is complete before it gets its name there, those that name others at last.

    Args:
        path: the path; one of the disk, or an open file, is given as it is.

    Raises:
        MissingDependencyError: when a package for the system is missing.
        InvalidArgumentError: when there is no such system.
    """
    if not is_remote(path):
        yield path
        return
    system, place = _located(path)
    above, name = os.path.split(place.rstrip("/"))
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder, name)
        if name.endswith(INDEX_ENDING) and system.exists(place):
            system.get_file(place, str(index))  # the new set gets other names than the old one
        old = own_files(index)
        yield str(index)
        _send(system, Path(folder), above)
        for file in old if index.is_file() else ():
            if not index.with_name(file).exists():
                system.rm_file(f"{above}/{file}")


def _send(system: Any, folder: Path, above: str) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    for file in sorted(files, key=lambda one: (one.name.endswith(_LAST), one)):
        target = PurePosixPath(above, file.relative_to(folder).as_posix())
        _put(system, file, str(target))


def _put(system: Any, file: Path, target: str) -> None:
    """Copies a file to another system under a name of its own, and then gives it its name."""
    above = os.path.dirname(target)
    if not system.isdir(above):
        system.makedirs(above, exist_ok=True)
    temporary = f"{above}/.{uuid.uuid4().hex}.tmp"
    try:
        system.put_file(str(file), temporary)
        system.mv(temporary, target)
    except BaseException:
        with contextlib.suppress(Exception):
            system.rm_file(temporary)
        raise


@contextlib.contextmanager
def here_to_read(path: Any) -> Iterator[Any]:
    """Gives a path on the disk that holds what a path of another system does.

    Args:
        path: the path of a file, a folder or a checkpoint; one of the disk, or an open file, is given as it is.

    Raises:
        MissingFileError: when there is nothing of that name.
        MissingDependencyError: when a package for the system is missing.
        InvalidArgumentError: when there is no such system.
        UnsafeArchiveError: when the name of a file leads out of the folder.
    """
    if not is_remote(path):
        yield path
        return
    system, place = _located(path)
    place = place.rstrip("/")
    with tempfile.TemporaryDirectory() as folder:
        local = os.path.join(folder, os.path.basename(place))
        if system.isfile(place):
            system.get_file(place, local)
        elif not _fetch(system, place, folder):
            raise MissingFileError(
                f"File not found: filepath={path}. There is no file or folder of that name."
            )
        if local.endswith(INDEX_ENDING):
            for name in files_of(Path(local), f"The file {path!r}"):
                with contextlib.suppress(FileNotFoundError):  # whoever reads the index names what is missing
                    system.get_file(f"{os.path.dirname(place)}/{name}", os.path.join(folder, name))
        yield local


def _fetch(system: Any, place: str, folder: str) -> bool:
    """Copies a folder, or the files of a checkpoint, whose names begin as the path does; returns whether there are."""
    above = os.path.dirname(place)
    if system.isdir(place):
        found = system.find(place)
    else:
        found = [name for name in system.glob(f"{glob.escape(place)}.*") if system.isfile(name)]
    for name in found:
        inside = PurePosixPath(name).relative_to(above) if above else PurePosixPath(name)
        if ".." in inside.parts or inside.is_absolute() or "\\" in name:
            raise UnsafeArchiveError(f"The name of the file {name!r} leads out of the folder.")
        local = Path(folder, inside)
        local.parent.mkdir(parents=True, exist_ok=True)
        system.get_file(name, str(local))
    return bool(found)


def _located(path: str) -> tuple[Any, str]:
    """The system that a path is on, and the path as that system writes it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingDependencyError(
            f"The path {path!r} needs the package `fsspec`: `pip install fsspec`."
        ) from error
    try:
        return url_to_fs(path)
    except ImportError as error:
        raise MissingDependencyError(f"The path {path!r} needs another package: {error}") from error
    except ValueError as error:
        raise InvalidArgumentError(f"The path {path!r} cannot be understood: {error}") from error
