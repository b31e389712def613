"""Hashes of strings and integers that equal TensorFlow's: FarmHash64 and SipHash-2-4, on whole tensors at once.

Hashes are unsigned 64-bit numbers. torch computes with signed ones, whose sums, products and differences have the same
bits; where the sign matters (shifts, remainders) the functions here take care of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from kerastorch.core.strings import StringTensor

_DIGITS = 20  # of the longest 64-bit integer, its sign among them


def _signed(value: int) -> int:
    """An unsigned 64-bit number as the signed one of the same bits."""
    return value - (1 << 64) if value >= 1 << 63 else value


_K0, _K1, _K2 = map(_signed, (0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F))
_CROSS = _signed(0xC6A4A7935BD1E995)
_CROSS_SEED = 0xDECAFCAFFE
_SIP = tuple(map(_signed, (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)))


class _Texts(NamedTuple):
    """Texts as bytes, all of one length, or written at both ends of rows of one length.

    Attributes:
        left: the bytes from their first on, zeros after them, `(n, width)`.
        right: the bytes up to their last, `(n, width)`.
        length: how many there are: a number, or `(n,)`.
    """

    left: torch.Tensor
    right: torch.Tensor
    length: Any

    def word(self, start: int, size: int = 8) -> torch.Tensor:
        """The number that some bytes make, the first of them the lowest."""
        return _packed(self.left[:, start : start + size])

    def last(self, back: int, size: int = 8) -> torch.Tensor:
        """The same, counted from the end."""
        start = self.right.shape[1] - back
        return _packed(self.right[:, start : start + size])


def _packed(columns: torch.Tensor) -> torch.Tensor:
    shifts = torch.arange(columns.shape[1], device=columns.device) * 8
    return (columns << shifts).sum(1)


def _shift_right(x: torch.Tensor, count: int) -> torch.Tensor:
    return (x >> count) & ((1 << (64 - count)) - 1)


def _rotate(x: torch.Tensor, right: int) -> torch.Tensor:
    return _shift_right(x, right) | (x << (64 - right))


def _mix(x: torch.Tensor) -> torch.Tensor:
    return x ^ _shift_right(x, 47)


def remainder(hashes: torch.Tensor, divisor: int) -> torch.Tensor:
    """Returns what remains of unsigned hashes divided by a number.

    Args:
        hashes: the hashes, as signed integers of the same bits.
        divisor: a positive number below 2**62.
    """
    half = _shift_right(hashes, 1) % divisor
    return (half * 2 + (hashes & 1)) % divisor


# FarmHash64 -----------------------------------------------------------------------------------------------------------


def _combined(u: Any, v: Any, factor: Any) -> torch.Tensor:
    return _mix((v ^ _mix((u ^ v) * factor)) * factor) * factor


def _farm_tiny(t: _Texts) -> torch.Tensor:
    """Of 1 to 3 bytes."""
    middle = torch.where(torch.as_tensor(t.length > 1, device=t.left.device), t.word(1, 1), t.word(0, 1))
    low, high = t.word(0, 1) + (middle << 8), t.length + (t.last(1, 1) << 2)
    return _mix(low * _K2 ^ high * _K0) * _K2


def _farm_4(t: _Texts) -> torch.Tensor:
    """Of 4 to 7 bytes."""
    return _combined(t.length + (t.word(0, 4) << 3), t.last(4, 4), _K2 + t.length * 2)


def _farm_8(t: _Texts) -> torch.Tensor:
    """Of 8 to 16 bytes."""
    factor, a, b = _K2 + t.length * 2, t.word(0) + _K2, t.last(8)
    return _combined(_rotate(b, 37) * factor + a, (_rotate(a, 25) + b) * factor, factor)


def _farm_17(t: _Texts) -> torch.Tensor:
    """Of 17 to 32 bytes."""
    factor = _K2 + t.length * 2
    a, b, c, d = t.word(0) * _K1, t.word(8), t.last(8) * factor, t.last(16) * _K2
    return _combined(_rotate(a + b, 43) + _rotate(c, 30) + d, a + _rotate(b + _K2, 18) + c, factor)


def _farm_33(t: _Texts) -> torch.Tensor:
    """Of 33 to 64 bytes."""
    factor = _K2 + t.length * 2
    a, b, c, d = t.word(0) * _K2, t.word(8), t.last(8) * factor, t.last(16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _combined(y, a + _rotate(b + _K2, 18) + c, factor)
    e, f = t.word(16) * factor, t.word(24)
    g, h = (y + t.last(32)) * factor, (z + t.last(24)) * factor
    return _combined(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, factor)


class _FarmState:
    """The state of the hash of more than 64 bytes, which takes in 64 at a time."""

    def __init__(self, t: _Texts) -> None:
        seed = torch.full_like(t.word(0), 81)
        self.y = seed * _K1 + 113
        self.z = _mix(self.y * _K2 + 113) * _K2
        self.x = seed * _K2 + t.word(0)
        self.v = self.w = (torch.zeros_like(seed), torch.zeros_like(seed))

    def take(self, t: _Texts, start: int, factor: Any, nine: int = 1) -> None:
        (v0, v1), (w0, w1) = self.v, self.w
        x = _rotate(self.x + self.y + v0 + t.word(start + 8), 37) * factor ^ w1 * nine
        y = _rotate(self.y + v1 + t.word(start + 48), 42) * factor + v0 * nine + t.word(start + 40)
        z = _rotate(self.z + w0, 33) * factor
        self.v = _weak(t, start, v1 * factor, x + w0)
        self.w = _weak(t, start + 32, z + w1, y + t.word(start + 16))
        self.x, self.y, self.z = z, y, x


def _weak(t: _Texts, start: int, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    first, second, third, fourth = (t.word(start + 8 * i) for i in range(4))
    a = a + first
    both = a + second + third
    return both + fourth, _rotate(b + a + fourth, 21) + _rotate(both, 44) + a


def _farm_65(t: _Texts) -> torch.Tensor:
    """Of more than 64 bytes."""
    state, rest = _FarmState(t), (t.length - 1) % 64
    for start in range(0, t.length - 1 - rest, 64):
        state.take(t, start, _K1)
    factor = _K1 + ((state.z & 0xFF) << 1)
    first = state.w[0] + rest
    v = state.v[0] + first
    state.v, state.w = (v, state.v[1]), (first + v, state.w[1])
    state.take(t, t.length - 64, factor, nine=9)
    (v0, v1), (w0, w1) = state.v, state.w
    return _combined(
        _combined(v0, w0, factor) + _mix(state.y) * _K0 + state.z,
        _combined(v1, w1, factor) + state.x,
        factor,
    )


def _farm(t: _Texts) -> torch.Tensor:
    """The hash of texts of one length."""
    if t.length == 0:
        return torch.full((len(t.left),), _K2, dtype=torch.int64)
    for most, function in ((3, _farm_tiny), (7, _farm_4), (16, _farm_8), (32, _farm_17), (64, _farm_33)):
        if t.length <= most:
            return function(t)
    return _farm_65(t)


def _farm_numbers(t: _Texts) -> torch.Tensor:
    """The hash of written numbers, whose lengths differ."""
    few = torch.where(t.length < 4, _farm_tiny(t), _farm_4(t))
    many = torch.where(t.length < 17, _farm_8(t), _farm_17(t))
    return torch.where(t.length < 8, few, many)


# SipHash-2-4 ----------------------------------------------------------------------------------------------------------

_Sip = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def _sip_rounds(state: _Sip, count: int) -> _Sip:
    a, b, c, d = state
    for _ in range(count):
        a, c = a + b, c + d
        b, d = _rotate(b, 51) ^ a, _rotate(d, 48) ^ c
        a = _rotate(a, 32)
        a, c = a + d, c + b
        d, b = _rotate(d, 43) ^ a, _rotate(b, 47) ^ c
        c = _rotate(c, 32)
    return a, b, c, d


def _sip_taken(state: _Sip, word: torch.Tensor) -> _Sip:
    a, b, c, d = state
    a, b, c, d = _sip_rounds((a, b, c, d ^ word), 2)
    return a ^ word, b, c, d


def _sip_end(state: _Sip, word: torch.Tensor) -> torch.Tensor:
    a, b, c, d = _sip_taken(state, word)
    a, b, c, d = _sip_rounds((a, b, c ^ 0xFF, d), 4)
    return a ^ b ^ c ^ d


def _sip(t: _Texts, key: tuple[int, int]) -> torch.Tensor:
    """The hash of texts of one length."""
    state = _sip_start(t, key)
    for start in range(0, t.length - 7, 8):
        state = _sip_taken(state, t.word(start))
    return _sip_end(state, t.word(t.length // 8 * 8) | _signed((t.length & 0xFF) << 56))


def _sip_start(t: _Texts, key: tuple[int, int]) -> _Sip:
    keys = [_signed(k & 0xFFFFFFFFFFFFFFFF) for k in key]
    like = torch.zeros_like(t.left[:, :1].sum(1))
    a, b, c, d = (like + (start ^ keys[i % 2]) for i, start in enumerate(_SIP))
    return a, b, c, d


def _sip_numbers(t: _Texts, key: tuple[int, int]) -> torch.Tensor:
    """The hash of written numbers, whose lengths differ."""
    state, end = _sip_start(t, key), t.length << 56
    words = [t.word(0), t.word(8), t.word(16)]
    ends = []
    for word in words:
        ends.append(_sip_end(state, word | end))
        state = _sip_taken(state, word)
    return torch.where(t.length < 8, ends[0], torch.where(t.length < 16, ends[1], ends[2]))


# Texts and numbers ----------------------------------------------------------------------------------------------------


def _of_strings(function: Callable[[_Texts], torch.Tensor], strings: StringTensor) -> torch.Tensor:
    """The hashes of strings, of all those of one length at once."""
    texts = strings.reshape(-1).tolist()
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = torch.from_numpy(np.cumsum(lengths) - lengths)
    content = np.frombuffer(b"".join(texts) + bytes(8), np.uint8).astype(np.int64)
    characters, sizes = torch.from_numpy(content), torch.from_numpy(lengths)
    hashes = torch.empty(len(texts), dtype=torch.int64)
    for length in np.unique(lengths).tolist():
        rows = (sizes == length).nonzero().flatten()
        columns = torch.arange(length)
        found = characters[starts[rows][:, None] + columns]
        hashes[rows] = function(_Texts(found, found, length))
    return hashes.reshape(strings.shape)


def _written(numbers: torch.Tensor) -> _Texts:
    """Integers in decimal digits, with a minus sign where they are negative."""
    values = numbers.reshape(-1).to(torch.int64)
    negative = values < 0
    digits = torch.stack([_digit(values, place) for place in reversed(range(_DIGITS - 1))], 1)
    places = torch.arange(_DIGITS, device=values.device)
    counted = torch.where(digits != 0, places[1:].flip(0), 0).amax(1).clamp(min=1)
    length = counted + negative.to(torch.int64)
    padded = torch.nn.functional.pad(digits + 48, (1, 0))
    is_sign = (places == (_DIGITS - length)[:, None]) & negative[:, None]
    right = torch.where(is_sign, 45, padded)
    moved = (places + (_DIGITS - length)[:, None]).clamp(max=_DIGITS - 1)
    left = torch.where(places < length[:, None], right.gather(1, moved), 0)
    return _Texts(torch.nn.functional.pad(left, (0, 4)), right, length)


def _digit(values: torch.Tensor, place: int) -> torch.Tensor:
    """One decimal digit of integers, counted from the last."""
    return (torch.div(values, 10**place, rounding_mode="trunc").fmod(10)).abs()


def fingerprint64(values: torch.Tensor | StringTensor) -> torch.Tensor:
    """Returns FarmHash64 of strings, or of integers as they are written, as int64 of the same bits.

    Args:
        values: strings, or integers on any device, where the hashes are computed.

    Example:
        >>> fingerprint64(StringTensor(["a", "12"])).tolist(), fingerprint64(torch.tensor([12])).tolist()
        ([-5528939962900187677, -5939371580251159728], [-5939371580251159728])

    Source: `tf.strings.to_hash_bucket_fast`; FarmHash.
    """
    if isinstance(values, StringTensor):
        return _of_strings(_farm, values)
    return _farm_numbers(_written(values)).reshape(values.shape)


def siphash64(values: torch.Tensor | StringTensor, key: tuple[int, int]) -> torch.Tensor:
    """Returns SipHash-2-4 of strings, or of integers as they are written, as int64 of the same bits.

    Args:
        values: strings, or integers on any device, where the hashes are computed.
        key: two numbers of 64 bits.

    Example:
        >>> siphash64(StringTensor("7"), (1, 2)).item() == siphash64(torch.tensor(7), (1, 2)).item()
        True

    Source: `tf.strings.to_hash_bucket_strong`; Aumasson and Bernstein, 2012.
    """
    if isinstance(values, StringTensor):
        return _of_strings(lambda t: _sip(t, key), values)
    return _sip_numbers(_written(values), key).reshape(values.shape)


def crossed(columns: list[torch.Tensor | StringTensor]) -> torch.Tensor:
    """Returns one hash of each row of several columns, as int64 of the same bits.

    Args:
        columns: strings or integers, all of one shape.

    Example:
        >>> crossed([StringTensor(["a"]), torch.tensor([3])]).shape
        torch.Size([1])

    Source: `tf.sparse.cross_hashed`.
    """
    parts = [fingerprint64(c) if isinstance(c, StringTensor) else c.to(torch.int64) for c in columns]
    device = next((p.device for c, p in zip(columns, parts, strict=True) if c is p), parts[0].device)
    found = torch.full_like(parts[0], _CROSS_SEED, device=device)
    for part in parts:
        found = (found ^ _CROSS ^ _mix(part.to(device) * _CROSS) * _CROSS) * _CROSS
        found = _mix(_mix(found) * _CROSS)
    return found
