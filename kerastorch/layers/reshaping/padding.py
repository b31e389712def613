"""Zeros around sequences, images and volumes, and their edges cut off.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core import spatial
from kerastorch.core.spec import InputSpec
from kerastorch.core.zero_padding import zero_padded
from kerastorch.errors import ShapeError
from kerastorch.layers.layer import Layer

_Pairs = tuple[tuple[int, int], ...]


def _resized(input_shape: tuple, change: _Pairs, sign: int, first: int) -> tuple:
    """A shape with something added to, or taken from, its spatial axes."""
    shape = list(input_shape)
    for axis, (before, after) in enumerate(change, start=first):
        if shape[axis] is not None:
            shape[axis] += sign * (before + after)
    return tuple(shape)


class _Edges(Layer):
    """What padding and cropping share: a pair of widths for each spatial axis."""

    rank: int
    argument: str

    def _take(self, widths: _Pairs, data_format: str | None) -> None:
        self._widths = widths
        self.data_format = config.standardize_data_format(data_format)
        self._first = 2 if self.data_format == "channels_first" else 1
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self._build_at_init()

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        base = super().get_config()
        return {**base, self.argument: getattr(self, self.argument), "data_format": self.data_format}


class ZeroPadding(_Edges):
    """What the padding layers of every rank share.

    Raises:
        InvalidArgumentError: when `padding` holds something else than integers that are not negative.
        ShapeError: when an input has another number of axes.
    """

    argument = "padding"

    def _take(self, widths: _Pairs, data_format: str | None) -> None:
        super()._take(widths, data_format)
        flat = [width for pair in reversed(widths) for width in pair]
        self._torch_widths = ([0, 0] if self._first == 1 else []) + flat

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Pads a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        return zero_padded(inputs, self._torch_widths)

    @property
    def _takes_second(self) -> bool:
        return self.rank == 2 and self._first == 1

    def _call_second(self, inputs: torch.Tensor) -> torch.Tensor:
        return zero_padded(inputs, self._torch_widths[2:])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return _resized(input_shape, self._widths, 1, self._first)


@registry.builtin("keras.layers")
class ZeroPadding1D(ZeroPadding):
    """Adds zeros before and after a sequence.

    Args:
        padding: the number of steps to add on both sides, or a pair of numbers.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, new L, C)`, or `(N, C, new L)`.

    Example:
        >>> ZeroPadding1D((0, 1))(torch.ones(1, 2, 1)).flatten().tolist()
        [1.0, 1.0, 0.0]

    Source: `keras.layers.ZeroPadding1D`, `torch.nn.functional.pad`.
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = spatial.integers(padding, 2, "padding", allow_zero=True)
        self._take(((self.padding[0], self.padding[1]),), data_format)


@registry.builtin("keras.layers")
class ZeroPadding2D(ZeroPadding):
    """Adds zeros around images.

    Args:
        padding: the number of pixels to add on all sides, a number for each axis, or a pair for each axis:
            `((top, bottom), (left, right))`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C)`, or `(N, C, new H, new W)`.

    Example:
        >>> ZeroPadding2D(((1, 0), (2, 2)))(torch.ones(1, 4, 4, 3)).shape
        torch.Size([1, 5, 8, 3])

    Source: `keras.layers.ZeroPadding2D`, `torch.nn.ZeroPad2d`.
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = spatial.pairs(padding, 2, "padding")
        self._take(self.padding, data_format)


@registry.builtin("keras.layers")
class ZeroPadding3D(ZeroPadding):
    """Adds zeros around volumes.

    Args:
        padding: the number of voxels to add on all sides, a number for each axis, or a pair for each axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, C)`, or `(N, C, new D, new H, new W)`.

    Example:
        >>> ZeroPadding3D(1)(torch.ones(1, 2, 2, 2, 3)).shape
        torch.Size([1, 4, 4, 4, 3])

    Source: `keras.layers.ZeroPadding3D`, `torch.nn.ZeroPad3d`.
    """

    rank = 3

    def __init__(
        self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.padding = spatial.pairs(padding, 3, "padding")
        self._take(self.padding, data_format)


class Cropping(_Edges):
    """What the cropping layers of every rank share.

    Raises:
        InvalidArgumentError: when `cropping` holds something else than integers that are not negative.
        ShapeError: when an input has another number of axes, or nothing would be left of it.
    """

    argument = "cropping"

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Returns a view of the middle of a tensor `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        for axis, (before, after) in enumerate(self._widths, start=self._first):
            left = inputs.shape[axis] - before - after
            if left <= 0:
                raise self._too_small(tuple(inputs.shape))
            inputs = inputs.narrow(axis, before, left)
        return inputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes.

        Raises:
            ShapeError: when nothing would be left.
        """
        shape = _resized(input_shape, self._widths, -1, self._first)
        if any(d is not None and d <= 0 for d in shape[self._first : self._first + self.rank]):
            raise self._too_small(input_shape)
        return shape

    def _too_small(self, shape: tuple) -> ShapeError:
        return ShapeError(
            f"Values in `cropping` argument should be smaller than the corresponding spatial dimension of the input: "
            f"the `cropping` parameter of `{type(self).__name__}` layer must be smaller than the input length. "
            f"Received: input_shape={shape}, cropping={self.cropping}"
        )


@registry.builtin("keras.layers")
class Cropping1D(Cropping):
    """Cuts steps off both ends of a sequence.

    Args:
        cropping: the number of steps to cut off on both sides, or a pair of numbers.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, L, C)`.

    Output shape:
        `(N, new L, C)`.

    Example:
        >>> Cropping1D((1, 0))(torch.tensor([[[1.0], [2.0], [3.0]]])).flatten().tolist()
        [2.0, 3.0]

    Source: `keras.layers.Cropping1D`.
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = spatial.integers(cropping, 2, "cropping", allow_zero=True)
        self._take(((self.cropping[0], self.cropping[1]),), "channels_last")

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        del config["data_format"]
        return config


@registry.builtin("keras.layers")
class Cropping2D(Cropping):
    """Cuts the edges off images.

    Args:
        cropping: the number of pixels to cut off on all sides, a number for each axis, or a pair for each axis:
            `((top, bottom), (left, right))`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, new H, new W, C)`, or `(N, C, new H, new W)`.

    Example:
        >>> Cropping2D(((1, 0), (1, 1)))(torch.ones(1, 4, 4, 3)).shape
        torch.Size([1, 3, 2, 3])

    Source: `keras.layers.Cropping2D`.
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = spatial.pairs(cropping, 2, "cropping")
        self._take(self.cropping, data_format)


@registry.builtin("keras.layers")
class Cropping3D(Cropping):
    """Cuts the edges off volumes.

    Args:
        cropping: the number of voxels to cut off on all sides, a number for each axis, or a pair for each axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, new D, new H, new W, C)`, or `(N, C, new D, new H, new W)`.

    Example:
        >>> Cropping3D(1)(torch.ones(1, 4, 4, 4, 3)).shape
        torch.Size([1, 2, 2, 2, 3])

    Source: `keras.layers.Cropping3D`.
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = spatial.pairs(cropping, 3, "cropping")
        self._take(self.cropping, data_format)
