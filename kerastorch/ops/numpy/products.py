"""Products of vectors, matrices and tensors, which sum over the axes that they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.core.context import state
from kerastorch.core.shapes import unknown_axes, with_unknown_size
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, pair, tensor, together
from kerastorch.ops.promotion import result_dtype

_DIRECT = frozenset([torch.float32, torch.bfloat16, torch.float16, torch.complex64])


def _tensors(x1: Any, x2: Any) -> tuple[torch.Tensor, torch.Tensor]:
    if isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor):
        return x1, x2
    x1, x2 = pair(x1, x2)
    return tensor(x1), tensor(x2)


def _flat(x: torch.Tensor) -> torch.Tensor:
    return x if x.ndim == 1 else x.reshape(-1)


def _computed_in(dtype: torch.dtype, x: torch.Tensor) -> torch.dtype:
    """The type in which torch can multiply: not truth values, nor integers on a GPU."""
    if dtype is torch.bool:
        return torch.float32
    exact = dtype.is_floating_point or dtype.is_complex
    return torch.float64 if x.is_cuda and not exact else dtype


def _product(function: Callable, x1: Any, x2: Any, *settings: Any) -> torch.Tensor:
    """What a function gives for two tensors, in the type that Keras gives to their product."""
    x1, x2 = _tensors(x1, x2)
    if x1.dtype is x2.dtype and x1.dtype in _DIRECT:
        return function(x1, x2, *settings)
    kind = _computed_in(torch.promote_types(x1.dtype, x2.dtype), x1)
    return function(x1.to(kind), x2.to(kind), *settings).to(result_dtype(x1.dtype, x2.dtype))


@op("keras.ops.numpy")
def matmul(x1: Any, x2: Any) -> Any:
    """Returns the products of matrices, or of batches of them.

    Args:
        x1: the left matrices, (..., M, K), or a vector.
        x2: the right matrices, (..., K, N), or a vector.

    Returns:
        The products, (..., M, N); int32 for matrices of int8.

    Example:
        >>> matmul([[1, 2]], [[3], [4]]).tolist()
        [[11]]

    Source: `keras.ops.matmul`, `torch.matmul`.
    """
    if isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor) and x1.dtype is x2.dtype is torch.int8:
        x1 = x1.to(torch.int32)  # sums of bytes need more room
    return _product(torch.matmul, x1, x2)


@op("keras.ops.numpy")
def dot(x1: Any, x2: Any) -> Any:
    """Returns the sums of products over the last axis of one tensor and the last but one of another.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; the only axis of a vector is summed over, and a number multiplies.

    Example:
        >>> dot([1, 2], [3, 4]).tolist(), dot([1, 2], 3).tolist()
        (11, [3, 6])

    Source: `keras.ops.dot`, `numpy.dot`.
    """
    x1, x2 = _tensors(x1, x2)
    if x1.ndim == 0 or x2.ndim == 0:
        return _product(torch.mul, x1, x2)
    return _product(torch.matmul if x2.ndim <= 2 else _outer_dot, x1, x2)


def _outer_dot(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    return torch.tensordot(x1, x2, ([-1], [-2]))


@op("keras.ops.numpy")
def vdot(x1: Any, x2: Any) -> Any:
    """Returns the sum of the products of the elements of two tensors, the first conjugated.

    Args:
        x1: a tensor, array, list or number.
        x2: another, of as many elements.

    Example:
        >>> vdot([[1, 2]], [[3], [4]]).tolist()
        11

    Source: `keras.ops.vdot`, `torch.vdot`.
    """
    x1, x2 = _tensors(x1, x2)
    return _product(torch.vdot, _flat(x1), _flat(x2))


@op("keras.ops.numpy")
def inner(x1: Any, x2: Any) -> Any:
    """Returns the sums of products over the last axes of two tensors.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; a number multiplies.

    Example:
        >>> inner([[1, 2], [3, 4]], [1, 1]).tolist()
        [3, 7]

    Source: `keras.ops.inner`, `torch.inner`.
    """
    return _product(_inner, x1, x2)


def _inner(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    if (
        (x1.is_meta or x2.is_meta) and x1.ndim and x2.ndim
    ):  # while shapes are inferred, constants are real tensors
        return torch.tensordot(x1, x2, ([-1], [-1]))
    return torch.inner(x1, x2)


@op("keras.ops.numpy")
def outer(x1: Any, x2: Any) -> Any:
    """Returns the products of each element of a tensor with each of another.

    Args:
        x1: a tensor, array, list or number, whose elements make the rows.
        x2: likewise; its elements make the columns.

    Example:
        >>> outer([1, 2], [3, 4]).tolist()
        [[3, 4], [6, 8]]

    Source: `keras.ops.outer`, `torch.outer`.
    """
    x1, x2 = _tensors(x1, x2)
    return torch.outer(_flat(x1), _flat(x2))


@op("keras.ops.numpy")
def kron(x1: Any, x2: Any) -> Any:
    """Returns the Kronecker product: a tensor in which the second stands for each element of the first, times it.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise.

    Example:
        >>> kron([1, 10], [1, 2]).tolist()
        [1, 2, 10, 20]

    Source: `keras.ops.kron`, `torch.kron`.
    """
    return torch.kron(*_tensors(x1, x2))


@op("keras.ops.numpy")
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Returns the sums over shared axes of the products of two tensors.

    Args:
        x1: the first tensor.
        x2: the second tensor.
        axes: how many last axes of `x1` and first axes of `x2` are shared, or two axes or lists of them. Default: 2.

    Example:
        >>> tensordot([[1, 2], [3, 4]], [1, 1], axes=1).tolist()
        [3, 7]

    Source: `keras.ops.tensordot`, `torch.tensordot`.
    """
    shared: Any = axes
    if isinstance(axes, (list, tuple)):
        shared = tuple([side] if isinstance(side, int) else list(side) for side in axes)
    return _product(torch.tensordot, x1, x2, shared)


