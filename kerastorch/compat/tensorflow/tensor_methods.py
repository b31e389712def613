"""What importing `kerastorch.compat.tensorflow` adds to torch's tensors.

A tensor of this namespace is a plain `torch.Tensor`. Scripts for TensorFlow use two things that those lack:

- `x.get_shape()` and `x.set_shape(shape)`, which torch's tensors do not have;
- `x.numpy()` on a tensor that takes part in gradients, lies on a GPU or is conjugated lazily, which is an error in
  torch and gives its values here, as a copy. Any other tensor keeps torch's own `numpy`, which shares its memory.

Nothing that works in torch works otherwise afterwards. What cannot be had on C types: `x.shape.as_list()`
(write `x.get_shape().as_list()` or `list(x.shape)`) and `x.dtype.name` (write `tf.as_dtype(x.dtype).name`).
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.shapes import TensorShape
from kerastorch.core.spec import KerasTensor
from kerastorch.core.variable import host_array

_numpy_of_torch = torch.Tensor.numpy


@functools.wraps(_numpy_of_torch)
def _numpy(self: torch.Tensor, *, force: bool = False) -> np.ndarray:
    if isinstance(self, KerasTensor) or self.device.type == "meta":
        return _numpy_of_torch(self, force=force)  # which says that there are no values
    lazy = self.is_conj() or self.is_neg()
    if force or (self.device.type == "cpu" and not self.requires_grad and not lazy):
        return _numpy_of_torch(self, force=force)
    return host_array(self.resolve_conj().resolve_neg())


def _get_shape(self: Any) -> TensorShape:
    """Returns the shape as a `tf.TensorShape`."""
    return TensorShape(tuple(self.shape))


def _set_shape(self: Any, shape: Any) -> None:
    """Checks the shape against one that allows None for any size.

    Raises:
        ShapeError: when the tensor's shape is another one.
    """
    _get_shape(self).assert_is_compatible_with(shape)


def install() -> None:
    """Adds the methods; a second call changes nothing.

    Example:
        >>> install()
        >>> x = torch.ones(2, requires_grad=True)
        >>> x.get_shape().as_list(), (x * 2).numpy().tolist()
        ([2], [2.0, 2.0])
    """
    if torch.Tensor.numpy is not _numpy:
        torch.Tensor.numpy = _numpy  # type: ignore[method-assign, assignment]
    for owner in (torch.Tensor, KerasTensor):
        for name, method in {"get_shape": _get_shape, "set_shape": _set_shape}.items():
            setattr(owner, name, method)


install()
