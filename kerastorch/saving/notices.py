"""Warnings that point to the user's own line, however deep in the library they arise."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

_LIBRARY = str(Path(__file__).parent.parent)


def warn_user(text: str) -> None:
    """Warns at the innermost line outside of this library.

    Args:
        text: what to say.

    Example:
        >>> with warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     warn_user("The model is saved as a folder.")
        >>> [str(warning.message) for warning in seen]
        ['The model is saved as a folder.']
    """
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_LIBRARY):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, stacklevel=level)
