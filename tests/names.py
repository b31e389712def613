"""The public names of kerastorch and the names of Keras, as sets.

Run `python -m tests.names` after a deliberate change of the public surface: it rewrites
`public_names.txt` and `not_offered_yet.txt`, whose difference is then part of the review.
"""

from __future__ import annotations

import importlib
import types
from pathlib import Path

HERE = Path(__file__).parent
PUBLIC = HERE / "public_names.txt"
NOT_OFFERED = HERE / "not_offered_yet.txt"
KERAS = HERE / "data" / "keras_names.txt"

HEADERS = {
    PUBLIC: "# Every public name of kerastorch. Written by `python -m tests.names`.",
    NOT_OFFERED: "# Names of Keras that kerastorch lacks. Written by `python -m tests.names`.",
}


def read(path: Path) -> set[str]:
    """The names in a list, without its comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def public_names() -> set[str]:
    """Every name in the `__all__` of kerastorch and of the modules that it names."""
    return set(public_objects())


def public_objects() -> dict[str, object]:
    """Public name without the leading `kerastorch.` -> the object."""
    root = importlib.import_module("kerastorch")
    found: dict[str, object] = {}
    _walk(root, "", found)
    return found


def _walk(module: types.ModuleType, prefix: str, found: dict[str, object]) -> None:
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        path = f"{prefix}{name}"
        if path in found:
            continue
        found[path] = value
        if isinstance(value, types.ModuleType) and value.__name__.startswith("kerastorch"):
            _walk(value, f"{path}.", found)


def is_offered(path: str) -> bool:
    """Whether `kerastorch.<path>` exists, imported the way a user would reach it."""
    value: object = importlib.import_module("kerastorch")
    walked = "kerastorch"
    for part in path.split("."):
        walked = f"{walked}.{part}"
        if hasattr(value, part):
            value = getattr(value, part)
            continue
        try:
            value = importlib.import_module(walked)
        except ImportError:
            return False
    return True


def keras_names() -> set[str]:
    """The names of Keras that apply to kerastorch."""
    return read(KERAS)


def missing_names() -> set[str]:
    """The names of Keras that kerastorch does not have."""
    return {name for name in keras_names() if not is_offered(name)}


def write() -> None:
    """Rewrite both lists from the package as it is."""
    for path, names in ((PUBLIC, public_names()), (NOT_OFFERED, missing_names())):
        path.write_text("\n".join([HEADERS[path], *sorted(names)]) + "\n", encoding="utf-8")
    total, lacking = len(keras_names()), len(read(NOT_OFFERED))
    print(f"{len(read(PUBLIC))} public names; {total - lacking} of {total} names of Keras offered")


if __name__ == "__main__":
    write()
