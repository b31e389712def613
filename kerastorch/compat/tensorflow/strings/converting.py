"""Numbers from texts and texts from numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.strings.texts import counts_bytes, numbers
from kerastorch.core.fingerprints import fingerprint64, remainder, siphash64
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.errors import InvalidArgumentError


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> torch.Tensor:
    """Returns the length of each text.

    Args:
        input: text.
        unit: `"BYTE"` or `"UTF8_CHAR"`.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the unit is unknown.

    Example:
        >>> length(["ab", "é"]).tolist(), length(["ab", "é"], unit="UTF8_CHAR").tolist()
        ([2, 2], [2, 1])

    Source: `tf.strings.length`
    """
    in_bytes = counts_bytes(unit, "unit")
    return numbers(lambda text: len(text) if in_bytes else len(text.decode(errors="replace")), input, "int32")


def as_string(
    input: Any,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> StringTensor:
    """Returns numbers as text.

    Args:
        input: numbers or truth values.
        precision: the digits after the point of floats; -1 writes six.
        scientific: whether to write exponents.
        shortest: whether to write exponents where that is shorter.
        width: the least length of the text.
        fill: what it is filled up with, on the left.
        name: a name, without meaning here.

    Example:
        >>> as_string([3, 2]).tolist(), as_string(3.14159, precision=2).numpy()
        ([b'3', b'2'], b'3.14')

    Source: `tf.strings.as_string`
    """
    array = np.asarray(as_tensor(input).detach().cpu())
    digits = f".{precision}" if precision >= 0 else ""
    kind = "e" if scientific else "g" if shortest else "f"
    style = f"{{:{fill or ''}{'>' if fill else ''}{width if width > 0 else ''}"
    form = style + (f"{digits}{kind}}}" if array.dtype.kind == "f" else "}")

    def written(value: Any) -> str:
        return str(bool(value)).lower() if array.dtype.kind == "b" else form.format(value.item())

    found = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        found[place] = written(array[place])
    return StringTensor(found)


def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> torch.Tensor:
    """Returns the numbers that texts spell.

    Args:
        input: text.
        out_type: the type of the result. Default: float32.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when a text is no number.

    Example:
        >>> to_number(["1.5", "-2"]).tolist()
        [1.5, -2.0]

    Source: `tf.strings.to_number`
    """
    read = int if as_dtype(out_type).is_integer else float
    try:
        return numbers(lambda text: read(text.strip()), input, out_type)
    except ValueError as error:
        raise InvalidArgumentError(f"tf.strings.to_number: a text is no number: {error}.") from error


def to_hash_bucket(input: Any, num_buckets: int, name: str | None = None) -> torch.Tensor:
    """Returns a number from 0 to `num_buckets - 1` for each text, the same for equal texts.

    The numbers are the same on every machine; they are not those that TensorFlow gives.

    Args:
        input: text.
        num_buckets: how many numbers there are.
        name: a name, without meaning here.

    Example:
        >>> buckets = to_hash_bucket(["a", "b", "a"], 1000)
        >>> bool(buckets[0] == buckets[2]), bool(buckets[0] == buckets[1])
        (True, False)

    Source: `tf.strings.to_hash_bucket`, with BLAKE2b
    """

    def bucket(text: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") % num_buckets

    return numbers(bucket, input, "int64")


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> torch.Tensor:
    """Returns a number from 0 to `num_buckets - 1` for each text, the one that TensorFlow gives.

    Args:
        input: text.
        num_buckets: how many numbers there are.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when there are no buckets.

    Example:
        >>> to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).tolist()
        [0, 2, 2]

    Source: `tf.strings.to_hash_bucket_fast`; FarmHash64
    """
    return remainder(fingerprint64(as_strings(input)), checked_buckets(num_buckets))


def to_hash_bucket_strong(
    input: Any, num_buckets: int, key: Sequence[int], name: str | None = None
) -> torch.Tensor:
    """Returns a number from 0 to `num_buckets - 1` for each text, which nobody can foresee without the key.

    Args:
        input: text.
        num_buckets: how many numbers there are.
        key: two integers of 64 bits.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when there are no buckets, or the key is not two integers.

    Example:
        >>> to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]).tolist()
        [2, 0]

    Source: `tf.strings.to_hash_bucket_strong`; SipHash-2-4
    """
    if len(key) != 2:
        raise InvalidArgumentError(
            f"tf.strings.to_hash_bucket_strong: `key` must be two integers. Received: key={key!r}."
        )
    return remainder(siphash64(as_strings(input), (int(key[0]), int(key[1]))), checked_buckets(num_buckets))


def checked_buckets(num_buckets: int) -> int:
    """Returns the number of buckets.

    Raises:
        InvalidArgumentError: when there are none.
    """
    if num_buckets < 1:
        raise InvalidArgumentError(
            f"tf.strings: `num_buckets` must be positive. Received: num_buckets={num_buckets}."
        )
    return num_buckets
