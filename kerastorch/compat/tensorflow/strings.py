"""`tf.strings`: functions on tensors of text, which run on the host."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integers
from kerastorch.compat.tensorflow.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.errors import InvalidArgumentError


def _mapped(function: Callable[..., Any], value: Any, *others: Any) -> np.ndarray:
    """A function of each text, and of what stands beside it, as an array of objects."""
    arrays: Any = np.broadcast_arrays(np.asarray(as_strings(value)), *others)
    result = np.empty(arrays[0].shape, dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = function(*(array[place] for array in arrays))
    return result


def _texts(function: Callable[..., Any], value: Any, *others: Any) -> StringTensor:
    return StringTensor(_mapped(function, value, *others))


def _numbers(function: Callable[[bytes], Any], value: Any, dtype: Any) -> torch.Tensor:
    return as_tensor(_mapped(function, value).astype(as_dtype(dtype).as_numpy_dtype))


def _ragged(rows: np.ndarray) -> RaggedTensor:
    """Lists of texts, one for each text that was given."""
    flat = [item for row in rows.flat for item in row]
    lengths = [len(row) for row in rows.flat]
    return RaggedTensor.from_row_lengths(StringTensor(np.array(flat, dtype=object)), lengths)


def _is_bytes(encoding: str, what: str) -> bool:
    if encoding not in ("", "utf-8", "BYTE", "UTF8_CHAR", "UTF-8"):
        raise InvalidArgumentError(
            f"Unknown {what}: {encoding!r}. Expected 'BYTE' or 'UTF8_CHAR', or '' or 'utf-8'."
        )
    return encoding in ("", "BYTE")


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
    ascii_only = _is_bytes(encoding, "encoding")
    return _texts(lambda text: text.lower() if ascii_only else text.decode().lower(), input)


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
    ascii_only = _is_bytes(encoding, "encoding")
    return _texts(lambda text: text.upper() if ascii_only else text.decode().upper(), input)


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
    return _texts(bytes.strip, input)


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
    in_bytes = _is_bytes(unit, "unit")
    return _numbers(
        lambda text: len(text) if in_bytes else len(text.decode(errors="replace")), input, "int32"
    )


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
    in_bytes = _is_bytes(unit, "unit")

    def part(text: bytes, first: int, count: int) -> Any:
        letters: Any = text if in_bytes else text.decode()
        return letters[int(first) :][: int(count)]

    return _texts(part, input, np.asarray(as_tensor(pos).cpu()), np.asarray(as_tensor(len).cpu()))


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
    return _texts(lambda *texts: between.join(texts), StringTensor(parts[0]), *parts[1:])


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


def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """Returns the words of each text.

    Args:
        input: text.
        sep: what stands between words; None splits at white space.
        maxsplit: how often to split at most; -1 sets no limit.
        name: a name, without meaning here.

    Returns:
        A `RaggedTensor` with a row for each text; a `StringTensor` for a single one.

    Example:
        >>> split("to be or").tolist(), split(["a b", "c"]).to_list()
        ([b'to', b'be', b'or'], [[b'a', b'b'], [b'c']])

    Source: `tf.strings.split`
    """
    at = sep.encode() if sep else None
    rows = _mapped(lambda text: text.split(at, maxsplit), input)
    return StringTensor(np.array(rows.item(), dtype=object)) if rows.ndim == 0 else _ragged(rows)


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
    return _texts(lambda text: found.sub(new, text, count=count), input)


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
    return _numbers(lambda text: found.fullmatch(text) is not None, input, "bool")


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

    texts = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        texts[place] = written(array[place])
    return StringTensor(texts)


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
        return _numbers(lambda text: read(text.strip()), input, out_type)
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
        >>> numbers = to_hash_bucket(["a", "b", "a"], 1000)
        >>> bool(numbers[0] == numbers[2]), bool(numbers[0] == numbers[1])
        (True, False)

    Source: `tf.strings.to_hash_bucket`, with BLAKE2b
    """

    def bucket(text: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") % num_buckets

    return _numbers(bucket, input, "int64")


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> torch.Tensor:
    """Returns a number from 0 to `num_buckets - 1` for each text; the same as `to_hash_bucket`.

    Args:
        input: text.
        num_buckets: how many numbers there are.
        name: a name, without meaning here.

    Example:
        >>> to_hash_bucket_fast("a", 1).tolist()
        0

    Source: `tf.strings.to_hash_bucket_fast`, with BLAKE2b
    """
    return to_hash_bucket(input, num_buckets)


def unicode_split(
    input: Any,
    input_encoding: str = "UTF-8",
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> Any:
    """Returns the letters of each text.

    Args:
        input: text.
        input_encoding: how it is encoded.
        errors: `"replace"`, `"ignore"` or `"strict"`, for what is no text in that encoding.
        replacement_char: the code of the letter that `"replace"` puts in.
        name: a name, without meaning here.

    Returns:
        A `RaggedTensor` with a row for each text; a `StringTensor` for a single one.

    Example:
        >>> [letter.decode() for letter in unicode_split("né").tolist()]
        ['n', 'é']

    Source: `tf.strings.unicode_split`
    """

    def letters(text: bytes) -> list[bytes]:
        found = text.decode(input_encoding, errors).replace("\ufffd", chr(replacement_char))
        return [letter.encode() for letter in found]

    rows = _mapped(letters, input)
    return StringTensor(np.array(rows.item(), dtype=object)) if rows.ndim == 0 else _ragged(rows)


def unicode_decode(
    input: Any,
    input_encoding: str = "UTF-8",
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> Any:
    """Returns the codes of the letters of each text.

    Args:
        input: text.
        input_encoding: how it is encoded.
        errors: `"replace"`, `"ignore"` or `"strict"`, for what is no text in that encoding.
        replacement_char: the code that `"replace"` puts in.
        name: a name, without meaning here.

    Returns:
        A `RaggedTensor` of int32 with a row for each text; a tensor for a single one.

    Example:
        >>> unicode_decode("né").tolist()
        [110, 233]

    Source: `tf.strings.unicode_decode`
    """

    def codes(text: bytes) -> list[int]:
        found = text.decode(input_encoding, errors).replace("\ufffd", chr(replacement_char))
        return [ord(letter) for letter in found]

    rows = _mapped(codes, input)
    if rows.ndim == 0:
        return as_tensor(rows.item(), "int32")
    flat = [code for row in rows.flat for code in row]
    return RaggedTensor.from_row_lengths(as_tensor(flat, "int32"), [len(row) for row in rows.flat])


def unicode_encode(
    input: Any, output_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Any:
    """Returns the texts that rows of letter codes spell.

    Args:
        input: codes: a tensor of one axis, or a ragged one.
        output_encoding: how the text is encoded.
        errors: what is done with codes that no letter has: `"replace"`, `"ignore"` or `"strict"`.
        name: a name, without meaning here.

    Example:
        >>> unicode_encode([110, 111]).numpy()
        b'no'

    Source: `tf.strings.unicode_encode`
    """
    if isinstance(input, RaggedTensor):
        return StringTensor(
            ["".join(map(chr, row)).encode(output_encoding, errors) for row in input.to_list()]
        )
    return StringTensor("".join(map(chr, as_tensor(input).tolist())).encode(output_encoding, errors))


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


def ngrams(data: Any, ngram_width: int, separator: str = " ", name: str | None = None) -> RaggedTensor:
    """Returns every run of some words of each row.

    Args:
        data: rows of words: a tensor of two axes, or a ragged one.
        ngram_width: how many words a run has.
        separator: what stands between them.
        name: a name, without meaning here.

    Example:
        >>> ngrams([["a", "b", "c"]], 2).to_list()
        [[b'a b', b'b c']]

    Source: `tf.strings.ngrams`
    """
    rows = data.to_list() if isinstance(data, RaggedTensor) else as_strings(data).tolist()
    between = separator.encode()
    runs = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        runs[place] = [between.join(row[i : i + ngram_width]) for i in range(len(row) - ngram_width + 1)]
    return _ragged(runs)


def __getattr__(name: str) -> Any:
    raise missing("tf.strings", name)
