"""The convolutional LSTM over sequences of one, two or three spatial axes: its cell and its layers.

Legend: B batch, T time, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels, F filters.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, registry
from kerastorch.core import spatial
from kerastorch.core.devices import current_device
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.rnn.cell_layer import CellLayer, of_cell
from kerastorch.layers.rnn.lstm import LSTMCell


def convolve(
    x: torch.Tensor,
    kernel: torch.Tensor,
    bias: torch.Tensor | None = None,
    strides: tuple[int, ...] | None = None,
    padding: str = "same",
    dilation_rate: tuple[int, ...] | None = None,
    channels_last: bool = True,
) -> torch.Tensor:
    """Returns the convolution of images in Keras's order of axes.

    Args:
        x: a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)`.
        kernel: a tensor of shape `(*window, C, F)`.
        bias: a tensor of shape `(F,)`, or None.
        strides: the step of the window on each spatial axis; None is one.
        padding: `"valid"` or `"same"`.
        dilation_rate: the distance between elements of the window on each spatial axis; None is one.
        channels_last: where the channels are.
    """
    rank = kernel.ndim - 2
    strides, dilation = strides or (1,) * rank, dilation_rate or (1,) * rank
    if channels_last:
        x = x.movedim(-1, 1)
    if padding == "same":
        windows = (d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation, strict=False))
        sides = [spatial.same_padding(*axis) for axis in zip(x.shape[2:], windows, strides, strict=True)]
        x = F.pad(x, [width for side in reversed(sides) for width in side])
    weight = kernel.permute(rank + 1, rank, *range(rank))
    if rank == 1:  # an image of height one, for which torch has a channels-last format
        y = F.conv2d(x.unsqueeze(2), weight.unsqueeze(2), bias, (1, *strides), 0, (1, *dilation)).squeeze(2)
    else:
        y = (F.conv2d if rank == 2 else F.conv3d)(x, weight, bias, strides, 0, dilation)
    return y.movedim(1, -1) if channels_last else y


class ConvLSTMCell(LSTMCell):
    """One time step of a convolutional LSTM.

    The weights have the gates in the order input, forget, candidate, output.

    Args:
        rank: the number of spatial axes, 1 to 3.
        filters: the number F of channels of the output and of both states, a positive integer.
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window over the input, an integer or one for each spatial axis.
        padding: `"valid"` or `"same"` for the input; the state is padded so that it keeps its size.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the input's window, an integer or one for each axis.
        **kwargs: arguments of `LSTMCell` without `units`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or strides and dilation are both above one.
        ShapeError: when a spatial axis or the number of channels of the input is unknown.

    Source: Shi et al., 2015.
    """

    torch_function: Any = None

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, **{"implementation": 1, **kwargs})
        self.rank = rank
        self.filters = self.units
        self.kernel_size = spatial.integers(kernel_size, rank, "kernel_size")
        self.strides = spatial.integers(strides, rank, "strides")
        self.padding = spatial.padding_mode(padding)
        self.data_format = config.standardize_data_format(data_format)
        self.dilation_rate = spatial.integers(dilation_rate, rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgumentError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
                f"Received: strides={self.strides} and dilation_rate={self.dilation_rate}."
            )
        self._channels_last = self.data_format == "channels_last"
        self._gate_axis = -1 if self._channels_last else 1

    def build(self, input_shape: tuple) -> None:
        """Makes the kernels, of shapes `(*kernel_size, C, 4 * F)` and `(*kernel_size, F, 4 * F)`, and the bias."""
        channels = input_shape[self._gate_axis]
        self._sizes = tuple(input_shape[1:-1] if self._channels_last else input_shape[2:])
        if channels is None or None in self._sizes:
            raise ShapeError(
                "Convolutional LSTMs need to know the size of all spatial axes and of the channels of their inputs. "
                f"Received: a step of shape {tuple(input_shape)}."
            )
        self._state_shape = self.compute_output_shape(input_shape)[1:]
        outputs = 4 * self.filters
        kernel, recurrent_kernel = ((*self.kernel_size, n, outputs) for n in (channels, self.filters))
        self._make_weights(kernel, recurrent_kernel, spatial.kernel_memory_order(self.rank))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output of a step, and of both states, for an input of a shape."""
        axes = zip(self.kernel_size, self.dilation_rate, strict=True)
        windows = [d * (k - 1) + 1 for k, d in axes]
        return spatial.output_shape(
            input_shape, windows, self.strides, self.padding, self.data_format, self.filters
        )

    def get_initial_state(self, batch_size: Any = None) -> list[torch.Tensor]:
        """Returns zeros of the shape of an output for both states.

        Args:
            batch_size: the number of samples.
        """
        shape = (batch_size, *self._state_shape)
        device = self._device() or current_device()
        return [torch.zeros(shape, dtype=self._compute_torch_dtype, device=device) for _ in range(2)]

    def project(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Returns the convolution of the inputs of one step, or of all steps as one large batch."""
        if not inputs.is_floating_point():
            inputs = inputs.to(self.kernel.dtype)
        many = inputs.ndim == self.rank + 3
        masks = None
        if training and self.dropout:
            masks = self.get_dropout_mask(inputs[:, 0] if many else inputs)
            if many:
                masks = [m.unsqueeze(1).expand_as(inputs).flatten(0, 1) for m in masks]
        batch = inputs.shape[:2]
        x = inputs.flatten(0, 1) if many else inputs
        options = (self.strides, self.padding, self.dilation_rate, self._channels_last)
        projected = self._convolved(x, self.kernel, masks, self.bias, *options)
        return projected.unflatten(0, batch) if many else projected

    def _recur(self, state: torch.Tensor, training: bool) -> torch.Tensor:
        masks = None
        if training and self.recurrent_dropout:
            masks = self.get_recurrent_dropout_mask(state)
        return self._convolved(
            state, self.recurrent_kernel, masks, None, None, "same", None, self._channels_last
        )

    def _convolved(
        self, x: torch.Tensor, kernel: torch.Tensor, masks: list | None, bias: Any, *options: Any
    ) -> torch.Tensor:
        """The convolution of what the masks, one for each gate, leave of `x`."""
        if masks is None:
            return convolve(x, kernel, bias, *options)
        biases = [None] * 4 if bias is None else bias.chunk(4)
        gates = zip(masks, kernel.chunk(4, -1), biases, strict=True)
        return torch.cat([convolve(x * mask, *part, *options) for mask, *part in gates], self._gate_axis)

    def loop_reason(self) -> str | None:
        """Returns why torch has no fused kernel for this cell."""
        return "torch has no kernel for convolutional LSTMs"

    def get_config(self) -> dict:
        """Returns the constructor's arguments, without the rank."""
        config = super().get_config()
        del config["units"]
        window = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
        return {**config, **{name: getattr(self, name) for name in window}}


class ConvLSTM(CellLayer):
    """What the convolutional LSTM layers of every rank share: an LSTM whose products are convolutions.

    The inputs of all steps are convolved at once; the steps run in a loop. Outputs and states of masked steps are
    those of the step before.

    Args:
        filters: the number F of channels of the output and of both states, a positive integer.
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window over the input, an integer or one for each spatial axis.
        padding: `"valid"` or `"same"` for the input; the state is padded so that it keeps its size.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the input's window, an integer or one for each axis.
        activation: a name or function for candidate and output; None applies none.
        recurrent_activation: a name or function for the three gates; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel.
        recurrent_initializer: a name or initializer of the recurrent kernel.
        bias_initializer: a name or initializer of the bias, of shape `(4 * F,)`.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training, drawn for each gate, the same one at each step.
        recurrent_dropout: the share of the state to drop in training, drawn for each gate, the same one at each step.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last states as well.
        go_backwards: whether to run from the last step to the first; the outputs come in that order.
        stateful: whether the last states of a batch are the first ones of the next.
        **kwargs: further arguments of `RNN`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or strides and dilation are both above one.
        ShapeError: when an input has another number of axes or a spatial axis of unknown size, or a state another
            shape.

    Source: Shi et al., 2015.
    """

    rank: int
    cell: Any

    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    data_format = of_cell("data_format")
    dilation_rate = of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        **kwargs: Any,
    ) -> None:
        cell = ConvLSTMCell(
            self.rank,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            name="conv_lstm_cell",
            **{**self._for_cell(kwargs), "implementation": 1},
        )
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def _state_shapes(self, batch: int) -> list[tuple]:
        return [(batch, *self.cell._state_shape)] * 2

    def compute_output_shape(self, sequences_shape: tuple, initial_state_shape: Any = None) -> Any:
        """Returns the shape of the output for sequences of a shape; None stands for unknown sizes."""
        axis = 1 if self.time_major else 0
        batch = sequences_shape[axis]
        state = self.cell.compute_output_shape((batch, *sequences_shape[2:]))
        shape = (*sequences_shape[:2], *state[1:]) if self.return_sequences else state
        return (shape, state, state) if self.return_state else shape


@registry.builtin("keras.layers")
class ConvLSTM1D(ConvLSTM):
    """A convolutional LSTM over sequences of sequences; the arguments are those of `ConvLSTM`.

    Input shape:
        `(B, T, L, C)`, or `(B, T, C, L)` with channels first.

    Output shape:
        `(B, new L, F)`, or `(B, F, new L)`, with T after the batch for `return_sequences`; then two states of the
        shape of one output.

    Example:
        >>> ConvLSTM1D(4, 3)(torch.ones(2, 5, 8, 3)).shape
        torch.Size([2, 6, 4])

    Source: `keras.layers.ConvLSTM1D`; Shi et al., 2015.
    """

    rank = 1


@registry.builtin("keras.layers")
class ConvLSTM2D(ConvLSTM):
    """A convolutional LSTM over sequences of images; the arguments are those of `ConvLSTM`.

    Input shape:
        `(B, T, H, W, C)`, or `(B, T, C, H, W)` with channels first.

    Output shape:
        `(B, new H, new W, F)`, or `(B, F, new H, new W)`, with T after the batch for `return_sequences`; then two
        states of the shape of one output.

    Example:
        >>> ConvLSTM2D(4, 3, padding="same", return_sequences=True)(torch.ones(2, 5, 8, 8, 3)).shape
        torch.Size([2, 5, 8, 8, 4])

    Source: `keras.layers.ConvLSTM2D`; Shi et al., 2015.
    """

    rank = 2


@registry.builtin("keras.layers")
class ConvLSTM3D(ConvLSTM):
    """A convolutional LSTM over sequences of volumes; the arguments are those of `ConvLSTM`.

    Input shape:
        `(B, T, D, H, W, C)`, or `(B, T, C, D, H, W)` with channels first.

    Output shape:
        `(B, new D, new H, new W, F)`, or `(B, F, new D, new H, new W)`, with T after the batch for
        `return_sequences`; then two states of the shape of one output.

    Example:
        >>> ConvLSTM3D(2, 2)(torch.ones(1, 3, 4, 4, 4, 1)).shape
        torch.Size([1, 3, 3, 3, 2])

    Source: `keras.layers.ConvLSTM3D`; Shi et al., 2015.
    """

    rank = 3
