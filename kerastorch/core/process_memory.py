"""How much memory is in use: of the device that computes, or of this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
_STATUS = Path("/proc/self/statm")  # sizes in pages, the second of them what lies in memory


def memory_in_use(device: torch.device | None = None) -> int | None:
    """Returns the bytes that this process holds: on a CUDA device those that torch has reserved there.

    Args:
        device: the device that computes; None is the CPU.

    Returns:
        Resident memory on a CPU, its peak where the system does not tell the present size; None where it tells neither.

    Example:
        >>> memory_in_use() is None or memory_in_use() > 1_000_000
        True
    """
    if device is not None and device.type == "cuda":
        return torch.cuda.memory_reserved(device)
    try:
        pages = int(_STATUS.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return _peak()


def _peak() -> int | None:
    if resource is None:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def readable_bytes(size: float) -> str:
    """Returns a number of bytes as Keras writes it.

    Args:
        size: the bytes.

    Example:
        >>> readable_bytes(220200)
        '215.04 KB'
    """
    for unit in _UNITS[:-1]:
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} {_UNITS[-1]}"
