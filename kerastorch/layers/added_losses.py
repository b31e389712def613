"""The losses that layers add themselves: in `call`, by regularized weights and by regularized outputs."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.context import state
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import ArgumentTypeError, GraphError


class LossOwner:
    """The part of `Layer` that adds losses. See `Layer`."""

    _loss_values: list[Any]  # those of the latest call: tensors, and functions that return them
    _loss_functions: list[Callable]  # those that stay

    def add_loss(self: Any, loss: Any = None, inputs: Any = None, *, losses: Any = None) -> None:
        """Adds a value to the loss of this call; call it inside `call`.

        A value of several numbers counts with its sum. A function that is added outside of `call` stays, and is
        called each time that losses are read.

        Args:
            loss: a scalar tensor, a number, a function of no arguments that returns one, or a list of them.
            inputs: accepted for Keras 2 and not needed.
            losses: Keras 2's name of `loss`.

        Raises:
            ArgumentTypeError: for a value of another type.
            GraphError: for a symbolic tensor, which only models with a graph take.

        Source: `keras.Layer.add_loss`.
        """
        calling = any(layer is self for layer in state.stack)
        for value in tree.flatten(loss if losses is None else losses):
            if value is None or (state.inferring and (calling or not callable(value))):
                continue
            stays = callable(value) and not isinstance(value, torch.Tensor) and not calling
            (self._loss_functions if stays else self._loss_values).append(_checked(value, self))
            self._note_added_loss()

    def _note_added_loss(self: Any) -> None:
        """Lets this layer, and the layers that are calling it, be asked for losses from now on."""
        state.added_losses += 1
        for layer in (self, *state.stack):
            layer.__dict__["_records_losses"] = True
            layer._forget_inputs()

    @property
    def losses(self: Any) -> list[torch.Tensor]:
        """The values added in the latest call, then the penalties of the regularized weights."""
        layers = [m for m in self.modules() if isinstance(m, LossOwner)]
        added = [value for m in layers for value in (*m._loss_values, *m._loss_functions)]
        values = [v() if callable(v) and not isinstance(v, (torch.Tensor, KerasTensor)) else v for v in added]
        penalties = [v.regularizer(v) for v in self._regularized_weights()]
        return [v for v in values if v is not None] + penalties

    def _regularized_weights(self: Any) -> list[torch.Tensor]:
        return [v for v in self.trainable_weights if getattr(v, "regularizer", None) is not None]

    def _clear_losses(self: Any) -> None:
        for module in self.modules():
            if isinstance(module, LossOwner):
                module._loss_values.clear()

    def _adds_losses(self: Any) -> bool:
        """Whether this layer, or one inside it, has added losses before."""
        return any(isinstance(m, LossOwner) and m.__dict__["_records_losses"] for m in self.modules())

    def _regularize_activity(self: Any, outputs: Any) -> None:
        for x in tree.flatten(outputs):
            if isinstance(x, torch.Tensor):
                value = self.activity_regularizer(x)
                self.add_loss(value / max(x.shape[0], 1) if x.ndim else value)  # a mean over the batch


def _checked(value: Any, layer: Any) -> Any:
    if isinstance(value, KerasTensor):
        raise GraphError(
            f"`add_loss` of layer {layer.name!r} received the symbolic tensor {value!r}, which has no value. Call "
            "`self.add_loss(...)` inside the layer's `call`, or `model.add_loss(...)` on a functional model."
        )
    if isinstance(value, Number):
        return torch.as_tensor(value, dtype=torch.get_default_dtype())
    if not isinstance(value, torch.Tensor) and not callable(value):
        raise ArgumentTypeError(
            f"`add_loss` of layer {layer.name!r} takes tensors, numbers and functions without arguments. Received: "
            f"{value!r} (of type {type(value).__name__})."
        )
    return value
