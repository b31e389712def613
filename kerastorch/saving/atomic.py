"""Files and folders that appear whole or not at all: written beside their place, flushed, then renamed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from kerastorch.errors import InvalidArgumentError

_AT_CWD, _EXCHANGE = -100, 2  # constants of Linux for `renameat2`


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives the path of a temporary file that takes the place of `path` when the block ends well.

    The new file is on the disk before it gets its name, so that a crash at any moment leaves the old file or the new
    one. When the block raises, the old file stays and nothing is left over. Missing folders are made.

    Args:
        path: the file to make or to replace; a symbolic link is followed.

    Returns:
        A context manager that gives the path to write to.

    Raises:
        InvalidArgumentError: when `path` is a folder.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "notes.txt"
        >>> with atomic_file(target) as temporary:
        ...     _ = temporary.write_text("whole")
        >>> target.read_text()
        'whole'
    """
    target = _real(path)
    if target.is_dir():
        raise InvalidArgumentError(f"Cannot write the file {str(path)!r}: there is a folder of that name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(target)
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        if target.exists():
            shutil.copymode(target, temporary)
        _flush(temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush(target.parent)


@contextlib.contextmanager
def atomic_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a new, empty folder that takes the place of `path` when the block ends well.

    A folder that exists is replaced with everything in it. When the block raises, the old folder stays and nothing
    is left over. Missing folders above are made.

    Args:
        path: the folder to make or to replace; a symbolic link is followed.

    Returns:
        A context manager that gives the path of the new folder.

    Raises:
        InvalidArgumentError: when `path` is a file.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "notes"
        >>> with atomic_directory(target) as folder:
        ...     _ = (folder / "one.txt").write_text("1")
        >>> [file.name for file in target.iterdir()]
        ['one.txt']
    """
    target = _real(path)
    if target.exists() and not target.is_dir():
        raise InvalidArgumentError(f"Cannot write the folder {str(path)!r}: there is a file of that name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(target)
    try:
        temporary.mkdir()
        yield temporary
        for inner in [*temporary.rglob("*"), temporary]:
            _flush(inner)
        _take_place(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # what failed, or what was replaced
    _flush(target.parent)


def _real(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.realpath(os.fspath(path)))


def _beside(target: Path) -> Path:
    """A free name in the same folder, and so on the same disk, where renaming is one step."""
    return target.with_name(f".{uuid.uuid4().hex}.tmp")


def _flush(path: Path) -> None:
    """Waits until a file or a folder's list of names is on the disk."""
    if os.name == "nt" and path.is_dir():  # Windows has no such wait for folders
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_place(new: Path, target: Path) -> None:
    """Gives `new` the name of `target`; what stood there is at `new` afterwards."""
    if not target.exists():
        os.rename(new, target)
    elif not _exchange(new, target):
        aside = _beside(target)
        os.rename(target, aside)
        try:
            os.rename(new, target)
        except OSError:
            os.rename(aside, target)
            raise
        os.rename(aside, new)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two names in one step, where the system can; returns whether it did."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return (
        rename is not None and rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0
    )
