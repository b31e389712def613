"""Convolution with weights of its own at each place, as Keras 2 had it.

Legend: N batch, spatial axes L (1D), H and W (2D), C channels, F filters, P places of the output, O elements of the
window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.convolutional.base_conv import BaseConv
from kerastorch.layers.locally_connected import connections


class LocallyConnected(BaseConv):
    """What the locally connected layers of every rank share.

    Args:
        filters: the number of output channels F, a positive integer.
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis.
        padding: `"valid"` uses whole windows only; `"same"` (not with implementation 1) centres the windows on every
            stride-th element and leaves out what lies outside.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added, one for each element of the output.
        kernel_initializer: a name or initializer of the kernel.
        bias_initializer: a name or initializer of the bias.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        implementation: how the kernel is kept. 1: as `(P, O * C, F)`; 2: as a dense matrix between all inputs and
            outputs, of which a mask leaves the local part, for small models; 3: as the values of that part in a row.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or `"same"` meets implementation 1.
        ShapeError: when an input has another number of axes or channels, an unknown size, or is smaller than the
            window.

    Source: `tf_keras.layers.LocallyConnected2D`.
    """

    _window_arguments = ("kernel_size", "strides", "padding", "data_format")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        implementation: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = filters
        self.implementation = implementation
        self._take_window(kernel_size, strides, padding, data_format, 1)
        self._take_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._take_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self._take_output(activation, use_bias)
        self._check_positive(filters=filters)
        if implementation not in (1, 2, 3):
            raise InvalidArgumentError(
                f"Unrecognized implementation mode: {implementation!r}. Expected 1, 2 or 3."
            )
        if self.padding != "valid" and implementation == 1:
            raise InvalidArgumentError(
                f"Only padding='valid' is supported if implementation is 1. Received: padding={padding!r}. Use "
                "implementation=2 or 3."
            )
        self.input_spec = InputSpec(ndim=self.rank + 2)

    # Building ------------------------------------------------------------------------------------------------------

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel, in the shape of the implementation, and the bias, of shape `(*places, F)`."""
        channels = self._channels_of(input_shape)
        sizes = input_shape[1:-1] if self._channels_last else input_shape[2:]
        if None in sizes:
            raise ShapeError(
                "The spatial dimensions of the inputs should be fully-defined: the weights are different at each "
                f"place. Received: input shape={tuple(input_shape)}."
            )
        self._places = self._spatial_part(self.compute_output_shape(input_shape))
        sides = connections.edges(sizes, self.kernel_size, self.strides, self.padding)
        widths = [width for side in reversed(sides) for width in side]
        self._widths = ([0, 0, *widths] if self._channels_last else widths) if any(widths) else None
        reads = connections.read_places(
            sizes, self.kernel_size, self.strides, [before for before, _ in sides], self._places
        )
        self._make_kernel(sizes, channels, reads)
        self.bias = self._add("bias", (*self._places, self.filters)) if self.use_bias else None
        self.input_spec = InputSpec(
            ndim=self.rank + 2, axes={-1 if self._channels_last else -1 - self.rank: channels}
        )

    def _spatial_part(self, shape: tuple) -> tuple:
        return tuple(shape[1:-1] if self._channels_last else shape[2:])

    def _in_order(self, sizes: tuple, channels: int) -> tuple:
        return (*sizes, channels) if self._channels_last else (channels, *sizes)

    def _make_kernel(self, sizes: tuple, channels: int, reads: Any) -> None:
        mask, numbers = None, None
        if self.implementation == 1:
            shape: tuple = (len(reads), reads.shape[1] * channels, self.filters)
        elif self.implementation == 2:
            shape = (*self._in_order(sizes, channels), *self._in_order(self._places, self.filters))
            mask = torch.as_tensor(connections.dense_mask(reads, math.prod(sizes)))
            mask = mask.reshape(self._in_order(sizes, 1) + self._in_order(self._places, 1))
        else:
            shape = (int((reads >= 0).sum()) * channels * self.filters,)
            numbers = torch.as_tensor(
                connections.numbered(reads, channels, self.filters, self._channels_last)
            )
        self.kernel = self._add("kernel", shape)
        self.register_buffer("_mask", mask, persistent=False)
        self.register_buffer("_numbers", numbers, persistent=False)

    # Calling -------------------------------------------------------------------------------------------------------

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Connects a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        outputs = self._call_dense(inputs) if self.implementation == 2 else self._call_on_windows(inputs)
        return outputs if self.activation is None else self.activation(outputs)

    def _call_dense(self, inputs: torch.Tensor) -> torch.Tensor:
        matrix = (self.kernel * self._mask).flatten(self.rank + 1).flatten(0, self.rank)
        flat = F.linear(inputs.flatten(1), matrix.t(), None if self.bias is None else self.bias.flatten())
        return flat.unflatten(1, self._in_order(self._places, self.filters))

    def _call_on_windows(self, inputs: torch.Tensor) -> torch.Tensor:
        kernel = self.kernel if self.implementation == 1 else self._kernel_of_windows()
        windows = self._windows_of(inputs)
        if self.bias is None:
            outputs = torch.bmm(windows, kernel)
        elif self._channels_last:
            outputs = torch.baddbmm(self.bias.reshape(len(kernel), 1, self.filters), windows, kernel)
        else:  # Keras 2 takes the values of the bias in the order of the output
            bias = self.bias.reshape(self.filters, len(kernel), 1).permute(1, 2, 0)
            outputs = torch.baddbmm(bias, windows, kernel)
        outputs = outputs.permute((1, 0, 2) if self._channels_last else (1, 2, 0))
        return outputs.unflatten(1 if self._channels_last else 2, self._places)

    def _kernel_of_windows(self) -> torch.Tensor:
        """The values in a row as `(P, O * C, F)`, or `(P, C * O, F)` with channels first."""
        kernel = F.pad(self.kernel, (0, 1))[self._numbers]
        if self._channels_last:
            return kernel.flatten(2).transpose(1, 2)
        return kernel.permute(1, 2, 3, 0).flatten(1, 2)

    def _windows_of(self, x: torch.Tensor) -> torch.Tensor:
        """What each window sees, as `(P, N, O * C)`, or `(P, N, C * O)` with channels first."""
        if self._widths is not None:
            x = F.pad(x, self._widths)
        return windows_of(x, self.kernel_size, self.strides, self._channels_last)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "filters": self.filters, "implementation": self.implementation}


