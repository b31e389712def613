"""The losses that layers add themselves: in `call`, by regularized weights and by regularized outputs."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.context import state


class LossOwner:
    """The part of `Layer` that adds losses. See `Layer`."""

    _loss_values: list

    def add_loss(self: Any, loss: Any, inputs: Any = None) -> None:
        """Adds a value to the loss of this call; call it inside `call`.

        Args:
            loss: a scalar tensor, or a list of them; a function of no arguments is called when losses are read.
            inputs: accepted for Keras 2 and not needed.
        """
        if state.inferring:
            return
        state.added_losses += 1
        self._loss_values.extend(loss if isinstance(loss, (list, tuple)) else [loss])
        for layer in (self, *state.stack):
            layer.__dict__["_records_losses"] = True
            layer._forget_inputs()

    @property
    def losses(self: Any) -> list[torch.Tensor]:
        """The values added in the latest call, then the penalties of the regularized weights."""
        layers = [m for m in self.modules() if isinstance(m, LossOwner)]
        values = [
            v() if callable(v) and not isinstance(v, torch.Tensor) else v
            for m in layers
            for v in m._loss_values
        ]
        return values + [v.regularizer(v) for v in self._regularized_weights()]

    def _regularized_weights(self: Any) -> list[torch.Tensor]:
        return [v for v in self.trainable_weights if getattr(v, "regularizer", None) is not None]

    def _clear_losses(self: Any) -> None:
        for module in self.modules():
            if isinstance(module, LossOwner):
                module._loss_values.clear()

    def _regularize_activity(self: Any, outputs: Any) -> None:
        for x in tree.flatten(outputs):
            if isinstance(x, torch.Tensor):
                value = self.activity_regularizer(x)
                self.add_loss(value / max(x.shape[0], 1) if x.ndim else value)  # a mean over the batch
