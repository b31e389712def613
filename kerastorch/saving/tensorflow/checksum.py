"""CRC-32C, the checksum of TensorFlow's files, over many stretches of the data at once.

The register of a cyclic checksum is a linear function of the bytes over the field of two elements. Stretches of equal
length are therefore summed up side by side, each from an empty register, and joined in pairs: the register of the left
one is moved past the length of the right one by a matrix of 32 x 32 bits. See Adler, https://github.com/madler/crcany.
"""

from __future__ import annotations

import functools

import numpy as np

_POLYNOMIAL = np.uint32(0x82F63B78)  # Castagnoli's, its bits reversed
_ONES = 0xFFFFFFFF
_SHORT, _STRETCHES = 4096, 4096


def masked_crc32c(data: bytes | np.ndarray) -> int:
    """Returns the checksum as TensorFlow stores it, turned and shifted.

    Args:
        data: bytes, or an array of them.

    Example:
        >>> hex(masked_crc32c(b"123456789"))
        '0xc78ab0e5'
    """
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ONES


def crc32c(data: bytes | np.ndarray) -> int:
    """Returns the checksum.

    Args:
        data: bytes, or an array of them.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    octets = np.frombuffer(data, "uint8") if isinstance(data, bytes) else data.view("uint8").reshape(-1)
    if octets.size <= _SHORT:
        register = _ONES
        table = _table().tolist()
        for octet in octets.tolist():
            register = table[(register ^ octet) & 0xFF] ^ register >> 8
        return register ^ _ONES
    count = min(_STRETCHES, 1 << octets.size.bit_length() // 2)
    length = -(-octets.size // count)
    padded = np.zeros(count * length, "uint8")  # zeros in front leave an empty register as it is
    padded[-octets.size :] = octets
    padded[padded.size - octets.size :][:4] ^= (
        0xFF  # a register of ones is one of zeros and these bytes turned
    )
    return int(_joined(_registers(padded.reshape(count, length)), length)) ^ _ONES


def _registers(stretches: np.ndarray) -> np.ndarray:
    """The register after each row."""
    table = _table()
    registers = np.zeros(len(stretches), "uint32")
    for column in stretches.T:
        registers = table[(registers ^ column) & np.uint32(0xFF)] ^ registers >> np.uint32(8)
    return registers


def _joined(registers: np.ndarray, length: int) -> np.uint32:
    """The register after all rows, each of which stands for `length` bytes."""
    move = _move(length)
    while len(registers) > 1:
        registers = _times(move, registers[0::2]) ^ registers[1::2]
        move = _times(move, move)
    return registers[0]


@functools.cache
def _table() -> np.ndarray:
    """The register after one byte."""
    registers = np.arange(256, dtype="uint32")
    for _ in range(8):
        registers = np.where(
            registers & 1, registers >> np.uint32(1) ^ _POLYNOMIAL, registers >> np.uint32(1)
        )
    return registers


@functools.lru_cache(maxsize=256)
def _move(length: int) -> np.ndarray:
    """The matrix that moves a register past `length` zeros; row i is where bit i goes."""
    result = np.uint32(1) << np.arange(32, dtype="uint32")
    power = _table()[result & np.uint32(0xFF)] ^ result >> np.uint32(8)  # past one byte
    while length:
        if length & 1:
            result = _times(power, result)
        power, length = _times(power, power), length >> 1
    return result


def _times(matrix: np.ndarray, registers: np.ndarray) -> np.ndarray:
    """The registers after a matrix."""
    moved = np.zeros_like(registers)
    for bit in range(32):
        moved ^= np.where(registers >> np.uint32(bit) & np.uint32(1), matrix[bit], np.uint32(0))
    return moved
