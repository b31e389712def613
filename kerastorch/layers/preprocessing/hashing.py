"""Strings and integers as numbers of bins, by a hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.config import floatx
from kerastorch.core.fingerprints import fingerprint64, remainder, siphash64
from kerastorch.core.strings import StringTensor
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.categories import check_output_mode, encode_categories, encoded_shape
from kerastorch.layers.preprocessing.values import TakesValues


@registry.builtin("keras.layers")
class Hashing(TakesValues):
    """Puts strings or integers into a fixed number of bins, always the same ones, by a hash.

    The bins are those of TensorFlow. Integers are hashed as they are written in decimal, on the device where they are;
    strings on the CPU, outside of compiled graphs.

    Args:
        num_bins: how many bins there are, that of the mask among them.
        mask_value: the value that goes to bin 0, which nothing else then does; None for no such value.
        salt: one or two numbers that change the bins, and the hash to SipHash-2-4; None takes FarmHash64.
        output_mode: `"int"` for the number of the bin; `"one_hot"` for a vector for each value; `"multi_hot"` for one
            vector a sample, 1 for each bin that is hit; `"count"` for how often it is.
        sparse: whether the vectors are sparse tensors in torch's COO format.
        **kwargs: base arguments of `Layer`. The default of `dtype` is int64 for `"int"`.

    Input shape:
        `(..., samples)`, strings, integers, or floats, which are cut to integers.

    Output shape:
        that of the input for `"int"`; else `(batch, ..., num_bins)` without the second axis, with `"one_hot"` with it
        unless the last axis has one value.

    Raises:
        InvalidArgumentError: when `num_bins` is not positive, the salt is no number or pair of them, the mode is
            unknown, or `dtype` is no integer type for `"int"`.

    Example:
        >>> Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).tolist()
        [[1], [0], [1], [1], [2]]

    Source: `keras.layers.Hashing`, `tf.strings.to_hash_bucket_fast`.
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: int | Sequence[int] | None = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        check_bins(type(self), num_bins)
        check_output_mode(type(self), output_mode, sparse)
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else floatx()
        super().__init__(**kwargs)
        if output_mode == "int" and self.dtype not in ("int32", "int64"):
            raise InvalidArgumentError(
                "When `output_mode=\"int\"`, `dtype` should be an integer type, 'int32' or 'int64'. "
                f"Received: dtype={kwargs['dtype']}"
            )
        self.num_bins = num_bins
        self.mask_value = mask_value
        self.salt = _as_salt(salt)
        self.strong_hash = salt is not None
        self.output_mode = output_mode
        self.sparse = sparse
        self._build_at_init()

    def call(self, inputs: Any) -> torch.Tensor:
        """Hashes strings or integers."""
        if isinstance(inputs, torch.Tensor):
            inputs = inputs.to(torch.int64)
        bins = self._bins(inputs)
        return encode_categories(bins, self.output_mode, self.num_bins, self.dtype, self.sparse)

    def _bins(self, values: torch.Tensor | StringTensor) -> torch.Tensor:
        hashes = fingerprint64(values) if self.salt is None else siphash64(values, self.salt)
        if self.mask_value is None or self.num_bins == 1:
            return remainder(hashes, self.num_bins)
        return torch.where(values == self.mask_value, 0, remainder(hashes, self.num_bins - 1) + 1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input, or that of the vectors."""
        return encoded_shape(tuple(input_shape), self.output_mode, self.num_bins)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": None if self.salt is None else list(self.salt),
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def check_bins(cls: type, num_bins: Any) -> None:
    """Checks the number of bins of a layer that hashes.

    Args:
        cls: the class of the layer, for the error.
        num_bins: what was given.

    Raises:
        InvalidArgumentError: when it is not positive.
    """
    if num_bins is None or num_bins <= 0:
        raise InvalidArgumentError(
            f"The `num_bins` for `{cls.__name__}` cannot be `None` or non-positive values. "
            f"Received: num_bins={num_bins}."
        )


def _as_salt(salt: Any) -> tuple[int, int] | None:
    if salt is None:
        return None
    if isinstance(salt, int):
        return salt, salt
    if isinstance(salt, (tuple, list)) and len(salt) == 2:
        return int(salt[0]), int(salt[1])
    raise InvalidArgumentError(
        "The `salt` argument for `Hashing` can only be a tuple of size 2 integers, or a single integer. "
        f"Received: salt={salt}."
    )
