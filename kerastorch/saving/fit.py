"""Saved values and the tensors that they belong to: all are compared before any is set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from kerastorch.errors import ShapeError
from kerastorch.saving.h5 import Saved
from kerastorch.saving.notices import warn_user
from kerastorch.saving.placed import InFile


class Fit:
    """Collects what a file has and what a model expects, and sets the values once everything is known to fit.

    Args:
        model: the model.

    Example:
        >>> from types import SimpleNamespace
        >>> fit, weight = Fit(SimpleNamespace(name="model")), torch.zeros(2)
        >>> fit.add([("weight", weight, np.ones(2))])
        >>> fit.finish()
        >>> weight
        tensor([1., 1.])
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.values: list[tuple[torch.Tensor, Saved]] = []
        self.faults: dict[str, str] = {}

    def add(self, rows: Iterable[tuple[str, torch.Tensor | None, Saved | None]]) -> None:
        """Takes names with the tensor of the model and the value in the file; either may be missing.

        Args:
            rows: `(name, tensor, value)`.
        """
        for name, tensor, value in rows:
            if value is None:
                if tensor is not None:
                    self.faults[name] = (
                        f"the model expects shape {tuple(tensor.shape)}, the file does not have it"
                    )
            elif tensor is None:
                self.faults[name] = f"the file has shape {np.shape(value)}, the model does not have it"
            elif tuple(tensor.shape) != np.shape(value):
                self.faults[name] = (
                    f"the model expects shape {tuple(tensor.shape)}, the file has {np.shape(value)}"
                )
            elif _is_no_number_of(tensor, value):
                self.faults[name] = f"the model expects {tensor.dtype}, the file has {value.dtype}"  # type: ignore[union-attr]
            else:
                self.values.append((tensor, value))

    def check(self, skip_mismatch: bool = False) -> None:
        """Reports what does not fit.

        Args:
            skip_mismatch: whether a warning for each takes the place of the error. Default: False.

        Raises:
            ShapeError: when something does not fit; it names each weight.
        """
        if self.faults and not skip_mismatch:
            lines = "\n".join(f"  {name}: {text}" for name, text in self.faults.items())
            raise ShapeError(
                f"The saved weights do not fit model {self.model.name!r}, and nothing was loaded. "
                f"{len(self.faults)} of them differ:\n{lines}\nPass `skip_mismatch=True` to load only those that fit."
            )
        for name, text in self.faults.items():
            warn_user(f"The weight {name} is not loaded: {text}.")

    def finish(self, skip_mismatch: bool = False) -> None:
        """Sets the values of everything that fits.

        Args:
            skip_mismatch: whether the rest is left as it is, after a warning for each. Default: False.

        Raises:
            ShapeError: when something does not fit; nothing is changed then.
        """
        self.check(skip_mismatch)
        for tensor, value in self.values:
            set_value(tensor, value)


def _is_no_number_of(tensor: torch.Tensor, value: Any) -> bool:
    """Whether a value is text or an object, or complex where the tensor is not."""
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, torch.dtype):
        return dtype.is_complex and not tensor.is_complex()
    kind = getattr(dtype, "kind", "f")
    return kind not in "biufc" or (kind == "c" and not tensor.is_complex())


def settle(model: Any) -> None:
    """Lets layers with weights that keep what follows from these, such as a standard deviation, make it anew.

    Args:
        model: a model whose weights have been set.
    """
    for layer in model._flatten_layers():
        if hasattr(layer, "finalize_state") and layer.weights:
            layer.finalize_state()


def set_value(tensor: torch.Tensor, value: Saved) -> None:
    """Sets a tensor or variable in place.

    Args:
        tensor: the tensor.
        value: an array of its shape, which may still be in its file.
    """
    if isinstance(value, InFile):
        value.read_into(tensor)
        return
    assign = getattr(tensor, "assign", None)
    if assign is not None:
        assign(value)
        return
    with torch.no_grad():
        tensor.copy_(torch.as_tensor(np.asarray(value), dtype=tensor.dtype))
