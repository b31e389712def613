"""The binary format of protocol buffers: messages of numbered fields, without their schemas.

A message is a row of fields. Each begins with a number of variable length (a varint) that holds the number of the
field and how its value is written. See https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from kerastorch.errors import CorruptModelError

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST = 10  # bytes of a varint


def varint(data: bytes, place: int, label: str) -> tuple[int, int]:
    """Returns a number of variable length and the place behind it.

    Args:
        data: the bytes.
        place: where the number begins.
        label: what errors call the file.

    Raises:
        CorruptModelError: when the bytes end in the midst of it, or it is too long.

    Example:
        >>> varint(bytes([0x96, 0x01]), 0, "The file")
        (150, 2)
    """
    value = 0
    for count, byte in enumerate(data[place : place + _LONGEST]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place + count + 1
    raise CorruptModelError(f"{label} is damaged: a number at byte {place} has no end.")


class Message:
    """The fields of a message by their numbers; a field that is not there has an empty value.

    Args:
        data: the bytes.
        label: what errors call the file.

    Raises:
        CorruptModelError: when the bytes are no message.

    Example:
        >>> message = Message(bytes([0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69]), "The file")
        >>> message.number(1), message.text(2), message.text(3)
        (150, 'hi', '')
    """

    def __init__(self, data: bytes, label: str) -> None:
        self.label = label
        self._fields: dict[int, list[int | bytes]] = {}
        place = 0
        while place < len(data):
            tag, place = varint(data, place, label)
            value, place = _value(data, place, tag & 7, label)
            self._fields.setdefault(tag >> 3, []).append(value)

    def _values(self, field: int, kind: type) -> list:
        values = self._fields.get(field, [])
        if not all(isinstance(value, kind) for value in values):
            raise CorruptModelError(f"{self.label} is damaged: field {field} is of another kind.")
        return values

    def number(self, field: int) -> int:
        """Returns a field as a signed number.

        Args:
            field: its number.
        """
        value = (self._values(field, int) or [0])[-1]
        return value - (1 << 64) if value >> 63 else value

    def data(self, field: int) -> bytes:
        """Returns a field as bytes.

        Args:
            field: its number.
        """
        return (self._values(field, bytes) or [b""])[-1]

    def all_data(self, field: int) -> list[bytes]:
        """Returns a repeated field of bytes.

        Args:
            field: its number.
        """
        return list(self._values(field, bytes))

    def text(self, field: int) -> str:
        """Returns a field as a string.

        Args:
            field: its number.

        Raises:
            CorruptModelError: when it is no text.
        """
        try:
            return self.data(field).decode()
        except UnicodeDecodeError as error:
            raise CorruptModelError(f"{self.label} is damaged: field {field} is no text.") from error

    def messages(self, field: int) -> list[Message]:
        """Returns a repeated field of messages.

        Args:
            field: its number.

        Raises:
            CorruptModelError: when one is no message.
        """
        return [Message(value, self.label) for value in self._values(field, bytes)]

    def has(self, field: int) -> bool:
        """Returns whether a field is there.

        Args:
            field: its number.
        """
        return field in self._fields


def _value(data: bytes, place: int, kind: int, label: str) -> tuple[int | bytes, int]:
    """The value of a field, and the place behind it."""
    if kind == _VARINT:
        return varint(data, place, label)
    if kind == _BYTES:
        size, place = varint(data, place, label)
        end = place + size
    elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
        end = place + (8 if kind == _EIGHT_BYTES else 4)
    else:
        raise CorruptModelError(f"{label} is damaged: at byte {place} is a field of an unknown kind.")
    if end > len(data):
        raise CorruptModelError(f"{label} is damaged: a field at byte {place} is longer than the rest.")
    value = data[place:end]
    return (value if kind == _BYTES else int.from_bytes(value, "little")), end
