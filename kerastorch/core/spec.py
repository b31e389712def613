"""Symbolic tensors and the specifications of inputs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch.core.arrays import UFUNC_OPERATORS
from kerastorch.core.slices import forwards
from kerastorch.core.strings import stand_in
from kerastorch.core.tensor_shape import Shape
from kerastorch.core.tensors import TensorMethods
from kerastorch.core.type_names import TypeName
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import ArgumentTypeError, GraphError, InvalidArgumentError, ShapeError
from kerastorch.naming import auto_name

# Sizes that stand for an unknown dimension while shapes are inferred, one for each of two runs: the batch axis, and
# any other axis. They are divisible by many small numbers, so that strides, pooling and splitting work on them.
BATCH_SIZES = (1440, 2160)
OTHER_SIZES = (2112, 4224)


def witness_shapes(shape: Sequence[int | None]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns two concrete shapes that differ exactly where `shape` is None."""

    def concrete(run: int) -> tuple[int, ...]:
        stand_ins = ((BATCH_SIZES if axis == 0 else OTHER_SIZES)[run] for axis in range(len(shape)))
        return tuple(stand_in if dim is None else dim for dim, stand_in in zip(shape, stand_ins, strict=True))

    return concrete(0), concrete(1)


def merge_shapes(first: Sequence[int], second: Sequence[int]) -> tuple[int | None, ...]:
    """Returns the shape whose unknown axes are those in which two concrete shapes differ."""
    return tuple(a if a == b else None for a, b in zip(first, second, strict=True))


