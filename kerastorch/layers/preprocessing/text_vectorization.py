"""Texts to numbers of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.core.context import state
from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.spec import BATCH_SIZES, OTHER_SIZES, KerasTensor
from kerastorch.core.strings import StringTensor, is_strings
from kerastorch.data.convert import is_array_like
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.adapting import PreprocessingLayer
from kerastorch.layers.preprocessing.lookup_arguments import check_choice, output_mode_of
from kerastorch.layers.preprocessing.lookup_encoding import shaped
from kerastorch.layers.preprocessing.lookup_files import refuse_file
from kerastorch.layers.preprocessing.string_inputs import StringInputs, outside_of_compiler
from kerastorch.layers.preprocessing.string_lookup import StringLookup
from kerastorch.layers.preprocessing.text import (
    SPLITS,
    STANDARDIZATIONS,
    by_function,
    rows_by_function,
    standardized,
    tokens_of,
    with_ngrams,
)


@registry.builtin("keras.layers")
class TextVectorization(StringInputs, PreprocessingLayer):
    """Turns texts into the numbers of their words, or into one vector a text.

    A text is standardized, split into tokens, its tokens are joined to n-grams, and these are looked up in a
    vocabulary that `adapt` learns. All this happens in Python on the CPU; what comes out is on the device of the layer.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included; None for no limit.
        standardize: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"`, None, or a function of
            a NumPy array of `str`, which functions of `np.char` and `tf.strings` take.
        split: `"whitespace"`, `"character"`, None for texts that are split already, or a function of a
            `StringTensor` that returns a ragged tensor or lists.
        ngrams: the largest number of words in a run, or a tuple of numbers of words; None for single words.
        output_mode: `"int"` for numbers; `"multi_hot"` (also `"binary"`), `"count"`, `"tf_idf"` or `"one_hot"` for
            vectors.
        output_sequence_length: to how many numbers each text is filled up or cut; None takes the longest one.
        pad_to_max_tokens: whether vectors have the length `max_tokens` although there are fewer words.
        vocabulary: the words, or the path of a file with one a line; None waits for `adapt`.
        idf_weights: one weight a word of `vocabulary`, for `output_mode="tf_idf"`.
        sparse: whether vectors are sparse tensors.
        ragged: whether numbers come as a `RaggedTensor`, which is not filled up.
        encoding: how the bytes of the vocabulary are read by `get_vocabulary`.
        name: the layer's name.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N,)` or `(N, 1)`, of strings.

    Output shape:
        `(N, T)` with T numbers a text, or `(N, depth)` for vectors.

    Raises:
        InvalidArgumentError: when arguments contradict each other, or the vocabulary has a word twice.
        MissingFileError: when there is no vocabulary file.

    Example:
        >>> layer = TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["To be, or not to be."])
        >>> layer(["Not to see!"]).tolist(), layer.get_vocabulary()
        ([[5, 2, 1, 0]], ['', '[UNK]', 'to', 'be', 'or', 'not'])

    Source: `keras.layers.TextVectorization`.
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable | None = "lower_and_strip_punctuation",
        split: str | Callable | None = "whitespace",
        ngrams: int | Sequence[int] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        for argument, value, names in (
            ("standardize", standardize, STANDARDIZATIONS),
            ("split", split, SPLITS),
        ):
            check_choice(argument, value, names, type(self).__name__)
        output_mode = output_mode_of(output_mode, type(self).__name__)
        _check_lengths(ngrams, output_mode, output_sequence_length, ragged)
        lookup = {k: kwargs.pop(k) for k in ("has_input_vocabulary", "vocabulary_size") if k in kwargs}
        dtype = kwargs.pop("dtype", None)
        super().__init__(
            name=name, dtype=None if dtype in ("string", str) else dtype, autocast=False, **kwargs
        )
        self._standardize, self._split, self._encoding = standardize, split, encoding
        self._ngrams = tuple(ngrams) if isinstance(ngrams, (list, tuple)) else ngrams
        self._widths = _widths(ngrams)
        self._output_mode, self._output_sequence_length, self._ragged = (
            output_mode,
            output_sequence_length,
            ragged,
        )
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=output_mode,
            sparse=sparse,
            encoding=encoding,
            dtype=dtype,
            **lookup,
        )
        self._build_at_init()

    @property
    def compute_dtype(self) -> str:
        """The type of the inputs."""
        return "string"

    @property
    def idf_weights(self) -> torch.Tensor:
        """The weights of `"tf_idf"`."""
        return self._lookup_layer.idf_weights

    # Calling ------------------------------------------------------------------------------------------------------

    def call(self, inputs: StringTensor) -> Any:
        """Turns texts of shape `(N,)` or `(N, 1)` into numbers of shape `(N, T)`, or vectors of shape `(N, depth)`."""
        return outside_of_compiler(self._vectors, inputs)

    def _vectors(self, inputs: Any) -> Any:
        if state.inferring:
            return shaped(self._stand_in_shape(inputs), self._dtype_out)
        length = self._output_sequence_length
        rows, axes = self._rows(inputs, None if self._widths else length)
        if length is not None:
            rows = [row[:length] for row in rows]
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        numbers = self._lookup_layer._numbers_of(_Chained(rows), int(lengths.sum()))
        if self._ragged and self._split is not None:
            return RaggedTensor.of_lengths(self._sent(numbers), lengths.tolist())
        width = length
        if width is None or self._ragged:
            width = int(lengths.max(initial=0))
        filled = _filled(numbers, lengths, width, self._lookup_layer._mask_number, axes)
        return self._lookup_layer._encoded(self._sent(filled))

    def _sent(self, numbers: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(numbers).to(self._output_device)

    def _rows(self, inputs: Any, limit: int | None = None) -> tuple[list[list[bytes]], tuple[int, ...]]:
        """The tokens of each text, and the axes along which the texts lie.

        Args:
            inputs: the texts.
            limit: how many tokens of each text are wanted at most; None for all.
        """
        if isinstance(inputs, RaggedTensor):
            return self._rows_of_ragged(inputs)
        texts = self._standardized(inputs)
        if self._split is None:
            texts = texts.reshape(1) if texts.ndim == 0 else texts
            axes = tuple(texts.shape[:-1])
            rows = texts.reshape(-1, texts.shape[-1]).tolist()
        else:
            texts = self._without_last_axis(texts)
            axes = tuple(texts.shape)
            rows = self._split_rows(texts)
        if self._widths is not None:
            rows = with_ngrams(rows, self._widths)
        return rows if limit is None else [row[:limit] for row in rows], axes

    def _rows_of_ragged(self, inputs: RaggedTensor) -> tuple[list[list[bytes]], tuple[int, ...]]:
        if self._split is not None:
            raise ShapeError(
                f"Layer {self.name!r} (TextVectorization) splits texts: a ragged tensor holds tokens that are split "
                "already. Make the layer with `split=None`."
            )
        rows = RaggedTensor(self._standardized(inputs.values), inputs.row_splits).to_list()
        return with_ngrams(rows, self._widths) if self._widths is not None else rows, (len(rows),)

    def _standardized(self, texts: StringTensor) -> StringTensor:
        if callable(self._standardize):
            return by_function(self._standardize, texts, self._encoding)
        if self._standardize is None:
            return texts
        flat = standardized(texts.reshape(-1).tolist(), self._standardize)
        return StringTensor.of_bytes(flat, texts.shape)

    def _split_rows(self, texts: StringTensor) -> list[list[bytes]]:
        if callable(self._split):
            return rows_by_function(self._split, texts)
        return tokens_of(texts.reshape(-1).tolist(), str(self._split))

    def _without_last_axis(self, texts: StringTensor) -> StringTensor:
        if texts.ndim < 2:
            return texts
        if texts.shape[-1] != 1:
            raise ShapeError(
                "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape "
                f"dimension must be 1. Layer {self.name!r} received: inputs.shape={tuple(texts.shape)} with "
                f"rank={texts.ndim}. Call it on one column at a time, or make it with `split=None`."
            )
        return texts.reshape(texts.shape[:-1])

    # Shapes -------------------------------------------------------------------------------------------------------

    @property
    def _dtype_out(self) -> str:
        return self._lookup_layer._output_dtype

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        shape = tuple(input_shape)
        if self._split is None:
            *axes, length = shape or (1,)
            if self._widths is not None and length is not None:
                length = sum(max(length - width + 1, 0) for width in self._widths)
        else:
            axes, length = list(shape[:-1] if len(shape) > 1 else shape), None
        known = self._output_sequence_length if not self._ragged else None
        return self._lookup_layer.compute_output_shape((*axes, length if known is None else known))

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """Returns the symbolic output for a symbolic input."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self._dtype_out)

    def _stand_in_shape(self, inputs: Any) -> tuple:
        """The shape of the output while shapes are inferred, with the stand-in sizes of unknown ones."""
        run = 1 if inputs.shape[:1] == BATCH_SIZES[1:] else 0
        shape = self.compute_output_shape(tuple(inputs.shape))
        return tuple(OTHER_SIZES[run] if size is None else size for size in shape)

    # The vocabulary -----------------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Makes the vocabulary from texts: the most frequent tokens first, of equal ones the larger first.

        Args:
            data: an array or list of texts, each of which is a document for `"tf_idf"`; or batches of them, as
                `PreprocessingLayer.adapt` takes them.
            batch_size: has no effect on the result. Default: None.
            steps: how many batches to take. Default: None, all.

        Raises:
            InvalidArgumentError: when the vocabulary was given to the constructor.
            DataError: when the data are of a kind that is not supported, or empty.
        """
        if is_strings(data) or is_array_like(data):
            texts = self._as_inputs(data)
            data = texts.reshape(-1, 1) if texts.ndim == 1 else texts
        super().adapt(data, batch_size, steps)

    def update_state(self, data: Any) -> None:
        """Counts the tokens of a batch of texts.

        Raises:
            InvalidArgumentError: when the vocabulary was given to the constructor.
        """
        rows, axes = self._rows(self._as_inputs(data))
        if self._split is None and not axes:
            rows = [list(chain.from_iterable(rows))]
        self._lookup_layer._count(rows)

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted, and forgets the counts."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forgets what was counted since the last `finalize_state()`; the vocabulary stays."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Returns the words in the order of their numbers.

        Args:
            include_special_tokens: whether the mask token `""` and the OOV token are among them. Default: True.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replaces the vocabulary.

        Args:
            vocabulary: the words, with or without the special tokens at their start; or the path of a file with one
                word a line, without special tokens.
            idf_weights: one weight a word, for `output_mode="tf_idf"`. Default: None.

        Raises:
            InvalidArgumentError: when a word is there twice, there are too many or no words, a special token is not
                at the start, or the weights do not fit.
            MissingFileError: when there is no such file.
        """
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    def vocabulary_size(self) -> int:
        """Returns the number of words, the mask token and the OOV token included."""
        return self._lookup_layer.vocabulary_size()

    # Configs and files --------------------------------------------------------------------------------------------

    def get_config(self) -> dict:
        """Returns the constructor's arguments; a vocabulary from a file or `adapt` is not among them."""
        lookup = self._lookup_layer
        return {
            **super().get_config(),
            "max_tokens": lookup.max_tokens,
            "standardize": serialize_keras_object(self._standardize),
            "split": serialize_keras_object(self._split),
            "ngrams": self._ngrams,
            "output_mode": self._output_mode,
            "output_sequence_length": self._output_sequence_length,
            "pad_to_max_tokens": lookup.pad_to_max_tokens,
            "sparse": lookup.sparse,
            "ragged": self._ragged,
            "vocabulary": lookup.input_vocabulary,
            "idf_weights": lookup.input_idf_weights,
            "encoding": self._encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: dict) -> TextVectorization:
        """Returns a layer made from what `get_config` returned.

        Raises:
            UnsafeModelError: when the config names a file to read, or a function that is not registered.
        """
        refuse_file(cls.__name__, config)
        config = dict(config)
        for name in ("standardize", "split"):
            if isinstance(config.get(name), dict):
                config[name] = deserialize_keras_object(config[name])
        return super().from_config(config)

    def save_own_variables(self, store: Any) -> None:
        """Writes the weights of `"tf_idf"` into a mapping."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """Sets the weights of `"tf_idf"` from a mapping."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: str) -> None:
        """Writes the vocabulary into a folder, unless it is part of the config.

        Args:
            dir_path: the folder.
        """
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: str) -> None:
        """Reads the vocabulary from a folder, unless it is part of the config.

        Args:
            dir_path: the folder.
        """
        self._lookup_layer.load_assets(dir_path)


