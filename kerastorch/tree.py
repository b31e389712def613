"""Nested structures: lists, tuples, deques and dictionaries of leaves, dictionaries in the order of their keys."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kerastorch.errors import InvalidArgumentError


class MAP_TO_NONE:
    """What the function given to `traverse` returns for None to take the place of a structure.

    Example:
        >>> traverse(lambda x: MAP_TO_NONE if x == 1 else None, [1, 2])
        [None, 2]

    Source: `keras.tree.MAP_TO_NONE`.
    """


def is_nested(structure: Any) -> bool:
    """Returns whether `structure` is a list, a tuple, a deque or a dictionary.

    Args:
        structure: anything.

    Example:
        >>> is_nested([1]), is_nested({"a": 1}), is_nested("a")
        (True, True, False)
    """
    return isinstance(structure, (list, tuple, Mapping, deque))


def _children(structure: Any) -> Iterable[Any]:
    """The children of a nested structure; dictionaries in sorted order, ordered ones as they are."""
    if isinstance(structure, Mapping):
        return [structure[k] for k in sorted_keys(structure)]
    return structure


def sorted_keys(mapping: Mapping) -> list:
    """The keys of a dictionary in the order in which its values are flattened."""
    if type(mapping) in (dict, defaultdict):
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
        if isinstance(structure, defaultdict):
            return kind(structure.default_factory, pairs)
        return dict(pairs) if kind is dict else kind(pairs)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*children)
    if isinstance(structure, deque):
        return type(structure)(children, structure.maxlen)
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


def map_structure(func: Callable, *structures: Any, none_is_leaf: bool = True) -> Any:
    """Returns a structure whose leaves are `func` of the leaves of `structures`.

    Args:
        func: takes one leaf of each structure.
        structures: one or more structures of the same shape; the first gives the containers.
        none_is_leaf: whether `func` is called with None; else None stays as it is. Default: True.

    Raises:
        InvalidArgumentError: when the structures differ, or there is none.

    Example:
        >>> map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
        {'x': 3}
    """
    if not structures:
        raise InvalidArgumentError("Must provide at least one structure.")
    first = structures[0]
    if not is_nested(first):
        return None if first is None and not none_is_leaf else func(*structures)
    for other in structures[1:]:
        _check_same(first, other)
    columns = [list(_children(s)) for s in structures]
    children = [map_structure(func, *c, none_is_leaf=none_is_leaf) for c in zip(*columns, strict=True)]
    return _rebuild(first, children)


def map_structure_up_to(shallow_structure: Any, func: Callable, *structures: Any) -> Any:
    """Returns a structure in the form of a shallow one, with `func` of what others have in place of its leaves.

    Args:
        shallow_structure: gives the containers.
        func: takes a leaf or a structure from each of `structures`.
        structures: one or more structures that are at least as deep.

    Raises:
        InvalidArgumentError: when one of them is not as deep, or there is none.

    Example:
        >>> map_structure_up_to([0, 0], len, [[1, 2], [3]])
        [2, 1]

    Source: `keras.tree.map_structure_up_to`.
    """
    if not structures:
        raise InvalidArgumentError("Must provide at least one structure.")
    if not is_nested(shallow_structure):
        return func(*structures)
    for other in structures:
        _check_same(shallow_structure, other)
    columns = [list(_children(s)) for s in (shallow_structure, *structures)]
    children = [map_structure_up_to(s, func, *others) for s, *others in zip(*columns, strict=True)]
    return _rebuild(shallow_structure, children)


def map_shape_structure(func: Callable, structure: Any) -> Any:
    """Returns a structure whose leaves are `func` of the shapes in `structure`.

    Args:
        func: takes a shape: a list or tuple of integers and None.
        structure: nested lists, tuples and dictionaries of shapes.

    Example:
        >>> map_shape_structure(lambda shape: shape[0], {"a": (None, 2), "b": (3,)})
        {'a': None, 'b': 3}

    Source: `keras.tree.map_shape_structure`.
    """
    is_shape = isinstance(structure, (list, tuple)) and all(
        s is None or isinstance(s, int) for s in structure
    )
    if is_shape or not is_nested(structure):
        return func(structure)
    return _rebuild(structure, [map_shape_structure(func, child) for child in _children(structure)])


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Calls a function on a structure and on all structures and leaves inside.

    Args:
        func: takes a structure or leaf and returns what takes its place: None leaves it, `MAP_TO_NONE` puts None there.
        structure: nested lists, tuples and dictionaries.
        top_down: whether a structure comes before what is inside, which is left alone where it is replaced; else
            what is inside comes first. Default: True.

    Returns:
        The structure with what took the place of its parts.

    Example:
        >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [[1], [2]], top_down=False)
        ((1,), (2,))

    Source: `keras.tree.traverse`.
    """
    found = func(structure) if top_down else None
    if found is None and is_nested(structure):
        structure = _rebuild(structure, [traverse(func, child, top_down) for child in _children(structure)])
    if not top_down:
        found = func(structure)
    if found is MAP_TO_NONE:
        return None
    return structure if found is None else found


