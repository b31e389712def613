"""Memory that a step on a CPU frees stays with the process, for the next step takes it again.

glibc gives large pieces of memory back to the system as soon as they are free, and each page that comes again costs a
fault: in the training of a small ResNet thousands a step, a tenth of its time, or none, as chance and the history of
the process have it. torch keeps what it frees on a GPU; here glibc is asked to do so. The peak stays as it is.

Whoever sets one of glibc's own variables, such as `MALLOC_TRIM_THRESHOLD_`, or loads another allocator, decides
instead.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys

from kerastorch.core.devices import current_device

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of malloc.h
_KEPT = 2**31 - 1  # bytes at the end of the heap that may be free; the most that glibc takes
_LARGEST_IN_HEAP = 32 * 2**20  # bytes; likewise
_GROWTH = 64 * 2**20  # bytes by which the heap grows at once; no page is taken before it is written to
_OF_USERS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_")


def keep_freed_memory() -> bool:
    """Lets the process keep what it frees, from the first call on, if it computes on a CPU with glibc.

    Returns:
        Whether it does so now.

    Example:
        >>> keep_freed_memory() in (True, False)
        True
    """
    return current_device().type == "cpu" and _set_thresholds()


@functools.cache
def _set_thresholds() -> bool:
    if sys.platform != "linux" or _is_decided():
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    settings = ((_MMAP_THRESHOLD, _LARGEST_IN_HEAP), (_TRIM_THRESHOLD, _KEPT), (_TOP_PAD, _GROWTH))
    taken = [library.mallopt(which, value) for which, value in settings]
    return all(taken)


def _is_decided() -> bool:
    """Whether the user has chosen how memory is kept."""
    tuned = "malloc" in os.environ.get("GLIBC_TUNABLES", "") or "alloc" in os.environ.get("LD_PRELOAD", "")
    return tuned or any(name in os.environ for name in _OF_USERS)
