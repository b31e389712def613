"""The simple recurrent layer and its cell.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.rnn.cell import RELU, TANH, RecurrentCell
from kerastorch.layers.rnn.cell_layer import CellLayer


@registry.builtin("keras.layers")
class SimpleRNNCell(RecurrentCell):
    """One time step of a simple recurrent layer: `activation(inputs @ kernel + state @ recurrent_kernel + bias)`.

    Args:
        units: the size U of the output and of the state, a positive integer.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, U)`.
        bias_initializer: a name or initializer of the bias, of shape `(U,)`.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training.
        recurrent_dropout: the share of the state to drop in training.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, input_dim)`, and the state `(batch, units)`.

    Output shape:
        `(batch, units)`, and the new state.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer.

    Example:
        >>> cell = SimpleRNNCell(4)
        >>> output, states = cell(torch.ones(2, 3), cell.get_initial_state(2))
        >>> output.shape, len(states)
        (torch.Size([2, 4]), 1)

    Source: `keras.layers.SimpleRNNCell`; Elman, 1990.
    """

    @property
    def torch_function(self) -> Any:  # type: ignore[override]
        """The function of torch that runs the cell over a whole sequence."""
        return torch.rnn_relu if self.activation in RELU else torch.rnn_tanh

    def step(self, projected: torch.Tensor, states: Any, training: bool = False) -> tuple[Any, list]:
        """Returns the output and the new state, which are the same."""
        output = self.activation(projected + self._recur(states[0], training))
        return output, [output]

    def loop_reason(self) -> str | None:
        """Returns why torch has no fused kernel for this cell, None where it has one."""
        if self.activation not in (*TANH, *RELU):
            return "an activation other than tanh and relu"
        return super().loop_reason()


@registry.builtin("keras.layers")
class SimpleRNN(CellLayer):
    """A simple recurrent layer: a `SimpleRNNCell` run over the steps of sequences.

    It runs on torch's fused kernels, with any mask, unless the activation, `recurrent_dropout` or `unroll` stand in the
    way; `kernel_in_use` says which. Outputs and states of masked steps are those of the step before.

    Args:
        units: the size U of the output and of the state, a positive integer.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, U)`.
        bias_initializer: a name or initializer of the bias, of shape `(U,)`.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training, the same one at each step.
        recurrent_dropout: the share of the state to drop in training, the same one at each step.
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last state as well.
        go_backwards: whether to run from the last step to the first; the outputs come in that order.
        stateful: whether the last state of a batch is the first one of the next.
        unroll: whether to run the plain loop over the steps instead of the fused kernel.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        **kwargs: `use_cudnn`, `zero_output_for_mask`, `time_major` (Keras 2) and the base arguments of `Layer`.

    Input shape:
        `(batch, steps, input_dim)`.

    Output shape:
        `(batch, units)`, or `(batch, steps, units)` with `return_sequences`; then the state `(batch, units)`.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer.
        ShapeError: when an input has another number of axes, or a state another shape.

    Example:
        >>> SimpleRNN(4)(torch.ones(2, 5, 3)).shape
        torch.Size([2, 4])

    Source: `keras.layers.SimpleRNN`, `torch.nn.RNN`; Elman, 1990.
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
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
            name="simple_rnn_cell",
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
            **kwargs,
        )
