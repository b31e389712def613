"""Changing how the elements of tensors are arranged: shapes, axes, joining, cutting, repeating."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.core.strings import StringTensor
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean


@operation()
def reshape(tensor: Any, shape: Any) -> Any:
    """Returns a tensor with another shape.

    Args:
        tensor: a tensor.
        shape: the sizes; one may be -1, which takes what is left.

    Raises:
        ShapeError: when the number of elements differs.

    Example:
        >>> reshape([1, 2, 3, 4], [2, -1]).tolist()
        [[1, 2], [3, 4]]

    Source: `tf.reshape`, `torch.reshape`
    """
    tensor = as_tensor(tensor)
    sizes = integers(shape)
    try:
        return tensor.reshape(sizes)
    except (RuntimeError, ValueError) as error:
        raise ShapeError(
            f"tf.reshape cannot give a tensor of shape {tuple(tensor.shape)} the shape {sizes}: {error}"
        ) from error


@operation()
def transpose(a: Any, perm: Any = None, conjugate: bool = False) -> Any:
    """Returns a tensor with its axes in another order.

    Args:
        a: a tensor.
        perm: the old axis for each new one; None reverses their order.
        conjugate: whether complex numbers are conjugated. Default: False.

    Example:
        >>> transpose([[1, 2], [3, 4]]).tolist()
        [[1, 3], [2, 4]]

    Source: `tf.transpose`, `torch.permute`
    """
    a = as_tensor(a)
    a = a.permute(list(reversed(range(a.ndim))) if perm is None else integers(perm))
    return a.conj() if conjugate else a


@operation()
def expand_dims(input: Any, axis: Any) -> Any:
    """Returns a tensor with a new axis of length one.

    Args:
        input: a tensor.
        axis: where it goes.

    Example:
        >>> expand_dims([1, 2], -1).tolist()
        [[1], [2]]

    Source: `tf.expand_dims`, `torch.unsqueeze`
    """
    tensor = as_tensor(input)
    if isinstance(tensor, StringTensor):
        place = integer(axis) % (tensor.ndim + 1)
        return tensor.reshape([*tensor.shape[:place], 1, *tensor.shape[place:]])
    return tensor.unsqueeze(integer(axis))


@operation()
def squeeze(input: Any, axis: Any = None) -> Any:
    """Returns a tensor without axes of length one.

    Args:
        input: a tensor.
        axis: which axes; None takes all that have length one.

    Raises:
        ShapeError: when an axis that was named is longer.

    Example:
        >>> squeeze([[[1], [2]]], axis=[0]).tolist()
        [[1], [2]]

    Source: `tf.squeeze`, `torch.squeeze`
    """
    tensor = as_tensor(input)
    axes = [i for i, n in enumerate(tensor.shape) if n == 1] if axis is None else integers(axis)
    longer = [a for a in axes if tensor.shape[a] != 1]
    if longer:
        raise ShapeError(
            f"tf.squeeze removes axes of length one only. Received: axis={axis} for shape {tuple(tensor.shape)}."
        )
    gone = {a % tensor.ndim for a in axes}
    return tensor.reshape([n for i, n in enumerate(tensor.shape) if i not in gone])


_PAD_MODES = {"CONSTANT": "constant", "REFLECT": "reflect", "SYMMETRIC": "symmetric"}


@operation()
def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0) -> Any:
    """Returns a tensor with elements added before and after each axis.

    Args:
        tensor: a tensor.
        paddings: a pair (before, after) for each axis.
        mode: `"CONSTANT"` adds `constant_values`, `"REFLECT"` mirrors without the edge, `"SYMMETRIC"` with it.
        constant_values: what is added in constant mode. Default: 0.

    Raises:
        InvalidArgumentError: when the mode is unknown.
        ShapeError: when there is not a pair for each axis.

    Example:
        >>> pad([[1, 2]], [[0, 1], [1, 0]]).tolist(), pad([1, 2, 3], [[2, 0]], "REFLECT").tolist()
        ([[0, 1, 2], [0, 0, 0]], [3, 2, 1, 2, 3])

    Source: `tf.pad`
    """
    tensor = as_tensor(tensor)
    if str(mode).upper() not in _PAD_MODES:
        raise InvalidArgumentError(
            f"tf.pad: unknown mode {mode!r}. Expected one of {list(_PAD_MODES)}.{did_you_mean(str(mode), _PAD_MODES)}"
        )
    rows = paddings.tolist() if hasattr(paddings, "tolist") else paddings
    pairs = [integers(pair) for pair in rows]
    if len(pairs) != tensor.ndim or any(len(pair) != 2 for pair in pairs):
        raise ShapeError(
            f"tf.pad needs a pair (before, after) for each of the {tensor.ndim} axes. Received: paddings={pairs}."
        )
    if mode.upper() == "CONSTANT":
        flat = [number for pair in reversed(pairs) for number in pair]
        return torch.nn.functional.pad(tensor, flat, value=_number(constant_values))
    for axis, (before, after) in enumerate(pairs):
        if before or after:
            tensor = _mirrored(tensor, axis, before, after, 1 if mode.upper() == "REFLECT" else 0)
    return tensor


def _number(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _mirrored(x: torch.Tensor, axis: int, before: int, after: int, edge: int) -> torch.Tensor:
    """An axis with mirrored elements on both sides; `edge` is 1 where the edge itself is left out."""
    length = x.shape[axis]
    if max(before, after) > length - edge:
        raise ShapeError(f"tf.pad cannot mirror {max(before, after)} elements of an axis of length {length}.")
    left = torch.flip(x.narrow(axis, edge, before), [axis])
    right = torch.flip(x.narrow(axis, length - edge - after, after), [axis])
    return torch.cat([left, x, right], axis)


@operation()
def reverse(tensor: Any, axis: Any) -> Any:
    """Returns a tensor with the order along some axes reversed.

    Args:
        tensor: a tensor.
        axis: the axes.

    Example:
        >>> reverse([1, 2, 3], [0]).tolist()
        [3, 2, 1]

    Source: `tf.reverse`, `torch.flip`
    """
    return torch.flip(as_tensor(tensor), integers(axis))


@operation()
def roll(input: Any, shift: Any, axis: Any) -> Any:
    """Returns a tensor with its elements moved along axes; those that leave at one end enter at the other.

    Args:
        input: a tensor.
        shift: how far, for each axis.
        axis: the axes.

    Example:
        >>> roll([0, 1, 2, 3], shift=1, axis=0).tolist()
        [3, 0, 1, 2]

    Source: `tf.roll`, `torch.roll`
    """
    return torch.roll(as_tensor(input), integers(shift), integers(axis))


@operation()
def broadcast_to(input: Any, shape: Any) -> Any:
    """Returns a tensor repeated to fill a shape.

    Args:
        input: a tensor.
        shape: the sizes.

    Example:
        >>> broadcast_to([1, 2], [2, 2]).tolist()
        [[1, 2], [1, 2]]

    Source: `tf.broadcast_to`, `torch.broadcast_to`
    """
    return torch.broadcast_to(as_tensor(input), integers(shape))


@operation()
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool") -> Any:
    """Returns rows that hold True up to a length.

    Args:
        lengths: the lengths.
        maxlen: the length of the rows; None takes the longest.
        dtype: the type of the result. Default: bool.

    Example:
        >>> sequence_mask([1, 3], 3).tolist()
        [[True, False, False], [True, True, True]]

    Source: `tf.sequence_mask`
    """
    lengths = as_tensor(lengths)
    width = int(lengths.max()) if maxlen is None else integer(maxlen)
    mask = torch.arange(width, device=lengths.device) < lengths.unsqueeze(-1)
    return mask.to(torch_dtype(as_dtype(dtype).name))


@operation()
def identity(input: Any) -> Any:
    """Returns a tensor of its own with the values of another; gradients pass through.

    Args:
        input: a tensor, a variable or an array.

    Example:
        >>> identity([1.0, 2.0]).tolist()
        [1.0, 2.0]

    Source: `tf.identity`, `torch.clone`
    """
    tensor = as_tensor(input)
    return tensor.clone() if isinstance(tensor, torch.Tensor) else tensor


@operation()
def stop_gradient(input: Any) -> Any:
    """Returns a tensor through which no gradient flows back.

    Args:
        input: a tensor.

    Example:
        >>> stop_gradient(torch.ones(2, requires_grad=True)).requires_grad
        False

    Source: `tf.stop_gradient`, `torch.Tensor.detach`
    """
    return as_tensor(input).detach()


@operation()
def ensure_shape(x: Any, shape: Any) -> Any:
    """Returns a tensor whose shape has been checked.

    Args:
        x: a tensor.
        shape: the sizes, None for any.

    Raises:
        ShapeError: when the tensor has another shape.

    Example:
        >>> ensure_shape([1, 2], [None]).tolist()
        [1, 2]

    Source: `tf.ensure_shape`
    """
    x = as_tensor(x)
    wanted = list(shape)
    if len(wanted) != x.ndim or any(w not in (None, n) for w, n in zip(wanted, x.shape, strict=True)):
        raise ShapeError(f"Shape of tensor {tuple(x.shape)} is not compatible with expected shape {wanted}.")
    return x
