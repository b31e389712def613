"""Text to lists of tokens, in bytes: standardized, split, joined to n-grams."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor, as_strings

STANDARDIZATIONS = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLITS = ("whitespace", "character")

_PUNCTUATION = string.punctuation.encode()
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())


def standardized(texts: list[bytes], how: str | None) -> list[bytes]:
    """Returns texts in lower case and without punctuation; as in TensorFlow, only ASCII letters change.

    Args:
        texts: the texts.
        how: one of `STANDARDIZATIONS`, or None to leave them as they are.

    Example:
        >>> standardized([b"To be, or NOT?"], "lower_and_strip_punctuation")
        [b'to be or not']
    """
    if how is None:
        return texts
    table = None if how == "strip_punctuation" else _LOWER
    removed = b"" if how == "lower" else _PUNCTUATION
    return [text.translate(table, removed) for text in texts]


def tokens_of(texts: Iterable[bytes], how: str) -> list[list[bytes]]:
    """Returns the tokens of each text.

    Args:
        texts: the texts.
        how: `"whitespace"` for words, `"character"` for letters.

    Example:
        >>> tokens_of([b" to  be ", b""], "whitespace"), tokens_of([b"or"], "character")
        ([[b'to', b'be'], []], [[b'o', b'r']])
    """
    if how == "whitespace":
        return [text.split() for text in texts]
    return [[letter.encode() for letter in text.decode(errors="replace")] for text in texts]


def with_ngrams(rows: Iterable[Sequence[bytes]], widths: Sequence[int]) -> list[list[bytes]]:
    """Returns, for each row, the runs of neighbouring tokens of some widths, joined by spaces.

    Args:
        rows: lists of tokens.
        widths: how many tokens a run has; all runs of the first width come first.

    Example:
        >>> with_ngrams([[b"to", b"be", b"or"]], (1, 2))
        [[b'to', b'be', b'or', b'to be', b'be or']]

    Source: `tf.strings.ngrams`.
    """
    return [list(chain.from_iterable(_runs(row, width) for width in widths)) for row in rows]


def _runs(row: Sequence[bytes], width: int) -> Iterable[bytes]:
    """The runs of neighbouring tokens of one width."""
    if width == 1:
        return row
    return map(b" ".join, zip(*(row[start:] for start in range(width)), strict=False))


def by_function(function: Callable[[Any], Any], texts: StringTensor, encoding: str = "utf-8") -> StringTensor:
    """Returns what a user's function makes of texts.

    Args:
        function: takes a NumPy array of `str`, which functions of `np.char` and of `tf.strings` take, and returns an
            array, a list or a `StringTensor`.
        texts: the texts.
        encoding: that of the texts.

    Example:
        >>> by_function(np.char.upper, StringTensor(["to", "be"])).tolist()
        [b'TO', b'BE']
    """
    return as_strings(function(texts.decode(encoding).astype(np.str_)))


def rows_by_function(function: Callable[[Any], Any], texts: StringTensor) -> list[list[bytes]]:
    """Returns the tokens that a user's function splits texts into.

    Args:
        function: takes a `StringTensor`, and returns a ragged tensor, a string tensor with one axis more, or a list
            or array of lists of strings.
        texts: the texts.
    """
    found = function(texts)
    if isinstance(found, RaggedTensor):
        return found.to_list()
    if texts.ndim == 0:
        return [as_strings(found).tolist()]
    if isinstance(found, (StringTensor, np.ndarray)):
        found = found.tolist()
    return [as_strings(list(row)).reshape(-1).tolist() if len(row) else [] for row in found]
