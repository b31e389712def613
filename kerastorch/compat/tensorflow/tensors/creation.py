"""Making tensors: constants, ranges, and tensors like others."""

from __future__ import annotations

import time
from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.core.devices import current_device
from kerastorch.core.strings import StringTensor
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, ShapeError


def _torch(dtype: Any) -> torch.dtype:
    return torch_dtype(as_dtype(dtype).name)


def _is_string(dtype: Any) -> bool:
    return dtype is not None and as_dtype(dtype).name == "string"


@operation()
def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None) -> Any:
    """Returns a value as a tensor; a tensor is returned as it is.

    Args:
        value: a tensor, a variable, a NumPy array, a number, text, or a nested list of them.
        dtype: the type of the result; None keeps that of tensors and arrays, and gives Python numbers float32 or int32.
        dtype_hint: the type to use where `dtype` is None and the value can have it.

    Raises:
        InvalidArgumentError: when a tensor of another type than `dtype` is given.

    Example:
        >>> convert_to_tensor([1, 2]).dtype, convert_to_tensor([1.0]).dtype
        (torch.int32, torch.float32)

    Source: `tf.convert_to_tensor`
    """
    if isinstance(value, torch.Tensor) and dtype is not None and as_dtype(dtype) != value.dtype:
        raise InvalidArgumentError(
            f"Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor with dtype "
            f"{as_dtype(value.dtype).name}. Received: {value!r}. Use tf.cast."
        )
    if _is_string(dtype):
        return StringTensor(value)
    if dtype is None and not hasattr(value, "dtype"):
        dtype = dtype_hint
    return as_tensor(value, None if dtype is None or _is_string(dtype) else _torch(dtype))


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """Returns a tensor of given values.

    Args:
        value: a number, text, a nested list of them, or an array.
        dtype: the type of the result; None keeps that of arrays, and gives Python numbers float32 or int32.
        shape: the shape of the result; a single value fills it. None keeps that of `value`.
        name: a name, without meaning here.

    Raises:
        ShapeError: when the values do not fit the shape.

    Example:
        >>> constant([1, 2, 3, 4], shape=(2, 2)).tolist(), constant(0.5, shape=(2,)).tolist()
        ([[1, 2], [3, 4]], [0.5, 0.5])

    Source: `tf.constant`
    """
    tensor = (
        StringTensor(value)
        if _is_string(dtype)
        else as_tensor(value, None if dtype is None else _torch(dtype))
    )
    if tensor is value and isinstance(value, torch.Tensor):
        tensor = value.detach()
    if shape is None:
        return tensor
    sizes = integers(shape)
    if isinstance(tensor, torch.Tensor) and tensor.numel() == 1:
        return tensor.reshape(()).expand(sizes).clone()
    try:
        return tensor.reshape(sizes)
    except (RuntimeError, ValueError) as error:
        raise ShapeError(
            f"tf.constant: values of shape {tuple(tensor.shape)} do not fit shape={sizes}."
        ) from error


def _filled(number: int, shape: Any, dtype: Any) -> Any:
    if _is_string(dtype):
        return StringTensor("").reshape(()) if not integers(shape) else _strings(integers(shape))
    return torch.full(integers(shape), number, dtype=_torch(dtype), device=current_device())


def _strings(sizes: list[int]) -> StringTensor:
    """Empty strings in a shape."""
    count = 1
    for size in sizes:
        count *= size
    return StringTensor([""] * count).reshape(sizes)


@operation()
def zeros(shape: Any, dtype: Any = "float32", layout: Any = None) -> Any:
    """Returns a tensor of zeros, or of empty strings.

    Args:
        shape: the sizes.
        dtype: the type. Default: float32.
        layout: how TensorFlow spreads the tensor over devices; without meaning here.

    Example:
        >>> zeros([2, 2], "int32").tolist()
        [[0, 0], [0, 0]]

    Source: `tf.zeros`
    """
    return _filled(0, shape, dtype)


@operation()
def ones(shape: Any, dtype: Any = "float32", layout: Any = None) -> Any:
    """Returns a tensor of ones.

    Args:
        shape: the sizes.
        dtype: the type. Default: float32.
        layout: how TensorFlow spreads the tensor over devices; without meaning here.

    Example:
        >>> ones([2]).tolist()
        [1.0, 1.0]

    Source: `tf.ones`
    """
    return _filled(1, shape, dtype)


