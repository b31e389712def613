"""Layers that take plain Python values and strings beside tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.devices import current_device
from kerastorch.core.spec import KerasTensor, merge_shapes
from kerastorch.core.strings import StringTensor, as_strings, is_strings
from kerastorch.data.convert import is_numbers
from kerastorch.layers.layer import Layer


class TakesValues(Layer):
    """A layer whose inputs may be numbers, lists of numbers, and strings of any form, as well as tensors.

    Subclasses define `compute_output_shape`.

    Args:
        **kwargs: base arguments of `Layer`.

    Example:
        >>> class Double(TakesValues):
        ...     def call(self, inputs):
        ...         return inputs * 2
        >>> Double()([1, 2]).tolist()
        [2, 4]
    """

    def _convert(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        return super()._convert(
            tuple(as_values(a) for a in args),
            {k: v if k == "training" else as_values(v) for k, v in kwargs.items()},
        )

    def _convert_leaf(self, x: Any) -> Any:
        return x if isinstance(x, StringTensor) else super()._convert_leaf(x)

    @property
    def output_dtype(self) -> str:
        """The type of the outputs."""
        return self.compute_dtype

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns the symbolic output for symbolic inputs, strings among them, by `compute_output_shape`.

        Args:
            inputs: a symbolic tensor, or a list of them.
            *args: further arguments of `call`.
            **kwargs: the same by name.
        """
        found = [tuple(self.compute_output_shape(_witness_shapes(inputs, run))) for run in (0, 1)]
        return KerasTensor(merge_shapes(*found), self.output_dtype, witness=tuple(found))


def _witness_shapes(inputs: Any, run: int) -> Any:
    """The shapes that stand for those of symbolic inputs in run 0 or 1 of shape inference."""
    return tree.map_structure(lambda tensor: tensor.witness[run], inputs)


def as_values(value: Any) -> Any:
    """Returns numbers and lists of numbers as tensors, strings as a `StringTensor`, and all else as it is.

    Args:
        value: anything; of lists and tuples of several arrays each is looked at on its own.

    Example:
        >>> as_values([[1], [2]]).shape, as_values(["a", "b"]).shape
        (torch.Size([2, 1]), torch.Size([2]))
    """
    if isinstance(value, (torch.Tensor, KerasTensor, StringTensor)) or value is None:
        return value
    if isinstance(value, (list, tuple)) and _holds_parts(value):
        return type(value)(map(as_values, value))
    if is_strings(value):
        return as_strings(value)
    if isinstance(value, (bool, int, float, np.generic)) or is_numbers(value):
        array = np.asarray(value)
        kept = array.astype(np.float32) if array.dtype == np.float64 else array
        return torch.as_tensor(kept, device=current_device())
    return value


def _holds_parts(values: Any) -> bool:
    """Whether a list is one of several inputs, and not a tensor: its parts are arrays, or differ in kind."""
    if any(hasattr(part, "shape") and not isinstance(part, np.generic) for part in values):
        return True
    return len({is_strings(part) for part in values}) > 1


def is_text(value: Any) -> bool:
    """Returns whether a tensor, real or symbolic, holds strings.

    Args:
        value: a tensor.
    """
    return isinstance(value, StringTensor) or getattr(value, "dtype", None) == "string"
