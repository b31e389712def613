"""What scripts expect of a tensor and torch's tensors lack: importing kerastorch adds it to them.

A tensor here is a plain `torch.Tensor`. A class of our own around it would cost microseconds in each operation of the
training loop and end at `torch.compile`; a tensor made by one library and used by another would change what it can do.
So what is missing is added to torch's own classes, once: new names, and an answer where torch raised an error.

- `torch.Tensor`: `numpy()` and `np.asarray` on any tensor, operators with arrays on either side (`core.arrays`),
  negative steps (`core.slices`), `get_shape()`, `set_shape()`, `ref()`, `eval()`.
- `torch.Size`: the methods of `core.tensor_shape.Shape`, such as `x.shape.as_list()`.
- `torch.dtype`: the properties of `core.type_names.TypeFacts`, such as `x.dtype.name`, and `x.dtype == "float32"`,
  which Keras's variables answer and torch's types denied. As with NumPy's types, equal does not mean equal hashes.

Indexing costs 0.2 microseconds more for it, and so does the comparison of two types with `==`; operations on tensors
cost nothing. NumPy's functions give arrays of every tensor (`core.arrays`); torch took a method of the tensor for some
of them, most of which failed.

Left out: `x.shape == [2, 3]` and `x.shape + [3]`, for shapes are compared everywhere (a tuple is what they take); and
names that others look for to learn what they were given, such as `value`, `assign` and `astype`.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import warnings
from typing import Any

import numpy as np
import torch

from kerastorch.core.arrays import apply_function, apply_ufunc, as_array, host_array
from kerastorch.core.slices import forwards
from kerastorch.core.tensor_shape import Shape
from kerastorch.core.type_names import TypeFacts
from kerastorch.dtypes import standardize_dtype

_numpy_of_torch = torch.Tensor.numpy
_item_of_torch = torch._C.TensorBase.__getitem__
_IMMUTABLE = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE


class Reference:
    """A key that stands for a tensor in dictionaries and sets.

    Args:
        tensor: a tensor, of any kind.

    Example:
        >>> x = torch.ones(2)
        >>> {Reference(x): "x"}[Reference(x)], Reference(x).deref() is x
        ('x', True)

    Source: `tf.Tensor.ref`.
    """

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor

    def deref(self) -> Any:
        """Returns the tensor."""
        return self._tensor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other._tensor is self._tensor

    def __hash__(self) -> int:
        return id(self._tensor)

    def __repr__(self) -> str:
        return f"<Reference to {self._tensor!r}>"


class TensorMethods:
    """The methods of TensorFlow's tensors that all kinds of tensors share."""

    shape: Any

    def get_shape(self) -> Any:
        """Returns the shape."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Checks the shape against one that allows None for any size.

        Args:
            shape: integers and None.

        Raises:
            ShapeError: when the tensor's shape is another one.
        """
        self.shape.assert_is_compatible_with(shape)

    def ref(self) -> Reference:
        """Returns a key for dictionaries; `key.deref()` is the tensor."""
        return Reference(self)

    def experimental_ref(self) -> Reference:
        """Returns what `ref` does."""
        return Reference(self)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Returns the values as a NumPy array.

        Args:
            feed_dict: has no effect.
            session: has no effect.
        """
        return self.numpy()  # type: ignore[attr-defined]


@functools.wraps(_numpy_of_torch)
def _numpy(self: torch.Tensor, *, force: bool = False) -> np.ndarray:
    if self.device.type == "meta":
        return _numpy_of_torch(self, force=force)  # which says that there are no values
    lazy = self.is_conj() or self.is_neg()
    as_is = self.device.type == "cpu" and not self.requires_grad and not lazy
    if as_is and self.dtype is not torch.bfloat16:
        return _numpy_of_torch(self)
    return host_array(self)


@functools.wraps(_item_of_torch)
def _item(self: torch.Tensor, key: Any) -> torch.Tensor:
    try:
        return _item_of_torch(self, key)
    except ValueError:
        axes, forward_key = forwards(key)
        if not axes:
            raise
        return _item_of_torch(self.flip(axes), forward_key)


def _extend(kind: type, members: dict[str, Any]) -> None:
    """Sets attributes of a class written in C, which a flag of its structure forbids otherwise."""
    place = object.__basicsize__ + 19 * tuple.__itemsize__  # `tp_flags` comes after the size and 18 pointers
    flags = ctypes.c_ulong.from_address(id(kind) + place)
    if sys.implementation.name != "cpython" or flags.value != kind.__flags__:
        warnings.warn(
            f"{kind} is laid out in an unknown way by this build of Python, so that kerastorch cannot add "
            f"{sorted(members)} to it; all else works.",
            stacklevel=2,
        )
        return
    flags.value &= ~_IMMUTABLE
    try:
        for name, member in members.items():
            if name == "__eq__" or not hasattr(kind, name):
                setattr(kind, name, member)
    finally:
        flags.value |= _IMMUTABLE


def _is_same_type(self: torch.dtype, other: object) -> bool:
    if isinstance(other, torch.dtype):
        return self is other
    if isinstance(other, str):
        return standardize_dtype(self) == other
    if isinstance(other, np.dtype) or (isinstance(other, type) and issubclass(other, np.generic)):
        return standardize_dtype(self) == np.dtype(other).name
    return NotImplemented


def _name_of_type(self: torch.dtype) -> str:
    # torch's writer of ONNX files takes whatever has a name for a node of its graph
    if sys._getframe(1).f_globals.get("__name__", "").startswith("torch.onnx."):
        raise AttributeError("name")
    return standardize_dtype(self)


def _public(kind: type) -> dict[str, Any]:
    return {name: member for name, member in vars(kind).items() if not name.startswith("_")}


def install() -> None:
    """Adds what is missing to torch's classes; a second call changes nothing.

    Example:
        >>> install()
        >>> x = 2 * torch.ones(2, requires_grad=True)
        >>> x.numpy(), x.shape.as_list(), x.dtype.name
        (array([2., 2.], dtype=float32), [2], 'float32')
    """
    added = {
        "numpy": _numpy,
        "__getitem__": _item,
        "__array__": as_array,
        "__array_ufunc__": apply_ufunc,
        "__array_function__": apply_function,
        **_public(TensorMethods),
    }
    for name, member in added.items():
        setattr(torch.Tensor, name, member)
    _extend(torch.Size, _public(Shape))
    facts = {**_public(TypeFacts), "name": property(_name_of_type, doc=TypeFacts.name.__doc__)}
    _extend(torch.dtype, {**facts, "__eq__": _is_same_type})


install()