@operation()
def fill(dims: Any, value: Any, layout: Any = None) -> Any:
    """Returns a tensor that holds one value throughout.

    Args:
        dims: the sizes.
        value: a number, or a tensor of one.
        layout: how TensorFlow spreads the tensor over devices; without meaning here.

    Example:
        >>> fill([2, 2], 9).tolist()
        [[9, 9], [9, 9]]

    Source: `tf.fill`
    """
    return as_tensor(value).reshape(()).expand(integers(dims)).clone()


@operation()
def zeros_like(input: Any, dtype: Any = None, layout: Any = None) -> Any:
    """Returns zeros in the shape of a tensor.

    Args:
        input: a tensor.
        dtype: the type; None takes that of `input`.
        layout: how TensorFlow spreads the tensor over devices; without meaning here.

    Example:
        >>> zeros_like([[1.0, 2.0]]).tolist()
        [[0.0, 0.0]]

    Source: `tf.zeros_like`
    """
    return torch.zeros_like(
        as_tensor(input), dtype=None if dtype is None else _torch(dtype), requires_grad=False
    )


@operation()
def ones_like(input: Any, dtype: Any = None, layout: Any = None) -> Any:
    """Returns ones in the shape of a tensor.

    Args:
        input: a tensor.
        dtype: the type; None takes that of `input`.
        layout: how TensorFlow spreads the tensor over devices; without meaning here.

    Example:
        >>> ones_like([[2, 3]]).tolist()
        [[1, 1]]

    Source: `tf.ones_like`
    """
    return torch.ones_like(
        as_tensor(input), dtype=None if dtype is None else _torch(dtype), requires_grad=False
    )


@operation("tf.linalg")
def eye(num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = "float32") -> Any:
    """Returns an identity matrix, or a batch of them.

    Args:
        num_rows: the number of rows.
        num_columns: the number of columns; None takes that of the rows.
        batch_shape: the sizes of axes to put in front; None for none.
        dtype: the type. Default: float32.

    Example:
        >>> eye(2, batch_shape=[1]).tolist()
        [[[1.0, 0.0], [0.0, 1.0]]]

    Source: `tf.eye`, `torch.eye`
    """
    rows = integer(num_rows)
    columns = rows if num_columns is None else integer(num_columns)
    matrix = torch.eye(rows, columns, dtype=_torch(dtype), device=current_device())
    return matrix if batch_shape is None else matrix.expand(*integers(batch_shape), rows, columns).clone()


@operation()
def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None) -> Any:
    """Returns numbers at equal distances, the limit excluded.

    Args:
        start: the first number; the limit where it is the only one given.
        limit: where to stop.
        delta: the distance. Default: 1.
        dtype: the type; None takes that of the arguments.

    Example:
        >>> range(3).tolist(), range(3, 18, 6).tolist(), range(1.0, 2.0, 0.5).tolist()
        ([0, 1, 2], [3, 9, 15], [1.0, 1.5])

    Source: `tf.range`, `torch.arange`
    """
    first, last = (0, start) if limit is None else (start, limit)
    kinds = [as_tensor(part).dtype for part in (first, last, delta)]
    kind = torch.promote_types(torch.promote_types(kinds[0], kinds[1]), kinds[2])
    numbers = [part.item() if hasattr(part, "item") else part for part in (first, last, delta)]
    return torch.arange(*numbers, dtype=kind if dtype is None else _torch(dtype), device=current_device())


@operation()
def linspace(start: Any, stop: Any, num: Any, axis: int = 0) -> Any:
    """Returns numbers at equal distances, both ends included.

    Args:
        start: the first number, or a tensor of them.
        stop: the last number, or a tensor of them.
        num: how many.
        axis: where the new axis goes if `start` and `stop` are tensors. Default: 0.

    Example:
        >>> linspace(0.0, 1.0, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]

    Source: `tf.linspace`
    """
    first, last = torch.broadcast_tensors(*(as_tensor(x) for x in (start, stop)))
    if not first.is_floating_point():
        first, last = first.double(), last.double()
    count = integer(num)
    share = torch.arange(count, dtype=first.dtype, device=first.device) / max(count - 1, 1)
    share = share.reshape(-1, *[1] * first.ndim)
    line = first + (last - first) * share
    line[-1] = last
    return line if first.ndim == 0 else torch.movedim(line, 0, axis)


