"""Vocabularies of lookup layers: read from files, checked, learned from counts, and weighed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerastorch.errors import InvalidArgumentError, MissingFileError


def read_terms(path: str) -> list[bytes]:
    """Returns the lines of a vocabulary file.

    Args:
        path: a file with one term a line.

    Raises:
        MissingFileError: when there is no such file.
        InvalidArgumentError: when it is empty.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingFileError(f"Vocabulary file {path} does not exist.")
    lines = file.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if not lines:
        raise InvalidArgumentError(f"Cannot set an empty vocabulary. Received: the empty file {path}.")
    return lines


def check_tokens(tokens: Sequence[Any], reserved: Mapping[str, Any], special: Sequence[Any]) -> None:
    """Checks the tokens of a vocabulary, without the special tokens at its start.

    Args:
        tokens: the tokens.
        reserved: tokens that may not be among them, by what they are: `"mask"`, `"OOV"`.
        special: the special tokens as a vocabulary may begin with them, for the error.

    Raises:
        InvalidArgumentError: when a token is there twice, or is a reserved one.
    """
    known = set(tokens)
    if len(known) < len(tokens):
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        raise InvalidArgumentError(
            "The passed vocabulary has at least one repeated term. Please uniquify your dataset. The repeated terms "
            f"are: {readable(repeated)}"
        )
    for what, token in reserved.items():
        if token in known:
            raise InvalidArgumentError(
                f"Found reserved {what} token at unexpected location in `vocabulary`. A vocabulary need not include "
                "the OOV and mask tokens. Either remove them all, or include them only at its start, in precisely "
                f"this order: {readable(special)}. Received: {what.lower()}_token={readable([token])[0]!r} at index "
                f"{tokens.index(token)} of the other terms."
            )


def readable(terms: Sequence[Any]) -> list[Any]:
    """Returns terms with text in place of bytes."""
    return [term.decode(errors="replace") if isinstance(term, bytes) else term for term in terms]


def most_frequent(counts: Mapping[Any, int], limit: int | None) -> list[Any]:
    """Returns the terms by falling count; of equal counts the larger term comes first.

    Args:
        counts: how often each term was seen.
        limit: the largest number of terms; None for all.

    Example:
        >>> most_frequent({b"a": 1, b"b": 2, b"c": 1}, 2)
        [b'b', b'c']

    Source: `keras.layers.StringLookup.adapt`.
    """
    terms = list(counts)
    if limit is not None and 0 < limit < len(terms):  # most terms are rare: they need not be sorted
        numbers = np.fromiter(counts.values(), np.int64, len(terms))
        least = int(np.partition(numbers, -limit)[-limit])
        terms = [term for term, count in counts.items() if count >= least]
    terms.sort(reverse=True)
    terms.sort(key=counts.__getitem__, reverse=True)
    return terms[:limit]


def inverse_document_frequency(counts: Sequence[int], documents: int) -> np.ndarray:
    """Returns `log(1 + documents / (1 + count))` for each term.

    Args:
        counts: in how many documents each term is.
        documents: the number of documents.

    Example:
        >>> inverse_document_frequency([1], 2).tolist() == np.log([2]).tolist()
        True
    """
    return np.log(1.0 + documents / (1.0 + np.asarray(counts, dtype=np.float64)))


def padded_weights(weights: np.ndarray, front: int, length: int) -> np.ndarray:
    """Returns weights with their mean for special tokens in front, and zeros for unused numbers behind.

    Args:
        weights: one for each token.
        front: the number of special tokens.
        length: the length of the result; what is shorter than the weights leaves them.

    Example:
        >>> padded_weights(np.array([1.0, 3.0]), 1, 5).tolist()
        [2.0, 1.0, 3.0, 0.0, 0.0]
    """
    mean = float(np.mean(weights)) if front and len(weights) else 0.0
    whole = np.concatenate([np.full(front, mean), weights])
    return np.concatenate([whole, np.zeros(max(length - len(whole), 0))])
