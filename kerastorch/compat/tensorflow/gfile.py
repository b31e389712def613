"""`tf.io.gfile`: files and folders of this machine."""

from __future__ import annotations

import glob as python_glob
import os
import shutil
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.core.strings import StringTensor


def path_of(path: Any) -> str:
    """Returns a path as text.

    Args:
        path: text, bytes, a `pathlib.Path` or a tensor of one text.

    Example:
        >>> path_of(StringTensor("a.txt"))
        'a.txt'
    """
    return os.fsdecode(path.numpy() if isinstance(path, StringTensor) else path)


def GFile(name: Any, mode: str = "r") -> Any:
    """Returns an open file.

    Args:
        name: the path.
        mode: as in `open`. Default: reading text.

    Example:
        >>> with GFile("a.txt", "w") as file:
        ...     _ = file.write("hello")
        >>> with GFile("a.txt", "rb") as file:
        ...     file.read()
        b'hello'

    Source: `tf.io.gfile.GFile`, `open`
    """
    return open(path_of(name), mode, encoding=None if "b" in mode else "utf-8")


def exists(path: Any) -> bool:
    """Returns whether there is a file or folder of a name.

    Args:
        path: the path.

    Example:
        >>> exists("nowhere")
        False
    """
    return os.path.exists(path_of(path))


def isdir(path: Any) -> bool:
    """Returns whether there is a folder of a name.

    Args:
        path: the path.

    Example:
        >>> isdir(".")
        True
    """
    return os.path.isdir(path_of(path))


def makedirs(path: Any) -> None:
    """Makes a folder and those above it; one that exists is left alone.

    Args:
        path: the path.

    Example:
        >>> makedirs("a/b")
        >>> isdir("a/b")
        True
    """
    os.makedirs(path_of(path), exist_ok=True)


def mkdir(path: Any) -> None:
    """Makes a folder in one that exists.

    Args:
        path: the path.

    Example:
        >>> mkdir("made")
        >>> isdir("made")
        True
    """
    os.mkdir(path_of(path))


def listdir(path: Any) -> list[str]:
    """Returns the names in a folder.

    Args:
        path: the path.

    Example:
        >>> makedirs("listed/inner")
        >>> listdir("listed")
        ['inner']
    """
    return sorted(os.listdir(path_of(path)))


def glob(pattern: Any) -> list[str]:
    """Returns the paths that match patterns such as `"data/*.csv"`, sorted.

    Args:
        pattern: a pattern, or a list of them.

    Example:
        >>> glob("*.csv")
        []
    """
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [path for each in patterns for path in sorted(python_glob.glob(path_of(each)))]


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copies a file.

    Args:
        src: the path of the file.
        dst: the path of the copy.
        overwrite: whether a file of that name is replaced. Default: False.

    Raises:
        FileExistsError: when there is a file of that name, and `overwrite` is False.

    Example:
        >>> with GFile("a.txt", "w") as file:
        ...     _ = file.write("hello")
        >>> copy("a.txt", "b.txt")
        >>> exists("b.txt")
        True
    """
    _check_free(dst, overwrite)
    shutil.copyfile(path_of(src), path_of(dst))


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Gives a file or folder another name.

    Args:
        src: the path.
        dst: the new path.
        overwrite: whether a file of that name is replaced. Default: False.

    Raises:
        FileExistsError: when there is a file of that name, and `overwrite` is False.

    Example:
        >>> mkdir("old")
        >>> rename("old", "new")
        >>> exists("old"), exists("new")
        (False, True)
    """
    _check_free(dst, overwrite)
    os.replace(path_of(src), path_of(dst))


def remove(path: Any) -> None:
    """Deletes a file.

    Args:
        path: the path.

    Example:
        >>> GFile("a.txt", "w").close()
        >>> remove("a.txt")
    """
    os.remove(path_of(path))


def rmtree(path: Any) -> None:
    """Deletes a folder with all that is in it.

    Args:
        path: the path.

    Example:
        >>> makedirs("a/b")
        >>> rmtree("a")
    """
    shutil.rmtree(path_of(path))


def walk(top: Any, topdown: bool = True, onerror: Any = None) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yields each folder below one, with the names of the folders and files in it.

    Args:
        top: the folder.
        topdown: whether a folder comes before those in it. Default: True.
        onerror: a function of the error of a folder that cannot be read.

    Returns:
        An iterator.

    Example:
        >>> makedirs("top/inner")
        >>> [folder for folder, _, _ in walk("top")]
        ['top', 'top/inner']
    """
    return os.walk(path_of(top), topdown=topdown, onerror=onerror)


def join(path: Any, *paths: Any) -> str:
    """Returns the parts of a path as one.

    Args:
        path: the first part.
        *paths: the others.

    Example:
        >>> join("a", "b")
        'a/b'
    """
    return os.path.join(path_of(path), *map(path_of, paths))


def stat(path: Any) -> Any:
    """Returns the size and the time of the last change of a file.

    Args:
        path: the path.

    Returns:
        An object with `length` (bytes), `mtime_nsec` and `is_directory`.

    Example:
        >>> GFile("a.txt", "w").close()
        >>> stat("a.txt").length
        0
    """
    found = os.stat(path_of(path))
    return SimpleNamespace(length=found.st_size, mtime_nsec=found.st_mtime_ns, is_directory=isdir(path))


def _check_free(path: Any, overwrite: bool) -> None:
    if exists(path) and not overwrite:
        raise FileExistsError(f"{path_of(path)!r} exists already; pass `overwrite=True` to replace it.")


__all__ = [
    "GFile",
    "copy",
    "exists",
    "glob",
    "isdir",
    "join",
    "listdir",
    "makedirs",
    "mkdir",
    "remove",
    "rename",
    "rmtree",
    "stat",
    "walk",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.io.gfile", name)
