"""Checks of the arguments of lookup layers, with an error for each that says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerastorch.errors import InvalidArgumentError, did_you_mean
from kerastorch.layers.preprocessing.lookup_encoding import MODES

_OLDER_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
_METHODS = ("floormod", "farmhash")


def output_mode_of(mode: Any, layer: str) -> str:
    """Returns the output mode for its name in any Keras.

    Args:
        mode: the argument.
        layer: the class that it was given to.

    Raises:
        InvalidArgumentError: when there is no such mode.

    Example:
        >>> output_mode_of("binary", "StringLookup")
        'multi_hot'
    """
    if isinstance(mode, str) and _OLDER_MODES.get(mode, mode) in MODES:
        return _OLDER_MODES.get(mode, mode)
    raise InvalidArgumentError(
        f"Unknown value for `output_mode` argument of layer {layer}. Allowed values are: {MODES}. Received: "
        f"output_mode={mode!r}.{did_you_mean(mode, MODES)}"
    )


def check_sizes(max_tokens: Any, num_oov_indices: Any, pad_to_max_tokens: bool) -> None:
    """Checks the numbers of tokens.

    Raises:
        InvalidArgumentError: when one is too small, or there is nothing to pad to.
    """
    if max_tokens is not None and max_tokens <= 1:
        raise InvalidArgumentError(
            f"If set, `max_tokens` must be greater than 1. Received: max_tokens={max_tokens}"
        )
    if pad_to_max_tokens and max_tokens is None:
        raise InvalidArgumentError(
            "If pad_to_max_tokens is True, must set `max_tokens`. Received: max_tokens=None"
        )
    if num_oov_indices < 0:
        raise InvalidArgumentError(
            f"`num_oov_indices` must be greater than or equal to 0. Received: num_oov_indices={num_oov_indices}"
        )


def check_mode(
    mode: str, invert: bool, sparse: bool, oov_token: Any, has_vocabulary: bool, weights: Any
) -> None:
    """Checks what an output mode allows beside it.

    Raises:
        InvalidArgumentError: when arguments contradict each other.
    """
    if invert and mode != "int":
        raise InvalidArgumentError(
            f"`output_mode` must be `'int'` when `invert` is true. Received: output_mode={mode!r}"
        )
    if invert and oov_token is None:
        raise InvalidArgumentError(
            "`oov_token` must be set when `invert` is true: it is returned for numbers without a term. Received: "
            "oov_token=None"
        )
    if sparse and mode == "int":
        raise InvalidArgumentError(
            "`sparse` may only be true if `output_mode` is `'one_hot'`, `'multi_hot'`, `'count'` or `'tf_idf'`. "
            f"Received: sparse={sparse} and output_mode={mode!r}"
        )
    if weights is not None and mode != "tf_idf":
        raise InvalidArgumentError(
            f"`idf_weights` should only be set if `output_mode` is `'tf_idf'`. Received: output_mode={mode!r}"
        )
    if mode == "tf_idf" and has_vocabulary and weights is None:
        raise InvalidArgumentError(
            "When specifying the `vocabulary` argument, in TF-IDF output mode, the `idf_weights` argument must also "
            "be provided."
        )


def checked_method(oov_method: Any) -> str:
    """Returns how OOV indices of integers are found, if there is such a way.

    Raises:
        InvalidArgumentError: when there is not.
    """
    if oov_method in _METHODS:
        return oov_method
    raise InvalidArgumentError(
        f"Unknown value for `oov_method` argument. Allowed values are: {_METHODS}. Received: "
        f"oov_method={oov_method!r}.{did_you_mean(oov_method, _METHODS)}"
    )


def salt_of(salt: Any, vocabulary_dtype: str, oov_method: str) -> list[int] | None:
    """Returns a salt as two integers.

    Args:
        salt: None, one integer, or two.
        vocabulary_dtype: the type of terms.
        oov_method: how OOV indices of integers are found.

    Raises:
        InvalidArgumentError: when it is something else, or would have no effect.

    Example:
        >>> salt_of(7, "string", "floormod")
        [7, 7]
    """
    if salt is None:
        return None
    if vocabulary_dtype != "string" and oov_method != "farmhash":
        raise InvalidArgumentError(
            f"`salt` can only be used when `oov_method='farmhash'`. Received: oov_method={oov_method!r}"
        )
    if isinstance(salt, (tuple, list)) and len(salt) == 2:
        return [int(part) for part in salt]
    if isinstance(salt, int):
        return [salt, salt]
    raise InvalidArgumentError(
        f"The `salt` argument can only be a tuple of 2 integers, or a single integer. Received: salt={salt!r}."
    )


def check_weights(mode: str, idf_weights: Any, from_file: bool) -> None:
    """Checks whether a vocabulary needs or may have weights.

    Raises:
        InvalidArgumentError: when they are missing or not used.
    """
    if mode == "tf_idf" and from_file:
        raise InvalidArgumentError(
            "output_mode `'tf_idf'` does not support loading a vocabulary from file: it needs weights. Read the file "
            "and pass a list of terms with `idf_weights`."
        )
    if mode == "tf_idf" and idf_weights is None:
        raise InvalidArgumentError("`idf_weights` must be set if output_mode is 'tf_idf'.")
    if mode != "tf_idf" and idf_weights is not None:
        raise InvalidArgumentError(
            f"`idf_weights` should only be set if `output_mode` is `'tf_idf'`. Received: output_mode={mode!r}"
        )


def weights_of(idf_weights: Any, terms: int) -> np.ndarray:
    """Returns weights as an array with one element a term.

    Args:
        idf_weights: an array, tensor or list.
        terms: the number of terms.

    Raises:
        InvalidArgumentError: when it has another length or number of axes.
    """
    weights = np.asarray(idf_weights, dtype=np.float64)
    if weights.ndim != 1:
        raise InvalidArgumentError(
            f"`idf_weights` must have one axis. Received: an array of shape {weights.shape}."
        )
    if len(weights) != terms:
        raise InvalidArgumentError(
            f"`idf_weights` must be the same length as vocabulary. len(idf_weights) is {len(weights)}; "
            f"len(vocabulary) is {terms}"
        )
    return weights


def check_choice(name: str, value: Any, allowed: Sequence[str], layer: str) -> None:
    """Checks an argument that is None, a function, or one of some names.

    Args:
        name: the argument.
        value: what it was given.
        allowed: the names.
        layer: the class that it was given to.

    Raises:
        InvalidArgumentError: when it is something else.
    """
    if value is None or callable(value) or (isinstance(value, str) and value in allowed):
        return
    raise InvalidArgumentError(
        f"Unknown value for `{name}` argument of layer {layer}. Allowed values are: {tuple(allowed)}, None or a "
        f"function. Received: {name}={value!r}.{did_you_mean(value, allowed)}"
    )
