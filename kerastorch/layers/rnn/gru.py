"""The gated recurrent unit: its cell and its layer.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from kerastorch import registry
from kerastorch.activations import identifiers as activations
from kerastorch.layers.rnn import gru_kernel
from kerastorch.layers.rnn.cell import SIGMOID, TANH, RecurrentCell
from kerastorch.layers.rnn.cell_layer import CellLayer, of_cell


@registry.builtin("keras.layers")
class GRUCell(RecurrentCell):
    """One time step of a GRU.

    The weights have the gates in the order update, reset, candidate.

    Args:
        units: the size U of the output and of the state, a positive integer.
        activation: a name or function for the candidate; None applies none.
        recurrent_activation: a name or function for the two gates; None applies none.
        use_bias: whether biases are added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, 3 * U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, 3 * U)`.
        bias_initializer: a name or initializer of the bias, of shape `(2, 3 * U)` with `reset_after` (one row for the
            input, one for the state), else `(3 * U,)`.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training.
        recurrent_dropout: the share of the state to drop in training, drawn for each gate.
        reset_after: whether the reset gate is applied after the product with the recurrent kernel, as cuDNN does, or
            before it.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`, and Keras 2's `implementation`.

    Input shape:
        `(batch, input_dim)`, and the state `(batch, units)`.

    Output shape:
        `(batch, units)`, and the new state.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer.

    Example:
        >>> cell = GRUCell(4)
        >>> output, states = cell(torch.ones(2, 3), cell.get_initial_state(2))
        >>> output.shape, len(states)
        (torch.Size([2, 4]), 1)

    Source: `keras.layers.GRUCell`; Cho et al., 2014.
    """

    gates = 3
    torch_function = staticmethod(torch.gru)
    own_kernel = gru_kernel
    passing: ClassVar[dict[int, int]] = {0: 1}  # no update
    output_passes = True

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
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
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def _input_bias(self) -> torch.Tensor:
        return self.bias[0] if self.reset_after else self.bias

    def step(self, projected: torch.Tensor, states: Any, training: bool = False) -> tuple[Any, list]:
        """Returns the output and the new state."""
        (state,) = states
        if self.reset_after:
            update, candidate = self._reset_after(projected, state, training)
        else:
            update, candidate = self._reset_before(projected, state, training)
        output = update * state + (1 - update) * candidate
        return output, [output]

    def _reset_after(
        self, projected: torch.Tensor, state: torch.Tensor, training: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The update gate and the candidate."""
        recurrent = self._recur(state, training)
        if self.bias is not None:
            recurrent = recurrent + self.bias[1]
        (z, r, h), (rz, rr, rh) = projected.chunk(3, -1), recurrent.chunk(3, -1)
        gate = self.recurrent_activation
        return gate(z + rz), self.activation(h + gate(r + rr) * rh)

    def _reset_before(
        self, projected: torch.Tensor, state: torch.Tensor, training: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The update gate and the candidate."""
        dropped = [state] * 3
        if training and self.recurrent_dropout:
            dropped = [state * mask for mask in self.get_recurrent_dropout_mask(state)]
        gate, kernels = self.recurrent_activation, self.recurrent_kernel.chunk(3, -1)
        z, r, h = projected.chunk(3, -1)
        update = gate(z + torch.matmul(dropped[0], kernels[0]))
        reset = gate(r + torch.matmul(dropped[1], kernels[1]))
        return update, self.activation(h + torch.matmul(reset * dropped[2], kernels[2]))

    def loop_reason(self) -> str | None:
        """Returns why torch has no fused kernel for this cell, None where it has one."""
        if not self.reset_after:
            return "reset_after=False"
        if self.activation not in TANH or self.recurrent_activation not in SIGMOID:
            return "activations other than tanh and sigmoid"
        return super().loop_reason()

    def kernel_weights(self) -> list[torch.Tensor]:
        """Returns the weights as kernels take them: `(3 * U, D)`, `(3 * U, U)` and two biases if any."""
        biases = () if self.bias is None else self.bias.unbind(0)
        return [self.kernel.t(), self.recurrent_kernel.t(), *biases]

    def in_torch_order(self, weights: list[torch.Tensor]) -> list[torch.Tensor]:
        """Returns the weights of a kernel as torch's has them, the reset gate before the update gate."""
        return [gru_kernel.in_torch_order(w) for w in weights]

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }


@registry.builtin("keras.layers", "CuDNNGRU")
class GRU(CellLayer):
    """A gated recurrent unit layer: a `GRUCell` run over the steps of sequences.

    It runs on torch's fused kernels, with any mask, unless activations, `reset_after=False`, `recurrent_dropout` or
    `unroll` stand in the way; `kernel_in_use` says which. Outputs and states of masked steps are those of the step
    before.

    Args:
        units: the size U of the output and of the state, a positive integer.
        activation: a name or function for the candidate; None applies none.
        recurrent_activation: a name or function for the two gates; None applies none.
        use_bias: whether biases are added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, 3 * U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, 3 * U)`.
        bias_initializer: a name or initializer of the bias, of shape `(2, 3 * U)` with `reset_after` (one row for the
            input, one for the state), else `(3 * U,)`.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training, the same one at each step.
        recurrent_dropout: the share of the state to drop in training, the same one at each step.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last state as well.
        go_backwards: whether to run from the last step to the first; the outputs come in that order.
        stateful: whether the last state of a batch is the first one of the next.
        unroll: whether to run the plain loop over the steps instead of the fused kernel.
        reset_after: whether the reset gate is applied after the product with the recurrent kernel, as cuDNN does, or
            before it.
        use_cudnn: `"auto"` takes the fused kernel where it fits, False never does, and True insists on it.
        **kwargs: `zero_output_for_mask`, `time_major` (Keras 2) and the base arguments of `Layer`.

    Input shape:
        `(batch, steps, input_dim)`.

    Output shape:
        `(batch, units)`, or `(batch, steps, units)` with `return_sequences`; then the state `(batch, units)`.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer, `use_cudnn` is none of its values, or it is True
            and the fused kernel does not fit.
        ShapeError: when an input has another number of axes, or a state another shape.

    Example:
        >>> GRU(4)(torch.ones(2, 5, 3)).shape
        torch.Size([2, 4])
        >>> outputs, state = GRU(4, return_sequences=True, return_state=True)(torch.ones(2, 5, 3))
        >>> outputs.shape, state.shape
        (torch.Size([2, 5, 4]), torch.Size([2, 4]))

    Source: `keras.layers.GRU`, `torch.nn.GRU`; Cho et al., 2014.
    """

    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation,
            recurrent_activation,
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
            reset_after,
            seed,
            name="gru_cell",
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
