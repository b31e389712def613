"""Matrices that are all zeros and ones, and what is taken from the diagonals of others."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.devices import current_device
from kerastorch.core.shapes import one_is_open, with_unknown_size
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import op, tensor
from kerastorch.ops.promotion import result_dtype

_SMALL_INTEGERS = frozenset([torch.bool, torch.uint8, torch.int8, torch.int16])


@op("keras.ops.numpy")
def eye(N: int, M: int | None = None, k: int | None = 0, dtype: Any = None) -> Any:
    """Returns a matrix with ones on a diagonal and zeros elsewhere.

    Args:
        N: the number of rows.
        M: the number of columns; None takes that of the rows.
        k: which diagonal: positive numbers lie above the main one. Default: 0.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> eye(2, 3, k=1).tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    Source: `keras.ops.eye`, `torch.eye`.
    """
    columns = N if M is None else M
    kind = torch_dtype(dtype)
    if not k:
        return torch.eye(N, columns, dtype=kind, device=current_device())
    return torch.ones((N, columns), dtype=kind, device=current_device()).tril(k).triu(k)


@op("keras.ops.numpy")
def identity(n: int, dtype: Any = None) -> Any:
    """Returns a square matrix with ones on its diagonal and zeros elsewhere.

    Args:
        n: the number of rows.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> identity(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: `keras.ops.identity`, `torch.eye`.
    """
    return torch.eye(n, dtype=torch_dtype(dtype), device=current_device())


@op("keras.ops.numpy")
def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Returns a matrix with ones on and below a diagonal and zeros above.

    Args:
        N: the number of rows.
        M: the number of columns; None takes that of the rows.
        k: which diagonal: positive numbers lie above the main one. Default: 0.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> tri(2).tolist()
        [[1.0, 0.0], [1.0, 1.0]]

    Source: `keras.ops.tri`, `torch.tril`.
    """
    shape = (N, N if M is None else M)
    return torch.ones(shape, dtype=torch_dtype(dtype), device=current_device()).tril(k)


@op("keras.ops.numpy")
def tril(x: Any, k: int = 0) -> Any:
    """Returns matrices with zeros above a diagonal.

    Args:
        x: the matrices, (..., M, N).
        k: which diagonal: positive numbers lie above the main one. Default: 0.

    Example:
        >>> tril([[1, 2], [3, 4]]).tolist()
        [[1, 0], [3, 4]]

    Source: `keras.ops.tril`, `torch.tril`.
    """
    return torch.tril(x if isinstance(x, torch.Tensor) else tensor(x), k)


@op("keras.ops.numpy")
def triu(x: Any, k: int = 0) -> Any:
    """Returns matrices with zeros below a diagonal.

    Args:
        x: the matrices, (..., M, N).
        k: which diagonal: positive numbers lie above the main one. Default: 0.

    Example:
        >>> triu([[1, 2], [3, 4]]).tolist()
        [[1, 2], [0, 4]]

    Source: `keras.ops.triu`, `torch.triu`.
    """
    return torch.triu(x if isinstance(x, torch.Tensor) else tensor(x), k)


@op("keras.ops.numpy")
def diag(x: Any, k: int = 0) -> Any:
    """Returns a diagonal of a matrix, or the matrix that has a vector on a diagonal.

    Args:
        x: a matrix, or a vector.
        k: which diagonal: positive numbers lie above the main one. Default: 0.

    Example:
        >>> diag([[1, 2], [3, 4]]).tolist(), diag([1, 2]).tolist()
        ([1, 4], [[1, 0], [0, 2]])

    Source: `keras.ops.diag`, `torch.diag`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return diagonal(x, k) if state.inferring and x.ndim == 2 else torch.diag(x, k)


@op("keras.ops.numpy")
def diagflat(x: Any, k: int = 0) -> Any:
    """Returns the matrix that has all numbers of a tensor on a diagonal.

    Args:
        x: a tensor, array, list or number.
        k: which diagonal: positive numbers lie above the main one. Default: 0.

    Example:
        >>> diagflat([[1], [2]]).tolist()
        [[1, 0], [0, 2]]

    Source: `keras.ops.diagflat`, `torch.diagflat`.
    """
    return torch.diagflat(x if isinstance(x, torch.Tensor) else tensor(x), k)


@op("keras.ops.numpy")
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Returns the diagonals of the matrices that two axes make, along a new last axis.

    Args:
        x: a tensor of at least two axes.
        offset: which diagonal: positive numbers lie above the main one. Default: 0.
        axis1: the axis of the rows. Default: 0.
        axis2: the axis of the columns. Default: 1.

    Example:
        >>> diagonal([[1, 2], [3, 4]], offset=1).tolist()
        [2]

    Source: `keras.ops.diagonal`, `torch.diagonal`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    found = torch.diagonal(x, offset, axis1, axis2)
    return with_unknown_size(found, -1) if state.inferring and one_is_open(x, axis1, axis2) else found


@op("keras.ops.numpy")
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Returns the sums along the diagonals of the matrices that two axes make.

    Args:
        x: a tensor of at least two axes.
        offset: which diagonal: positive numbers lie above the main one. Default: 0.
        axis1: the axis of the rows. Default: 0.
        axis2: the axis of the columns. Default: 1.

    Example:
        >>> trace([[1, 2], [3, 4]]).tolist()
        5

    Source: `keras.ops.trace`, `torch.trace`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    kind = torch.int32 if x.dtype in _SMALL_INTEGERS else x.dtype
    return torch.diagonal(x, offset, axis1, axis2).sum(-1, dtype=kind)


@op("keras.ops.numpy")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Returns the matrix of the powers of a vector, a column for each exponent.

    Args:
        x: a vector.
        N: the number of columns; None takes the length of the vector.
        increasing: whether the exponents increase. Default: False.

    Example:
        >>> vander([1, 2, 3]).tolist()
        [[1, 1, 1], [4, 2, 1], [9, 3, 1]]

    Source: `keras.ops.vander`, `torch.vander`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    exponents = torch.arange(len(x) if N is None else N, device=x.device)
    # `torch.vander` multiplies in place, and has no gradient.
    found = torch.pow(x.unsqueeze(1), exponents if increasing else exponents.flip(0))
    kind = result_dtype(x.dtype)
    return found if found.dtype is kind else found.to(kind)


@op("keras.ops.numpy")
def slogdet(x: Any) -> Any:
    """Returns the sign of determinants and the logarithm of their size.

    Args:
        x: square matrices, (..., N, N).

    Returns:
        A tuple `(sign, logabsdet)`.

    Example:
        >>> [float(part) for part in slogdet([[0.0, 1.0], [1.0, 0.0]])]
        [-1.0, 0.0]

    Source: `keras.ops.slogdet`, `torch.linalg.slogdet`.
    """
    return tuple(torch.linalg.slogdet(x if isinstance(x, torch.Tensor) else tensor(x)))
