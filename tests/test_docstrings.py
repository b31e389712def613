"""Every public class and function says what it takes, gives and raises, and shows an example.

- One line that ends in a full stop, then a blank line.
- `Args` names every parameter. A class that inherits its constructor may leave them to the class that wrote it.
- `Returns` where a function gives something back, `Raises` where its own body raises.
- `Example` with a line of `>>>`.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.names import public_objects

SECTION = re.compile(r"^(\w[\w ]*):\s*$", flags=re.MULTILINE)
UNDOCUMENTED_PARAMETERS = {"self", "cls", "args", "kwargs"}


def own_objects() -> dict[str, list[tuple[str, object]]]:
    """Area -> the classes and functions defined in kerastorch, each under its first public name."""
    areas: dict[str, list[tuple[str, object]]] = defaultdict(list)
    seen: set[int] = set()
    for path, value in sorted(public_objects().items()):
        ours = getattr(value, "__module__", "") or ""
        if not ours.startswith("kerastorch") or id(value) in seen:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            seen.add(id(value))
            areas[path.rpartition(".")[0].partition(".")[0] or "top"].append((path, value))
    return dict(areas)


def sections(doc: str) -> set[str]:
    return set(SECTION.findall(doc))


def parameters(value: object) -> list[str]:
    function = value.__init__ if inspect.isclass(value) else value
    try:
        names = inspect.signature(function).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    return [name for name in names if name not in UNDOCUMENTED_PARAMETERS and not name.startswith("_")]


def constructor_doc(value: type) -> str:
    """The docstring of a class, with that of the classes whose constructor it inherits or passes on to."""
    docs = [base.__doc__ or "" for base in value.__mro__ if base.__module__.startswith("kerastorch")]
    return "\n".join(map(inspect.cleandoc, docs))


def raises(value: object) -> bool:
    function = value.__dict__.get("__init__") if inspect.isclass(value) else value
    if not inspect.isfunction(function):
        return False
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None)
    return any("NotImplementedError" not in ast.unparse(node) for node in found)


def returns(value: object) -> bool:
    if not inspect.isfunction(value):
        return False
    annotation = inspect.signature(value).return_annotation
    return annotation not in (inspect.Signature.empty, None, "None", "NoReturn")


def first_line_faults(doc: str) -> Iterator[str]:
    lines = doc.splitlines()
    if not lines[0].rstrip().endswith((".", "!", "?", ":")):
        yield "the first line is no sentence"


def faults(value: object) -> Iterator[str]:
    """What the docstring of one public object lacks."""
    doc = inspect.cleandoc(value.__dict__.get("__doc__") or value.__doc__ or "")
    if not doc:
        yield "no docstring"
        return
    yield from first_line_faults(doc)
    described = constructor_doc(value) if inspect.isclass(value) else doc
    absent = [name for name in parameters(value) if not re.search(rf"\b{re.escape(name)}\b", described)]
    if absent:
        yield f"Args lacks {', '.join(absent)}"
    present = sections(described)
    if parameters(value) and "Args" not in present:
        yield "no section Args"
    if returns(value) and "Returns" not in present and not doc.startswith("Returns "):
        yield "no section Returns"
    if raises(value) and "Raises" not in present:
        yield "no section Raises"
    if ">>> " not in doc and not issubclass_of_error(value):
        yield "no example"


def issubclass_of_error(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseException)


AREAS = own_objects()


@pytest.mark.parametrize("area", sorted(AREAS))
def test_public_docstrings_say_all_that_a_user_needs(area):
    found = [f"{path}: {fault}" for path, value in AREAS[area] for fault in faults(value)]
    assert not found, "\n".join(found)


def silent(x, y=1):
    """Adds"""
    raise ValueError(x, y)


def giving(x) -> int:
    """Gives x back.

    Args:
        x: a number.

    Returns:
        The same number.

    Example:
        >>> giving(1)
        1
    """
    return x


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (giving, []),
        (
            silent,
            [
                "the first line is no sentence",
                "Args lacks x, y",
                "no section Args",
                "no section Raises",
                "no example",
            ],
        ),
    ],
)
def test_the_check_finds_what_a_docstring_lacks(value, expected):
    assert list(faults(value)) == expected
