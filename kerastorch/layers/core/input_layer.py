"""Where a graph begins."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Sequence
from typing import Any

from kerastorch import registry
from kerastorch.core.graph import Node
from kerastorch.core.spec import KerasTensor
from kerastorch.core.tracing import watch_modules
from kerastorch.dtypes import standardize_dtype
from kerastorch.errors import (
    ArgumentTypeError,
    InvalidArgumentError,
    ShapeError,
    UnknownArgumentError,
    did_you_mean,
)
from kerastorch.layers.core.torch_module import wrapper_of
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class InputLayer(Layer):
    """The layer behind an `Input`: it holds the shape and type of what a model takes.

    Args:
        shape: the shape of one sample, without the batch axis; integers and None.
        batch_size: the number of samples in a batch, or None for any.
        dtype: a data type; None takes `floatx()`.
        sparse: must be False or None; sparse tensors are not made here.
        ragged: must be False or None; ragged tensors are not made here.
        batch_shape: the shape with the batch axis, in place of `shape` and `batch_size`.
        input_tensor: a symbolic tensor to stand for.
        optional: whether the input may be None.
        name: the layer's name.
        **kwargs: `input_shape` and `batch_input_shape`, the names of Keras 2.

    Raises:
        ArgumentTypeError: when `input_tensor` is no symbolic tensor.
        InvalidArgumentError: when there is no shape, or both kinds, or `input_tensor` has another one.
        ShapeError: when the shape holds something else than positive integers and None.

    Example:
        >>> InputLayer(shape=(3,)).output.shape
        (None, 3)

    Source: `keras.layers.InputLayer`.
    """

    is_input_layer = True

    def __init__(
        self,
        shape: Sequence[int | None] | int | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: KerasTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if input_tensor is not None and not isinstance(input_tensor, KerasTensor):
            raise ArgumentTypeError(
                f"Argument `input_tensor` must be a KerasTensor. Received: an object of type {type(input_tensor)}."
            )
        super().__init__(name=name or (input_tensor.name if input_tensor is not None else None))
        if "input_shape" in kwargs:
            warnings.warn("Argument `input_shape` is deprecated. Use `shape` instead.", stacklevel=2)
            shape = kwargs.pop("input_shape")
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if kwargs:
            known = list(inspect.signature(Input).parameters)[:-1]
            raise UnknownArgumentError(
                f"InputLayer received unknown arguments: {sorted(kwargs)}. Expected some of {known}."
                f"{did_you_mean(min(kwargs), known)}"
            )
        if input_tensor is not None:
            _check_against(input_tensor, shape, batch_shape, batch_size, dtype, sparse)
            batch_shape, dtype, shape, batch_size = input_tensor.shape, input_tensor.dtype, None, None
        if sparse or ragged:
            raise InvalidArgumentError(
                f"`{'sparse' if sparse else 'ragged'}=True` is not supported: InputLayer {self.name!r} makes dense "
                f"tensors only. Received: sparse={sparse}, ragged={ragged}. Pad ragged data and use a mask."
            )
        self.batch_shape = _full_shape(shape, batch_size, batch_shape)
        self._input_dtype = standardize_dtype(dtype)
        self.sparse, self.ragged, self.optional = False, False, optional
        self.built = True
        output = KerasTensor(self.batch_shape, self._input_dtype, name=self.name)
        if input_tensor is not None and input_tensor.node is None:
            output = input_tensor
        elif input_tensor is not None:  # the result of a layer, whose place in its graph stays as it is
            output.witness = input_tensor.witness
        Node(self, (), {}, output)
        watch_modules(wrapper_of)

    def call(self, inputs: Any = None) -> Any:
        """Returns what it is given: an input layer computes nothing."""
        return inputs

    @property
    def dtype(self) -> str:
        """The type of the input."""
        return self._input_dtype

    @property
    def batch_size(self) -> int | None:
        """The number of samples in a batch, or None for any."""
        return self.batch_shape[0]

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "batch_shape": self.batch_shape,
            "dtype": self._input_dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config: dict) -> InputLayer:
        """Returns a layer made from what `get_config` returned."""
        return cls(**config)


def _check_against(
    tensor: KerasTensor, shape: Any, batch_shape: Any, batch_size: Any, dtype: Any, sparse: Any
) -> None:
    """Raises the error for an argument that says something else than the symbolic tensor to stand for."""
    given = {
        "batch_size": (batch_size, tensor.shape[:1] == (batch_size,)),
        "shape": (shape, shape is not None and tuple(shape) == tensor.shape[1:]),
        "batch_shape": (batch_shape, batch_shape is not None and tuple(batch_shape) == tensor.shape),
        "dtype": (dtype, dtype is not None and standardize_dtype(dtype) == tensor.dtype),
        "sparse": (sparse, sparse == tensor.sparse),
    }
    for name, (value, fits) in given.items():
        if value is not None and not fits:
            raise InvalidArgumentError(
                f"When providing the `input_tensor` argument, you cannot provide an incompatible `{name}` argument. "
                f"Received: {name}={value}, input_tensor={tensor!r}."
            )


def _full_shape(shape: Any, batch_size: int | None, batch_shape: Any) -> tuple:
    if shape is not None and batch_shape is not None:
        raise InvalidArgumentError("You cannot pass both `shape` and `batch_shape` at the same time.")
    if batch_size is not None and batch_shape is not None:
        raise InvalidArgumentError("You cannot pass both `batch_size` and `batch_shape` at the same time.")
    if batch_shape is None and shape is None:
        raise InvalidArgumentError("You must pass a `shape` argument.")
    if batch_shape is None:
        batch_shape = (batch_size, *((shape,) if isinstance(shape, int) else shape))
    return tuple(None if d is None else _size(d, batch_shape) for d in batch_shape)


def _size(dim: Any, shape: Any) -> int:
    if isinstance(dim, bool) or not hasattr(dim, "__index__") or int(dim) < 0:
        raise ShapeError(
            f"Cannot convert {shape!r} to a shape. Every entry must be a non-negative integer or None. Found invalid "
            f"entry {dim!r} of type {type(dim).__name__}."
        )
    return int(dim)


def Input(
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
    optional: bool = False,
    **kwargs: Any,
) -> KerasTensor:
    """Returns a symbolic tensor: the start of a functional model.

    Args:
        shape: the shape of one sample, without the batch axis; integers and None.
        batch_size: the number of samples in a batch, or None for any.
        dtype: a data type; None takes `floatx()`.
        sparse: must be False or None.
        ragged: must be False or None.
        batch_shape: the shape with the batch axis, in place of `shape` and `batch_size`.
        name: the name of the input layer, and the key of this input in dictionaries of data.
        tensor: a symbolic tensor to stand for.
        optional: whether the input may be None.
        **kwargs: `batch_input_shape`, the name of Keras 1 and 2.

    Returns:
        A `KerasTensor`.

    Raises:
        InvalidArgumentError: when there is no shape, or both kinds.
        ShapeError: when the shape holds something else than positive integers and None.

    Example:
        >>> Input(shape=(28, 28, 1)).shape
        (None, 28, 28, 1)

    Source: `keras.Input`.
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
        **kwargs,
    )
    return layer.output