class KerasTensor(TensorMethods):
    """A symbolic tensor: a shape, a data type, and the operation that makes it.

    Layers, `torch.nn` modules, torch functions, tensor methods, operators and indexing all work on it and record what
    they do; `kerastorch.Model(inputs, outputs)` turns the record into a model.

    Args:
        shape: a tuple of integers and None.
        dtype: a data type, `"float32"` by default.
        sparse: accepted for Keras; symbolic tensors are dense.
        ragged: accepted for Keras; symbolic tensors are dense.
        record_history: accepted for Keras; the history is always recorded.
        name: a name; None makes one.
        witness: two concrete shapes that the tensor has in the two runs of shape inference; None makes them.

    Example:
        >>> x = KerasTensor((None, 3))
        >>> (torch.relu(x) + 1).shape
        (None, 3)

    Source: `keras.KerasTensor`, `torch.fx.Proxy`.
    """

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        *,
        witness: tuple | None = None,
    ) -> None:
        self.shape = Shape(shape)
        self.dtype = TypeName(standardize_dtype(dtype))
        self.sparse = sparse
        self.ragged = ragged
        self.name = name or auto_name("keras_tensor")
        self.witness = witness if witness is not None else witness_shapes(self.shape)
        self.scalars: tuple | None = None  # the two values of what depends on unknown dimensions alone
        self.node: Any = None  # the `graph.Node` that makes this tensor
        self.position: tuple = ()  # where it lies in the node's nested output
        self._keras_mask: KerasTensor | None = None
        # The truth value of `a == b` and `a != b` of symbolic tensors: whether they are one, as in `a in [b, c]`.
        self._sameness: bool | None = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def op(self) -> Any:
        """The layer or function that makes this tensor, which has a `name`; None for a tensor made by hand."""
        return None if self.node is None else self.node.operation

    @property
    def _keras_history(self) -> Any:
        return None if self.node is None else self.node.history_of(self)

    def meta(self, run: int) -> Any:
        """Returns what stands for this tensor in run 0 or 1 of shape inference."""
        if self.scalars is not None:
            return self.scalars[run]
        if self.dtype == "string":
            return stand_in(self.witness[run])
        return torch.empty(self.witness[run], dtype=torch_dtype(self.dtype), device="meta")

    def size(self, dim: int | None = None) -> Any:
        """Returns the size of an axis, symbolic where it is unknown, or all of them."""
        if dim is None:
            return tuple(self.size(axis) for axis in range(self.ndim))
        known = self.shape[dim]
        return known if known is not None else _record_method("size", (self, dim), {})

    def set_shape(self, shape: Any) -> None:
        """Fills in sizes that are unknown.

        Args:
            shape: integers and None.

        Raises:
            ShapeError: when it contradicts what is known.
        """
        self.shape = self.shape.merge_with(shape)
        self.witness = tuple(
            tuple(size if known is None else known for known, size in zip(self.shape, sizes, strict=True))
            for sizes in self.witness
        )

    def numpy(self) -> Any:
        """Raises an error: there are no values."""
        raise self._no_value("has no values")

    def dim(self) -> int:
        """Returns the number of axes."""
        return self.ndim

    def reshape(self, *newshape: Any) -> KerasTensor:
        """Returns the tensor with another shape; None or -1 stands for one unknown axis."""
        return _record_method("reshape", (self, *_plain_shape(newshape)), {})

    def view(self, *newshape: Any) -> KerasTensor:
        """Returns the tensor with another shape; None or -1 stands for one unknown axis."""
        return _record_method("view", (self, *_plain_shape(newshape)), {})

    def squeeze(self, axis: int | None = None) -> KerasTensor:
        """Returns the tensor without axes of length one, or without the given one."""
        return _record_method("squeeze", (self,) if axis is None else (self, axis), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(torch.Tensor, name):
            raise AttributeError(f"'KerasTensor' object has no attribute {name!r}")
        if callable(getattr(torch.Tensor, name)):
            return lambda *args, **kwargs: _record_method(name, (self, *args), kwargs)
        return _record_function(getattr, (self, name), {})

    @classmethod
    def __torch_function__(
        cls, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        return _record_function(func, args, kwargs or {})

    def __getitem__(self, key: Any) -> KerasTensor:
        axes, forward_key = forwards(key)
        x = self.flip(axes) if axes else self
        return _record_function(operator.getitem, (x, forward_key), {})

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        if self._sameness is not None:
            return self._sameness
        raise self._no_value("has no truth value")

    def __iter__(self) -> Any:
        if not self.shape or self.shape[0] is None:
            raise self._no_value("cannot be iterated over, as the size of its first axis is unknown")
        return (self[i] for i in range(self.shape[0]))

    def __len__(self) -> int:
        if not self.shape or self.shape[0] is None:
            raise self._no_value("has no length")
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._no_value("has no array value: use torch functions in the place of NumPy's")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        # The operators of NumPy arrays come here as functions; no other function of NumPy can work.
        function = UFUNC_OPERATORS.get(ufunc.__name__)
        if function is None or method != "__call__" or kwargs:
            raise self._no_value(
                f"cannot go into NumPy's `{ufunc.__name__}`: use torch functions in its place"
            )
        return _record_function(function, inputs, {})

    def __array_function__(self, func: Any, types: Any, args: tuple, kwargs: dict) -> Any:
        if func.__name__ in ("shape", "ndim"):
            return getattr(self, func.__name__)
        raise self._no_value(f"cannot go into NumPy's `{func.__name__}`: use torch functions in its place")

    def __round__(self, digits: int = 0) -> KerasTensor:
        return _record_function(torch.round, (self,), {"decimals": digits})

    def __float__(self) -> float:
        raise self._no_value("has no float value")

    def __int__(self) -> int:
        raise self._no_value("has no integer value")

    def _no_value(self, what: str) -> ArgumentTypeError:
        return ArgumentTypeError(
            f"A symbolic KerasTensor {what}. It stands for a tensor that is known only when the model runs. "
            f"Received: {self!r}. Put such code into the `call` of a `Layer`."
        )

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


def _plain_shape(newshape: tuple) -> list:
    dims = newshape[0] if len(newshape) == 1 and isinstance(newshape[0], (tuple, list)) else newshape
    return [-1 if d is None else d for d in dims]


# Filled by `core.tracing`, which knows how to record: the layer above this one.
_recorders: dict[str, Callable] = {}


def _record_function(func: Callable, args: tuple, kwargs: dict) -> Any:
    return _recorders["function"](func, args, kwargs)


def _record_method(name: str, args: tuple, kwargs: dict) -> Any:
    return _recorders["method"](name, args, kwargs)


def _comparison(func: Callable) -> Callable:
    def compare(self: KerasTensor, other: Any) -> Any:
        result = _record_function(func, (self, other), {})
        if isinstance(other, KerasTensor):
            result._sameness = func(id(self), id(other))
        return result

    return compare


def _add_operators() -> None:
    def binary(func: Callable, swapped: bool) -> Callable:
        if swapped:
            return lambda self, other: _record_function(func, (other, self), {})
        return lambda self, other: _record_function(func, (self, other), {})

    def unary(func: Callable) -> Callable:
        return lambda self: _record_function(func, (self,), {})

    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor"):
        label = name.rstrip("_")
        setattr(KerasTensor, f"__{label}__", binary(getattr(operator, name), False))
        setattr(KerasTensor, f"__r{label}__", binary(getattr(operator, name), True))
    for name in ("lt", "le", "gt", "ge"):
        setattr(KerasTensor, f"__{name}__", binary(getattr(operator, name), False))
    for name in ("eq", "ne"):
        setattr(KerasTensor, f"__{name}__", _comparison(getattr(operator, name)))
    for name in ("neg", "pos", "abs", "invert"):
        setattr(KerasTensor, f"__{name}__", unary(getattr(operator, name)))


_add_operators()


class InputSpec:
    """What a layer demands of an input: rank, shape, sizes of axes, data type.

    Args:
        dtype: expected data type, or None for any.
        shape: expected shape with None for any size, or None for any shape.
        ndim: expected number of axes.
        max_ndim: largest number of axes.
        min_ndim: smallest number of axes.
        axes: a dictionary of axis and expected size.
        allow_last_axis_squeeze: whether a last axis of length one may be missing or extra.
        name: the key of this input when inputs come as a dictionary.
        optional: whether the input may be None.

    Raises:
        InvalidArgumentError: when `axes` is no dictionary of integers, or does not fit the rank.

    Example:
        >>> InputSpec(min_ndim=2, axes={-1: 8})
        InputSpec(min_ndim=2, axes={-1: 8})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else standardize_dtype(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.allow_last_axis_squeeze, self.name, self.optional = allow_last_axis_squeeze, name, optional
        try:
            self.axes = {int(k): v for k, v in (axes or {}).items()}
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidArgumentError(
                f"Argument `axes` must be a dict with integer keys. Received: axes={axes}"
            ) from error
        top = self.ndim if self.ndim is not None else self.max_ndim
        if self.axes and top is not None and max(self.axes) > top:
            raise InvalidArgumentError(
                f"Axis {max(self.axes)} is greater than the maximum allowed value: {top - 1}. Received: axes={axes}"
            )

    def __repr__(self) -> str:
        keys = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        given = [f"{k}={getattr(self, k)}" for k in keys if getattr(self, k)]
        return f"InputSpec({', '.join(given)})"

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        keys = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return {k: getattr(self, k) for k in keys}

    @classmethod
    def from_config(cls, config: dict) -> InputSpec:
        """Returns a specification made from what `get_config` returned."""
        return cls(**config)

    def fault(self, shape: tuple, dtype: str) -> str | None:
        """Returns what is wrong with an input of this shape and type, or None."""
        rank = len(shape)
        if self.shape is not None and self.allow_last_axis_squeeze and shape and shape[-1] == 1:
            shape, rank = shape[:-1], rank - 1
        if self.ndim is not None and rank != self.ndim and not self.allow_last_axis_squeeze:
            return f"expected ndim={self.ndim}, found ndim={rank}. Full shape received: {shape}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={rank}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={rank}. Full shape received: {shape}"
        if self.dtype is not None and dtype != self.dtype:
            return f"expected dtype={self.dtype}, found dtype={dtype}"
        for axis, size in self.axes.items():
            if size is not None and -rank <= axis < rank and shape[axis] not in (size, None):
                return f"expected axis {axis} of input shape to have value {size}, but received shape {shape}"
        return self._shape_fault(shape)

    def _shape_fault(self, shape: tuple) -> str | None:
        if self.shape is None:
            return None
        wanted = self.shape
        if self.allow_last_axis_squeeze and wanted and wanted[-1] == 1:
            wanted = wanted[:-1]
        fits = len(wanted) == len(shape) and all(
            w is None or s is None or w == s for w, s in zip(wanted, shape, strict=True)
        )
        return None if fits else f"expected shape={self.shape}, found shape={shape}"


def check_input_spec(specs: Any, inputs: list, layer: str) -> None:
    """Checks inputs against a layer's specifications.

    Args:
        specs: one `InputSpec` or a list of them.
        inputs: the tensors, in the same order.
        layer: the layer's name, for the error.

    Raises:
        ShapeError: when the number of inputs, or one of them, is not what the layer wants.
    """
    specs = list(specs) if isinstance(specs, (list, tuple)) else [specs]
    if len(inputs) != len(specs):
        raise ShapeError(
            f'Layer "{layer}" expects {len(specs)} input(s), but it received {len(inputs)} input tensors. '
            f"Inputs received: {[tuple(getattr(x, 'shape', ())) for x in inputs]}"
        )
    for index, (spec, x) in enumerate(zip(specs, inputs, strict=True)):
        if spec is None or (x is None and spec.optional):
            continue
        if x is None or not hasattr(x, "shape"):
            raise ShapeError(
                f"Inputs to a layer should be tensors. Got {x!r} (of type {type(x)}) as input for layer {layer!r}."
            )
        fault = spec.fault(tuple(x.shape), standardize_dtype(x.dtype))
        if fault:
            raise ShapeError(f'Input {index} of layer "{layer}" is incompatible with the layer: {fault}')


def raise_disconnected(tensor: KerasTensor) -> None:
    """Raises the error for an output that no input leads to.

    Raises:
        GraphError: always.
    """
    raise GraphError(
        "`inputs` not connected to `outputs`: the graph reaches "
        f"{tensor!r}, which none of the given `inputs` produces. Received a tensor made by another `Input`, or one "
        "that is missing from `inputs`."
    )
