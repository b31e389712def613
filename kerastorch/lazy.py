"""Names of an index that are imported when somebody first asks for them, so that `import kerastorch` is quick."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def later(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Returns the `__getattr__` and the `__dir__` of a module some of whose names are imported late.

    Args:
        package: the `__name__` of the module.
        homes: the module that each name is imported from; a name that is a module itself has its own name there.

    Example:
        >>> import kerastorch
        >>> kerastorch.utils.__name__  # imported here, not by `import kerastorch`
        'kerastorch.utils'
    """
    module = sys.modules[package]

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = importlib.import_module(homes[name])
        found = home if homes[name] == f"{package}.{name}" else getattr(home, name)
        setattr(module, name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(module), *homes})

    return find, names
