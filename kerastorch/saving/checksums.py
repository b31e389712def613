"""The CRC-32 of a large part of a file, by as many threads as torch has: zlib lets go of Python's lock meanwhile."""

from __future__ import annotations

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any, BinaryIO

import torch

_BLOCK = 1 << 18  # bytes that are read at once: they stay in the processor's cache
_LEAST = 1 << 24  # bytes that are worth a thread
_POLYNOMIAL = 0xEDB88320  # of CRC-32, its highest power in the lowest bit
_ONE, _X = 1 << 31, 1 << 30  # polynomials


def checksum_of(file: str | os.PathLike[str] | BinaryIO, start: int, size: int) -> int:
    """Returns the CRC-32 of a part of a file; of what there is, if the file ends before.

    Args:
        file: a path, or a binary file, which one thread reads.
        start: where the part begins, in bytes.
        size: its length in bytes.

    Example:
        >>> import io
        >>> checksum_of(io.BytesIO(b"one, two"), 5, 3) == zlib.crc32(b"two")
        True
    """
    if not isinstance(file, (str, os.PathLike)):
        return _checksum(file, start, size)
    count = max(1, min(torch.get_num_threads(), size // _LEAST))
    ends = [size * i // count for i in range(count + 1)]
    sizes = [stop - begin for begin, stop in pairwise(ends)]
    with ThreadPoolExecutor(count) as threads:
        found = threads.map(partial(_checksum_at, file), [start + end for end in ends[:-1]], sizes)
        total = 0
        for checksum, length in zip(found, sizes, strict=True):
            total = joined(total, checksum, length)
    return total


def joined(first: int, second: int, size: int) -> int:
    """Returns the CRC-32 of two contents one behind the other.

    It is that of the first, times x to the number of bits that follow, plus that of the second: checksums are
    polynomials over two elements, modulo the one of CRC-32.

    Args:
        first: the checksum of the first.
        second: that of the second.
        size: the length of the second, in bytes.

    Example:
        >>> joined(zlib.crc32(b"one, "), zlib.crc32(b"two"), 3) == zlib.crc32(b"one, two")
        True
    """
    power, square, bits = _ONE, _X, 8 * size
    while bits:
        if bits & 1:
            power = _times(power, square)
        square, bits = _times(square, square), bits >> 1
    return _times(power, first) ^ second


def _times(one: int, other: int) -> int:
    product = 0
    for bit in range(31, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


def _checksum_at(path: str | os.PathLike[str], start: int, size: int) -> int:
    with open(path, "rb", buffering=0) as stream:
        return _checksum(stream, start, size)


def _checksum(stream: Any, start: int, size: int) -> int:
    block, found = memoryview(bytearray(_BLOCK)), 0
    stream.seek(start)
    while size and (count := stream.readinto(block[: min(size, _BLOCK)])):
        found, size = zlib.crc32(block[:count], found), size - count
    return found
