"""What a config of a stranger may ask for: bounds on its size and its names, and on the memory of what it makes."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kerastorch.errors import CorruptModelError, KerasTorchError, SerializationError

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

PYTHON_FLOAT = 32  # bytes of a number in a list
_PARTS = 1_000_000  # lists and dictionaries of a config; models of a thousand layers have about ten thousand
_DEPTH = 400  # lists and dictionaries inside each other; a model inside a model takes four
_NAME = 1024  # characters
_MIXING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they let text run backwards
_UNKNOWN = 1 << 40  # bytes of memory where the system does not tell
_CONTAINER = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)  # of cgroups 2 and 1


class _Reading(threading.local):
    """The bytes that weights may still take up in this thread; None while no config is read."""

    room: int | None = None


_state = _Reading()


@contextlib.contextmanager
def reading(
    config: Any,
    room: int | None = None,
    what: str = "A config",
    error: type[KerasTorchError] = SerializationError,
) -> Iterator[None]:
    """Within this block a config is read: weights take up no more memory than there is room for.

    Whatever it makes fail, such as a missing key, is an error of the config. Inside another such block it does nothing.

    Args:
        config: the config; it is checked first.
        room: the bytes that all weights together may take up; None for all memory of the machine.
        what: what is read, for the error.
        error: the class of the error.

    Raises:
        CorruptModelError: when the config is too large or too deep, or asks for more than there is room for.
        SerializationError: when it cannot be read.

    Example:
        >>> with reading({"class_name": "Dense"}):
        ...     {}["config"]
        Traceback (most recent call last):
        kerastorch.errors.SerializationError: A config cannot be read. The error was: KeyError: 'config'
    """
    if _state.room is not None:
        yield
        return
    check_config(config)
    _state.room = _memory() if room is None else room
    try:
        yield
    except (KerasTorchError, Warning):  # a warning that is an error, as the user wants it
        raise
    except Exception as fault:
        text = f"{what} cannot be read. The error was: {type(fault).__name__}: {fault}"
        raise error(text) from fault
    finally:
        _state.room = None


def reserve(shape: tuple[int, ...], size: int) -> None:
    """Takes the memory of a weight from what there is room for, if a config is being read.

    Args:
        shape: its shape.
        size: the bytes of each number.

    Raises:
        CorruptModelError: when that is more than there is room for.
    """
    if _state.room is None:
        return
    needed = math.prod(shape) * size
    if needed > _state.room:
        raise CorruptModelError(
            f"A weight of shape {shape} is described, which takes up {needed} bytes; {_state.room} are left for all "
            "that is described. The file is damaged, or made to fill up the memory."
        )
    _state.room -= needed


def check_text(text: str | bytes) -> None:
    """Checks that JSON is small enough to be parsed.

    Args:
        text: the JSON.

    Raises:
        CorruptModelError: when it holds too many lists and dictionaries.
    """
    opening = ("[", "{") if isinstance(text, str) else (b"[", b"{")
    if sum(map(text.count, opening)) > _PARTS:  # type: ignore[arg-type]
        raise CorruptModelError(f"A config has more than {_PARTS} parts, more than any model.")


def check_config(config: Any) -> None:
    """Checks the size of a config, and the names in it.

    Args:
        config: plain values.

    Raises:
        CorruptModelError: when it has too many parts or levels, or a name holds what no name may hold.

    Example:
        >>> check_config({"name": "../../etc"})
        Traceback (most recent call last):
        kerastorch.errors.CorruptModelError: A config holds a name that ... the characters of a path: '../../etc'.
    """
    level, count, depth = [config], 0, 0
    while level:
        level = [part for outer in level for part in _parts_of(outer)]
        count, depth = count + len(level), depth + 1
        if count > _PARTS or depth > _DEPTH:
            raise CorruptModelError(
                f"A config has more than {_PARTS} parts or {_DEPTH} levels, more than any model."
            )


def _parts_of(outer: Any) -> Iterator[Any]:
    """Yields the lists and dictionaries right inside one."""
    if isinstance(outer, Mapping):
        if "name" in outer:
            _check_name(outer["name"])
        outer = outer.values()
    elif not isinstance(outer, (list, tuple)):
        return
    for part in outer:
        if isinstance(part, (Mapping, list, tuple)):
            yield part


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        return  # whoever takes it says what it must be
    if len(name) > _NAME:
        fault = f"has {len(name)} characters"
    elif any(char in _MIXING or unicodedata.category(char) == "Cc" for char in name):
        fault = "has characters that cannot be seen"
    elif name in (".", "..") or name.startswith("/") or "../" in name or "\\" in name:
        fault = "has the characters of a path"
    else:
        return
    raise CorruptModelError(f"A config holds a name that {fault}: {name[:100]!r}.")


def _memory() -> int:
    """The memory that this process may use, in bytes: that of the machine, of its container, or what was set for it."""
    limit = _UNKNOWN
    if resource is not None:
        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min(_memory_of_machine(), limit if limit > 0 else _UNKNOWN)


@functools.cache
def _memory_of_machine() -> int:
    found = [_UNKNOWN]
    with contextlib.suppress(AttributeError, ValueError, OSError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in _CONTAINER:
        with contextlib.suppress(ValueError, OSError):  # no such file, or the word "max"
            found.append(int(Path(path).read_text()))
    return min(found)
