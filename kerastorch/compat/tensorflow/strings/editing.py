"""Changing texts, and putting them together."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integers
from kerastorch.compat.tensorflow.strings.texts import counts_bytes, numbers, texts
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.errors import InvalidArgumentError


def lower(input: Any, encoding: str = "", name: str | None = None) -> StringTensor:
    """Returns text in lower case.

    Args:
        input: text.
        encoding: `""` changes letters of ASCII only, `"utf-8"` all.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the encoding is unknown.

    Example:
        >>> lower(["Hello", "WORLD"]).tolist()
        [b'hello', b'world']

    Source: `tf.strings.lower`
    """
    ascii_only = counts_bytes(encoding, "encoding")
    return texts(lambda text: text.lower() if ascii_only else text.decode().lower(), input)


def upper(input: Any, encoding: str = "", name: str | None = None) -> StringTensor:
    """Returns text in upper case.

    Args:
        input: text.
        encoding: `""` changes letters of ASCII only, `"utf-8"` all.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the encoding is unknown.

    Example:
        >>> upper("Hello").numpy()
        b'HELLO'

    Source: `tf.strings.upper`
    """
    ascii_only = counts_bytes(encoding, "encoding")
    return texts(lambda text: text.upper() if ascii_only else text.decode().upper(), input)


def strip(input: Any, name: str | None = None) -> StringTensor:
    """Returns text without white space at its ends.

    Args:
        input: text.
        name: a name, without meaning here.

    Example:
        >>> strip(["  a b ", "c"]).tolist()
        [b'a b', b'c']

    Source: `tf.strings.strip`
    """
    return texts(bytes.strip, input)


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> StringTensor:
    """Returns a part of each text.

    Args:
        input: text.
        pos: where it begins; negative numbers count from the end.
        len: how long it is.
        unit: `"BYTE"` or `"UTF8_CHAR"`.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the unit is unknown.

    Example:
        >>> substr(["Hello", "World"], 1, 3).tolist()
        [b'ell', b'orl']

    Source: `tf.strings.substr`
    """
    in_bytes = counts_bytes(unit, "unit")

    def part(text: bytes, first: int, count: int) -> Any:
        letters: Any = text if in_bytes else text.decode()
        return letters[int(first) :][: int(count)]

    return texts(part, input, np.asarray(as_tensor(pos).cpu()), np.asarray(as_tensor(len).cpu()))


def join(inputs: Any, separator: str = "", name: str | None = None) -> StringTensor:
    """Returns texts put together, element by element.

    Args:
        inputs: the tensors of text, of shapes that broadcast.
        separator: what stands between them.
        name: a name, without meaning here.

    Example:
        >>> join([["a", "b"], "c"], separator="-").tolist()
        [b'a-c', b'b-c']

    Source: `tf.strings.join`
    """
    between = separator.encode()
    parts = [np.asarray(as_strings(part)) for part in inputs]
    return texts(lambda *words: between.join(words), StringTensor(parts[0]), *parts[1:])


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> StringTensor:
    """Returns the texts along axes put together.

    Args:
        inputs: text.
        axis: one axis or several, in the order in which they are joined; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.
        separator: what stands between the texts.
        name: a name, without meaning here.

    Example:
        >>> reduce_join([["a", "b"], ["c", "d"]], axis=1, separator=" ").tolist()
        [b'a b', b'c d']

    Source: `tf.strings.reduce_join`
    """
    array, between = np.asarray(as_strings(inputs)), separator.encode()
    axes = list(range(array.ndim)) if axis is None else [a % array.ndim for a in integers(axis)]
    for place in axes if axis is not None else reversed(axes):
        rows = np.moveaxis(array, place, -1)
        joined = np.empty(rows.shape[:-1], dtype=object)
        for index in np.ndindex(joined.shape):
            joined[index] = between.join(rows[index])
        array = np.expand_dims(joined, place)
    return StringTensor(
        array if keepdims else array.reshape([n for i, n in enumerate(array.shape) if i not in axes])
    )


def _pattern(pattern: Any) -> re.Pattern[bytes]:
    text = pattern.numpy() if isinstance(pattern, StringTensor) else pattern
    try:
        return re.compile(text if isinstance(text, bytes) else str(text).encode())
    except re.error as error:
        raise InvalidArgumentError(f"{text!r} is no regular expression: {error}.") from error


def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> StringTensor:
    r"""Returns text in which what a pattern matches is replaced.

    Args:
        input: text.
        pattern: a regular expression.
        rewrite: what comes in its place; `\1` stands for the first group, `\0` for all that matched.
        replace_global: whether to replace all matches, or the first. Default: True.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the pattern is no regular expression.

    Example:
        >>> regex_replace("Text with tags.<br /><b>contains html</b>", "<[^>]+>", " ").numpy()
        b'Text with tags.  contains html '

    Source: `tf.strings.regex_replace`, with Python's `re`
    """
    found, new = _pattern(pattern), as_strings(rewrite).numpy().replace(rb"\0", rb"\g<0>")
    count = 0 if replace_global else 1
    return texts(lambda text: found.sub(new, text, count=count), input)


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> torch.Tensor:
    """Returns whether each text matches a pattern as a whole.

    Args:
        input: text.
        pattern: a regular expression.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the pattern is no regular expression.

    Example:
        >>> regex_full_match(["TF lib", "lib TF"], ".*lib$").tolist()
        [True, False]

    Source: `tf.strings.regex_full_match`, with Python's `re`
    """
    found = _pattern(pattern)
    return numbers(lambda text: found.fullmatch(text) is not None, input, "bool")


def format(
    template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> StringTensor:
    """Returns a text with tensors written into it.

    Args:
        template: the text.
        inputs: a tensor or a list of them.
        placeholder: what stands for a tensor in the text.
        summarize: accepted for TensorFlow; tensors are written whole.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when the number of places is not that of the tensors.

    Example:
        >>> format("x is {}", as_tensor([1, 2])).numpy()
        b'x is [1 2]'

    Source: `tf.strings.format`
    """
    values = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    pieces = template.split(placeholder)
    if len(pieces) != len(values) + 1:
        raise InvalidArgumentError(
            f"tf.strings.format: {len(values)} tensors for {len(pieces) - 1} places {placeholder!r} in {template!r}."
        )
    written = [_shown(value) for value in values]
    return StringTensor("".join(a + b for a, b in zip(pieces, [*written, ""], strict=True)))


def _shown(value: Any) -> str:
    tensor = as_tensor(value)
    return str(tensor.decode() if isinstance(tensor, StringTensor) else np.asarray(tensor.detach().cpu()))
