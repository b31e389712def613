"""Adaptive pooling: as many windows as the output is to have elements, whatever the size of the input.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, registry
from kerastorch.core import spatial
from kerastorch.core.spec import InputSpec
from kerastorch.errors import ArgumentTypeError, ShapeError
from kerastorch.layers.layer import Layer


class AdaptivePooling(Layer):
    """What the adaptive pooling layers of every kind and rank share.

    Window i of n over an axis of length d reaches from `floor(i * d / n)` to `ceil((i + 1) * d / n)`.

    Args:
        output_size: the number of windows, an integer or one for each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Raises:
        ArgumentTypeError: when `output_size` is neither an integer nor a tuple.
        InvalidArgumentError: when it has another number of entries than the layer spatial axes, or one that is not
            positive.
        ShapeError: when an input has another number of axes.

    Source: `keras.layers.AdaptiveAveragePooling2D`, `torch.nn.functional.adaptive_avg_pool2d`.
    """

    rank: int

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not (isinstance(output_size, (tuple, list)) or hasattr(output_size, "__index__")):
            raise ArgumentTypeError(
                f"`output_size` must be an integer or a tuple of {self.rank} integers. "
                f"Received: {output_size} of type {type(output_size)}"
            )
        self.output_size = spatial.integers(output_size, self.rank, "output_size")
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self._channels_last = self.data_format == "channels_last"
        self._height = spatial.height_axis(self.rank, self.data_format)
        self._to_torch, self._to_keras = spatial.TO_TORCH[self.rank], spatial.TO_KERAS[self.rank]
        self._torch_size: Any = (1, *self.output_size) if self.rank == 1 else self.output_size
        self._build_at_init()

    def _pool(self, x: torch.Tensor) -> torch.Tensor:
        """Pools a tensor with torch's order of axes; the classes define it."""
        return x

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Pools a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        if self._height:
            inputs = inputs.unsqueeze(self._height)
        if self._channels_last:
            inputs = torch.permute(inputs, self._to_torch)
        outputs = self._pool(inputs)
        if self._channels_last:
            outputs = torch.permute(outputs, self._to_keras)
        return outputs.squeeze(self._height) if self._height else outputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes.

        Raises:
            ShapeError: when the input has another number of axes.
        """
        if len(input_shape) != self.rank + 2:
            raise ShapeError(
                f"Expected an input with {self.rank + 2} axes. Received: input shape={input_shape}."
            )
        if self._channels_last:
            return (input_shape[0], *self.output_size, input_shape[-1])
        return (*input_shape[:2], *self.output_size)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "output_size": self.output_size, "data_format": self.data_format}


class _AdaptiveAverage(AdaptivePooling):
    def _pool(self, x: torch.Tensor) -> torch.Tensor:
        pool = F.adaptive_avg_pool3d if self.rank == 3 else F.adaptive_avg_pool2d
        return pool(x, self._torch_size)


class _AdaptiveMax(AdaptivePooling):
    def _pool(self, x: torch.Tensor) -> torch.Tensor:
        pool = F.adaptive_max_pool3d if self.rank == 3 else F.adaptive_max_pool2d
        return pool(x, self._torch_size)


@registry.builtin("keras.layers")
class AdaptiveAveragePooling1D(_AdaptiveAverage):
    """The mean in each of so many windows of sequences; the arguments are those of `AdaptivePooling`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, C)`, or `(N, C, new L)`.

    Example:
        >>> AdaptiveAveragePooling1D(2)(torch.tensor([[[1.0], [2.0], [3.0], [5.0]]])).flatten().tolist()
        [1.5, 4.0]

    Source: `keras.layers.AdaptiveAveragePooling1D`, `torch.nn.AdaptiveAvgPool1d`.
    """

    rank = 1


@registry.builtin("keras.layers")
class AdaptiveAveragePooling2D(_AdaptiveAverage):
    """The mean in each of so many windows of images; the arguments are those of `AdaptivePooling`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C)`, or `(N, C, new H, new W)`.

    Example:
        >>> AdaptiveAveragePooling2D((2, 3))(torch.ones(1, 7, 8, 3)).shape
        torch.Size([1, 2, 3, 3])

    Source: `keras.layers.AdaptiveAveragePooling2D`, `torch.nn.AdaptiveAvgPool2d`.
    """

    rank = 2


@registry.builtin("keras.layers")
class AdaptiveAveragePooling3D(_AdaptiveAverage):
    """The mean in each of so many windows of volumes; the arguments are those of `AdaptivePooling`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, C)`, or `(N, C, new D, new H, new W)`.

    Example:
        >>> AdaptiveAveragePooling3D(2)(torch.ones(1, 4, 5, 6, 3)).shape
        torch.Size([1, 2, 2, 2, 3])

    Source: `keras.layers.AdaptiveAveragePooling3D`, `torch.nn.AdaptiveAvgPool3d`.
    """

    rank = 3


@registry.builtin("keras.layers")
class AdaptiveMaxPooling1D(_AdaptiveMax):
    """The largest value in each of so many windows of sequences; the arguments are those of `AdaptivePooling`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, C)`, or `(N, C, new L)`.

    Example:
        >>> AdaptiveMaxPooling1D(2)(torch.tensor([[[1.0], [2.0], [3.0], [5.0]]])).flatten().tolist()
        [2.0, 5.0]

    Source: `keras.layers.AdaptiveMaxPooling1D`, `torch.nn.AdaptiveMaxPool1d`.
    """

    rank = 1


@registry.builtin("keras.layers")
class AdaptiveMaxPooling2D(_AdaptiveMax):
    """The largest value in each of so many windows of images; the arguments are those of `AdaptivePooling`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C)`, or `(N, C, new H, new W)`.

    Example:
        >>> AdaptiveMaxPooling2D((2, 3))(torch.ones(1, 7, 8, 3)).shape
        torch.Size([1, 2, 3, 3])

    Source: `keras.layers.AdaptiveMaxPooling2D`, `torch.nn.AdaptiveMaxPool2d`.
    """

    rank = 2


@registry.builtin("keras.layers")
class AdaptiveMaxPooling3D(_AdaptiveMax):
    """The largest value in each of so many windows of volumes; the arguments are those of `AdaptivePooling`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, C)`, or `(N, C, new D, new H, new W)`.

    Example:
        >>> AdaptiveMaxPooling3D(2)(torch.ones(1, 4, 5, 6, 3)).shape
        torch.Size([1, 2, 2, 2, 3])

    Source: `keras.layers.AdaptiveMaxPooling3D`, `torch.nn.AdaptiveMaxPool3d`.
    """

    rank = 3
