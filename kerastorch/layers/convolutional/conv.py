"""Convolution over one, two or three spatial axes.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels, F filters.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core import spatial
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.convolutional.base_conv import BaseConv


class Conv(BaseConv):
    """What the convolutions of every rank share: `activation(convolution(inputs, kernel) + bias)`.

    Args:
        filters: the number of output channels F, a positive integer.
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis.
        padding: `"valid"` uses whole windows only, `"same"` pads evenly with zeros so that a stride of one keeps the
            size; `"causal"` (1D only) pads on the left, so that no output depends on later inputs.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.
        groups: the number of groups into which the channels are split and convolved apart.
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
        ShapeError: when an input has too few axes or other channels, or is smaller than the window.

    Source: `keras.layers.Conv2D`, `torch.nn.functional.conv2d`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
        self.filters = filters
        self.groups = groups
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._take_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._take_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self._take_output(activation, use_bias)
        self._check_positive(filters=filters, groups=groups)
        self._check_strides_or_dilation()
        if filters % groups:
            raise InvalidArgumentError(
                "The number of filters must be evenly divisible by the number of groups. "
                f"Received: groups={groups}, filters={filters}."
            )
        self._kernel_to_torch = spatial.KERNEL_TO_TORCH[self.rank]

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel, of shape `(*kernel_size, C // groups, F)`, and the bias."""
        channels = self._channels_of(input_shape)
        if channels % self.groups:
            raise ShapeError(
                "The number of input channels must be evenly divisible by the number of groups. Received "
                f"groups={self.groups}, but the input has {channels} channels (full input shape is "
                f"{tuple(input_shape)})."
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self._add("kernel", shape, spatial.kernel_memory_order(self.rank))
        self.bias = self._add("bias", (self.filters,)) if self.use_bias else None

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Convolves a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        if inputs.ndim > self.rank + 2:
            return self._call_on_more_axes(inputs)
        return self._leave(self._convolved(*self._enter(inputs)))

    def _convolved(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        kernel = self.kernel.unsqueeze(0) if self._height else self.kernel
        kernel = torch.permute(kernel, self._kernel_to_torch)
        return self._convolve(
            x, kernel, self.bias, self._torch_strides, padding, self._torch_dilation, self.groups
        )

    _call_second = BaseConv._call_second

    def _call_on_more_axes(self, inputs: torch.Tensor) -> torch.Tensor:
        """Convolves a tensor with several batch axes, as Keras 2 does."""
        outputs = self.call(inputs.flatten(0, -self.rank - 2))
        return outputs.unflatten(0, inputs.shape[: -self.rank - 1])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        batch = len(input_shape) - self.rank - 1
        if batch <= 1:
            return super().compute_output_shape(input_shape)
        return (*input_shape[: batch - 1], *super().compute_output_shape(tuple(input_shape[batch - 1 :])))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "filters": self.filters, "groups": self.groups}


@registry.builtin("keras.layers", "Convolution1D")
class Conv1D(Conv):
    """A convolution over sequences; the arguments are those of `Conv`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, F)`, or `(N, F, new L)`.

    Example:
        >>> Conv1D(4, 3, padding="causal")(torch.ones(2, 10, 3)).shape
        torch.Size([2, 10, 4])

    Source: `keras.layers.Conv1D`, `torch.nn.Conv1d`.
    """

    _fresh_from = 1
    rank = 1
    has_causal_padding = True


@registry.builtin("keras.layers", "Convolution2D")
class Conv2D(Conv):
    """A convolution over images; the arguments are those of `Conv`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, F)`, or `(N, F, new H, new W)`.

    Example:
        >>> Conv2D(4, 3, strides=2, padding="same")(torch.ones(1, 8, 8, 3)).shape
        torch.Size([1, 4, 4, 4])

    Source: `keras.layers.Conv2D`, `torch.nn.Conv2d`.
    """

    _fresh_from = 1
    rank = 2


@registry.builtin("keras.layers", "Convolution3D")
class Conv3D(Conv):
    """A convolution over volumes; the arguments are those of `Conv`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, F)`, or `(N, F, new D, new H, new W)`.

    Example:
        >>> Conv3D(4, 2)(torch.ones(1, 4, 4, 4, 3)).shape
        torch.Size([1, 3, 3, 3, 4])

    Source: `keras.layers.Conv3D`, `torch.nn.Conv3d`.
    """

    _fresh_from = 1
    rank = 3
