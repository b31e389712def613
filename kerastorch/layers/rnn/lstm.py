"""The long short-term memory: its cell and its layer.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from kerastorch import registry
from kerastorch.activations import identifiers as activations
from kerastorch.initializers.constant import Ones
from kerastorch.layers.rnn.cell import SIGMOID, TANH, RecurrentCell
from kerastorch.layers.rnn.cell_layer import CellLayer, of_cell


@registry.builtin("keras.layers")
class LSTMCell(RecurrentCell):
    """One time step of an LSTM.

    The weights have the gates in the order input, forget, candidate, output.

    Args:
        units: the size U of the output and of both states, a positive integer.
        activation: a name or function for candidate and output; None applies none.
        recurrent_activation: a name or function for the three gates; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, 4 * U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, 4 * U)`.
        bias_initializer: a name or initializer of the bias, of shape `(4 * U,)`.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training.
        recurrent_dropout: the share of the output state to drop in training, drawn for each gate.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`, and Keras 2's `implementation`.

    Input shape:
        `(batch, input_dim)`, and two states `(batch, units)`: output and carry.

    Output shape:
        `(batch, units)`, and the two new states.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer.

    Example:
        >>> cell = LSTMCell(4)
        >>> output, (hidden, carry) = cell(torch.ones(2, 3), cell.get_initial_state(2))
        >>> output.shape, carry.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))

    Source: `keras.layers.LSTMCell`; Hochreiter and Schmidhuber, 1997.
    """

    gates = 4
    _gate_axis = -1
    torch_function = staticmethod(torch.lstm)
    passing: ClassVar[dict[int, int]] = {0: -1, 1: 1}  # the carry: no input, nothing forgotten

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self) -> list[int]:
        """The sizes of the two states: output and carry."""
        return [self.units, self.units]

    def _first_bias(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype=dtype)
        one, two = (self.units,), (2 * self.units,)
        parts = [self.bias_initializer(one, dtype=dtype), Ones()(one, dtype=dtype)]
        return torch.cat([torch.as_tensor(p) for p in [*parts, self.bias_initializer(two, dtype=dtype)]])

    def step(self, projected: torch.Tensor, states: Any, training: bool = False) -> tuple[Any, list]:
        """Returns the output and the two new states."""
        hidden, carry = states
        i, f, candidate, o = (projected + self._recur(hidden, training)).chunk(4, self._gate_axis)
        gate, activation = self.recurrent_activation, self.activation
        carry = gate(f) * carry + gate(i) * activation(candidate)
        hidden = gate(o) * activation(carry)
        return hidden, [hidden, carry]

    def loop_reason(self) -> str | None:
        """Returns why torch has no fused kernel for this cell, None where it has one."""
        if self.activation not in TANH or self.recurrent_activation not in SIGMOID:
            return "activations other than tanh and sigmoid"
        return super().loop_reason()

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


@registry.builtin("keras.layers", "CuDNNLSTM")
class LSTM(CellLayer):
    """A long short-term memory layer: an `LSTMCell` run over the steps of sequences.

    It runs on torch's fused kernels, with any mask, unless activations, `recurrent_dropout` or `unroll` stand in the
    way; `kernel_in_use` says which. Outputs and states of masked steps are those of the step before.

    Args:
        units: the size U of the output and of both states, a positive integer.
        activation: a name or function for candidate and output; None applies none.
        recurrent_activation: a name or function for the three gates; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, 4 * U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, 4 * U)`.
        bias_initializer: a name or initializer of the bias, of shape `(4 * U,)`.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training, the same one at each step.
        recurrent_dropout: the share of the output state to drop in training, the same one at each step.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last states as well.
        go_backwards: whether to run from the last step to the first; the outputs come in that order.
        stateful: whether the last states of a batch are the first ones of the next.
        unroll: whether to run the plain loop over the steps instead of the fused kernel.
        use_cudnn: `"auto"` takes the fused kernel where it fits, False never does, and True insists on it.
        **kwargs: `zero_output_for_mask`, `time_major` (Keras 2) and the base arguments of `Layer`.

    Input shape:
        `(batch, steps, input_dim)`.

    Output shape:
        `(batch, units)`, or `(batch, steps, units)` with `return_sequences`; then two states `(batch, units)`.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer, `use_cudnn` is none of its values, or it is True
            and the fused kernel does not fit.
        ShapeError: when an input has another number of axes, or a state another shape.

    Example:
        >>> LSTM(4)(torch.ones(2, 5, 3)).shape
        torch.Size([2, 4])
        >>> outputs, hidden, carry = LSTM(4, return_sequences=True, return_state=True)(torch.ones(2, 5, 3))
        >>> outputs.shape, carry.shape
        (torch.Size([2, 5, 4]), torch.Size([2, 4]))

    Source: `keras.layers.LSTM`, `torch.nn.LSTM`; Hochreiter and Schmidhuber, 1997.
    """

    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            unit_forget_bias,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            name="lstm_cell",
            **self._for_cell(kwargs),
        )
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            unroll,
            activity_regularizer=activity_regularizer,
            use_cudnn=use_cudnn,
            **kwargs,
        )
