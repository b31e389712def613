"""Which format a path asks for, and which one a file has."""

from __future__ import annotations

import contextlib
import glob
import io
import os
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from kerastorch.core.bounds import reading
from kerastorch.errors import ArgumentTypeError, CorruptModelError, FileInTheWayError, MissingFileError
from kerastorch.saving.archive import CONFIG
from kerastorch.saving.h5 import SIGNATURE
from kerastorch.saving.remote import exists
from kerastorch.saving.shards import ENDING as INDEX_ENDING

H5_ENDINGS = (".h5", ".hdf5")
WEIGHTS_ENDING = ".weights.h5"
_FLOOR, _EXPANSION = 1 << 28, 16  # bytes: what any file may make, and how many more for each of its own
SAVED_MODEL = ("saved_model.pb", "keras_metadata.pb")  # the files by which TensorFlow's folders are known


def is_stream(file: Any) -> bool:
    """Returns whether a file is open already, rather than a path."""
    return hasattr(file, "read") or hasattr(file, "write")


def as_target(file: Any) -> str | BinaryIO:
    """Returns a path as a string, with the user's folder for `~`, and an open file as it is.

    Raises:
        ArgumentTypeError: when it is neither.
    """
    if is_stream(file):
        return file
    try:
        return os.path.expanduser(os.fsdecode(os.fspath(file)))
    except TypeError:
        raise ArgumentTypeError(
            "Argument `filepath` must be a path or a binary file. "
            f"Received: {file!r} (of type {type(file).__name__})."
        ) from None


def label_of(file: Any) -> str:
    """Returns what errors call a file."""
    return (
        f"The file {getattr(file, 'name', 'in memory')!r}" if is_stream(file) else f"The file {str(file)!r}"
    )


def may_write(file: Any, overwrite: bool) -> bool:
    """Returns whether the file may be written: always, if `overwrite`; otherwise a file in the way is asked about.

    Raises:
        FileInTheWayError: when nobody can be asked, because the program does not run in a terminal.
    """
    if overwrite or is_stream(file) or not exists(file):
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise FileInTheWayError(
            f"{label_of(file)} exists already and `overwrite=False`. Choose another path."
        )
    answer = ""
    while answer not in ("y", "n"):
        answer = input(f"[WARNING] {file} already exists - overwrite? [y/n]").strip().lower()
    return answer == "y"


def format_of(file: Any, label: str) -> str:
    """Returns what a file holds, by its content: `"zip"`, `"folder"`, `"saved_model"` or `"h5"`.

    Args:
        file: a path, or a binary file.
        label: what errors call it.

    Raises:
        MissingFileError: when there is no such file.
        CorruptModelError: when it is something else.
    """
    if not is_stream(file):
        if not os.path.exists(file):
            raise MissingFileError(
                f"File not found: filepath={file}. There is no file or folder of that name."
            )
        if os.path.isdir(file):
            return _format_of_folder(file, label)
        with open(file, "rb") as stream:
            return _format_of_stream(stream, label)
    place = file.tell()
    try:
        return _format_of_stream(file, label)
    finally:
        file.seek(place)


@contextlib.contextmanager
def reading_file(file: Any, label: str) -> Iterator[None]:
    """Within this block a file is read: what is made takes up no more memory than its size explains.

    Args:
        file: a path, or a binary file; also a prefix, as those of checkpoints.
        label: what errors call it.

    Raises:
        CorruptModelError: when it describes more, or something in it makes reading fail.
    """
    with reading({}, _FLOOR + _EXPANSION * _size_of(file), label, CorruptModelError):
        yield


def _size_of(file: Any) -> int:
    if not is_stream(file):
        return sum(path.stat().st_size for path in _files_of(Path(file)) if path.is_file())
    place = file.tell()
    try:
        return file.seek(0, io.SEEK_END)
    finally:
        file.seek(place)


def _files_of(path: Path) -> Iterable[Path]:
    """The file, or all files of the folder; those beside an index or a prefix that begin as it does."""
    if path.is_dir():
        return path.rglob("*")
    if path.is_file() and not path.name.endswith(INDEX_ENDING):
        return [path]
    return path.parent.glob(f"{glob.escape(path.name.removesuffix(INDEX_ENDING))}*")


def _format_of_folder(path: str, label: str) -> str:
    if (Path(path) / CONFIG).is_file():
        return "folder"
    if any((Path(path) / name).is_file() for name in SAVED_MODEL):
        return "saved_model"
    raise CorruptModelError(
        f"{label} is a folder, but no saved model: it has no file {CONFIG!r}. Expected what `model.save(path)` writes."
    )


def _format_of_stream(stream: Any, label: str) -> str:
    if stream.read(len(SIGNATURE)) == SIGNATURE:
        return "h5"
    stream.seek(0, io.SEEK_SET)
    if zipfile.is_zipfile(stream):
        return "zip"
    raise CorruptModelError(
        f"{label} is neither a zip archive nor HDF5: it is damaged, cut off or something else. Expected what "
        "`model.save` or `model.save_weights` writes."
    )
