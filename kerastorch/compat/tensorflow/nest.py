"""`tf.nest`: nested lists, tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerastorch import tree
from kerastorch.compat.tensorflow.absent import missing

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """Returns the leaves of a structure; those of dictionaries in the order of their keys.

    Args:
        structure: nested lists, tuples and dictionaries.
        expand_composites: whether TensorFlow takes ragged and sparse tensors apart; without meaning here.

    Example:
        >>> flatten({"b": 1, "a": [2, (3,)]})
        [2, 3, 1]

    Source: `tf.nest.flatten`
    """
    return tree.flatten(structure)


def map_structure(func: Callable, *structure: Any, **kwargs: Any) -> Any:
    """Returns a structure with a function called on the leaves of others.

    Args:
        func: takes a leaf of each structure.
        *structure: structures of one form.
        **kwargs: `check_types` and `expand_composites`, which have no meaning here.

    Example:
        >>> map_structure(lambda a, b: a + b, [1, (2,)], [10, (20,)])
        [11, (22,)]

    Source: `tf.nest.map_structure`
    """
    return tree.map_structure(func, *structure)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """Returns leaves put into the form of a structure.

    Args:
        structure: the form.
        flat_sequence: the leaves.
        expand_composites: whether TensorFlow takes ragged and sparse tensors apart; without meaning here.

    Example:
        >>> pack_sequence_as([0, (0, 0)], ["a", "b", "c"])
        ['a', ('b', 'c')]

    Source: `tf.nest.pack_sequence_as`
    """
    return tree.pack_sequence_as(structure, flat_sequence)


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Checks that two structures have one form.

    Args:
        nest1: a structure.
        nest2: a structure.
        check_types: whether TensorFlow tells lists from tuples; here it always does.
        expand_composites: whether TensorFlow takes ragged and sparse tensors apart; without meaning here.

    Raises:
        ValueError: when the forms differ.

    Example:
        >>> assert_same_structure([1, 2], ["a", "b"])

    Source: `tf.nest.assert_same_structure`
    """
    tree.assert_same_structure(nest1, nest2)


def is_nested(structure: Any) -> bool:
    """Returns whether a value is a list, a tuple or a dictionary.

    Args:
        structure: anything.

    Example:
        >>> is_nested([1]), is_nested(1)
        (True, False)

    Source: `tf.nest.is_nested`
    """
    return tree.is_nested(structure)


def __getattr__(name: str) -> Any:
    raise missing("tf.nest", name)
