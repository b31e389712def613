"""Nested structures: lists, tuples and dictionaries of leaves, dictionaries in the order of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kerastorch.errors import InvalidArgumentError


def is_nested(structure: Any) -> bool:
    """Returns whether `structure` is a list, a tuple or a dictionary.

    Example:
        >>> is_nested([1]), is_nested({"a": 1}), is_nested("a")
        (True, True, False)
    """
    return isinstance(structure, (list, tuple, Mapping))


def _children(structure: Any) -> Iterable[Any]:
    """The children of a nested structure; dictionaries in sorted order, ordered ones as they are."""
    if isinstance(structure, Mapping):
        return [structure[k] for k in sorted_keys(structure)]
    return structure


def sorted_keys(mapping: Mapping) -> list:
    """The keys of a dictionary in the order in which its values are flattened."""
    if type(mapping) is dict:
        try:
            return sorted(mapping)
        except TypeError:
            return list(mapping)
    return list(mapping)


def _rebuild(structure: Any, children: Iterable[Any]) -> Any:
    """A structure of the same kind with other children, given in the order of `_children`."""
    if isinstance(structure, Mapping):
        values = dict(zip(sorted_keys(structure), children, strict=True))
        pairs = [(k, values[k]) for k in structure]
        kind: Any = type(structure)
        return dict(pairs) if kind is dict else kind(pairs)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*children)
    return type(structure)(children)


def flatten(structure: Any) -> list[Any]:
    """Returns the leaves of a nested structure as a list.

    Args:
        structure: nested lists, tuples and dictionaries; anything else is a leaf.

    Example:
        >>> flatten({"b": [1, 2], "a": (3, None)})
        [3, None, 1, 2]
    """
    if not is_nested(structure):
        return [structure]
    leaves: list[Any] = []
    for child in _children(structure):
        if is_nested(child):
            leaves.extend(flatten(child))
        else:
            leaves.append(child)
    return leaves


def map_structure(func: Callable, *structures: Any) -> Any:
    """Returns a structure whose leaves are `func` of the leaves of `structures`.

    Args:
        func: takes one leaf of each structure.
        structures: one or more structures of the same shape; the first gives the containers.

    Raises:
        InvalidArgumentError: when the structures differ.

    Example:
        >>> map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
        {'x': 3}
    """
    first = structures[0]
    if not is_nested(first):
        return func(*structures)
    for other in structures[1:]:
        _check_same(first, other)
    columns = [list(_children(s)) for s in structures]
    return _rebuild(first, [map_structure(func, *leaves) for leaves in zip(*columns, strict=True)])


def pack_sequence_as(structure: Any, flat: Iterable[Any]) -> Any:
    """Returns a structure like `structure` whose leaves are those of `flat`, in order.

    Raises:
        InvalidArgumentError: when there are more or fewer leaves than places.

    Example:
        >>> pack_sequence_as({"b": 0, "a": [0]}, [1, 2])
        {'b': 2, 'a': [1]}
    """
    leaves = list(flat)
    places = len(flatten(structure))
    if places != len(leaves):
        raise InvalidArgumentError(f"The structure has {places} leaves, but the sequence has {len(leaves)}.")
    return _pack(structure, iter(leaves))


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(leaves)
    return _rebuild(structure, [_pack(child, leaves) for child in _children(structure)])


def flatten_with_path(structure: Any, prefix: tuple = ()) -> list[tuple[tuple, Any]]:
    """Returns `(path, leaf)` pairs; a path is a tuple of keys and indices.

    Example:
        >>> flatten_with_path({"a": [1, 2]})
        [(('a', 0), 1), (('a', 1), 2)]
    """
    if not is_nested(structure):
        return [(prefix, structure)]
    keys = sorted_keys(structure) if isinstance(structure, Mapping) else range(len(structure))
    pairs: list[tuple[tuple, Any]] = []
    for key, child in zip(keys, _children(structure), strict=True):
        pairs.extend(flatten_with_path(child, (*prefix, key)))
    return pairs


def assert_same_structure(a: Any, b: Any) -> None:
    """Checks that two structures have the same containers, keys and lengths.

    Raises:
        InvalidArgumentError: when they differ.

    Example:
        >>> assert_same_structure([1, {"a": 2}], [3, {"a": 4}])
    """
    if is_nested(a) or is_nested(b):
        _check_same(a, b)
        for left, right in zip(_children(a), _children(b), strict=True):
            assert_same_structure(left, right)


def _check_same(a: Any, b: Any) -> None:
    kinds_match = is_nested(b) and isinstance(a, Mapping) == isinstance(b, Mapping)
    if not is_nested(a) or not kinds_match or len(a) != len(b):
        raise InvalidArgumentError(f"The structures do not match: {_outline(a)} and {_outline(b)}.")
    if isinstance(a, Mapping) and set(a) != set(b):
        raise InvalidArgumentError(f"The keys do not match: {sorted(map(str, a))} and {sorted(map(str, b))}.")


def _outline(structure: Any) -> str:
    if isinstance(structure, Mapping):
        return f"a dict with keys {sorted_keys(structure)}"
    if is_nested(structure):
        return f"a {type(structure).__name__} of length {len(structure)}"
    return f"a leaf of type {type(structure).__name__}"
