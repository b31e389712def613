"""What the lookup layers for words and for integers share: arguments, the vocabulary, `adapt`, files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kerastorch.config import floatx
from kerastorch.core.context import state
from kerastorch.core.devices import current_device
from kerastorch.core.fingerprints import fingerprint64, remainder, siphash64
from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import is_strings
from kerastorch.data.convert import is_array_like
from kerastorch.dtypes import TORCH_DTYPES, is_float, standardize_dtype
from kerastorch.errors import InvalidArgumentError, NoVocabularyError
from kerastorch.layers.preprocessing import lookup_arguments as arguments
from kerastorch.layers.preprocessing.adapting import PreprocessingLayer
from kerastorch.layers.preprocessing.lookup_encoding import encode, encoded_shape, shaped
from kerastorch.layers.preprocessing.lookup_files import VocabularyFiles
from kerastorch.layers.preprocessing.string_inputs import FirstInput
from kerastorch.layers.preprocessing.vocabulary import (
    check_tokens,
    inverse_document_frequency,
    most_frequent,
    padded_weights,
    read_terms,
)


class IndexLookup(FirstInput, VocabularyFiles, PreprocessingLayer):
    """A table from the terms of a vocabulary to numbers, or back; `StringLookup` and `IntegerLookup` build on it.

    The numbers are, in this order: 0 for the mask token (with `output_mode="int"` alone), one for each OOV index, then
    one for each token. Subclasses say what a term is (`_terms_of`), make the table (`_make_table`) and read it
    (`_numbers`, `_terms_at`).

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included; None for no limit.
        num_oov_indices: how many numbers there are for unknown terms. With 0 an unknown term is an error.
        mask_token: a term that means "nothing"; None for none.
        oov_token: what stands for unknown terms in the vocabulary, and in what an inverted layer returns.
        vocabulary_dtype: `"string"`, or the type of the integers.
        vocabulary: the terms, or the path of a file with one term a line; None waits for `adapt`.
        idf_weights: one weight a term of `vocabulary`, for `output_mode="tf_idf"`.
        invert: whether numbers are turned into terms.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"` (also `"binary"`), `"count"` or `"tf_idf"`.
        sparse: whether vectors are sparse tensors.
        pad_to_max_tokens: whether vectors have the length `max_tokens` although there are fewer terms.
        oov_method: which of several OOV indices an unknown integer gets: `"floormod"` or `"farmhash"`.
        salt: one or two integers that change which OOV index an unknown term gets; None for no salt.
        dtype: the type of the output, floating-point for vectors. Default: int64 for numbers, `floatx()` for vectors.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when arguments contradict each other, or the vocabulary has a term twice.
        MissingFileError: when there is no vocabulary file.

    Source: `keras.src.layers.preprocessing.index_lookup.IndexLookup`.
    """

    idf_weights: torch.Tensor

    # What subclasses define:
    _as_inputs: Callable[[Any], Any]  # an array or list as `call` takes it
    _terms_of: Callable[
        [Any], list[Any]
    ]  # the terms in an array, tensor or list of one axis, as keys of a table
    _readable: Callable[[Iterable[Any]], list[Any]]  # terms as `get_vocabulary` returns them
    _documents: Callable[[Any], Iterable[Iterable[Any]]]  # the terms of each sample of a batch
    _make_table: Callable[[], None]  # makes what the next two need, from `_tokens`
    _numbers: Callable[[Any], torch.Tensor]  # the numbers of terms; masked ones have `_mask_number`
    _terms_at: Callable[[torch.Tensor], Any]  # the terms that have some numbers

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary_dtype: str,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: int | Sequence[int] | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        size = kwargs.pop("vocabulary_size", None)
        fixed = kwargs.pop("has_input_vocabulary", vocabulary is not None)
        kwargs.pop("has_static_table", None)
        super().__init__(dtype=None if dtype in ("string", str) else dtype, autocast=False, **kwargs)
        output_mode = arguments.output_mode_of(output_mode, type(self).__name__)
        arguments.check_sizes(max_tokens, num_oov_indices, pad_to_max_tokens)
        arguments.check_mode(output_mode, invert, sparse, oov_token, vocabulary is not None, idf_weights)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.vocabulary_dtype = standardize_dtype(vocabulary_dtype)
        self.invert, self.output_mode, self.sparse = invert, output_mode, sparse
        self.pad_to_max_tokens = pad_to_max_tokens
        self.oov_method = arguments.checked_method(oov_method)
        self.salt = arguments.salt_of(salt, self.vocabulary_dtype, oov_method)
        self.input_vocabulary = self.input_idf_weights = None
        self._frozen_vocab_size, self._has_input_vocabulary = size, fixed
        self._tokens: tuple = ()
        self._used = False  # whether outputs of the present depth have been made
        self.register_buffer("idf_weights", torch.zeros(0, device=current_device()), persistent=False)
        self.reset_state()
        self._make_table()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
            if not isinstance(vocabulary, (str, Path)):
                self.input_vocabulary = self._readable(self._terms_of(vocabulary))
                self.input_idf_weights = None if idf_weights is None else np.asarray(idf_weights).tolist()
        self._build_at_init()

    # Calling ------------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """Looks up the terms in an array of any number of axes; vectors take the last axis as one sample."""
        if state.inferring:
            return shaped(self.compute_output_shape(tuple(inputs.shape)), self._output_dtype)
        if isinstance(inputs, RaggedTensor):
            return self._call_ragged(inputs)
        if self.invert:
            return self._terms_at(inputs)
        numbers = self._numbers(inputs)
        if self.output_mode == "one_hot" and numbers.ndim > 1 and numbers.shape[-1] == 1:
            numbers = numbers.squeeze(-1)
        return self._encoded(numbers)

    def _call_ragged(self, rows: RaggedTensor) -> Any:
        values = self._terms_at(rows.values) if self.invert else self._numbers(rows.values)
        found = RaggedTensor(values, rows.row_splits)
        if self.output_mode == "int":
            return found
        return self._encoded(found.to_tensor(self._depth))

    def _encoded(self, numbers: torch.Tensor) -> torch.Tensor:
        """Numbers in the output mode of the layer; `_depth` stands for no term in vectors."""
        if self.output_mode == "int":
            return numbers if self._output_dtype == "int64" else numbers.to(TORCH_DTYPES[self._output_dtype])
        return encode(
            numbers, self.output_mode, self._depth, self._output_dtype, self.idf_weights, self.sparse
        )

    @property
    def _output_dtype(self) -> str:
        wanted = self.dtype_policy.compute_dtype
        if self.invert:
            return self.vocabulary_dtype
        if self.output_mode == "int":
            return "int64" if is_float(wanted) else wanted
        return wanted if is_float(wanted) else floatx()

    @property
    def _depth(self) -> int:
        """The length of vectors."""
        depth = self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size
        if depth is None:
            raise self._no_vocabulary()
        self._used = True
        return depth

    def _check_has_vocabulary(self) -> None:
        if not self._tokens:
            raise self._no_vocabulary()

    def _no_vocabulary(self) -> NoVocabularyError:
        text = f"Layer {self.name!r} ({type(self).__name__}) has no vocabulary yet. "
        if self.output_mode != "int" and not self.pad_to_max_tokens:
            text += (
                f"When using `output_mode={self.output_mode}` and `pad_to_max_tokens=False`, you must set it before "
                "calling the layer. "
            )
        return NoVocabularyError(
            f"{text}Either pass a `vocabulary` argument to the layer, call `set_vocabulary`, or call `adapt` with "
            "some sample data."
        )

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        depth = None if self.output_mode == "int" else self._depth
        return encoded_shape(input_shape, self.output_mode, depth)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """Returns the symbolic output for a symbolic input."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self._output_dtype)

    # The vocabulary -----------------------------------------------------------------------------------------

    @property
    def _first_oov(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    @property
    def _first_token(self) -> int:
        return self._first_oov + self.num_oov_indices

    @property
    def _mask_number(self) -> int:
        """The number of the mask token: that of no term, where the output are vectors."""
        if self.output_mode == "int":
            return 0
        return self.max_tokens if self.max_tokens and self.pad_to_max_tokens else self.vocabulary_size()

    @property
    def _special(self) -> list[Any]:
        return [self.mask_token] * self._first_oov + [self.oov_token] * self.num_oov_indices

    def vocabulary_size(self) -> int:
        """Returns the number of terms, the mask token and OOV indices included."""
        return self._first_token + len(self._tokens)

    def vocab_size(self) -> int:
        """Returns `vocabulary_size()`, by its older name."""
        return self.vocabulary_size()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Returns the terms in the order of their numbers.

        Args:
            include_special_tokens: whether mask and OOV tokens are among them. Default: True.
        """
        return [*(self._special if include_special_tokens else ()), *self._readable(self._tokens)]

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replaces the vocabulary.

        Args:
            vocabulary: the terms, with or without the special tokens at their start; or the path of a file with one
                term a line, without special tokens.
            idf_weights: one weight a term, for `output_mode="tf_idf"`. Default: None.

        Raises:
            InvalidArgumentError: when a term is there twice, there are too many or no terms, a special token is not
                at the start, or the weights do not fit.
            MissingFileError: when there is no such file.
        """
        arguments.check_weights(self.output_mode, idf_weights, isinstance(vocabulary, (str, Path)))
        if isinstance(vocabulary, (str, Path)):
            terms, found = self._terms_of(read_terms(str(vocabulary))), False
        else:
            terms = self._terms_of(vocabulary)
            special = self._special_terms()
            found = bool(special) and terms[: len(special)] == special
        if not terms:
            raise InvalidArgumentError(f"Cannot set an empty vocabulary. Received: vocabulary={vocabulary!r}")
        tokens = terms[self._first_token :] if found else terms
        self._check_tokens(tokens)
        if idf_weights is not None:
            weights = arguments.weights_of(idf_weights, len(terms))
            self._set_weights(weights, 0 if found else self._first_token)
        self._set_tokens(tokens)

    def _special_terms(self) -> list[Any]:
        return [None if token is None else self._terms_of([token])[0] for token in self._special]

    def _check_tokens(self, tokens: list[Any]) -> None:
        reserved = {} if self.mask_token is None else {"mask": self._terms_of([self.mask_token])[0]}
        if self.invert and self.oov_token is not None:
            reserved["OOV"] = self._terms_of([self.oov_token])[0]
        check_tokens(tokens, reserved, self._special)
        size = self._first_token + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise InvalidArgumentError(
                f"Attempted to set a vocabulary larger than the maximum vocab size. Received vocabulary size is "
                f"{size}; `max_tokens` is {self.max_tokens}."
            )
        frozen = self._frozen_vocab_size
        fixed = self._used and self.output_mode != "int" and not self.pad_to_max_tokens
        if fixed and frozen not in (None, size):
            raise InvalidArgumentError(
                f"When using `output_mode={self.output_mode!r}` and `pad_to_max_tokens=False`, the vocabulary size "
                f"cannot be changed after the layer {self.name!r} is called. Old vocab size is {frozen}, new vocab "
                f"size is {size}."
            )

    def _set_tokens(self, tokens: Iterable[Any]) -> None:
        self._tokens = tuple(tokens)
        self._frozen_vocab_size = self.vocabulary_size()
        self._make_table()

    def _set_weights(self, weights: np.ndarray, front: int) -> None:
        length = self.max_tokens if self.pad_to_max_tokens and self.max_tokens else 0
        values = torch.as_tensor(padded_weights(weights, front, length), dtype=TORCH_DTYPES[floatx()])
        self.idf_weights = values.to(self.idf_weights.device)

    def _hashed_numbers(self, terms: Any) -> torch.Tensor:
        """The OOV indices of unknown terms, by their hashes."""
        hashes = siphash64(terms, (self.salt[0], self.salt[1])) if self.salt else fingerprint64(terms)
        return remainder(hashes, self.num_oov_indices) + self._first_oov

    # Learning from data -------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Makes the vocabulary from data: the most frequent terms first, of equal ones the larger first.

        Args:
            data: an array or list of terms, a row of which is a document for `"tf_idf"`; or batches of them, as
                `PreprocessingLayer.adapt` takes them.
            batch_size: has no effect on the result. Default: None.
            steps: how many batches to take. Default: None, all.

        Raises:
            InvalidArgumentError: when the vocabulary was given to the constructor.
            DataError: when the data are of a kind that is not supported, or empty.
        """
        whole = is_strings(data) or is_array_like(data)
        super().adapt(self._as_samples(data) if whole else data, batch_size, steps)

    def _as_samples(self, data: Any) -> Any:
        """An array of one axis as one term a sample."""
        array = self._as_inputs(data)
        return array.reshape(-1, 1) if array.ndim == 1 else array

    def update_state(self, data: Any) -> None:
        """Counts the terms of a batch; an array of one axis is one document.

        Raises:
            InvalidArgumentError: when the vocabulary was given to the constructor.
        """
        self._count(self._documents(data))

    def _count(self, documents: Iterable[Iterable[Any]]) -> None:
        if self._has_input_vocabulary:
            raise InvalidArgumentError(
                f"Cannot adapt layer {self.name!r} after setting a static vocabulary via `vocabulary` argument or "
                "`set_vocabulary()` method."
            )
        documents = list(documents)
        self._counts.update(chain.from_iterable(documents))
        if self.output_mode == "tf_idf":
            self._document_counts.update(chain.from_iterable(map(set, documents)))
            self._num_documents += len(documents)

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted, and forgets the counts."""
        if self._has_input_vocabulary or not self._counts:
            return
        for token in (self.mask_token, self.oov_token):
            if token is not None:
                self._counts.pop(self._terms_of([token])[0], None)
        limit = None if self.max_tokens is None else self.max_tokens - self._first_token
        tokens = most_frequent(self._counts, limit)
        self._check_tokens(tokens)
        if self.output_mode == "tf_idf":
            seen = [self._document_counts[token] for token in tokens]
            self._set_weights(inverse_document_frequency(seen, self._num_documents), self._first_token)
        self._set_tokens(tokens)
        self.reset_state()

    def reset_state(self) -> None:
        """Forgets what was counted since the last `finalize_state()`; the vocabulary stays."""
        self.__dict__.update(_counts=Counter(), _document_counts=Counter(), _num_documents=0)
