"""What the layers made of one cell that torch knows share: SimpleRNN, LSTM and GRU."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import regularizers
from kerastorch.core.variable import host_array
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.overwriting import is_observed
from kerastorch.layers.rnn.cell import RecurrentCell
from kerastorch.layers.rnn.cudnn_weights import from_cudnn
from kerastorch.layers.rnn.rnn import RNN

_LOGGER = logging.getLogger("kerastorch")


def of_cell(name: str) -> Any:
    """Returns a property of a recurrent layer that reads an attribute of its cell."""
    return property(lambda layer: getattr(layer.cell, name), doc=f"The `{name}` of the cell.")


class CellLayer(RNN):
    """A recurrent layer whose cell is a `RecurrentCell`, which runs on torch's fused kernel where that fits.

    Args:
        cell: the cell.
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last states as well.
        go_backwards: whether to run from the last step to the first.
        stateful: whether the last states of a batch are the first ones of the next.
        unroll: whether to run the plain loop over the steps instead of the fused kernel.
        use_cudnn: `"auto"` takes the fused kernel where it fits, False never does, and True insists on it.
        **kwargs: further arguments of `RNN`.

    Raises:
        InvalidArgumentError: when `use_cudnn` is none of its values, or it is True and the kernel does not fit.
    """

    cell: RecurrentCell

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")
    seed = of_cell("seed")
    implementation = of_cell("implementation")

    def __init__(
        self,
        cell: RecurrentCell,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll, **kwargs)
        if use_cudnn not in ("auto", True, False):
            raise InvalidArgumentError(
                "Invalid value received for argument `use_cudnn`. Expected one of {'auto', True, False}. "
                f"Received: use_cudnn={use_cudnn!r}"
            )
        self.use_cudnn = use_cudnn
        reason = self._loop_reason()
        if use_cudnn is True and reason is not None:
            raise InvalidArgumentError(
                f"use_cudnn=True was specified, but torch's fused kernel does not support this layer ({reason}). Pass "
                "use_cudnn='auto' to run the plain loop over the steps where that is so."
            )

    def build(self, sequences_shape: tuple, initial_state_shape: Any = None) -> None:
        """Builds the cell, and says once, on the logger `kerastorch` at the level INFO, why the slow loop runs."""
        super().build(sequences_shape, initial_state_shape)
        reason = self._loop_reason()
        if reason is not None:
            _LOGGER.info("Layer %r runs step by step and not on torch's fused kernel: %s.", self.name, reason)

    # Masked steps that nobody reads ------------------------------------------------------------------------------

    @property
    def skips_masked(self) -> bool:
        """Whether the layer does not look at masked steps of its input."""
        return type(self).call is RNN.call and type(self).compute_mask is RNN.compute_mask

    @property
    def repeats_masked(self) -> bool:
        """Whether the output at a masked step is that of the step before."""
        plain = not (self.return_state or self.stateful or self.zero_output_for_mask)
        return self.skips_masked and self.return_sequences and plain

    def call_unread(self, sequences: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Calls the layer where nobody reads its outputs at masked steps, which then may be any.

        Args:
            sequences: a tensor of shape `(B, T, D)`.
            mask: which steps count, of shape `(B, T)`.
        """
        self.__dict__["_masked_steps_are_read"] = is_observed(self, sequences)
        try:
            return self(sequences, mask=mask)
        finally:
            del self.__dict__["_masked_steps_are_read"]

    @staticmethod
    def _for_cell(kwargs: dict) -> dict:
        """Takes out of a layer's arguments what its cell gets too."""
        found = {key: kwargs[key] for key in ("dtype", "trainable") if key in kwargs}
        return {**found, "implementation": kwargs.pop("implementation", 2)}

    def _loop_reason(self) -> str | None:
        if self.use_cudnn is False:
            return "use_cudnn=False"
        return super()._loop_reason()

    def _is_straight(self, sequences: torch.Tensor, training: bool) -> bool:
        """Whether a call without masks and states is a kernel's and nothing else."""
        cell = self.cell
        return (
            not (self.return_state or self.stateful or self.go_backwards or self.time_major)
            and not (training and cell.dropout)
            and sequences.dtype is self._compute_torch_dtype
            and self._loop_reason() is None
            and cell.starts_at_zero
            and self._starts_at_zero
        )

    def _loop_parts(self, sequences: Any, training: bool, constants: Any) -> tuple:
        if constants is not None:
            raise InvalidArgumentError(
                f"{type(self).__name__} takes no `constants`: only `RNN` with a cell of your own does."
            )
        return super()._loop_parts(sequences, training, constants)

    def weights_of_keras_2(self, values: Sequence[Any]) -> list:
        """Returns weights as this layer has them for those of Keras 2's `CuDNNLSTM` and `CuDNNGRU`; others stay."""
        if self.cell.gates < 3:
            return list(values)
        arrays = [host_array(v) if isinstance(v, torch.Tensor) else np.asarray(v) for v in values]
        return from_cudnn(arrays, self.cell.units, self.cell.gates)

    def set_weights(self, weights: Any) -> None:
        """Sets the values of `weights`; those of Keras 2's `CuDNNLSTM` and `CuDNNGRU` fit too.

        Args:
            weights: arrays in the order and with the shapes of `get_weights()`.
        """
        super().set_weights(self.weights_of_keras_2(weights))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        del config["cell"]
        base = set(config)
        of_cell = {key: value for key, value in self.cell.get_config().items() if key not in base}
        return {
            **config,
            **of_cell,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: Any = None) -> Any:
        """Returns a layer made from what `get_config` returned."""
        return super(RNN, cls).from_config(config)