class _Chained:
    """The members of several lists one after the other, as often as they are asked for."""

    def __init__(self, lists: Sequence[Sequence[Any]]) -> None:
        self._lists = lists

    def __iter__(self) -> Any:
        return chain.from_iterable(self._lists)


def _filled(
    numbers: np.ndarray, lengths: np.ndarray, width: int, filler: int, axes: tuple[int, ...]
) -> np.ndarray:
    """Rows of numbers, filled up to one width, along the axes of the texts."""
    result = np.full((len(lengths), width), filler, dtype=np.int64)
    result[np.arange(width) < lengths[:, None]] = numbers
    return result.reshape(*axes, width)


def _widths(ngrams: int | Sequence[int] | None) -> tuple[int, ...] | None:
    """How many tokens the runs have, for each kind of run."""
    if isinstance(ngrams, int):
        return tuple(range(1, ngrams + 1))
    return None if ngrams is None else tuple(ngrams)


def _check_lengths(ngrams: Any, mode: str, length: Any, ragged: bool) -> None:
    several = isinstance(ngrams, (tuple, list)) and all(isinstance(width, int) for width in ngrams)
    if not (ngrams is None or isinstance(ngrams, int) or several):
        raise InvalidArgumentError(
            f"`ngrams` must be None, an integer, or a tuple of integers. Received: ngrams={ngrams!r}"
        )
    if mode == "int" and not (length is None or isinstance(length, int)):
        raise InvalidArgumentError(
            "`output_sequence_length` must be either None or an integer when `output_mode` is 'int'. Received: "
            f"output_sequence_length={length!r}"
        )
    if mode != "int" and length is not None:
        raise InvalidArgumentError(
            "`output_sequence_length` must not be set if `output_mode` is not 'int'. Received: "
            f"output_sequence_length={length!r} and output_mode={mode!r}"
        )
    if ragged and mode != "int":
        raise InvalidArgumentError(
            f"`ragged` must not be true unless `output_mode` is `'int'`. Received: ragged={ragged} and "
            f"output_mode={mode!r}"
        )
