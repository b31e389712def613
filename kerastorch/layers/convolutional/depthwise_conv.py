"""Depthwise convolution: every channel is convolved alone.

Legend: N batch, spatial axes L (1D), H and W (2D), C channels, M the depth multiplier.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.convolutional.base_conv import BaseConv


class ConvOfEachChannel(BaseConv):
    """A convolution with a step that leaves the channels apart: the base of the depthwise and separable ones.

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when an input has another number of axes or channels, or is smaller than the window.
    """

    depth_multiplier: int

    def _add_depthwise_kernel(self, name: str, channels: int) -> Any:
        """Makes a kernel `(*kernel_size, C, M)` that lies in memory as torch's `(C * M, 1, *kernel_size)`."""
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        memory_order = (self.rank, self.rank + 1, *range(self.rank))
        return self._add(name, shape, memory_order, settings="depthwise")

    def _convolve_each(
        self, x: torch.Tensor, padding: tuple[int, ...], kernel: torch.Tensor, bias: Any
    ) -> torch.Tensor:
        """Convolves each channel of a tensor in torch's order of axes alone."""
        kernel = torch.permute(kernel.unsqueeze(0) if self._height else kernel, (2, 3, 0, 1))
        return self._convolve(
            x,
            kernel.flatten(0, 1).unsqueeze(1),
            bias,
            self._torch_strides,
            padding,
            self._torch_dilation,
            x.shape[1],
        )


class DepthwiseConv(ConvOfEachChannel):
    """What the depthwise convolutions of every rank share: M windows for each channel, and nothing between channels.

    Args:
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis.
        padding: `"valid"` uses whole windows only, `"same"` pads evenly with zeros so that a stride of one keeps the
            size.
        depth_multiplier: the number of output channels M for each input channel.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added.
        depthwise_initializer: a name or initializer of the kernel.
        bias_initializer: a name or initializer of the bias.
        depthwise_regularizer: a name or function whose value of the kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        depthwise_constraint: a name or function that projects the kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when an input has another number of axes or channels, or is smaller than the window.

    Source: `keras.layers.DepthwiseConv2D`, `torch.nn.functional.conv2d` with as many groups as channels.
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.depth_multiplier = depth_multiplier
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._take_weight("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._take_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self._take_output(activation, use_bias)
        self._check_positive(depth_multiplier=depth_multiplier)

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel, of shape `(*kernel_size, C, M)`, and the bias."""
        channels = self._channels_of(input_shape)
        self.kernel = self._add_depthwise_kernel("kernel", channels)
        self.bias = self._add("bias", (channels * self.depth_multiplier,)) if self.use_bias else None

    def _convolved(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        return self._convolve_each(x, padding, self.kernel, self.bias)

    def _filters_for(self, input_shape: tuple) -> int | None:
        channels = input_shape[-1 if self._channels_last else 1]
        return channels if channels is None else channels * self.depth_multiplier

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "depth_multiplier": self.depth_multiplier}


@registry.builtin("keras.layers")
class DepthwiseConv1D(DepthwiseConv):
    """A depthwise convolution over sequences; the arguments are those of `DepthwiseConv`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, C * M)`, or `(N, C * M, new L)`.

    Example:
        >>> DepthwiseConv1D(3, depth_multiplier=2)(torch.ones(2, 10, 3)).shape
        torch.Size([2, 8, 6])

    Source: `keras.layers.DepthwiseConv1D`.
    """

    _fresh_from = 1
    rank = 1


@registry.builtin("keras.layers")
class DepthwiseConv2D(DepthwiseConv):
    """A depthwise convolution over images; the arguments are those of `DepthwiseConv`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C * M)`, or `(N, C * M, new H, new W)`.

    Example:
        >>> DepthwiseConv2D(3, padding="same")(torch.ones(1, 8, 8, 3)).shape
        torch.Size([1, 8, 8, 3])

    Source: `keras.layers.DepthwiseConv2D`.
    """

    _fresh_from = 1
    rank = 2