@operation()
def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
) -> Any:
    """Returns a tensor with a new axis that is on at the index and off elsewhere.

    Args:
        indices: integers; those outside the range give a row that is off.
        depth: the length of the new axis.
        on_value: what stands at the index. Default: 1.
        off_value: what stands elsewhere. Default: 0.
        axis: where the new axis goes. Default: the end.
        dtype: the type; None takes that of the values, or float32.

    Example:
        >>> one_hot([0, 2, -1], 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]

    Source: `tf.one_hot`
    """
    index = as_tensor(indices)
    classes = torch.arange(integer(depth), device=index.device)
    hot = index.unsqueeze(-1) == classes
    given = next((value for value in (on_value, off_value) if value is not None), None)
    kind = _torch(dtype) if dtype is not None else torch.float32 if given is None else as_tensor(given).dtype
    if on_value is None and off_value is None:
        hot = hot.to(kind)
    else:
        on, off = (
            as_tensor(default if value is None else value).to(index.device, kind)
            for value, default in ((on_value, 1), (off_value, 0))
        )
        hot = torch.where(hot, on, off)
    return hot if axis in (None, -1, index.ndim) else torch.movedim(hot, -1, axis)


@operation()
def shape(input: Any, out_type: Any = "int32") -> Any:
    """Returns the shape as a tensor of integers; it lies on the host, so that reading it waits for no device.

    Args:
        input: a tensor.
        out_type: the type of the result. Default: int32.

    Example:
        >>> shape([[1, 2, 3]]).tolist()
        [1, 3]

    Source: `tf.shape`
    """
    return torch.tensor(tuple(as_tensor(input).shape), dtype=_torch(out_type))


def shape_n(input: Any, out_type: Any = "int32") -> list[Any]:
    """Returns the shapes of several tensors.

    Args:
        input: the tensors.
        out_type: the type of the results. Default: int32.

    Example:
        >>> [x.tolist() for x in shape_n([[1, 2], [[3]]])]
        [[2], [1, 1]]

    Source: `tf.shape_n`
    """
    return [shape(x, out_type) for x in input]


@operation()
def size(input: Any, out_type: Any = "int32") -> Any:
    """Returns the number of elements.

    Args:
        input: a tensor.
        out_type: the type of the result. Default: int32.

    Example:
        >>> int(size([[1, 2], [3, 4]]))
        4

    Source: `tf.size`
    """
    count = 1
    for length in as_tensor(input).shape:
        count *= length
    return torch.tensor(count, dtype=_torch(out_type))


@operation()
def rank(input: Any) -> Any:
    """Returns the number of axes.

    Args:
        input: a tensor.

    Example:
        >>> int(rank([[1, 2], [3, 4]]))
        2

    Source: `tf.rank`
    """
    return torch.tensor(as_tensor(input).ndim, dtype=torch.int32)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """Returns the values of a tensor as a NumPy array, None for a symbolic tensor.

    Args:
        tensor: a tensor.
        partial: whether partly known values are wanted; a tensor is known or is not.

    Example:
        >>> get_static_value(constant([1, 2])).tolist()
        [1, 2]

    Source: `tf.get_static_value`
    """
    return tensor.numpy() if isinstance(tensor, (torch.Tensor, StringTensor)) else None


def is_tensor(x: Any) -> bool:
    """Returns whether a value is a tensor, a variable or a symbolic tensor.

    Args:
        x: anything.

    Example:
        >>> is_tensor(constant(1.0)), is_tensor(1.0)
        (True, False)

    Source: `tf.is_tensor`
    """
    return isinstance(x, StringTensor) or hasattr(type(x), "__torch_function__")


def is_symbolic_tensor(tensor: Any) -> bool:
    """Returns whether a value is a symbolic tensor.

    Args:
        tensor: anything.

    Example:
        >>> is_symbolic_tensor(constant(1.0))
        False

    Source: `tf.is_symbolic_tensor`
    """
    return hasattr(type(tensor), "__torch_function__") and not isinstance(tensor, torch.Tensor)


def timestamp(name: str | None = None) -> torch.Tensor:
    """Returns the seconds since 1970 as a float64 tensor.

    Args:
        name: a name, without meaning here.

    Example:
        >>> float(timestamp()) > 1e9
        True

    Source: `tf.timestamp`
    """
    return torch.tensor(time.time(), dtype=torch.float64)