@op("keras.ops.numpy")
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Returns the sums of products that letters for the axes describe.

    Args:
        subscripts: such as `"ij,jk->ik"`.
        *operands: the tensors.
        **kwargs: settings of other libraries, such as `optimize`, without meaning here.

    Returns:
        A tensor; int32 for tensors of int8.

    Example:
        >>> einsum("ij,jk->ik", [[1, 2]], [[3], [4]]).tolist()
        [[11]]

    Source: `keras.ops.einsum`, `torch.einsum`.
    """
    kind: Any = getattr(operands[0], "dtype", None)
    for x in operands:
        if not isinstance(x, torch.Tensor) or x.dtype is not kind:
            operands = together(*operands)
            kind = operands[0].dtype
            break
    if kind in _DIRECT:
        return torch.einsum(subscripts, *operands)
    compute, result = _computed_in(kind, operands[0]), torch.int32 if kind is torch.int8 else kind
    if compute is torch.int8:
        compute = torch.int32  # sums of bytes need more room
    return torch.einsum(subscripts, *(x.to(compute) for x in operands)).to(result)


@op("keras.ops.numpy")
def cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Returns the cross products of vectors of length three, or two.

    Args:
        x1: the first vectors.
        x2: the second vectors; the other axes are broadcast.
        axisa: the axis of the first vectors. Default: the last.
        axisb: the axis of the second vectors. Default: the last.
        axisc: the axis of the products. Default: the last.
        axis: one axis for all three, in their place.

    Returns:
        The products; for vectors of length two numbers, the products' third elements.

    Raises:
        ShapeError: when the vectors have another length.

    Example:
        >>> cross([1, 0, 0], [0, 1, 0]).tolist(), cross([1, 0], [0, 1]).tolist()
        ([0, 0, 1], 1)

    Source: `keras.ops.cross`, `numpy.cross`, `torch.linalg.cross`.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = _tensors(x1, x2)
    if x1.dtype is not x2.dtype:
        x1, x2 = together(x1, x2)
    kind = result_dtype(x1.dtype)
    if axisa == axisb == axisc and x1.ndim == x2.ndim and x1.shape[axisa] == x2.shape[axisa] == 3:
        found = torch.linalg.cross(x1, x2, dim=axisa)
        return found if found.dtype is kind else found.to(kind)
    a, b = torch.movedim(x1, axisa, -1), torch.movedim(x2, axisb, -1)
    lengths = (a.shape[-1], b.shape[-1])
    if not {2, 3}.issuperset(lengths):
        raise ShapeError(
            f"Vectors of length 2 or 3 have cross products. These have {lengths[0]} and {lengths[1]}."
        )
    if lengths == (2, 2):
        return (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]).to(kind)
    a, b = torch.broadcast_tensors(F.pad(a, (0, 3 - lengths[0])), F.pad(b, (0, 3 - lengths[1])))
    return torch.movedim(torch.linalg.cross(a, b), -1, axisc).to(kind)


def _shifted(x1: torch.Tensor, x2: torch.Tensor, padding: int) -> torch.Tensor:
    """The sums of products for each shift of a vector along another with zeros on both sides."""
    return F.conv1d(x1.view(1, 1, -1), x2.view(1, 1, -1), None, 1, padding).view(-1)


@op("keras.ops.numpy")
def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """Returns the cross-correlation of two vectors: the sums of products for each shift of one along the other.

    Args:
        x1: the first vector, of M elements.
        x2: the second vector, of N elements.
        mode: which shifts: `"full"` all M + N - 1 where they meet, `"same"` the middle max(M, N) of them, `"valid"`
            those where one lies within the other.

    Raises:
        InvalidArgumentError: when the mode is unknown.
        ShapeError: when they are no vectors with elements.

    Example:
        >>> correlate([1, 2, 3], [0, 1, 0.5]).tolist(), correlate([1, 2, 3], [0, 1, 0.5], "same").tolist()
        ([3.5], [2.0, 3.5, 3.0])

    Source: `keras.ops.correlate`, `numpy.correlate`.
    """
    x1, x2 = _tensors(x1, x2)
    if x1.dtype is not x2.dtype:
        x1, x2 = together(x1, x2)
    kind = result_dtype(x1.dtype)
    if x1.ndim != 1 or x2.ndim != 1 or not (x1.numel() and x2.numel()):
        raise ShapeError("Two vectors with elements can be correlated.")
    if not (x1.is_floating_point() or x1.is_complex()):
        x1, x2, kind = x1.float(), x2.float(), torch.float32
    m, n = x1.shape[0], x2.shape[0]
    lengths = {"full": m + n - 1, "same": max(m, n), "valid": max(m, n) - min(m, n) + 1}
    if mode not in lengths:
        raise InvalidArgumentError(f"Unknown mode {mode!r}. Expected one of {list(lengths)}.")
    x2 = x2.conj() if x2.is_complex() else x2
    if mode == "valid" and m >= n:
        found = _shifted(x1, x2, 0)
    else:
        left_out = m + n - 1 - lengths[mode]
        found = _shifted(x1, x2, n - 1).narrow(0, (left_out + (m < n)) // 2, lengths[mode])
    found = found if found.dtype is kind else found.to(kind)
    if state.inferring and None in unknown_axes(x1.shape) + unknown_axes(x2.shape):
        return with_unknown_size(found, 0)
    return found
