"""Convolution over one, two or three spatial axes.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels, F filters.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, constraints, registry, regularizers
from kerastorch.activations import identifiers as activations
from kerastorch.activations.functions import relu
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers import spatial
from kerastorch.layers.layer import Layer


class Conv(Layer):
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
        ShapeError: when an input has another number of axes or channels, or is smaller than the window.

    Source: `keras.layers.Conv2D`, `torch.nn.functional.conv2d`.
    """

    rank: int

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
        self.kernel_size = spatial.integers(kernel_size, self.rank, "kernel_size")
        self.strides = spatial.integers(strides, self.rank, "strides")
        self.padding = spatial.padding_mode(padding, allow_causal=self.rank == 1)
        self.data_format = config.standardize_data_format(data_format)
        self.dilation_rate = spatial.integers(dilation_rate, self.rank, "dilation_rate")
        self.groups = groups
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=self.rank + 2)
        self._check_arguments()
        self._prepare()

    def _check_arguments(self) -> None:
        for name, value in (("filters", self.filters), ("groups", self.groups)):
            if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
                raise InvalidArgumentError(
                    f"Invalid value for argument `{name}`. Expected a strictly positive value, an integer. "
                    f"Received {name}={value!r}."
                )
        if self.filters % self.groups:
            raise InvalidArgumentError(
                "The number of filters must be evenly divisible by the number of groups. "
                f"Received: groups={self.groups}, filters={self.filters}."
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgumentError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
                f"Received: strides={self.strides} and dilation_rate={self.dilation_rate}."
            )

    def _prepare(self) -> None:
        """Works out what `call` hands to torch: sequences are convolved as images of height one."""
        one = self.rank == 1
        self._channels_last = self.data_format == "channels_last"
        self._height = spatial.height_axis(self.rank, self.data_format)
        self._to_torch, self._to_keras = spatial.TO_TORCH[self.rank], spatial.TO_KERAS[self.rank]
        self._kernel_to_torch = spatial.KERNEL_TO_TORCH[self.rank]
        self._windows = tuple(
            d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)
        )
        self._torch_strides = (1, *self.strides) if one else self.strides
        self._torch_dilation = (1, *self.dilation_rate) if one else self.dilation_rate
        self._convolve = F.conv3d if self.rank == 3 else F.conv2d
        self._no_padding = (0,) * max(self.rank, 2)
        self._fixed_padding = self._find_fixed_padding()

    def _find_fixed_padding(self) -> tuple[int, ...] | None:
        """The padding that torch's own argument can do for inputs of every size, or None."""
        if self.padding == "valid" or all(w == 1 for w in self._windows):
            return self._no_padding
        if self.padding == "causal" or max(self.strides) > 1 or any(w % 2 == 0 for w in self._windows):
            return None
        halves = tuple(w // 2 for w in self._windows)
        return (0, *halves) if self.rank == 1 else halves

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel, of shape `(*kernel_size, C // groups, F)`, and the bias."""
        axis = -1 if self._channels_last else 1
        channels = input_shape[axis]
        if channels is None:
            raise ShapeError(
                "The channel dimension of the inputs should be defined. The input_shape received is "
                f"{tuple(input_shape)}, where axis {axis} is the channel dimension, which found to be `None`."
            )
        if channels % self.groups:
            raise ShapeError(
                "The number of input channels must be evenly divisible by the number of groups. Received "
                f"groups={self.groups}, but the input has {channels} channels (full input shape is "
                f"{tuple(input_shape)})."
            )
        self.compute_output_shape(input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels // self.groups, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            memory_order=spatial.kernel_memory_order(self.rank),
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={axis: channels})

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Convolves a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        padding = self._fixed_padding
        if padding is None:
            inputs, padding = self._pad(inputs)
        kernel, height = self.kernel, self._height
        if height:
            inputs, kernel = inputs.unsqueeze(height), kernel.unsqueeze(0)
        if self._channels_last:
            inputs = torch.permute(inputs, self._to_torch)
        outputs = self._convolve(
            inputs,
            torch.permute(kernel, self._kernel_to_torch),
            self.bias,
            self._torch_strides,
            padding,
            self._torch_dilation,
            self.groups,
        )
        fast = self.activation is relu
        if fast:  # in place: nothing else holds the result of the convolution
            outputs = torch.relu_(outputs)
        if self._channels_last:
            outputs = torch.permute(outputs, self._to_keras)
        if height:
            outputs = outputs.squeeze(height)
        return outputs if fast or self.activation is None else self.activation(outputs)

    def _pad(self, inputs: torch.Tensor) -> tuple[torch.Tensor, tuple[int, ...]]:
        """Pads where the two sides differ; returns the input and what is left for torch's own argument."""
        if self.padding == "causal":
            sides = [(self._windows[0] - 1, 0)]
        else:
            sizes = inputs.shape[1:-1] if self._channels_last else inputs.shape[2:]
            axes = zip(sizes, self._windows, self.strides, strict=True)
            sides = [spatial.same_padding(size, window, stride) for size, window, stride in axes]
            if all(before == after for before, after in sides):
                same = tuple(before for before, _ in sides)
                return inputs, (0, *same) if self.rank == 1 else same
        widths = [width for side in reversed(sides) for width in side]
        return F.pad(inputs, [0, 0, *widths] if self._channels_last else widths), self._no_padding

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return spatial.output_shape(
            input_shape, self._windows, self.strides, self.padding, self.data_format, self.filters
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }


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

    rank = 1


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

    rank = 3
