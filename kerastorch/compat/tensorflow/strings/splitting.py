"""Cutting texts into words and letters."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.ragged import RaggedTensor
from kerastorch.compat.tensorflow.strings.texts import mapped, ragged_rows
from kerastorch.core.strings import StringTensor, as_strings


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
    rows = mapped(lambda text: text.split(at, maxsplit), input)
    return StringTensor(np.array(rows.item(), dtype=object)) if rows.ndim == 0 else ragged_rows(rows)


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

    rows = mapped(letters, input)
    return StringTensor(np.array(rows.item(), dtype=object)) if rows.ndim == 0 else ragged_rows(rows)


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

    rows = mapped(codes, input)
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
    return ragged_rows(runs)
