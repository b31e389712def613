"""Worker processes redirect names as the process that starts them does.

A worker that is started afresh reads a pickled dictionary of preparations and only then imports the script again. One
more entry, which installs the redirection when it is read, comes early enough. A forked worker needs nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from multiprocessing import spawn
from typing import Any

import kerastorch.version

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(kerastorch.version.__file__)))


class _Installed:
    """Is pickled as a call of `install`.

    Args:
        dialect: its argument.
    """

    def __init__(self, dialect: str | None) -> None:
        self._dialect = dialect

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        # The worker does not know yet where its parent has found kerastorch, hence text in place of a function.
        code = (
            "import sys\n"
            f"sys.path.extend(path for path in {[*sys.path, _HOME]!r} if path not in sys.path)\n"
            "from kerastorch.compat.redirect import install\n"
            f"install({self._dialect!r})\n"
        )
        return exec, (code,)


@contextlib.contextmanager
def in_workers(dialect: str | None) -> Iterator[None]:
    """Lets workers that are started inside a `with` block call `install`, whether spawned or from a fork server.

    Args:
        dialect: the argument of `install`.

    Example:
        >>> with in_workers(None):
        ...     data = spawn.get_preparation_data("worker")
        >>> "kerastorch" in data
        True
    """
    plain = spawn.get_preparation_data

    def prepared(name: str) -> dict[str, Any]:
        return {**plain(name), "kerastorch": _Installed(dialect)}

    spawn.get_preparation_data = prepared
    try:
        yield
    finally:
        spawn.get_preparation_data = plain
