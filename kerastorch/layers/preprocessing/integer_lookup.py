"""Integers to the numbers of a vocabulary, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.strings import is_strings
from kerastorch.dtypes import TORCH_DTYPES, standardize_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.layers.preprocessing.index_lookup import IndexLookup

_OLDER_NAMES = {"max_values": "max_tokens", "mask_value": "mask_token", "oov_value": "oov_token"}


@registry.builtin("keras.layers")
class IntegerLookup(IndexLookup):
    """Turns integers into the numbers of a vocabulary, or into vectors; with `invert=True` numbers into integers.

    The vocabulary is a sorted tensor that is searched on the device of the input.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included; None for no limit.
        num_oov_indices: how many numbers there are for unknown integers. With 0 an unknown one is an error.
        mask_token: an integer that means "nothing"; it gets the number 0. None for none.
        oov_token: what stands for unknown integers in the vocabulary, and in what an inverted layer returns.
        vocabulary: the integers, or the path of a file with one a line; None waits for `adapt`.
        vocabulary_dtype: the type of the integers.
        idf_weights: one weight an integer of `vocabulary`, for `output_mode="tf_idf"`.
        invert: whether numbers are turned into integers.
        output_mode: `"int"` for numbers; `"one_hot"`, `"multi_hot"` (also `"binary"`), `"count"` or `"tf_idf"` for
            vectors.
        sparse: whether vectors are sparse tensors.
        pad_to_max_tokens: whether vectors have the length `max_tokens` although there are fewer integers.
        oov_method: which of several OOV indices an unknown integer gets: `"floormod"`, its remainder, or
            `"farmhash"`, the remainder of its hash.
        salt: one or two integers that change the hash; None for no salt.
        name: the layer's name.
        **kwargs: base arguments of `Layer`; `max_values`, `mask_value` and `oov_value`, older names.

    Input shape:
        any, of integers.

    Output shape:
        that of the input; for vectors `(batch, ..., depth)` without the second axis, with `"one_hot"` with it unless
        the last axis has one term.

    Raises:
        InvalidArgumentError: when arguments contradict each other, or the vocabulary has an integer twice.
        MissingFileError: when there is no vocabulary file.

    Example:
        >>> layer = IntegerLookup(vocabulary=[12, 36])
        >>> layer([36, 7, 12]).tolist(), layer.get_vocabulary()
        ([2, 0, 1], [-1, 12, 36])

    Source: `keras.layers.IntegerLookup`, `torch.searchsorted`.
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: Any = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        older = {new: kwargs.pop(old) for old, new in _OLDER_NAMES.items() if old in kwargs}
        if "int" not in standardize_dtype(vocabulary_dtype):
            raise InvalidArgumentError(
                f"`vocabulary_dtype` must be an integer dtype. Received: {vocabulary_dtype!r}"
            )
        super().__init__(
            older.get("max_tokens", max_tokens),
            num_oov_indices,
            older.get("mask_token", mask_token),
            older.get("oov_token", oov_token),
            vocabulary_dtype,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            sparse,
            pad_to_max_tokens,
            oov_method,
            salt,
            name=name,
            **kwargs,
        )

    def _as_inputs(self, inputs: Any) -> Any:
        if isinstance(inputs, (torch.Tensor, RaggedTensor)):
            return inputs
        if is_strings(inputs):
            raise ArgumentTypeError(
                f"Layer {self.name!r} (IntegerLookup) takes integers. Received: strings. Use a `StringLookup`."
            )
        return self._convert_leaf(np.asarray(inputs))

    def _terms_of(self, values: Any) -> list[int]:
        if isinstance(values, torch.Tensor):
            values = values.cpu()
        lines = isinstance(values, list) and bool(values) and isinstance(values[0], bytes)
        array = np.asarray([int(line) for line in values] if lines else values)
        if array.size and array.dtype.kind not in "iu":
            raise ArgumentTypeError(
                f"The vocabulary of an IntegerLookup must be of integers. Received: vocabulary={values!r}. Use a "
                "`StringLookup` for strings."
            )
        return array.reshape(-1).tolist()

    def _readable(self, terms: Iterable[int]) -> list[int]:
        return list(terms)

    def _documents(self, data: Any) -> list[list[int]]:
        if isinstance(data, RaggedTensor):
            return data.to_list()
        numbers = self._as_inputs(data).to(torch.int64)
        return [numbers.reshape(-1).tolist()] if numbers.ndim < 2 else numbers.flatten(1).tolist()

    # The table: sorted integers and their numbers, on the CPU and on the device of the layer ----------------

    def _make_table(self) -> None:
        numbers = dict(zip(self._tokens, range(self._first_token, self.vocabulary_size()), strict=True))
        if self.mask_token is not None:
            numbers[self.mask_token] = self._mask_number
        keys = torch.tensor(sorted(numbers), dtype=torch.int64, device="cpu")
        values = torch.tensor([numbers[key] for key in sorted(numbers)], dtype=torch.int64, device="cpu")
        tokens = torch.tensor(self._tokens, dtype=TORCH_DTYPES[self.vocabulary_dtype], device="cpu")
        self.__dict__["_on_cpu"] = (keys, values, tokens)
        for name, tensor in (("_keys", keys), ("_values", values), ("_found", tokens)):
            self.register_buffer(name, tensor.to(self.idf_weights.device), persistent=False)

    def _table(self, device: torch.device) -> tuple[torch.Tensor, ...]:
        """The sorted keys, their numbers, and the tokens in their order, on a device."""
        if device.type == "cpu" and self._keys.device.type not in ("cpu", "meta"):
            return self._on_cpu
        return self._keys, self._values, self._found

    def _numbers(self, inputs: torch.Tensor) -> torch.Tensor:
        self._check_has_vocabulary()
        keys, values, _ = self._table(inputs.device)
        inputs = inputs.to(torch.int64)
        places = torch.searchsorted(keys, inputs).clamp(
            max=len(self._tokens) + (len(keys) > len(self._tokens)) - 1
        )
        known = keys[places] == inputs
        return torch.where(known, values[places], self._oov_numbers(inputs, known))

    def _oov_numbers(self, inputs: torch.Tensor, known: torch.Tensor) -> torch.Tensor | int:
        """The numbers that integers have if they are unknown."""
        if self.num_oov_indices == 0:
            self._check_known(inputs, known)
            return 0
        if self.num_oov_indices == 1:
            return self._first_oov
        if self.oov_method == "floormod":
            return inputs.remainder(self.num_oov_indices) + self._first_oov
        return self._hashed_numbers(inputs)

    def _check_known(self, inputs: torch.Tensor, known: torch.Tensor) -> None:
        text = "When `num_oov_indices=0` all inputs should be in vocabulary, "
        if torch.compiler.is_compiling():
            torch._assert_async(known.all(), f"{text}consider setting `num_oov_indices=1`.")
        elif not inputs.is_meta and not bool(known.all()):
            shown = inputs[~known].unique()[:10].tolist()
            raise InvalidArgumentError(
                f"{text}found OOV values {shown}, consider setting `num_oov_indices=1`."
            )

    def _terms_at(self, numbers: torch.Tensor) -> torch.Tensor:
        self._check_has_vocabulary()
        _, _, tokens = self._table(numbers.device)
        shifted = numbers.to(torch.int64) - self._first_token
        known = (shifted >= 0) & (shifted < len(self._tokens))
        found = torch.where(known, tokens[shifted.clamp(0, len(self._tokens) - 1)], self.oov_token)
        return torch.where(numbers == 0, self.mask_token, found) if self._first_oov else found

    def get_config(self) -> dict:
        """Returns the constructor's arguments; a vocabulary from a file or `adapt` is not among them."""
        config = super().get_config()
        tokens = {name: config[name] for name in ("oov_token", "mask_token")}
        return {**config, **{name: None if token is None else int(token) for name, token in tokens.items()}}
