"""Pooling: the largest value or the mean of each window.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, registry
from kerastorch.core import spatial
from kerastorch.core.spec import InputSpec
from kerastorch.layers.layer import Layer


class Pooling(Layer):
    """What the pooling layers of every kind and rank share.

    Args:
        pool_size: the size of the window in pixels or steps, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis; None takes `pool_size`.
        padding: `"valid"` uses whole windows only; `"same"` lets windows stick out evenly, and what lies outside does
            not count.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        name: the layer's name.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when an input has another number of axes, or is smaller than the window.

    Source: `keras.layers.MaxPooling2D`, `torch.nn.functional.max_pool2d`.
    """

    rank: int

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = spatial.integers(pool_size, self.rank, "pool_size")
        self.strides = spatial.integers(pool_size if strides is None else strides, self.rank, "strides")
        self.padding = spatial.padding_mode(padding)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self._prepare()
        self._build_at_init()

    def _prepare(self) -> None:
        """Works out what `call` hands to torch: sequences are pooled as images of height one.

        Torch's `ceil_mode` lets the last window stick out, by as much as "same" wants wherever the stride is above
        one; only the amount before the first element can depend on the size of the input. For a stride of one and an
        even window, one window too many is made at the front and dropped.
        """
        one = (1,) if self.rank == 1 else ()
        self._channels_last = self.data_format == "channels_last"
        self._height = spatial.height_axis(self.rank, self.data_format)
        self._to_torch, self._to_keras = spatial.TO_TORCH[self.rank], spatial.TO_KERAS[self.rank]
        self._torch_window = one + self.pool_size
        self._torch_strides = one + self.strides
        self._same = self.padding == "same"
        zeros = (0,) * len(self._torch_window)
        self._fixed_padding: tuple[int, ...] | None = zeros
        self._drops: tuple[int, ...] = ()  # the axes on which the first window is dropped
        if self._same:
            sides = list(zip(self._torch_window, self._torch_strides, strict=True))
            self._drops = tuple(axis for axis, (k, s) in enumerate(sides, start=2) if s == 1 and k % 2 == 0)
            fixed = all(s == 1 or max(k - s, 0) // 2 == (k - 1) // 2 for k, s in sides)
            self._fixed_padding = (
                tuple(k // 2 if s == 1 else (k - 1) // 2 for k, s in sides) if fixed else None
            )

    def _check_inputs(self, args: tuple, kwargs: dict) -> None:
        """Checks that the window fits into inputs of a new shape."""
        super()._check_inputs(args, kwargs)
        self.compute_output_shape(tuple(self._first_input(args, kwargs).shape))

    def _pool(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        """Pools a tensor with torch's order of axes; the classes define it."""
        return x

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Pools a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        height = self._height
        if height:
            inputs = inputs.unsqueeze(height)
        if self._channels_last:
            inputs = torch.permute(inputs, self._to_torch)
        outputs = self._call_second(inputs)
        if self._channels_last:
            outputs = torch.permute(outputs, self._to_keras)
        return outputs.squeeze(height) if height else outputs

    @property
    def _wants_second(self) -> bool:
        return self.rank == 2 and self._channels_last

    def _call_second(self, inputs: torch.Tensor) -> torch.Tensor:
        padding = self._fixed_padding
        outputs = self._pool(inputs, self._padding_for(inputs.shape[2:]) if padding is None else padding)
        for axis in self._drops:
            outputs = outputs.narrow(axis, 1, outputs.shape[axis] - 1)
        return outputs

    def _padding_for(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        axes = zip(sizes, self._torch_window, self._torch_strides, strict=True)
        return tuple(k // 2 if s == 1 else spatial.same_padding(d, k, s)[0] for d, k, s in axes)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return spatial.output_shape(input_shape, self.pool_size, self.strides, self.padding, self.data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }


class _MaxPooling(Pooling):
    def _pool(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        pool = torch.max_pool3d if self.rank == 3 else torch.max_pool2d
        return pool(x, self._torch_window, self._torch_strides, padding, 1, self._same)


class _AveragePooling(Pooling):
    def _pool(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        pool = F.avg_pool3d if self.rank == 3 else F.avg_pool2d
        return pool(x, self._torch_window, self._torch_strides, padding, self._same, count_include_pad=False)


@registry.builtin("keras.layers", "MaxPool1D")
class MaxPooling1D(_MaxPooling):
    """The largest value of each window of a sequence; the arguments are those of `Pooling`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, C)`, or `(N, C, new L)`.

    Example:
        >>> MaxPooling1D()(torch.tensor([[[1.0], [3.0], [2.0], [0.0]]])).flatten().tolist()
        [3.0, 2.0]

    Source: `keras.layers.MaxPooling1D`, `torch.nn.MaxPool1d`.
    """

    rank = 1


@registry.builtin("keras.layers", "MaxPool2D")
class MaxPooling2D(_MaxPooling):
    """The largest value of each window of an image; the arguments are those of `Pooling`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C)`, or `(N, C, new H, new W)`.

    Example:
        >>> MaxPooling2D(3, strides=2, padding="same")(torch.ones(1, 7, 7, 3)).shape
        torch.Size([1, 4, 4, 3])

    Source: `keras.layers.MaxPooling2D`, `torch.nn.MaxPool2d`.
    """

    rank = 2


@registry.builtin("keras.layers", "MaxPool3D")
class MaxPooling3D(_MaxPooling):
    """The largest value of each window of a volume; the arguments are those of `Pooling`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, C)`, or `(N, C, new D, new H, new W)`.

    Example:
        >>> MaxPooling3D()(torch.ones(1, 4, 4, 4, 3)).shape
        torch.Size([1, 2, 2, 2, 3])

    Source: `keras.layers.MaxPooling3D`, `torch.nn.MaxPool3d`.
    """

    rank = 3


@registry.builtin("keras.layers", "AvgPool1D")
class AveragePooling1D(_AveragePooling):
    """The mean of each window of a sequence; the arguments are those of `Pooling`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, C)`, or `(N, C, new L)`.

    Example:
        >>> AveragePooling1D(padding="same")(torch.tensor([[[1.0], [3.0], [2.0]]])).flatten().tolist()
        [2.0, 2.0]

    Source: `keras.layers.AveragePooling1D`, `torch.nn.AvgPool1d`.
    """

    rank = 1


@registry.builtin("keras.layers", "AvgPool2D")
class AveragePooling2D(_AveragePooling):
    """The mean of each window of an image; the arguments are those of `Pooling`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C)`, or `(N, C, new H, new W)`.

    Example:
        >>> AveragePooling2D()(torch.ones(1, 8, 8, 3)).shape
        torch.Size([1, 4, 4, 3])

    Source: `keras.layers.AveragePooling2D`, `torch.nn.AvgPool2d`.
    """

    rank = 2


@registry.builtin("keras.layers", "AvgPool3D")
class AveragePooling3D(_AveragePooling):
    """The mean of each window of a volume; the arguments are those of `Pooling`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, C)`, or `(N, C, new D, new H, new W)`.

    Example:
        >>> AveragePooling3D()(torch.ones(1, 4, 4, 4, 3)).shape
        torch.Size([1, 2, 2, 2, 3])

    Source: `keras.layers.AveragePooling3D`, `torch.nn.AvgPool3d`.
    """

    rank = 3
