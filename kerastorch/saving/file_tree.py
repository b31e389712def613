"""The arrays of a weights file as dictionaries inside dictionaries, one for each object, and what differs in two.

Where the file has `layers/dense/vars/0`, the tree has `tree["layers"]["dense"]["0"]`: what a layer has of its own
stands beside the layers in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.errors import ArgumentTypeError, UnknownNameError, did_you_mean

_OWN = "vars"  # the group of what an object has of its own
Tree = dict[str, Any]


def grown(values: Mapping[str, Any]) -> Tree:
    """Returns the tree of the arrays of a file.

    Args:
        values: arrays, or anything else, by their paths.

    Example:
        >>> grown({"layers/dense/vars/0": 1.5, "layers/dense/vars/1": 2.5, "vars/0": 3.5})
        {'layers': {'dense': {'0': 1.5, '1': 2.5}}, '0': 3.5}
    """
    tree: Tree = {}
    for path, value in values.items():
        *above, name = path.split("/")
        if _OWN in above:
            place = len(above) - above[::-1].index(_OWN)
            above, name = above[: place - 1], "/".join([*above[place:], name])
        holder = tree
        for part in above:
            holder = holder.setdefault(part, {})
        holder[name] = value
    return tree


def arrays_of(tree: Tree, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the values of a tree with their paths in a file.

    Args:
        tree: the tree.
        above: the path of the group that it is in, with a slash.
    """
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from arrays_of(dict(value), f"{above}{name}/")
        else:
            yield f"{above}{_OWN}/{name}", value


def tree_of(weights: Any) -> Tree:
    """Returns weights that a user gives as a tree of arrays on the host.

    Args:
        weights: arrays, tensors or lists by name; dictionaries in it are objects.

    Raises:
        ArgumentTypeError: when it is no dictionary, or holds something else than numbers.
    """
    if not isinstance(weights, Mapping):
        raise ArgumentTypeError(
            "Argument `weights` should be a dict where keys are weight names (usually '0', '1', etc.) and values are "
            f"NumPy arrays. Received: type(weights)={type(weights)}"
        )
    return {
        str(name): tree_of(value) if isinstance(value, Mapping) else _array(name, value)
        for name, value in weights.items()
    }


def _array(name: Any, value: Any) -> np.ndarray:
    array = host_array(value) if isinstance(value, torch.Tensor) else np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ArgumentTypeError(f"The weight {name!r} should be an array of numbers. Received: {value!r}")
    return array


def nodes(tree: Tree, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the path of each object and each weight."""
    for name, value in tree.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from nodes(value, (*above, name))


def located(tree: Tree, name: str) -> tuple[str, ...]:
    """Returns the path of an object.

    Args:
        tree: where to look.
        name: its path; or its name alone, if only one has it.

    Raises:
        UnknownNameError: when there is none, or several of that name.
    """
    wanted, paths = name.strip("/"), list(nodes(tree))
    if "/" in name:
        found, known = (
            [path for path in paths if "/".join(path) == wanted],
            ["/".join(path) for path in paths],
        )
    else:
        found, known = [path for path in paths if path[-1] == wanted], [path[-1] for path in paths]
    if len(found) > 1:
        places = ", ".join("/".join(path) for path in found)
        raise UnknownNameError(
            f"The name {name!r} occurs more than once in the file: {places}. Pass a complete path."
        )
    if not found:
        raise UnknownNameError(
            f"{name!r} is not found in the file, whose objects `summary()` lists.{did_you_mean(wanted, known)}"
        )
    return found[0]


def inside(tree: Tree, path: tuple[str, ...]) -> Any:
    """Returns the object or weight at a path."""
    found: Any = tree
    for name in path:
        found = found[name]
    return found


def differences(saved: Tree, reference: Tree, above: str = "") -> Iterator[str]:
    """Yields what differs in the objects and the shapes of two trees; an object that one lacks is told as a whole.

    Args:
        saved: what the file holds.
        reference: what a model has.
        above: the path of both.
    """
    for name in dict.fromkeys([*reference, *saved]):
        path, one, other = f"{above}/{name}", saved.get(name), reference.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from differences(one, other, path)
        elif one is None:
            yield f"{_described(path, other)} is missing from the saved file."
        elif other is None:
            yield f"{_described(path, one)} is missing from the reference model."
        elif _shape(one) != _shape(other):
            yield f"Weight {path} is {_shape(one)} in the saved file, {_shape(other)} in the reference model."


def matches(saved: Tree, reference: Tree) -> int:
    """Returns how many weights two trees both have, with the same shapes."""
    ours, theirs = dict(arrays_of(saved)), dict(arrays_of(reference))
    return sum(path in theirs and _shape(value) == _shape(theirs[path]) for path, value in ours.items())


def _described(path: str, value: Any) -> str:
    return f"Object {path}, which holds {list(value)}," if isinstance(value, dict) else f"Weight {path}"


def _shape(value: Any) -> str:
    return "an object" if isinstance(value, dict) else f"of shape {tuple(np.shape(value))}"


def lines(
    tree: Tree, names: Mapping[str, Mapping[str, str]], margin: str = "", above: str = ""
) -> Iterator[str]:
    """Yields the lines of a picture of a tree.

    Args:
        tree: the tree.
        names: what is known of objects, by path; the entry `"name"` stands behind them.
        margin: what stands before each line.
        above: the path of the tree.
    """
    for i, (key, value) in enumerate(tree.items()):
        is_last, path = i == len(tree) - 1, f"{above}/{key}"
        start = f"{margin}{'└─' if is_last else '├─'} {key}"
        if isinstance(value, dict):
            name = names.get(path, {}).get("name")
            yield f"{start} ({name!r})" if name else start
            yield from lines(value, names, margin + ("   " if is_last else "│  "), path)
        else:
            yield f"{start}: shape={tuple(np.shape(value))}, dtype={getattr(value, 'dtype', type(value).__name__)}"
