"""Sequences, images and volumes made larger by a whole factor.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, registry
from kerastorch.core import spatial
from kerastorch.core.resizing import RESIZE_METHODS, resize_pictures
from kerastorch.core.spec import InputSpec
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, did_you_mean
from kerastorch.layers.layer import Layer

_BY_TORCH = ("nearest", "bilinear", "bicubic", "area")


class UpSampling(Layer):
    """What the upsampling layers of every rank share.

    Raises:
        InvalidArgumentError: when `size` holds something else than positive integers.
        ShapeError: when an input has another number of axes.
    """

    rank: int
    interpolation = "nearest"

    def _take(self, factors: tuple[int, ...], data_format: str | None) -> None:
        self._factors = factors
        self.data_format = config.standardize_data_format(data_format)
        self._channels_last = self.data_format == "channels_last"
        self._first = 1 if self._channels_last else 2
        self._height = spatial.height_axis(self.rank, self.data_format)
        self._scale = tuple(float(f) for f in ((1, *factors) if self.rank == 1 else factors))
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Enlarges a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        if not inputs.is_floating_point():
            return self._enlarge_integers(inputs)
        if self.interpolation not in _BY_TORCH:
            return self._resize(inputs)
        if self.interpolation == "bicubic" and inputs.dtype in (torch.float16, torch.bfloat16):
            return self.call(inputs.float()).to(inputs.dtype)  # torch has no kernel for them
        x = inputs.unsqueeze(self._height) if self._height else inputs
        x = x.permute(spatial.TO_TORCH[self.rank]) if self._channels_last else x
        if self.interpolation in ("nearest", "area"):  # equal for whole factors
            y = F.interpolate(x, scale_factor=self._scale, mode="nearest")
        else:
            # TensorFlow's cubic kernel is the one that torch uses with antialias, which changes nothing else here.
            smooth = self.interpolation == "bicubic"
            y = F.interpolate(
                x,
                size=[d * f for d, f in zip(x.shape[2:], self._factors, strict=True)],
                mode=self.interpolation,
                antialias=smooth,
            )
        y = y.permute(spatial.TO_KERAS[self.rank]) if self._channels_last else y
        return y.squeeze(self._height) if self._height else y

    def _resize(self, inputs: torch.Tensor) -> torch.Tensor:
        x = inputs if self._channels_last else inputs.permute(0, 2, 3, 1)
        size = [d * f for d, f in zip(x.shape[1:3], self._factors, strict=True)]
        y = resize_pictures(x, size, self.interpolation).to(inputs.dtype)
        return y if self._channels_last else y.permute(0, 3, 1, 2)

    def _enlarge_integers(self, inputs: torch.Tensor) -> torch.Tensor:
        if self.interpolation not in ("nearest", "area"):
            return self.call(inputs.to(self._compute_torch_dtype))
        for axis, factor in enumerate(self._factors, start=self._first):
            inputs = inputs.repeat_interleave(factor, dim=axis)
        return inputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        shape = list(input_shape)
        for axis, factor in enumerate(self._factors, start=self._first):
            shape[axis] = None if shape[axis] is None else shape[axis] * factor
        return tuple(shape)


@registry.builtin("keras.layers")
class UpSampling1D(UpSampling):
    """Repeats each step of a sequence.

    Args:
        size: how often, a positive integer.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, L, C)`.

    Output shape:
        `(N, L * size, C)`.

    Raises:
        ArgumentTypeError: when `size` is no integer.
        InvalidArgumentError: when it is not positive.

    Example:
        >>> UpSampling1D(2)(torch.tensor([[[1.0], [2.0]]])).flatten().tolist()
        [1.0, 1.0, 2.0, 2.0]

    Source: `keras.layers.UpSampling1D`, `torch.nn.Upsample`.
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(size, bool) or not hasattr(size, "__index__"):
            raise ArgumentTypeError(
                f"Expected an integer value for `size`. Received: size={size!r} (of type {type(size).__name__})."
            )
        if int(size) <= 0:
            raise InvalidArgumentError(
                f"Argument `size` should be a positive integer. Received: size={size!r}"
            )
        self.size = int(size)
        self._take((self.size,), "channels_last")

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "size": self.size}


@registry.builtin("keras.layers")
class UpSampling2D(UpSampling):
    """Enlarges images by repeating pixels or by interpolating between them.

    Args:
        size: the factor, a positive integer or one for each axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"` (Keys's kernel with a = -0.5, as in TensorFlow),
            `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or `"mitchellcubic"`.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, H * size, W * size, C)`, or `(N, C, H * size, W * size)`.

    Raises:
        InvalidArgumentError: when `size` holds something else than positive integers, or there is no such
            interpolation.

    Example:
        >>> UpSampling2D((2, 3))(torch.ones(1, 4, 4, 3)).shape
        torch.Size([1, 8, 12, 3])

    Source: `keras.layers.UpSampling2D`, `torch.nn.Upsample`.
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = spatial.integers(size, 2, "size")
        self.interpolation = str(interpolation).lower()
        if self.interpolation not in RESIZE_METHODS:
            raise InvalidArgumentError(
                f"Invalid value for argument `interpolation`. Expected one of {list(RESIZE_METHODS)}. "
                f"Received: interpolation={interpolation!r}.{did_you_mean(self.interpolation, RESIZE_METHODS)}"
            )
        self._take(self.size, data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


@registry.builtin("keras.layers")
class UpSampling3D(UpSampling):
    """Enlarges volumes by repeating voxels.

    Args:
        size: the factor, a positive integer or one for each axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, D * size, H * size, W * size, C)`, or `(N, C, D * size, H * size, W * size)`.

    Example:
        >>> UpSampling3D(2)(torch.ones(1, 2, 2, 2, 3)).shape
        torch.Size([1, 4, 4, 4, 3])

    Source: `keras.layers.UpSampling3D`, `torch.nn.Upsample`.
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = spatial.integers(size, 3, "size")
        self._take(self.size, data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}
