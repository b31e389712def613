"""Text and bytes into each other."""

from __future__ import annotations

from typing import Any


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Returns text as bytes.

    Args:
        bytes_or_text: text or bytes.
        encoding: how characters are written. Default: UTF-8.

    Example:
        >>> as_bytes("a")
        b'a'
    """
    return bytes_or_text.encode(encoding) if isinstance(bytes_or_text, str) else bytes(bytes_or_text)


def as_str(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Returns bytes as text.

    Args:
        bytes_or_text: text or bytes.
        encoding: how characters are written. Default: UTF-8.

    Example:
        >>> as_str(b"a")
        'a'
    """
    return bytes_or_text if isinstance(bytes_or_text, str) else bytes(bytes_or_text).decode(encoding)
