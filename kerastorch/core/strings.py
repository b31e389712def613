"""Tensors of strings, which torch does not have: immutable arrays of bytes that behave as TensorFlow's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.tensors import TensorMethods
from kerastorch.core.type_names import TypeFacts
from kerastorch.errors import ArgumentTypeError


class StringType(TypeFacts):
    """The data type of a `StringTensor`: equal to the name `"string"`.

    Example:
        >>> STRING.name, STRING == "string", STRING == StringType(), STRING == torch.int64
        ('string', True, True, False)

    Source: `tf.string`
    """

    name = "string"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StringType) or other == "string"

    def __hash__(self) -> int:
        return hash("string")

    def __repr__(self) -> str:
        return "string"


STRING = StringType()


class StringTensor(TensorMethods):
    """An immutable array of strings of any number of axes, held as UTF-8 bytes.

    Args:
        value: a string, bytes, a (nested) list of them, or a NumPy array of them; anything else of strings that
            NumPy can read, such as a pandas Series.

    Raises:
        ArgumentTypeError: when something in `value` is neither text nor bytes.

    Example:
        >>> words = StringTensor(["to", "be"])
        >>> words.shape, words[0].numpy(), (words + "!").tolist(), words == "be"
        (torch.Size([2]), b'to', [b'to!', b'be!'], tensor([False,  True]))

    Source: `tf.Tensor` with `dtype=tf.string`
    """

    dtype = STRING
    device = torch.device("cpu")

    def __init__(self, value: Any) -> None:
        self._values = _bytes_array(value)

    @classmethod
    def of_bytes(cls, values: list[bytes], shape: Iterable[int]) -> StringTensor:
        """Returns a tensor of values that are known to be bytes, without a look at each.

        Args:
            values: the strings, in the order of the last axis first.
            shape: the lengths of the axes.
        """
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return _wrapped(array.reshape(tuple(shape)))

    @property
    def shape(self) -> torch.Size:
        """The lengths of the axes."""
        return torch.Size(self._values.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._values.ndim

    def numpy(self) -> Any:
        """Returns a scalar as bytes, anything else as a NumPy array of objects that are bytes."""
        return self._values.item() if self.ndim == 0 else self._values.copy()

    def tolist(self) -> Any:
        """Returns bytes, or nested lists of bytes."""
        return self._values.tolist()

    def decode(self, encoding: str = "utf-8") -> np.ndarray:
        """Returns a NumPy array of `str`.

        Args:
            encoding: how the bytes are read. Default: UTF-8.
        """
        texts = [value.decode(encoding) for value in self._values.flat]
        return np.array(texts, dtype=str).reshape(self._values.shape)

    def index_select(self, dim: int, index: torch.Tensor) -> StringTensor:
        """Returns the strings at some places of an axis.

        Args:
            dim: the axis.
            index: the places.
        """
        return _wrapped(self._values.take(index.cpu().numpy(), dim))

    def clone(self) -> StringTensor:
        """Returns itself: it never changes."""
        return self

    def reshape(self, *shape: Any) -> StringTensor:
        """Returns the same strings with other axes.

        Args:
            shape: the lengths, as one sequence or several numbers; one may be -1.
        """
        return _wrapped(self._values.reshape(*shape))

    def __getitem__(self, index: Any) -> StringTensor:
        return _wrapped(self._values[_numpy_index(index)])

    def __len__(self) -> int:
        if self.ndim == 0:
            raise ArgumentTypeError("A scalar StringTensor has no length.")
        return len(self._values)

    def __iter__(self) -> Iterator[StringTensor]:
        return (self[row] for row in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._values)

    def __eq__(self, other: object) -> Any:
        return torch.as_tensor(self._values == _bytes_array(other)) if is_strings(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return torch.as_tensor(self._values != _bytes_array(other)) if is_strings(other) else NotImplemented

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> StringTensor:
        return _wrapped(self._values + _bytes_array(other))

    def __radd__(self, other: Any) -> StringTensor:
        return _wrapped(_bytes_array(other) + self._values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._values.astype(object if dtype is None else dtype)

    def __array_function__(self, func: Any, types: Any, args: tuple, kwargs: dict) -> Any:
        # NumPy's functions of strings take text, not objects.
        of_text = func.__module__ in ("numpy.strings", "numpy.char", "numpy.core.defchararray")
        convert = StringTensor.decode if of_text else np.asarray

        def converted(leaf: Any) -> Any:
            return convert(leaf) if isinstance(leaf, StringTensor) else leaf

        args, kwargs = tree.map_structure(converted, (args, kwargs))
        return func(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<StringTensor: shape={tuple(self.shape)}, dtype=string, numpy={self.numpy()!r}>"


def is_strings(value: Any) -> bool:
    """Returns whether a value is a string, bytes, or an array or nested list that begins with one.

    Args:
        value: anything.

    Example:
        >>> is_strings("a"), is_strings([["a"]]), is_strings(np.array([b"a"])), is_strings([1])
        (True, True, True, False)
    """
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    if isinstance(value, (str, bytes, StringTensor)):
        return True
    if hasattr(value, "__torch_function__") or not hasattr(value, "__array__"):
        return False
    array = np.asarray(value)
    if array.dtype == object:
        return array.size > 0 and isinstance(array.flat[0], (str, bytes))
    return array.dtype.kind in "UST"


def is_texts(value: Any) -> bool:
    """Returns whether a value is a list of strings, or of lists of strings: one array, not several.

    Args:
        value: anything.

    Example:
        >>> is_texts([["a"], ["b"]]), is_texts("a"), is_texts([np.array(["a"])])
        (True, False, False)
    """
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(isinstance(part, (str, bytes)) or is_texts(part) for part in value)


def as_strings(value: Any) -> StringTensor:
    """Returns a value as a `StringTensor`, itself where it is one.

    Args:
        value: what `StringTensor` takes.

    Raises:
        ArgumentTypeError: when something in `value` is neither text nor bytes.

    Example:
        >>> as_strings(["to", b"be"]).tolist()
        [b'to', b'be']
    """
    return value if isinstance(value, StringTensor) else StringTensor(value)


def stack_strings(values: Iterable[StringTensor]) -> StringTensor:
    """Returns string tensors of one shape along a new first axis.

    Args:
        values: the tensors, at least one.

    Example:
        >>> stack_strings([StringTensor("to"), StringTensor("be")]).tolist()
        [b'to', b'be']
    """
    return _wrapped(np.stack([value._values for value in values]))


def stand_in(shape: Iterable[int]) -> StringTensor:
    """Returns empty strings of a shape that take no memory, for runs that look at shapes alone.

    Args:
        shape: the lengths of the axes.

    Example:
        >>> stand_in((1440, 200)).shape
        torch.Size([1440, 200])
    """
    return _wrapped(np.broadcast_to(np.array(b"", dtype=object), tuple(shape)))


def concatenated(values: Sequence[StringTensor]) -> StringTensor:
    """Returns string tensors one after the other along their first axis.

    Args:
        values: the tensors, at least one.

    Example:
        >>> concatenated([StringTensor(["to"]), StringTensor(["be"])]).tolist()
        [b'to', b'be']
    """
    return _wrapped(np.concatenate([value._values for value in values]))


def _wrapped(values: Any) -> StringTensor:
    """A tensor on an array, or a single element, that is known to hold bytes."""
    tensor = StringTensor.__new__(StringTensor)
    tensor._values = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    return tensor


def _bytes_array(value: Any) -> np.ndarray:
    """Any strings as an array of objects that are bytes."""
    if isinstance(value, StringTensor):
        return value._values
    if isinstance(value, bytes):  # NumPy would drop trailing zero bytes
        return np.array(value, dtype=object)
    array = np.asarray(_plain_lists(value), dtype=object)
    if any(type(element) is not bytes for element in array.flat):
        encoded = np.empty(array.shape, dtype=object)
        encoded.reshape(-1)[:] = [_as_bytes(element) for element in array.flat]
        return encoded
    return array.copy()


def _plain_lists(value: Any) -> Any:
    """Lists in which string tensors are replaced by what they hold."""
    if isinstance(value, StringTensor):
        return value.tolist()
    return [_plain_lists(item) for item in value] if isinstance(value, (list, tuple)) else value


def _as_bytes(element: Any) -> bytes:
    if isinstance(element, str):
        return element.encode()
    if isinstance(element, bytes):
        return bytes(element)
    raise ArgumentTypeError(
        f"A tensor of strings holds text and bytes only. Received: {element!r} (of type {type(element).__name__}). "
        "Convert other values with `str`, and fill missing ones, first."
    )


def _numpy_index(index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(_numpy_index(part) for part in index)
    return index.numpy() if isinstance(index, torch.Tensor) else index
