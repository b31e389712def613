"""The state of a process that Keras calls its session."""

from __future__ import annotations

import gc

from kerastorch.naming import reset_names


def clear_session(free_memory: bool = True) -> None:
    """Lets automatic names start again, as in a fresh process.

    Args:
        free_memory: whether to collect unreferenced models now.

    Example:
        >>> clear_session()

    Source: `keras.utils.clear_session`.
    """
    reset_names()
    if free_memory:
        gc.collect()
