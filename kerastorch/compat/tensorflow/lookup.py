"""`tf.lookup`: tables from words or numbers to numbers or words."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.core.strings import StringTensor
from kerastorch.errors import InvalidArgumentError


class KeyValueTensorInitializer:
    """The keys and values of a table.

    Args:
        keys: a list or tensor of words or numbers.
        values: as many words or numbers.
        key_dtype: the type of the keys. Default: that of `keys`.
        value_dtype: the type of the values. Default: that of `values`.
        name: has no effect.

    Raises:
        InvalidArgumentError: when their numbers differ.

    Example:
        >>> KeyValueTensorInitializer(["a", "b"], [1, 2]).table
        {b'a': 1, b'b': 2}

    Source: `tf.lookup.KeyValueTensorInitializer`
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self.keys, self.values = as_tensor(keys, dtype=key_dtype), as_tensor(values, dtype=value_dtype)
        names, contents = self.keys.tolist(), self.values.tolist()
        if len(names) != len(contents):
            raise InvalidArgumentError(
                f"A table needs a value for each key. Received: {len(names)} keys and {len(contents)} values."
            )
        self.table = dict(zip(names, contents, strict=True))


class TextFileIndex:
    """What a column of a text file gives.

    Example:
        >>> TextFileIndex.LINE_NUMBER, TextFileIndex.WHOLE_LINE
        (-1, -2)

    Source: `tf.lookup.TextFileIndex`
    """

    LINE_NUMBER = -1
    WHOLE_LINE = -2


class TextFileInitializer(KeyValueTensorInitializer):
    """The keys and values of a table, from the lines of a file.

    Args:
        filename: the file.
        key_dtype: the type of the keys.
        key_index: the column of the keys, or one of `TextFileIndex`.
        value_dtype: the type of the values.
        value_index: the column of the values, or one of `TextFileIndex`.
        vocab_size: number of lines that are read. Default: all.
        delimiter: what stands between columns. Default: a tab.
        name: has no effect.

    Example:
        >>> _ = Path("words.txt").write_text(chr(10).join(["to", "be"]))
        >>> index = TextFileIndex
        >>> TextFileInitializer("words.txt", "string", index.WHOLE_LINE, "int64", index.LINE_NUMBER).table
        {b'to': 0, b'be': 1}

    Source: `tf.lookup.TextFileInitializer`
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
    ) -> None:
        lines = Path(filename).read_text(encoding="utf-8").splitlines()[:vocab_size]

        def column(index: int, dtype: Any) -> Any:
            cells = [self._cell(line, number, index, delimiter) for number, line in enumerate(lines)]
            return cells if dtype == "string" else as_tensor(np.array(cells, dtype=float), dtype=dtype)

        super().__init__(column(key_index, key_dtype), column(value_index, value_dtype))

    @staticmethod
    def _cell(line: str, number: int, index: int, delimiter: str) -> Any:
        if index == TextFileIndex.LINE_NUMBER:
            return number
        return line if index == TextFileIndex.WHOLE_LINE else line.split(delimiter)[index]


class StaticHashTable:
    """A table that does not change.

    Args:
        initializer: its keys and values.
        default_value: what stands for keys that it lacks.
        name: has no effect.
        experimental_is_anonymous: has no effect.

    Example:
        >>> table = StaticHashTable(KeyValueTensorInitializer(["a", "b"], [1, 2]), default_value=-1)
        >>> table.lookup(["b", "c"])
        tensor([ 2, -1], dtype=torch.int32)

    Source: `tf.lookup.StaticHashTable`
    """

    def __init__(
        self,
        initializer: KeyValueTensorInitializer,
        default_value: Any,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self._table = initializer.table
        self._words = isinstance(initializer.values, StringTensor)
        self._dtype = initializer.values.dtype
        self._default = default_value

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """Returns the values of keys, as a tensor of their shape.

        Args:
            keys: words or numbers.
            name: has no effect.
        """
        tensor = as_tensor(keys)
        shape = tuple(tensor.shape)
        flat = tensor.reshape(-1).tolist()
        found = [self._value_of(key) for key in flat]
        if self._words:
            return StringTensor(found).reshape(shape)
        device = tensor.device if isinstance(tensor, torch.Tensor) else None
        return torch.tensor(found, dtype=self._dtype, device=device).reshape(shape)

    def _value_of(self, key: Any) -> Any:
        return self._table.get(key, self._default)

    __getitem__ = lookup

    def size(self, name: str | None = None) -> torch.Tensor:
        """Returns the number of keys.

        Args:
            name: has no effect.
        """
        return torch.tensor(len(self._table))


class StaticVocabularyTable(StaticHashTable):
    """A table of words whose unknown ones share some numbers after the known ones.

    The number of an unknown word is stable between runs, but not that of TensorFlow.

    Args:
        initializer: its words and their numbers; None for none.
        num_oov_buckets: number of numbers for unknown words.
        lookup_key_dtype: has no effect.
        name: has no effect.
        experimental_is_anonymous: has no effect.

    Example:
        >>> table = StaticVocabularyTable(KeyValueTensorInitializer(["a", "b"], [0, 1], value_dtype="int64"), 1)
        >>> table.lookup(["b", "c"]), table.size()
        (tensor([1, 2]), tensor(3))

    Source: `tf.lookup.StaticVocabularyTable`
    """

    def __init__(
        self,
        initializer: KeyValueTensorInitializer | None,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        super().__init__(initializer or KeyValueTensorInitializer([], [], value_dtype="int64"), None)
        self._buckets = int(num_oov_buckets)

    def _value_of(self, key: Any) -> Any:
        if key in self._table:
            return self._table[key]
        text = key if isinstance(key, bytes) else str(key).encode()
        return len(self._table) + zlib.crc32(text) % self._buckets

    def size(self, name: str | None = None) -> torch.Tensor:
        """Returns the number of numbers that words can get.

        Args:
            name: has no effect.
        """
        return torch.tensor(len(self._table) + self._buckets)


__all__ = [
    "KeyValueTensorInitializer",
    "StaticHashTable",
    "StaticVocabularyTable",
    "TextFileIndex",
    "TextFileInitializer",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.lookup", name)
