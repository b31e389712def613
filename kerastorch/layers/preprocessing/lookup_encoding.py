"""Numbers of terms as one-hot, multi-hot and count vectors."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.strings import stand_in
from kerastorch.dtypes import torch_dtype

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


def encode(
    numbers: torch.Tensor,
    mode: str,
    depth: int,
    dtype: Any,
    weights: torch.Tensor | None = None,
    sparse: bool = False,
) -> torch.Tensor:
    """Returns vectors of length `depth` for numbers of terms; the second axis holds the terms of one sample.

    Args:
        numbers: integers from 0 to `depth`; `depth` itself stands for no term.
        mode: `"one_hot"` for a vector a term; `"multi_hot"` (is a term there?), `"count"` (how often?) or
            `"tf_idf"` (how often, times its weight?) for a vector a sample. Of more than two axes these three count
            along the second one and keep those after it; of one axis all numbers are one sample.
        depth: the number of terms.
        dtype: the type of the result.
        weights: those of `"tf_idf"`, of shape `(depth,)`.
        sparse: whether the result is a sparse tensor in COO format.

    Example:
        >>> encode(torch.tensor([[1, 1, 3]]), "count", 3, "float32").tolist()
        [[0.0, 2.0, 0.0]]

    Source: `keras.src.utils.numerical_utils.encode_categorical_inputs`, `torch.bincount`.
    """
    numbers = terms_last(numbers, mode)
    if mode == "one_hot":
        numbers = numbers.unsqueeze(-1)
    kind = torch_dtype(dtype)
    factors = weights.to(kind) if mode == "tf_idf" and weights is not None else None
    if sparse:
        return _sparse(numbers, mode, depth, kind, factors)
    result = torch.zeros(*numbers.shape[:-1], depth + 1, dtype=kind, device=numbers.device)
    ones = torch.ones((), dtype=kind, device=numbers.device).expand(numbers.shape)
    if mode in ("count", "tf_idf"):
        result = result.scatter_add(-1, numbers, ones)[..., :depth]
    else:
        result = result.scatter(-1, numbers, ones)[..., :depth]
    return result if factors is None else result * factors


def terms_last(numbers: torch.Tensor, mode: str) -> torch.Tensor:
    """Returns numbers with those that one vector stands for in the last axis; a single number has no other axis.

    Args:
        numbers: integers of any shape.
        mode: as for `encode`.
    """
    if numbers.ndim == 0:
        return numbers.unsqueeze(0)
    return numbers.movedim(1, -1) if mode != "one_hot" and numbers.ndim > 2 else numbers


def _sparse(numbers: torch.Tensor, mode: str, depth: int, dtype: torch.dtype, factors: Any) -> torch.Tensor:
    kept = (numbers < depth).nonzero().T
    places = torch.cat([kept[:-1], numbers[tuple(kept)].unsqueeze(0)])
    shape = (*numbers.shape[:-1], depth)
    ones = torch.ones(places.shape[1], dtype=dtype, device=numbers.device)
    counts = torch.sparse_coo_tensor(places, ones, shape, check_invariants=False).coalesce()
    if mode in ("one_hot", "multi_hot"):
        values = torch.ones_like(counts.values())
    else:
        values = counts.values() if factors is None else counts.values() * factors[counts.indices()[-1]]
    return torch.sparse_coo_tensor(counts.indices(), values, shape, is_coalesced=True, check_invariants=False)


def encoded_shape(input_shape: tuple, mode: str, depth: int | None) -> tuple:
    """Returns the shape that `encode` gives for an input of a shape; None stands for unknown sizes.

    Args:
        input_shape: the shape of the numbers.
        mode: as for `encode`, or `"int"` for the numbers themselves.
        depth: the number of terms.

    Example:
        >>> encoded_shape((None, 7), "one_hot", 3), encoded_shape((None, 7), "count", 3)
        ((None, 7, 3), (None, 3))
    """
    shape = tuple(input_shape)
    if mode == "int":
        return shape
    if mode == "one_hot":
        alone = len(shape) > 1 and shape[-1] == 1
        return (*(shape[:-1] if alone else shape or (1,)), depth)
    return (*shape[: len(shape) > 1], *shape[2:], depth)


def shaped(shape: tuple, dtype: str) -> Any:
    """Returns what stands for an output while shapes are inferred.

    Args:
        shape: its shape.
        dtype: its type.
    """
    if dtype == "string":
        return stand_in(shape)
    return torch.empty(shape, dtype=torch_dtype(dtype), device="meta")
