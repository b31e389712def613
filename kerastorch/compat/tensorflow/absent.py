"""What is said about names of TensorFlow that kerastorch does not have."""

from __future__ import annotations


def missing(module: str, name: str) -> AttributeError:
    """Returns the error for a name that a module lacks.

    Args:
        module: the module, such as `"tf.math"`.
        name: the name that was asked for.

    Example:
        >>> str(missing("tf.math", "foo"))
        "module 'tf.math' has no attribute 'foo' in kerastorch."
    """
    return AttributeError(f"module {module!r} has no attribute {name!r} in kerastorch.")
