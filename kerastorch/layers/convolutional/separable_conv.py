"""Separable convolution: every channel is convolved alone, then the channels are mixed at each place.

Legend: N batch, spatial axes L (1D), H and W (2D), C channels, M the depth multiplier, F filters.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.core import spatial
from kerastorch.layers.convolutional.depthwise_conv import ConvOfEachChannel


class SeparableConv(ConvOfEachChannel):
    """What the separable convolutions of every rank share: a depthwise convolution, then one of windows of size one.

    Args:
        filters: the number of output channels F, a positive integer.
        kernel_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis.
        padding: `"valid"` uses whole windows only, `"same"` pads evenly with zeros so that a stride of one keeps the
            size; `"causal"` (1D only) pads on the left, so that no output depends on later inputs.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.
        depth_multiplier: the number M of channels between the two steps, for each input channel.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added.
        depthwise_initializer: a name or initializer of the kernel of the first step.
        pointwise_initializer: a name or initializer of the kernel of the second step.
        bias_initializer: a name or initializer of the bias.
        depthwise_regularizer: a name or function whose value of the first kernel is added to the loss.
        pointwise_regularizer: a name or function whose value of the second kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        depthwise_constraint: a name or function that projects the first kernel after each update.
        pointwise_constraint: a name or function that projects the second kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when an input has another number of axes or channels, or is smaller than the window.

    Source: `keras.layers.SeparableConv2D`; Chollet, "Xception", 2017 (https://arxiv.org/abs/1610.02357).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = filters
        self.depth_multiplier = depth_multiplier
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._take_weight("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._take_weight("pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self._take_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self._take_output(activation, use_bias)
        self._check_positive(filters=filters, depth_multiplier=depth_multiplier)

    def build(self, input_shape: tuple) -> None:
        """Makes kernels of shapes `(*kernel_size, C, M)` and `(1, ..., C * M, F)`, and the bias."""
        channels = self._channels_of(input_shape)
        self.depthwise_kernel = self._add_depthwise_kernel("depthwise_kernel", channels)
        self.pointwise_kernel = self._add(
            "pointwise_kernel",
            (*(1,) * self.rank, channels * self.depth_multiplier, self.filters),
            spatial.kernel_memory_order(self.rank),
            settings="pointwise",
        )
        self.bias = self._add("bias", (self.filters,)) if self.use_bias else None

    def _convolved(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        apart = self._convolve_each(x, padding, self.depthwise_kernel, None)
        mixing = self.pointwise_kernel.unsqueeze(0) if self._height else self.pointwise_kernel
        return F.conv2d(apart, torch.permute(mixing, (3, 2, 0, 1)), self.bias)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth_multiplier": self.depth_multiplier,
        }


@registry.builtin("keras.layers", "SeparableConvolution1D")
class SeparableConv1D(SeparableConv):
    """A separable convolution over sequences; the arguments are those of `SeparableConv`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, F)`, or `(N, F, new L)`.

    Example:
        >>> SeparableConv1D(4, 3, padding="causal")(torch.ones(2, 10, 3)).shape
        torch.Size([2, 10, 4])

    Source: `keras.layers.SeparableConv1D`.
    """

    _fresh_from = 1
    rank = 1
    has_causal_padding = True


@registry.builtin("keras.layers", "SeparableConvolution2D")
class SeparableConv2D(SeparableConv):
    """A separable convolution over images; the arguments are those of `SeparableConv`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, F)`, or `(N, F, new H, new W)`.

    Example:
        >>> SeparableConv2D(4, 3, strides=2, padding="same")(torch.ones(1, 8, 8, 3)).shape
        torch.Size([1, 4, 4, 4])

    Source: `keras.layers.SeparableConv2D`.
    """

    _fresh_from = 1
    rank = 2
