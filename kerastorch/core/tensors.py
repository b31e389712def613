"""What scripts expect of a tensor and torch's tensors lack: importing kerastorch adds it to them.

A tensor here is a plain `torch.Tensor`. A class of our own around it would cost microseconds in each operation of the
training loop and end at `torch.compile`; a tensor made by one library and used by another would change what it can do.
So what is missing is added to torch's own classes, once, and by three rules: nothing that works in torch costs more or
means something else in the loop, errors that guard against wrong results stay errors, and each addition is a few lines.

- `torch.Tensor`: `numpy()` and `np.asarray` on any tensor, operators with arrays on either side (`core.arrays`),
  negative steps (`core.slices`), `get_shape()`, `set_shape()`, `ref()`, `eval()`. Indexing costs 0.2 microseconds
  more; everything else is only reached where torch raised an error, or is a new name.
- `torch.Size`: the methods of `core.tensor_shape.Shape`, such as `x.shape.as_list()`.
- `torch.dtype`: the properties of `core.type_names.TypeFacts`, such as `x.dtype.name`.

Left out on purpose: `x.dtype == "float32"`, which is False in torch and in Keras on torch, since it would take a
comparison in Python for each comparison of types; `x.shape == [2, 3]` and `x.shape + [3]` (a tuple is what they take);
and names that others test for to learn what they were given, such as `value` and `assign`.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import numpy as np
import torch

from kerastorch.core.arrays import apply_function, apply_ufunc, as_array, host_array
from kerastorch.core.slices import forwards
from kerastorch.core.tensor_shape import Shape
from kerastorch.core.type_names import TypeFacts

_numpy_of_torch = torch.Tensor.numpy
_item_of_torch = torch._C.TensorBase.__getitem__


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


def _add_to_c_type(kind: type, name: str, member: Any) -> None:
    """Sets an attribute of a class written in C, which refuses `setattr`."""
    python = ctypes.pythonapi
    python.PyObject_GenericSetAttr.argtypes = [ctypes.py_object] * 3
    python.PyObject_GenericSetAttr(kind, name, member)
    python.PyType_Modified.argtypes = [ctypes.py_object]
    python.PyType_Modified(kind)


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
    for kind, source in ((torch.Size, Shape), (torch.dtype, TypeFacts)):
        for name, member in _public(source).items():
            if not hasattr(kind, name):
                _add_to_c_type(kind, name, member)


install()
