"""Files and folders that appear whole or not at all: written beside their place, flushed, then renamed."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from kerastorch.errors import InvalidArgumentError

try:
    import fcntl
except ImportError:  # on Windows, where what is half written stays until somebody deletes it
    fcntl = None  # type: ignore[assignment]

_TEMPORARY = f".{'[0-9a-f]' * 32}.tmp"
_TRIES = 5  # to lock a folder that was just made, before others take it for remains
_NO_ROOM = "there is no room on the disk; make some, or choose another folder"
_NOT_ALLOWED = "it may not be written; change its permissions or those of its folder, or choose another"
_ADVICE = {
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EFBIG: "it would be larger than a file may be here; choose another disk, or raise the limit",
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: _NOT_ALLOWED,
    errno.ENOTDIR: "a part of the path is a file; choose another folder",
    errno.EEXIST: "a part of the path is a file; choose another folder",
}
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
        OSError: when the disk is full, or nothing may be written there.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "notes.txt"
        >>> with atomic_file(target) as temporary:
        ...     _ = temporary.write_text("whole")
        >>> target.read_text()
        'whole'
    """
    target = _real(path)
    with workplace(path) as folder:
        temporary = folder / target.name
        temporary.touch()
        yield temporary
        put(temporary, target)


@contextlib.contextmanager
def workplace(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a new folder for what is to become a file, or several that belong together; `put` moves them out of it.

    It is beside the file, on the same disk, and is deleted with everything in it when the block ends. Missing folders
    are made. Errors of the disk name the file and say what to do.

    Args:
        path: the file that is to be made or replaced.

    Raises:
        InvalidArgumentError: when `path` is a folder.
        OSError: when the disk is full, or nothing may be written there.
    """
    target = _real(path)
    if target.is_dir():
        raise InvalidArgumentError(f"Cannot write the file {str(path)!r}: there is a folder of that name.")
    with _explained(path), _folder_beside(target) as folder:
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        yield folder


def put(file: Path, target: Path) -> None:
    """Moves a whole file to its place, where it has the permissions of the one that it replaces.

    Args:
        file: a file on the same disk.
        target: its place.
    """
    if target.exists():
        shutil.copymode(target, file)
    _flush(file)
    os.replace(file, target)
    _flush(target.parent)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Only one process at a time is inside this block, where the system can see to it.

    Args:
        folder: that in which the processes do what they do.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # the disk knows no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
        OSError: when the disk is full, or nothing may be written there.

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
    with _explained(path), _folder_beside(target) as folder:
        temporary = folder / target.name
        temporary.mkdir()
        yield temporary
        for inner in [*temporary.rglob("*"), temporary]:
            _flush(inner)
        _take_place(temporary, target)
        _flush(target.parent)


def clear_remains(folder: Path) -> None:
    """Deletes what processes that were killed had half written; what a process still writes stays.

    Args:
        folder: where `atomic_file` or `atomic_directory` wrote.
    """
    for path in folder.glob(_TEMPORARY):
        lock = _lock(path)
        if lock is None:
            continue
        _delete(path)
        os.close(lock)


@contextlib.contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A folder of this process's own on the disk of `target`, locked as long as it is in use.

    The lock tells others that it is no remains: the system takes it away with the process.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_remains(target.parent)
    folder, lock = _locked_folder(target)
    try:
        yield folder
    finally:
        _delete(folder)
        if lock is not None:
            os.close(lock)


def _locked_folder(target: Path) -> tuple[Path, int | None]:
    """A new folder beside `target`, and its lock, None where the system has none.

    Until it is locked, others may take it for remains and delete it: then there is another.
    """
    for _ in range(_TRIES):
        folder = target.with_name(f".{uuid.uuid4().hex}.tmp")
        folder.mkdir()
        lock = _lock(folder)
        if fcntl is None or (lock is not None and folder.exists()):
            return folder, lock
        if lock is not None:
            os.close(lock)
        with contextlib.suppress(OSError):
            folder.rmdir()
    folder.mkdir(exist_ok=True)  # the disk knows no locks, so that nobody deletes it
    return folder, None


def _lock(path: Path) -> int | None:
    """Locks a file or folder, where the system can and nobody else has; returns the descriptor that holds the lock."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _delete(path: Path) -> None:
    """Deletes a file or a folder, as far as that is possible."""
    shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.unlink()


@contextlib.contextmanager
def _explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Errors of the disk name the path and say what to do."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = _number_of(error)
        if number not in _ADVICE:
            raise
        text = (
            f"Cannot write {str(path)!r}: {_ADVICE[number]}. What was there before stays as it was. Received"
        )
        raise OSError(number, f"{text}: {os.strerror(number)}.") from error


def _number_of(error: BaseException) -> int | None:
    """The number of an error of the system, which HDF5 only has in its text, and torch covers with another error."""
    in_text = re.search(r"errno = (\d+)", str(error))
    if in_text:
        return int(in_text[1])
    if isinstance(error, RuntimeError) and error.__context__ is not None:
        return _number_of(error.__context__)
    return getattr(error, "errno", None)


def _real(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.realpath(os.fspath(path)))


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
    """Gives `new` the name of `target`; what stood there is beside `new` afterwards, or takes its name."""
    if not target.exists():
        os.rename(new, target)
    elif not _exchange(new, target):
        aside = new.with_name(f"{new.name}.old")
        os.rename(target, aside)
        try:
            os.rename(new, target)
        except OSError:
            os.rename(aside, target)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two names in one step, where the system can; returns whether it did."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return (
        rename is not None and rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0
    )
