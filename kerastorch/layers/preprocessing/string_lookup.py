"""Words to numbers, and numbers to words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor, as_strings, is_strings
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.layers.preprocessing.index_lookup import IndexLookup
from kerastorch.layers.preprocessing.string_inputs import StringInputs, outside_of_compiler
from kerastorch.layers.preprocessing.vocabulary import readable


@registry.builtin("keras.layers")
class StringLookup(StringInputs, IndexLookup):
    """Turns strings into the numbers of a vocabulary, or into vectors; with `invert=True` numbers into strings.

    Strings are no tensors: they come as NumPy arrays, lists or `StringTensor`s, and are looked up by Python on the
    CPU. What comes out is on the device of the layer.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included; None for no limit.
        num_oov_indices: how many numbers there are for unknown strings. With 0 an unknown string is an error.
        mask_token: a string that means "nothing"; it gets the number 0. None for none.
        oov_token: what stands for unknown strings in the vocabulary, and in what an inverted layer returns.
        vocabulary: the strings, or the path of a file with one a line; None waits for `adapt`.
        idf_weights: one weight a string of `vocabulary`, for `output_mode="tf_idf"`.
        invert: whether numbers are turned into strings.
        output_mode: `"int"` for numbers; `"one_hot"`, `"multi_hot"` (also `"binary"`), `"count"` or `"tf_idf"` for
            vectors.
        pad_to_max_tokens: whether vectors have the length `max_tokens` although there are fewer strings.
        sparse: whether vectors are sparse tensors.
        encoding: how the bytes of the vocabulary are read by `get_vocabulary`.
        name: the layer's name.
        salt: one or two integers that change which OOV index an unknown string gets; None for no salt.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any, of strings; of integers with `invert=True`.

    Output shape:
        that of the input; for vectors `(batch, ..., depth)` without the second axis, with `"one_hot"` with it unless
        the last axis has one term.

    Raises:
        InvalidArgumentError: when arguments contradict each other, or the vocabulary has a string twice.
        MissingFileError: when there is no vocabulary file.

    Example:
        >>> layer = StringLookup(vocabulary=["to", "be"])
        >>> layer(["be", "or", "to"]).tolist(), layer.get_vocabulary()
        ([2, 0, 1], ['[UNK]', 'to', 'be'])

    Source: `keras.layers.StringLookup`.
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
        kwargs.pop("vocabulary_dtype", None)
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            "string",
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            sparse,
            pad_to_max_tokens,
            salt=salt,
            name=name,
            **kwargs,
        )

    @property
    def compute_dtype(self) -> str:
        """The type of the terms."""
        return "int64" if self.invert else "string"

    def _as_inputs(self, inputs: Any) -> Any:
        if self.invert:
            return super()._convert_leaf(np.asarray(inputs) if isinstance(inputs, (list, int)) else inputs)
        return super()._as_inputs(inputs)

    def call(self, inputs: Any) -> Any:
        """Looks up the strings in an array of any number of axes; vectors take the last axis as one sample."""
        return outside_of_compiler(super().call, inputs)

    def _terms_of(self, values: Any) -> list[bytes]:
        if not is_strings(values) and len(values):
            raise ArgumentTypeError(
                f"The vocabulary of a {type(self).__name__} must be of strings. Received: vocabulary={values!r}. Use "
                "an `IntegerLookup` for integers."
            )
        return as_strings(values).reshape(-1).tolist() if len(values) else []

    def _readable(self, terms: Iterable[bytes]) -> list[str]:
        return [term.decode(self.encoding) for term in terms]

    def _documents(self, data: Any) -> list[list[bytes]]:
        if isinstance(data, RaggedTensor):
            return data.to_list()
        strings = self._as_inputs(data)
        if strings.ndim < 2:
            return [strings.reshape(-1).tolist()]
        return strings.reshape(len(strings), -1).tolist()

    # The table: a dictionary, since strings are looked up by Python -----------------------------------------

    def _make_table(self) -> None:
        numbers = {token: number for number, token in enumerate(self._tokens, self._first_token)}
        if self.mask_token is not None:
            numbers[self.mask_token.encode()] = self._mask_number
        self.__dict__["_index"] = numbers
        if self.invert:
            self.__dict__["_found"] = np.array([*self._tokens, self.oov_token.encode()], dtype=object)

    def _numbers(self, inputs: StringTensor) -> torch.Tensor:
        words = inputs.reshape(-1)
        numbers = self._numbers_of(words.tolist(), len(words))
        return torch.from_numpy(numbers).reshape(inputs.shape).to(self._output_device)

    def _numbers_of(self, words: Iterable[bytes], count: int) -> np.ndarray:
        """The numbers of words, as an array.

        Args:
            words: the words, gone through once, or twice where there are several OOV indices.
            count: how many.
        """
        self._check_has_vocabulary()
        oov = self._first_oov if self.num_oov_indices == 1 else -1
        numbers = np.fromiter(map(self._index.get, words, repeat(oov)), np.int64, count)
        if self.num_oov_indices != 1:
            unknown = np.flatnonzero(numbers < 0)
            if len(unknown):
                words = list(words)
                numbers[unknown] = self._oov_numbers([words[place] for place in unknown])
        return numbers

    def _oov_numbers(self, words: list[bytes]) -> np.ndarray:
        """The numbers of unknown words where there are none or several."""
        if self.num_oov_indices == 0:
            shown = readable(sorted(set(words))[:10])
            raise InvalidArgumentError(
                "When `num_oov_indices=0` all inputs should be in vocabulary, found OOV values "
                f"{shown}, consider setting `num_oov_indices=1`."
            )
        return self._hashed_numbers(StringTensor.of_bytes(words, (len(words),))).numpy()

    def _terms_at(self, numbers: torch.Tensor) -> StringTensor:
        self._check_has_vocabulary()
        places = numbers.detach().cpu().numpy()
        shifted = places.astype(np.int64) - self._first_token
        known = (shifted >= 0) & (shifted < len(self._tokens))
        found = np.asarray(self._found[np.where(known, shifted, -1)], dtype=object)
        if self._first_oov:
            found[places == 0] = self.mask_token.encode()
        return StringTensor(found)

    def get_config(self) -> dict:
        """Returns the constructor's arguments; a vocabulary from a file or `adapt` is not among them."""
        config = {**super().get_config(), "encoding": self.encoding}
        del config["vocabulary_dtype"]
        return config
