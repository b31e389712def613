"""A batch as the user's data gave it, made ready for a step: tensors of the right type on the right device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.config import floatx
from kerastorch.core.strings import StringTensor, is_texts
from kerastorch.data.class_weights import ClassWeights
from kerastorch.data.convert import is_array_like, map_arrays, to_tensor
from kerastorch.data.parts import unpack
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import DataError

_PARTS = ("x", "y", "sample_weight")


class Prepared:
    """What turns batches of any source into `x`, `(x, y)` or `(x, y, sample_weight)` of tensors on a device.

    Args:
        class_weight: see `class_weights.ClassWeights`; None for no weights.
        device: where batches are wanted; None leaves them where they are.
        output_names: the names of the model's outputs.

    Example:
        >>> Prepared()(([[1.0, 2.0]], [3]))
        (tensor([[1., 2.]]), tensor([3]))
    """

    def __init__(
        self,
        class_weight: Any = None,
        device: torch.device | None = None,
        output_names: list[str] | None = None,
    ) -> None:
        self._weights = (
            None if class_weight is None else ClassWeights(class_weight, output_names or ["output"])
        )
        self._device = device
        self._pins = device is not None and device.type == "cuda"

    def __call__(self, batch: Any) -> Any:
        """Returns a batch as tensors.

        Args:
            batch: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`; the parts are arrays, tensors, data frames, lists
                of numbers, or nested structures of them.

        Raises:
            DataError: when it is something else, or class weights have no targets.
        """
        self._float = torch_dtype(floatx())
        if isinstance(batch, list):
            batch = tuple(batch)
        if is_texts(batch):  # a batch of texts alone, as `DataLoader` puts them together
            batch = (batch,)
        if type(batch) is tuple and 0 < len(batch) < 4:
            batch = tuple([self._part(part, what) for part, what in zip(batch, _PARTS, strict=False)])
        else:
            batch = self._part(unpack(batch)[0], "x")
        return batch if self._weights is None else self._weighted(batch)

    def _part(self, part: Any, what: str) -> Any:
        if isinstance(part, (torch.Tensor, np.ndarray)):
            return self._leaf(part, what)
        if isinstance(part, Mapping) and not isinstance(part, dict):
            part = dict(part)
        return map_arrays(lambda leaf: self._leaf(leaf, what), part)

    def _leaf(self, leaf: Any, what: str) -> Any:
        if isinstance(leaf, torch.Tensor):
            tensor = leaf.detach() if leaf.requires_grad else leaf
        elif leaf is None:
            return None
        else:
            tensor = to_tensor(_known(leaf, what), what)
            if isinstance(tensor, StringTensor):
                return tensor
        # A memory-mapped array is not cast by `to_tensor`, and a device without float64 gets float32.
        dtype = self._float if tensor.is_floating_point() else tensor.dtype
        if self._device is None or tensor.device == self._device:
            return tensor if tensor.dtype is dtype else tensor.to(dtype)
        if self._pins and tensor.device.type == "cpu":
            tensor = tensor.to(dtype).pin_memory()
        return tensor.to(self._device, dtype, non_blocking=True)

    def _weighted(self, batch: Any) -> Any:
        x, y, sample_weight = unpack(batch)
        if y is None:
            raise DataError("`class_weight` needs targets. Received a batch without them: expected `(x, y)`.")
        return x, y, self._weights(y, sample_weight)  # type: ignore[misc]


def _known(leaf: Any, what: str) -> Any:
    """A leaf that is an array, or can become one."""
    if is_array_like(leaf):
        return leaf
    if isinstance(leaf, (bool, int, float, np.generic)):
        return np.asarray(leaf)
    if hasattr(leaf, "__array__") or hasattr(leaf, "__dlpack__"):
        return np.asarray(leaf)
    raise DataError(
        f"A batch holds a value of type {type(leaf).__name__} in `{what}`: {_shown(leaf)}. Expected `x`, `(x, y)` or "
        "`(x, y, sample_weight)` of NumPy arrays, torch tensors, data frames, lists of numbers, or lists and "
        "dictionaries of these."
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."