def lists_to_tuples(structure: Any) -> Any:
    """Returns a structure with a tuple in place of each list.

    Args:
        structure: nested lists, tuples and dictionaries.

    Example:
        >>> lists_to_tuples([1, {"a": [2]}])
        (1, {'a': (2,)})

    Source: `keras.tree.lists_to_tuples`.
    """
    return traverse(lambda x: tuple(x) if isinstance(x, list) else None, structure, top_down=False)


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """Returns a structure like `structure` whose leaves are those of `flat_sequence`, in order.

    Args:
        structure: nested lists, tuples and dictionaries.
        flat_sequence: the leaves.

    Raises:
        InvalidArgumentError: when there are more or fewer leaves than places.

    Example:
        >>> pack_sequence_as({"b": 0, "a": [0]}, [1, 2])
        {'b': 2, 'a': [1]}
    """
    leaves = list(flat_sequence)
    places = len(flatten(structure))
    if places != len(leaves):
        raise InvalidArgumentError(f"Wrong number of leaves, expected: {places}, received: {len(leaves)}.")
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


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Checks that two structures have the same containers, keys and lengths.

    Args:
        a: nested lists, tuples and dictionaries.
        b: likewise; kinds of dictionaries are not told apart.
        check_types: without meaning, as in Keras; `assert_same_paths` takes a list for a tuple.

    Raises:
        InvalidArgumentError: when they differ.

    Example:
        >>> assert_same_structure([1, {"a": 2}], [3, {"a": 4}])
    """
    if is_nested(a) or is_nested(b):
        _check_same(a, b)
        if not isinstance(a, Mapping) and type(a) is not type(b):
            raise InvalidArgumentError(
                f"The structures don't have the same nested structure: expected {_outline(a)}, received {_outline(b)}."
            )
        keys = sorted_keys(a) if isinstance(a, Mapping) else range(len(a))
        for key in keys:
            assert_same_structure(a[key], b[key])


def assert_same_paths(a: Any, b: Any) -> None:
    """Checks that two structures have leaves at the same keys and indices, in whatever containers.

    Args:
        a: nested lists, tuples and dictionaries.
        b: likewise.

    Raises:
        InvalidArgumentError: when they differ.

    Example:
        >>> assert_same_paths([1, {"a": 2}], (3, {"a": 4}))

    Source: `keras.tree.assert_same_paths`.
    """
    left, right = ({path for path, _ in flatten_with_path(s)} for s in (a, b))
    if left != right:
        raise InvalidArgumentError(
            f"`a` and `b` don't have the same paths. Only in `a`: {sorted(map(str, left - right))}, only in `b`: "
            f"{sorted(map(str, right - left))}."
        )


def _check_same(a: Any, b: Any) -> None:
    kinds_match = is_nested(b) and isinstance(a, Mapping) == isinstance(b, Mapping)
    if not is_nested(a) or not kinds_match or len(a) != len(b):
        raise InvalidArgumentError(
            f"The structures don't have the same nested structure: {_outlines((a, b))}."
        )
    if isinstance(a, Mapping) and set(a) != set(b):
        raise InvalidArgumentError(f"The keys do not match: {sorted(map(str, a))} and {sorted(map(str, b))}.")


def _outlines(structures: tuple) -> str:
    return ", ".join(map(_outline, structures))


def _outline(structure: Any) -> str:
    if isinstance(structure, Mapping):
        return f"a dict with keys {sorted_keys(structure)}"
    if is_nested(structure):
        return f"a {type(structure).__name__} of length {len(structure)}"
    return f"a leaf of type {type(structure).__name__}"
