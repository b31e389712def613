"""Sorted tables of keys and values, in the format of LevelDB, which TensorFlow's index files have.

At the end of a table stands where its index lies: a block whose values tell where the blocks of entries lie. In a block
each key shares its beginning with the one before. See https://github.com/google/leveldb/blob/main/doc/table_format.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerastorch.errors import CorruptModelError
from kerastorch.saving.tensorflow.checksum import masked_crc32c
from kerastorch.saving.tensorflow.wire import varint

_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
_FOOTER = 48
_TRAILER = 5  # after a block: how it is packed, and its checksum
_FLOOR, _EXPANSION = 1 << 16, 100  # all keys together take up at most so many times the size of the table


def read_table(data: bytes, label: str) -> dict[bytes, bytes]:
    """Returns the entries of a table.

    Args:
        data: the content of the file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is damaged, packed, or no table.
    """
    if len(data) < _FOOTER or data[-8:] != _MAGIC:
        raise CorruptModelError(
            f"{label} is no index of TensorFlow: it is cut off, damaged or something else."
        )
    footer = data[-_FOOTER:]
    place = _skip_handle(footer, 0, label)
    entries: dict[bytes, bytes] = {}
    room = _FLOOR + _EXPANSION * len(data)
    last = None
    for _, handle in _entries(_block(data, footer[place:], label), label):
        for key, value in _entries(_block(data, handle, label), label):
            room -= len(key)
            if room < 0 or (last is not None and key <= last):
                raise CorruptModelError(f"{label} is damaged: its keys are not in order, or far too long.")
            entries[key] = value
            last = key
    return entries


def _skip_handle(data: bytes, place: int, label: str) -> int:
    for _ in range(2):
        _, place = varint(data, place, label)
    return place


def _block(data: bytes, handle: bytes, label: str) -> bytes:
    """The block that a handle, its offset and size, tells of."""
    offset, place = varint(handle, 0, label)
    size, _ = varint(handle, place, label)
    end = offset + size
    if end + _TRAILER > len(data):
        raise CorruptModelError(f"{label} is cut off or damaged: a block lies outside of it.")
    if masked_crc32c(data[offset : end + 1]) != int.from_bytes(data[end + 1 : end + _TRAILER], "little"):
        raise CorruptModelError(f"{label} is damaged: the checksum of a block is wrong.")
    if data[end] != 0:
        raise CorruptModelError(
            f"{label} is packed (method {data[end]}), which checkpoints of Keras never are."
        )
    return data[offset:end]


def _entries(block: bytes, label: str) -> Iterator[tuple[bytes, bytes]]:
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if len(block) < 4 or end < 0:
        raise CorruptModelError(f"{label} is damaged: a block is too short.")
    key, place = b"", 0
    while place < end:
        shared, place = varint(block, place, label)
        own, place = varint(block, place, label)
        size, place = varint(block, place, label)
        if shared > len(key) or place + own + size > end:
            raise CorruptModelError(f"{label} is damaged: an entry is longer than its block.")
        key = key[:shared] + block[place : place + own]
        yield key, block[place + own : place + own + size]
        place += own + size
