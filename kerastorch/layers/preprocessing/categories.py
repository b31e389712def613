"""What the layers that encode categories share: their output modes and their checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.lookup_encoding import encode, terms_last
from kerastorch.layers.preprocessing.lookup_encoding import encoded_shape as shape_of_vectors

MODES = ("int", "one_hot", "multi_hot", "count")


def check_output_mode(cls: type, output_mode: Any, sparse: bool, known: Sequence[str] = MODES) -> None:
    """Checks `output_mode` and `sparse` of a layer.

    Args:
        cls: the class of the layer, for the error.
        output_mode: what was given.
        sparse: whether sparse outputs are asked for.
        known: the modes that the layer has.

    Raises:
        InvalidArgumentError: when the mode is unknown, or `"int"` is to be sparse.
    """
    if output_mode not in known:
        raise InvalidArgumentError(
            f"Unknown arg for output_mode: {output_mode} (layer {cls.__name__}). Invalid value for argument "
            f"`output_mode`. Expected one of {tuple(known)}. Received: output_mode={output_mode!r}"
        )
    if sparse and output_mode == "int":
        raise InvalidArgumentError(
            f"`sparse` may only be true if `output_mode` is one of {tuple(m for m in known if m != 'int')} (layer "
            f"{cls.__name__}). Received: sparse={sparse} and output_mode={output_mode!r}"
        )


def encode_categories(
    numbers: torch.Tensor,
    mode: str,
    depth: int,
    dtype: str,
    sparse: bool = False,
    count_weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """Returns numbers of categories as they are, or as vectors; negative numbers are no category.

    Args:
        numbers: integers below `depth`; the second axis holds those of one sample, as for `encode`.
        mode: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
        depth: how many categories there are.
        dtype: the type of the result.
        sparse: whether the result is a sparse tensor in COO format.
        count_weights: for `"count"`: what each number counts; None counts 1.

    Example:
        >>> encode_categories(torch.tensor([0, 2, 2]), "count", 3, "float32").tolist()
        [1.0, 0.0, 2.0]

    Source: `keras.src.utils.numerical_utils.encode_categorical_inputs`.
    """
    if mode == "int":
        return numbers.to(torch_dtype(dtype))
    numbers = numbers.to(torch.int64)
    numbers = torch.where((numbers < 0) | (numbers >= depth), depth, numbers)
    if mode == "one_hot" and _is_alone(numbers.shape):
        numbers = numbers.squeeze(-1)
    if count_weights is None:
        return encode(numbers, mode, depth, dtype, sparse=sparse and not numbers.is_meta)
    numbers, count_weights = terms_last(numbers, mode), terms_last(count_weights, mode)
    counts = count_weights.new_zeros(*numbers.shape[:-1], depth + 1)
    counts = counts.scatter_add(-1, numbers, count_weights)[..., :depth]
    return counts.to_sparse() if sparse and not counts.is_meta else counts


def encoded_shape(input_shape: tuple, mode: str, depth: int) -> tuple:
    """Returns the shape that `encode_categories` gives for numbers of a shape; None stands for unknown sizes.

    Args:
        input_shape: the shape of the numbers.
        mode: as for `encode_categories`.
        depth: how many categories there are.

    Example:
        >>> encoded_shape((None, 7), "one_hot", 3), encoded_shape((None, 1), "one_hot", 3)
        ((None, 7, 3), (None, 3))
    """
    shape = tuple(input_shape)
    if not shape and mode != "int":
        return (depth,)
    return shape_of_vectors(shape, mode, depth)


def _is_alone(shape: Sequence) -> bool:
    """Whether samples have one number each, in an axis of its own."""
    return len(shape) > 1 and shape[-1] == 1
