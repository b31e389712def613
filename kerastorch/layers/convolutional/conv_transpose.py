"""Transposed convolution over one, two or three spatial axes: from the output of a convolution to its input's size.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels, F filters.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.core import spatial
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.convolutional.base_conv import BaseConv


class ConvTranspose(BaseConv):
    """What the transposed convolutions of every rank share: the gradient of a convolution, with a bias.

    Args:
        filters: the number of output channels F, a positive integer.
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: by how much the output is larger, an integer or one for each spatial axis.
        padding: `"valid"` keeps every window whole; `"same"` makes an output of `strides` times the input's size.
        output_padding: how much larger than its smallest size the output is, in pixels or steps, an integer below
            `strides` or one for each spatial axis; None chooses it by `padding`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel.
        bias_initializer: a name or initializer of the bias.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or strides and dilation are both above one.
        ShapeError: when an input has another number of axes or channels, or nothing would be left of the output.

    Source: `keras.layers.Conv2DTranspose`, `torch.nn.functional.conv_transpose2d`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if isinstance(output_padding, str):  # `Conv3DTranspose` of Keras 3 has the two the other way round
            output_padding, data_format = data_format, output_padding
        self.filters = filters
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._take_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._take_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self._take_output(activation, use_bias)
        self._check_positive(filters=filters)
        self._check_strides_or_dilation()
        self.output_padding = self._checked_output_padding(output_padding)
        self._prepare()

    def _checked_output_padding(self, value: Any) -> tuple[int, ...] | None:
        if value is None:
            return None
        found = spatial.integers(value, self.rank, "output_padding", allow_zero=True)
        if any(more >= stride for more, stride in zip(found, self.strides, strict=True)):
            raise InvalidArgumentError(
                "`output_padding` must be strictly less than `strides` for all dimensions. "
                f"Received: output_padding={found}, strides={self.strides}"
            )
        return found

    def _prepare(self) -> None:
        """Works out what torch cuts off on both sides or adds after, and what is left to be cut off after."""
        wanted = self.output_padding or (None,) * self.rank
        self._cuts = tuple(
            spatial.cut_off(window, stride, self.padding, more)
            for window, stride, more in zip(self._windows, self.strides, wanted, strict=True)
        )
        one = (0,) if self.rank == 1 else ()
        self._torch_padding = one + tuple(before for before, _ in self._cuts)
        self._torch_output_padding = one + tuple(max(before - after, 0) for before, after in self._cuts)
        last = 2 if self.rank > 1 else 3
        self._narrowed = tuple(axis for axis, (low, high) in enumerate(self._cuts, start=last) if high > low)
        self._kernel_to_torch = spatial.KERNEL_TO_TORCH[self.rank]
        self._spread = F.conv_transpose3d if self.rank == 3 else F.conv_transpose2d
        self._fixed_padding = self._no_padding  # nothing is added to the input

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel, of shape `(*kernel_size, F, C)`, and the bias."""
        channels = self._channels_of(input_shape)
        shape = (*self.kernel_size, self.filters, channels)
        self.kernel = self._add("kernel", shape, spatial.kernel_memory_order(self.rank))
        self.bias = self._add("bias", (self.filters,)) if self.use_bias else None

    def _convolved(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        kernel = self.kernel.unsqueeze(0) if self._height else self.kernel
        outputs = self._spread(
            x,
            torch.permute(kernel, self._kernel_to_torch),
            self.bias,
            self._torch_strides,
            self._torch_padding,
            self._torch_output_padding,
            1,
            self._torch_dilation,
        )
        for axis in self._narrowed:
            outputs = outputs.narrow(axis, 0, outputs.shape[axis] - 1)
        return outputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes.

        Raises:
            ShapeError: when the input has another number of axes, or nothing would be left.
        """
        if len(input_shape) != self.rank + 2:
            raise ShapeError(
                f"Expected an input with {self.rank + 2} axes: batch, {self.rank} spatial ones and channels. "
                f"Received: input shape={tuple(input_shape)}."
            )
        spatial_shape = input_shape[1:-1] if self._channels_last else input_shape[2:]
        settings = zip(spatial_shape, self._windows, self.strides, self._cuts, strict=True)
        sizes = [
            None if size is None else (size - 1) * stride + window - sum(cuts)
            for size, window, stride, cuts in settings
        ]
        if any(size is not None and size <= 0 for size in sizes):
            raise ShapeError(
                "Computed output size would be zero or negative. "
                f"Received: input shape={tuple(input_shape)}, kernel_size={self.kernel_size}, strides={self.strides}, "
                f"padding={self.padding!r}, output_padding={self.output_padding}. Use a larger `output_padding` or "
                "leave it out."
            )
        batch = input_shape[0]
        return (batch, *sizes, self.filters) if self._channels_last else (batch, self.filters, *sizes)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "filters": self.filters, "output_padding": self.output_padding}


@registry.builtin("keras.layers", "Convolution1DTranspose")
class Conv1DTranspose(ConvTranspose):
    """A transposed convolution over sequences; the arguments are those of `ConvTranspose`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, F)`, or `(N, F, new L)`.

    Example:
        >>> Conv1DTranspose(4, 3, strides=2, padding="same")(torch.ones(2, 10, 3)).shape
        torch.Size([2, 20, 4])

    Source: `keras.layers.Conv1DTranspose`, `torch.nn.ConvTranspose1d`.
    """

    _fresh_from = 1
    rank = 1


@registry.builtin("keras.layers", "Convolution2DTranspose")
class Conv2DTranspose(ConvTranspose):
    """A transposed convolution over images; the arguments are those of `ConvTranspose`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, F)`, or `(N, F, new H, new W)`.

    Example:
        >>> Conv2DTranspose(4, 3, strides=2)(torch.ones(1, 8, 8, 3)).shape
        torch.Size([1, 17, 17, 4])

    Source: `keras.layers.Conv2DTranspose`, `torch.nn.ConvTranspose2d`.
    """

    _fresh_from = 1
    rank = 2


@registry.builtin("keras.layers", "Convolution3DTranspose")
class Conv3DTranspose(ConvTranspose):
    """A transposed convolution over volumes; the arguments are those of `ConvTranspose`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, F)`, or `(N, F, new D, new H, new W)`.

    Example:
        >>> Conv3DTranspose(4, 2, strides=2, padding="same")(torch.ones(1, 2, 2, 2, 3)).shape
        torch.Size([1, 4, 4, 4, 4])

    Source: `keras.layers.Conv3DTranspose`, `torch.nn.ConvTranspose3d`.
    """

    _fresh_from = 1
    rank = 3
