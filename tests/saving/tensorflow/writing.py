"""A writer of what the reader reads, to make files that TensorFlow would never write."""

from __future__ import annotations

from kerastorch.saving.tensorflow.checksum import masked_crc32c

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")


def varint(value: int) -> bytes:
    """A number of variable length."""
    value &= (1 << 64) - 1
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def field(number: int, value: int | bytes) -> bytes:
    """A field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


HEADER = field(1, 1)  # of an index of one file
VALUES = b"\x00" * 16


def entry(shape=(4,), dtype=1, shard=0, offset=0, size=16, checksum=None, more=b""):
    """What an index says of one array."""
    dimensions = b"".join(field(2, field(1, length)) for length in shape)
    checksum = masked_crc32c(VALUES) if checksum is None else checksum
    fixed = bytes([6 << 3 | 5]) + checksum.to_bytes(4, "little")
    return b"".join(
        [
            field(1, dtype),
            field(2, dimensions),
            field(3, shard),
            field(4, offset),
            field(5, size),
            fixed,
            more,
        ]
    )


def table(entries: dict[bytes, bytes], packing: int = 0) -> bytes:
    """A sorted table with one block of entries."""
    content, handle = _placed(b"", _block(entries), packing)
    content, index = _placed(content, _block({max(entries) + b"\xff": handle}), packing)
    return content + (index * 2).ljust(40, b"\x00") + MAGIC


def _placed(content: bytes, block: bytes, packing: int) -> tuple[bytes, bytes]:
    marked = block + bytes([packing])
    handle = varint(len(content)) + varint(len(block))
    return content + marked + masked_crc32c(marked).to_bytes(4, "little"), handle


def _block(entries: dict[bytes, bytes]) -> bytes:
    rows, last = [], b""
    for key, value in sorted(entries.items()):
        shared = next(
            (i for i, (a, b) in enumerate(zip(key, last, strict=False)) if a != b), min(len(key), len(last))
        )
        own = key[shared:]
        rows.append(varint(shared) + varint(len(own)) + varint(len(value)) + own + value)
        last = key
    return b"".join(rows) + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
