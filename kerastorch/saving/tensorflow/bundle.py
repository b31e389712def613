"""The arrays of a checkpoint of TensorFlow: an index that names them, and the files that hold their values."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kerastorch.errors import CorruptModelError, MissingFileError
from kerastorch.saving.tensorflow.checksum import crc32c, masked_crc32c
from kerastorch.saving.tensorflow.table import read_table
from kerastorch.saving.tensorflow.wire import Message, varint

_NUMBERS = {  # by the numbers of TensorFlow's `DataType`
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 8: "complex64", 9: "int64", 10: "bool",
    17: "uint16", 18: "complex128", 19: "float16", 22: "uint32", 23: "uint64",
}  # fmt: skip
_STRING, _BFLOAT16 = 7, 14
_RANK, _SHARDS = 64, 1 << 16


@dataclass(frozen=True)
class Entry:
    """Where the values of an array lie.

    Attributes:
        kind: the number of its type.
        shape: its shape.
        shard: the number of the file.
        offset: where they begin there.
        size: the number of bytes.
        checksum: that of the bytes.
    """

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


class Bundle(Mapping[str, np.ndarray]):
    """The arrays of a checkpoint by name; each is read when it is asked for.

    Values of bfloat16 become float32; texts become arrays of `bytes` objects.

    Args:
        prefix: the path of the checkpoint, without `.index`.

    Raises:
        MissingFileError: when a file is missing.
        CorruptModelError: when one is damaged, or claims more than it holds.

    Example:
        >>> Bundle("nowhere")
        Traceback (most recent call last):
        kerastorch.errors.MissingFileError: File not found: 'nowhere.index'.
    """

    def __init__(self, prefix: str) -> None:
        self.label = f"The checkpoint {prefix!r}"
        table = read_table(_content(f"{prefix}.index"), self.label)
        header = Message(table.pop(b"", b""), self.label)
        count = header.number(1)
        if not 0 < count <= _SHARDS or header.number(2) != 0:
            raise CorruptModelError(
                f"{self.label} is damaged, or its numbers are not in little-endian order."
            )
        self._files = [f"{prefix}.data-{i:05d}-of-{count:05d}" for i in range(count)]
        self._entries = {self._text(key): self._entry(value) for key, value in table.items()}
        self._check_sizes()

    def __getitem__(self, name: str) -> np.ndarray:
        entry = self._entries[name]
        with open(self._files[entry.shard], "rb") as file:
            file.seek(entry.offset)
            data = file.read(entry.size)
        if len(data) != entry.size:
            raise CorruptModelError(f"{self.label} is cut off: it does not hold all of {name!r}.")
        values = self._texts(name, entry, data) if entry.kind == _STRING else self._numbers(name, entry, data)
        try:
            return values.reshape(entry.shape)
        except ValueError as error:  # an empty array of dimensions beyond all bounds
            raise CorruptModelError(
                f"{self.label} is damaged: {name!r} claims the shape {entry.shape}."
            ) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _text(self, key: bytes) -> str:
        try:
            return key.decode()
        except UnicodeDecodeError as error:
            raise CorruptModelError(f"{self.label} is damaged: the name {key!r} is no text.") from error

    def _entry(self, value: bytes) -> Entry:
        message = Message(value, self.label)
        if message.has(7):
            raise CorruptModelError(
                f"{self.label} holds a variable in slices (a partitioned variable), which are not put together here."
            )
        shape = [
            dimension.number(1)
            for part in message.messages(2)[-1:]
            for dimension in part.messages(2)[: _RANK + 1]
        ]
        numbers = [message.number(field) for field in (1, 3, 4, 5)]
        if len(shape) > _RANK or min(*shape, *numbers) < 0 or numbers[1] >= len(self._files):
            raise CorruptModelError(f"{self.label} is damaged: it tells of an array that cannot be.")
        kind, shard, offset, size = numbers
        return Entry(kind, tuple(shape), shard, offset, size, message.number(6))

    def _check_sizes(self) -> None:
        """Nothing may lie outside of its file, and all together may not be more than the file."""
        claimed = [0] * len(self._files)
        held = [_size(file) for file in self._files]
        for name, entry in self._entries.items():
            claimed[entry.shard] += entry.size
            count = math.prod(entry.shape)
            width = 2 if entry.kind == _BFLOAT16 else np.dtype(_NUMBERS.get(entry.kind, "uint8")).itemsize
            is_short = entry.size < count if entry.kind == _STRING else entry.size != count * width
            if entry.kind not in _NUMBERS and entry.kind not in (_STRING, _BFLOAT16):
                raise CorruptModelError(f"{self.label}: {name!r} is of an unknown type, number {entry.kind}.")
            if is_short or entry.offset + entry.size > held[entry.shard]:
                raise CorruptModelError(
                    f"{self.label} is cut off or damaged: {name!r} of shape {entry.shape} claims {entry.size} bytes "
                    f"at {entry.offset}, its file has {held[entry.shard]}."
                )
        if any(sum_ > size for sum_, size in zip(claimed, held, strict=True)):
            raise CorruptModelError(f"{self.label} is damaged: it claims more bytes than there are.")

    def _numbers(self, name: str, entry: Entry, data: bytes) -> np.ndarray:
        self._check(name, masked_crc32c(data), entry)
        if entry.kind == _BFLOAT16:
            return (np.frombuffer(data, "<u2").astype("uint32") << np.uint32(16)).view("float32")
        if entry.kind == 10:  # any other byte than 0 is true
            return np.frombuffer(data, "uint8") != 0
        return np.frombuffer(data, np.dtype(_NUMBERS[entry.kind]).newbyteorder("<")).copy()

    def _texts(self, name: str, entry: Entry, data: bytes) -> np.ndarray:
        """Texts: their lengths, a checksum of these, and the texts in a row."""
        lengths, place = [], 0
        for _ in range(math.prod(entry.shape)):
            length, place = varint(data, place, self.label)
            lengths.append(length)
        if sum(lengths) + place + 4 != len(data):
            raise CorruptModelError(f"{self.label} is damaged: the lengths of the texts {name!r} are wrong.")
        fixed = b"".join(length.to_bytes(4 if length < 1 << 32 else 8, "little") for length in lengths)
        self._check(name, crc32c(fixed + data[place:]), entry, masked=False)
        values = np.empty(len(lengths), object)
        place += 4
        for number, length in enumerate(lengths):
            values[number] = data[place : place + length]
            place += length
        return values

    def _check(self, name: str, checksum: int, entry: Entry, masked: bool = True) -> None:
        expected = entry.checksum if masked else _unmasked(entry.checksum)
        if checksum != expected:
            raise CorruptModelError(f"{self.label} is damaged: the checksum of {name!r} is wrong.")


def _unmasked(checksum: int) -> int:
    turned = (checksum - 0xA282EAD8) & 0xFFFFFFFF
    return (turned >> 17 | turned << 15) & 0xFFFFFFFF


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError):
        raise MissingFileError(f"File not found: {path!r}.") from None


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        raise MissingFileError(f"File not found: {path!r}, which the checkpoint tells of.") from None