def windows_of(
    x: torch.Tensor, sizes: Sequence[int], strides: Sequence[int], channels_last: bool
) -> torch.Tensor:
    """Returns what each window sees, `(P, N, O * C)`, or `(P, N, C * O)` with channels first.

    Args:
        x: a tensor `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first.
        sizes: the size of the window on each spatial axis.
        strides: its step on each.
        channels_last: whether the channels are the last axis.

    Example:
        >>> windows_of(torch.ones(2, 5, 3), (2,), (1,), True).shape
        torch.Size([4, 2, 6])
    """
    first, rank = (1 if channels_last else 2), len(sizes)
    for axis, (size, stride) in enumerate(zip(sizes, strides, strict=True), start=first):
        x = x.unfold(axis, size, stride)
    elements, places = range(rank + 2, 2 * rank + 2), range(first, first + rank)
    order = (*places, 0, *elements, rank + 1) if channels_last else (*places, 0, 1, *elements)
    return x.permute(order).flatten(rank + 1).flatten(0, rank - 1)


@registry.builtin("keras.layers")
class LocallyConnected1D(LocallyConnected):
    """A convolution over sequences with weights of its own at each step; the arguments are those of `LocallyConnected`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, F)`, or `(N, F, new L)`.

    Example:
        >>> LocallyConnected1D(4, 3)(torch.ones(2, 10, 3)).shape
        torch.Size([2, 8, 4])

    Source: `tf_keras.layers.LocallyConnected1D`.
    """

    rank = 1


@registry.builtin("keras.layers")
class LocallyConnected2D(LocallyConnected):
    """A convolution over images with weights of its own at each pixel; the arguments are those of `LocallyConnected`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, F)`, or `(N, F, new H, new W)`.

    Example:
        >>> LocallyConnected2D(4, 3, strides=2)(torch.ones(1, 9, 9, 3)).shape
        torch.Size([1, 4, 4, 4])

    Source: `tf_keras.layers.LocallyConnected2D`.
    """

    rank = 2
